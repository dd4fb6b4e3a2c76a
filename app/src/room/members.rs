//! The members of a room, in the pane. The server draws them: see `server_pages::room`.

use crate::{
    fragment::Fragment,
    room::pane::{Pane, use_room_id},
    session::use_page_session,
};
use leptos::prelude::*;

/// The member list, with adding and removing members, and leaving the room.
#[component]
pub fn MembersPane() -> impl IntoView {
    let (live, room) = (use_page_session().live(), use_room_id());
    view! {
        <Pane title="Members">
            <Fragment name="add-members" room with_query=true/>
            <Fragment name="members" room version=live.members_version/>
        </Pane>
    }
}

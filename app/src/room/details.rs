//! The details of a room, in the pane. The server draws them: see `server_pages::room`.

use crate::{
    fragment::Fragment,
    room::pane::{Pane, use_room_id},
    session::use_page_session,
};
use leptos::prelude::*;

/// The details, with forms for what the member sets for themselves.
#[component]
pub fn DetailsPane() -> impl IntoView {
    let (live, room) = (use_page_session().live(), use_room_id());
    view! { <Pane title="Details"><Fragment name="details" room version=live.members_version/></Pane> }
}

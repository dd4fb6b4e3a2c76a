//! The pending invitations to a room, for members who may add others.

use crate::{
    api::{self, RevokeRoomInvitation, Wire},
    confirm_button::ConfirmButton,
    forms::Form,
    pages,
    room::pane::{may_add_members, use_room_id},
    session::use_page_session,
    ui::{Avatar, Notice},
};
use leptos::prelude::*;
use protocol::{page::Page, room_invitation::RoomInvitation};

/// The list; nothing while there are none.
#[component]
pub fn PendingInvitations() -> impl IntoView {
    let session = use_page_session();
    let (live, id) = (session.live(), use_room_id());
    let revoke = Form::of::<RevokeRoomInvitation>();
    let revoked = RwSignal::new(0_u32);
    revoke.on_done(move || revoked.update(|count| *count += 1));
    let pending = Resource::new_blocking(
        move || (id.get(), live.members_version.get(), revoked.get()),
        move |(id, ..)| async move {
            let live = session.ready().await?;
            // Others, and a user who has just left, may not list them.
            match id.filter(|id| may_add_members(live, *id)) {
                Some(id) => api::list_room_invitations(id).await,
                None => Ok(Wire(Page { items: Vec::new(), next_cursor: None })),
            }
        },
    );
    pages::suspended(move || async move {
        let Ok(Wire(page)) = pending.await else { return None };
        (!page.items.is_empty()).then(|| {
            let rows = page.items.into_iter().map(|invitation| view! { <Row invitation revoke/> });
            view! {
                <section aria-labelledby="pending-invitations">
                    <h3 id="pending-invitations">"Invited"</h3>
                    <Notice text=revoke.error()/>
                    <ul class="member-list">{rows.collect_view()}</ul>
                </section>
            }
            .into_any()
        })
    })
}

#[component]
fn Row(invitation: RoomInvitation, revoke: Form) -> impl IntoView {
    let RoomInvitation { id, room_id, user, .. } = invitation;
    let page = format!("/people/{}", user.username);
    let name = format!("Revoke the invitation of {}", user.display_name);
    let question = format!("{name}?");
    view! {
        <li>
            <a href=page rel="external">
                <Avatar of=user.clone() size="medium"/>
                <span class="user-name"><strong>{user.display_name}</strong> <span>"@" {user.username}</span></span>
            </a>
            <ConfirmButton label="Revoke" name act="Revoke invitation" form=revoke question>
                <input type="hidden" name="room_id" value=room_id.to_string()/>
                <input type="hidden" name="id" value=id.to_string()/>
            </ConfirmButton>
        </li>
    }
}

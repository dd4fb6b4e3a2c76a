//! Pages about one room: its settings, what its members may do, and who is banned or muted.

mod details;
mod member;
mod members;
mod moderation;
mod new;
mod permissions;
mod settings;

pub use crate::server_pages::room::{
    details::details_view,
    member::MemberPage,
    members::{add_members, members},
    moderation::ModerationPage,
    new::NewRoomPage,
    permissions::PermissionsPage,
    settings::RoomSettingsPage,
};

use crate::{
    api::{Failure, room_page},
    server_pages::frame::PageContext,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_params_map};
use protocol::{
    error::Error,
    id::RoomId,
    permissions::{Permission, RoomPermission, role_in},
    room::{Room, RoomRole},
};

/// A room's pages, with their names.
const TABS: &[(&str, &str)] =
    &[("settings", "Settings"), ("permissions", "Permissions"), ("moderation", "Bans and mutes")];

/// The room of the page's URL, for its members.
async fn room_of(context: &PageContext, id: &str) -> Result<Room, Failure> {
    let not_found = || Failure(Error::not_found("room"));
    let id: RoomId = id.parse().map_err(|_| not_found())?;
    let room = context.chat.get_room(&context.caller, id).await?;
    if room.membership.is_none() || room.kind.is_direct() { Err(not_found()) } else { Ok(room) }
}

/// The room id in the page's URL.
fn room_id() -> String {
    use_params_map().with_untracked(|params| params.get("id").unwrap_or_default())
}

/// What stands above each page of a room: its name, and links to the other pages.
fn heading(context: &PageContext, room: &Room) -> AnyView {
    let here = use_location().pathname.get_untracked();
    let moderates = may(context, room, RoomPermission::ManageMembers);
    let tabs = TABS.iter().filter(|(page, _)| *page != "moderation" || moderates).map(|(page, name)| {
        let href = room_page(room.id, page);
        let current = (here == href).then_some("page");
        view! { <li><a href=href aria-current=current>{*name}</a></li> }
    });
    view! {
        <Title text=room.name.clone()/>
        <nav class="tabs" aria-label=format!("Pages of {}", room.name)>
            <p><a href=format!("/rooms/{}", room.id)>{heading_text(room)}</a></p>
            <ul>{tabs.collect_view()}</ul>
        </nav>
    }
    .into_any()
}

/// The name of a room with its emoji.
fn heading_text(room: &Room) -> String {
    format!("{} {}", room.emoji, room.name).trim().to_owned()
}

/// Whether the caller has a permission in the room.
fn may(context: &PageContext, room: &Room, permission: RoomPermission) -> bool {
    permission.is_granted_in(room, context.caller.role)
}

/// Whether the caller has the rights of the room's owner.
fn owns(context: &PageContext, room: &Room) -> bool {
    Permission::ManageRooms.is_granted_to(context.caller.role)
        && role_in(room, context.caller.role) == Some(RoomRole::Owner)
}

/// The name of a room role, as users see it.
const fn role_name(role: RoomRole) -> &'static str {
    match role {
        RoomRole::Guest => "Guest",
        RoomRole::Member => "Member",
        RoomRole::Moderator => "Moderator",
        RoomRole::Owner => "Owner",
    }
}

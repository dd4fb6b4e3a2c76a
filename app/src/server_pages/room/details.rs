//! What a member sees of a room beside its messages: as HTML for the pane of the chat.

use super::{heading_text, role_name};
use crate::{
    api::{Failure, SetFavorite, SetRoomNotifications, room_page},
    forms::Form,
    page_user::user_field,
    rooms::member_count_text,
    server_pages::{
        fragments::FragmentContext,
        timestamp::{date, timestamp},
    },
};
use leptos::prelude::*;
use protocol::{
    error::Error,
    permissions::{RoomPermission, role_in},
    room::{Membership, NotificationLevel, Room, RoomKind, Visibility},
    time::Time,
    user::{Author, Role},
};

/// How long a room can be muted: seconds, and the name.
const MUTES: &[(&str, &str)] =
    &[("", "Not muted"), ("3600", "Mute for 1 hour"), ("28800", "Mute for 8 hours"), ("604800", "Mute for 1 week")];

/// The details of a room for one of its members.
pub async fn details_view(context: &FragmentContext) -> Result<AnyView, Failure> {
    let room = &context.room().await?;
    let (role, now) = (context.caller.role, context.chat.now());
    let membership = room.membership.as_ref().ok_or_else(Error::not_a_member)?;
    let description = (!room.description.is_empty())
        .then(|| view! { <dt>"Description"</dt> <dd class="preformatted">{room.description.clone()}</dd> }.into_any());
    let topic = (!room.topic.is_empty()).then(|| view! { <dt>"Topic"</dt> <dd>{room.topic.clone()}</dd> }.into_any());
    let own_role = role_in(room, role).map(|role| view! { <dt>"Your role"</dt> <dd>{role_name(role)}</dd> }.into_any());
    let members = if room.kind.is_direct() { Some(member_list(&room.members)) } else { None };
    Ok(
        view! {
            <section class="room-details" aria-labelledby="room-details-title">
                <h3 id="room-details-title">{heading_text(room)}</h3>
                <p class="muted">{kind_text(room)} " · " {member_count_text(room.member_count)}</p>
                {room.archived.then(|| view! { <p class="notice">"This room is archived: it is read-only."</p> }.into_any())}
                <dl>
                    {topic} {description}
                    <dt>"Created"</dt> <dd>{date(room.created_at)}</dd>
                    {own_role}
                </dl>
                {members}
                {favorite_form(room, membership)}
                {notifications_form(room, membership, now)}
                {links(room, role)}
            </section>
        }
        .into_any(),
    )
}

const fn kind_text(room: &Room) -> &'static str {
    match (room.kind, room.visibility) {
        (RoomKind::Direct, _) => "Direct message",
        (RoomKind::Group, _) => "Group message",
        (RoomKind::Announcement, Visibility::Public) => "Public announcements",
        (RoomKind::Announcement, Visibility::Private) => "Private announcements",
        (RoomKind::Channel, Visibility::Public) => "Public room",
        (RoomKind::Channel, Visibility::Private) => "Private room",
    }
}

fn member_list(members: &[Author]) -> AnyView {
    let row = |member: &Author| {
        view! {
            <li>
                <a href=format!("/people/{}", member.username) rel="external">
                    <crate::ui::Avatar of=member.clone() size="medium"/>
                    <span class="user-name">
                        <strong>{member.display_name.clone()}</strong> <span>"@" {member.username.clone()}</span>
                    </span>
                </a>
            </li>
        }
    };
    view! { <ul class="member-list">{members.iter().map(row).collect_view()}</ul> }.into_any()
}

/// A form whose page is not hydrated, and not one of ours: the pane sends it.
fn form(form: Form, room: &Room, fields: AnyView) -> AnyView {
    view! {
        <form action=form.path() method="post">
            <input type="hidden" name="room_id" value=room.id.to_string()/>
            {fields}
            {user_field()}
        </form>
    }
    .into_any()
}

fn favorite_form(room: &Room, membership: &Membership) -> AnyView {
    let (label, value) =
        if membership.favorite { ("Remove from favorites", "false") } else { ("Add to favorites", "true") };
    let fields = view! {
        <input type="hidden" name="favorite" value=value/>
        <button type="submit" class="button secondary">{label}</button>
    };
    form(Form::of::<SetFavorite>(), room, fields.into_any())
}

fn notifications_form(room: &Room, membership: &Membership, now: Time) -> AnyView {
    let level = |level: NotificationLevel, label: &'static str| {
        view! {
            <label class="choice">
                <input type="radio" name="level" value=level.as_str() checked=membership.notifications == level/>
                {label}
            </label>
        }
    };
    let muted = membership.muted_until.filter(|until| *until > now);
    let keep = muted.map(|_| view! { <option value="keep" selected=true>"Muted"</option> }.into_any());
    let options = MUTES.iter().map(|(value, label)| view! { <option value=*value>{*label}</option> }).collect_view();
    let fields = view! {
        <fieldset class="choice-group">
            <legend>"Notify me about"</legend>
            {level(NotificationLevel::All, "All messages")}
            {level(NotificationLevel::Mentions, "Mentions only")}
            {level(NotificationLevel::None, "Nothing")}
        </fieldset>
        <div class="field">
            <label for="mute-for">"Mute"</label>
            <select id="mute-for" name="mute">{keep} {options}</select>
            {muted.map(|until| view! { <p class="hint">"Muted until " {timestamp(until)} "."</p> }.into_any())}
        </div>
        <button type="submit" class="button secondary">"Save"</button>
    };
    form(Form::of::<SetRoomNotifications>(), room, fields.into_any())
}

fn links(room: &Room, role: Role) -> Option<AnyView> {
    if room.kind.is_direct() {
        return None;
    }
    let moderates = RoomPermission::ManageMembers.is_granted_in(room, role);
    let pages = [
        ("members", "Members", true),
        ("settings", "Room settings", true),
        ("permissions", "Permissions", true),
        ("moderation", "Bans and mutes", moderates),
    ];
    let links = pages.into_iter().filter(|(.., shown)| *shown).map(|(page, name, _)| {
        view! { <li><a href=room_page(room.id, page) rel="external">{name}</a></li> }
    });
    Some(view! { <ul class="settings-links">{links.collect_view()}</ul> }.into_any())
}

//! One member of a room, for those who may change their role, mute or ban them.

use super::{heading, may, owns, role_name, room_id, room_of};
use crate::{
    api::{BanUser, MuteMember, SetRoomRole, TransferRoom},
    confirm_button::ConfirmButton,
    forms::{Form, PostForm},
    page_query::query_param,
    server_pages::{done::Done, frame::page, timestamp::timestamp},
    ui::{Area, Avatar, Choice, Notice, Select, Submit},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use protocol::{
    error::Error,
    id::UserId,
    limits::REASON_CHARS,
    permissions::{RoomPermission, can_remove, can_set_role},
    room::{Member, Room, RoomRole},
};

/// How long mutes and bans last that are offered: seconds, and the name.
const DURATIONS: &[(&str, &str)] = &[
    ("600", "10 minutes"),
    ("3600", "1 hour"),
    ("86400", "1 day"),
    ("604800", "1 week"),
    ("2592000", "30 days"),
    ("", "Until lifted"),
];

/// The page of one member of a room.
#[component]
pub fn MemberPage() -> impl IntoView {
    let id = room_id();
    let user = use_params_map().with_untracked(|params| params.get("user").unwrap_or_default());
    page("Member", async move |context| {
        let room = room_of(&context, &id).await?;
        let user: UserId = user.parse().map_err(|_| Error::not_found("user"))?;
        let member = context.chat.get_member(&context.caller, room.id, user).await?;
        let role = context.caller.role;
        let is_me = member.is(context.me.id);
        let roles: Vec<_> = [RoomRole::Guest, RoomRole::Member, RoomRole::Moderator, RoomRole::Owner]
            .into_iter()
            .filter(|new| can_set_role(&room, role, member.role, *new))
            .collect();
        let restricts = !is_me && can_remove(&room, role, member.role) && !room.fixed_members;
        let mutes =
            !is_me && can_remove(&room, role, member.role) && may(&context, &room, RoomPermission::ManageMembers);
        let transfers = !is_me && owns(&context, &room) && member.role != RoomRole::Owner && !room.fixed_members;
        Ok(view! {
            {heading(&context, &room)}
            {card(&member)}
            {(!is_me && !roles.is_empty()).then(|| role_section(&room, &member, &roles))}
            {transfers.then(|| transfer_section(&room, &member))}
            {mutes.then(|| mute_section(&room, &member))}
            {restricts.then(|| ban_section(&room, &member))}
        }
        .into_any())
    })
}

fn card(member: &Member) -> AnyView {
    let user = &member.user;
    view! {
        <section class="profile" aria-label="About">
            <header>
                <Avatar of=user.clone()/>
                <div>
                    <h2><a href=format!("/people/{}", user.username)>{user.display_name.clone()}</a></h2>
                    <p class="muted">"@" {user.username.clone()}</p>
                </div>
            </header>
            <dl>
                <dt>"Role in this room"</dt> <dd>{role_name(member.role)}</dd>
                <dt>"Joined"</dt> <dd>{timestamp(member.joined_at)}</dd>
            </dl>
        </section>
    }
    .into_any()
}

/// The fields that name the room and the member.
fn ids(room: &Room, member: &Member) -> AnyView {
    view! {
        <input type="hidden" name="room_id" value=room.id.to_string()/>
        <input type="hidden" name="user_id" value=member.user.id.to_string()/>
    }
    .into_any()
}

fn role_section(room: &Room, member: &Member, roles: &[RoomRole]) -> AnyView {
    let form = Form::of::<SetRoomRole>();
    let choices = roles.iter().map(|role| Choice::new(role.as_str(), role_name(*role))).collect();
    let fields = view! {
                <Notice text=form.error()/>
                {ids(room, member)}
                <Select label="Role in this room" name="role".to_owned() choices value=member.role.as_str().to_owned()
                    hint="What each role may do is listed under Permissions."/>
                <div class="actions">
                    <Submit label="Change role" pending=form.pending()/>
                    <Done form text="Role changed."/>
                </div>
    };
    view! {
        <section aria-labelledby="role-title">
            <h2 id="role-title">"Role"</h2>
            <PostForm form>{fields}</PostForm>
        </section>
    }
    .into_any()
}

fn transfer_section(room: &Room, member: &Member) -> AnyView {
    let form = Form::of::<TransferRoom>();
    let fields = ids(room, member);
    let question = format!("{} will own “{}”, and you become a moderator of it.", member.user.display_name, room.name);
    view! {
        <section aria-labelledby="transfer">
            <h2 id="transfer">"Ownership"</h2>
            <Notice text=form.error()/>
            <ConfirmButton label="Transfer ownership" act="Transfer ownership" form question>{fields}</ConfirmButton>
            <Done form text="Ownership transferred."/>
        </section>
    }
    .into_any()
}

/// Why and for how long.
fn restriction_fields(form: Form, prefix: &str) -> AnyView {
    let typed = |field: &str| if form.has_failed() { query_param(&format!("{prefix}_{field}")) } else { String::new() };
    let choices = DURATIONS.iter().map(|(value, name)| Choice::new(*value, *name)).collect();
    let lasts = if form.has_failed() { typed("lasts") } else { "86400".to_owned() };
    view! {
        <Select label="For" name="lasts".to_owned() choices value=lasts error=form.field_error("until") hint=""/>
        <Area label="Reason" name="reason" error=form.field_error("reason") value=typed("reason")
            maxlength=REASON_CHARS hint=""/>
    }
    .into_any()
}

fn mute_section(room: &Room, member: &Member) -> AnyView {
    let form = Form::of::<MuteMember>();
    let fields = view! {
                <Notice text=form.form_error()/>
                {ids(room, member)}
                {restriction_fields(form, "mute")}
                <div class="actions">
                    <Submit label="Mute" pending=form.pending() variant="secondary"/>
                    <Done form text="Muted."/>
                </div>
    };
    view! {
        <section aria-labelledby="mute">
            <h2 id="mute">"Mute"</h2>
            <p class="lead">"They can read, but not send messages in this room. They see the reason."</p>
            <PostForm form>{fields}</PostForm>
        </section>
    }
    .into_any()
}

fn ban_section(room: &Room, member: &Member) -> AnyView {
    let form = Form::of::<BanUser>();
    let fields = view! {
                <Notice text=form.form_error()/>
                {ids(room, member)}
                {restriction_fields(form, "ban")}
                <div class="actions"><Submit label="Ban" pending=form.pending() variant="danger"/></div>
    };
    view! {
        <section aria-labelledby="ban">
            <h2 id="ban">"Ban"</h2>
            <p class="lead">"Removes them from this room. They can't come back until the ban ends."</p>
            <PostForm form>{fields}</PostForm>
        </section>
    }
    .into_any()
}

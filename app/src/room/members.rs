//! The members of a room.

use crate::{
    api::{self, AddMember, LeaveRoom, RemoveMember, Wire},
    confirm_button::ConfirmButton,
    forms::{Form, PostForm},
    live::Live,
    page_query::query_param,
    pages,
    room::{
        pane::{Pane, may_add_members, use_room_id},
        pending_invitations::PendingInvitations,
    },
    session::use_page_session,
    ui::{Avatar, Field, Notice, Submit},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use protocol::{
    error::Error,
    id::RoomId,
    limits::USERNAME_CHARS,
    page::Page,
    permissions::can_remove,
    room::{Member, Room, RoomRole, Visibility},
};
use wasm_bindgen::JsCast;
use web_sys::HtmlFormElement;

/// The member list, with adding and removing members, and leaving the room.
#[component]
pub fn MembersPane() -> impl IntoView {
    let session = use_page_session();
    let live = session.live();
    let id = use_room_id();
    let members = Resource::new_blocking(
        move || (id.get(), live.members_version.get()),
        move |(id, _)| async move {
            // A user who has just left may not list the members.
            let id = id.filter(|id| live.is_in(*id)).ok_or_else(|| Error::not_found("room"))?;
            api::list_members(id, None).await
        },
    );
    // The list is fetched again after each change; its forms keep their messages.
    let (add, remove) = (Form::of::<AddMember>(), Form::of::<RemoveMember>());
    let list = pages::suspended(move || async move {
        let live = session.ready().await.ok()?;
        let id = id.get_untracked()?;
        Some(match members.await {
            Ok(Wire(page)) => view! { <MemberList live page id remove/> }.into_any(),
            Err(failure) => pages::error_section(&failure),
        })
    });
    let add_form = pages::suspended(move || async move {
        let live = session.ready().await.ok()?;
        let id = id.get_untracked()?;
        may_add_members(live, id).then(|| view! { <AddForm live add id/> }.into_any())
    });
    view! { <Pane title="Members">{add_form} <PendingInvitations/> {list}</Pane> }
}

#[component]
fn AddForm(live: Live, add: Form, id: RoomId) -> impl IntoView {
    let fields = NodeRef::<leptos::html::Div>::new();
    let query = use_query_map();
    let failed = add.error();
    let invited =
        Memo::new(move |_| failed.with(Option::is_none) && query.with(|query| query.get("invited").is_some()));
    add.on_done(move || {
        // An invitation is no event for those who see it in the pane.
        live.members_version.update(|count| *count += 1);
        let form = fields.get_untracked().and_then(|fields| fields.query_selector("form").ok().flatten());
        if let Some(form) = form {
            form.unchecked_into::<HtmlFormElement>().reset();
        }
    });
    view! {
        <div class="add-member" node_ref=fields>
            <PostForm form=add>
                <input type="hidden" name="room_id" value=id.to_string()/>
                <Field label="Username" name="username" error=add.error() value=query_param("username")
                    maxlength=*USERNAME_CHARS.end() hint="Add someone by username."/>
                <Submit label="Add" pending=add.pending() variant="secondary"/>
            </PostForm>
            <div role="status">
                {move || invited.get().then(|| view! { <p class="muted">"Invitation sent."</p> }.into_any())}
            </div>
        </div>
    }
}

#[component]
fn MemberList(live: Live, page: Page<Member>, id: RoomId, remove: Form) -> impl IntoView {
    let room = live.rooms.with_untracked(|list| list.room(id).cloned()).filter(|room| !room.fixed_members);
    let role = untrack(|| live.me()).map(|me| me.role);
    let rows = page.items.into_iter().map(|member| {
        let removable = room.as_ref().zip(role).is_some_and(|(room, role)| can_remove(room, role, member.role));
        let removable = removable && !member.is(live.my_id());
        view! { <MemberRow member remove removable/> }
    });
    view! {
        <Notice text=remove.error()/>
        <ul class="member-list">{rows.collect_view()}</ul>
        {page.next_cursor.is_some().then(|| view! { <p class="muted">"There are more members."</p> }.into_any())}
        {room.map(|room| view! { <LeaveForm room/> }.into_any())}
    }
}

#[component]
fn MemberRow(member: Member, remove: Form, removable: bool) -> impl IntoView {
    let Member { room_id, user, role, .. } = member;
    let role = match role {
        RoomRole::Owner => Some("owner"),
        RoomRole::Moderator => Some("moderator"),
        RoomRole::Guest => Some("guest"),
        RoomRole::Member => None,
    };
    let name = format!("Remove {}", user.display_name);
    let question = format!("{name} from this room?");
    let page = format!("/people/{}", user.username);
    view! {
        <li>
            <a href=page rel="external">
                <Avatar of=user.clone() size="medium"/>
                <span class="user-name"><strong>{user.display_name}</strong> <span>"@" {user.username}</span></span>
            </a>
            {role.map(|role| view! { <span class="user-role">{role}</span> }.into_any())}
            {removable.then(|| view! {
                <ConfirmButton label="Remove" name act="Remove" form=remove question>
                    <input type="hidden" name="room_id" value=room_id.to_string()/>
                    <input type="hidden" name="user_id" value=user.id.to_string()/>
                </ConfirmButton>
            }.into_any())}
        </li>
    }
}

#[component]
fn LeaveForm(room: Room) -> impl IntoView {
    let leave = Form::of::<LeaveRoom>();
    let question = match (room.visibility, room.member_count) {
        (Visibility::Public, _) => "You can join again at any time.",
        (Visibility::Private, ..=1) => "You're the last member. No one will be able to read this room again.",
        (Visibility::Private, _) => "To come back, someone has to add you again.",
    };
    view! {
        <div class="leave-room">
            <Notice text=leave.error()/>
            <ConfirmButton label="Leave room" act="Leave room" form=leave question>
                <input type="hidden" name="room_id" value=room.id.to_string()/>
            </ConfirmButton>
        </div>
    }
}

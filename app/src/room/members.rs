//! The people in a room.

use super::pane::{Pane, use_room_id};
use crate::{
    api::{self, AddMember, LeaveRoom, RemoveMember},
    forms,
    live::Live,
    pages,
    session::use_session,
    ui::{Avatar, Field, Notice, Submit},
};
use leptos::{either::Either, prelude::*};
use protocol::{
    error::Error,
    id::RoomId,
    limits::USERNAME_CHARS,
    page::Page,
    room::{Member, Room, RoomRole, Visibility},
};

/// Who is in the room; bringing people in, showing them out, and leaving.
#[component]
pub fn MembersPane() -> impl IntoView {
    let session = use_session();
    let live = session.live();
    let id = use_room_id();
    let members = Resource::new_blocking(
        move || (id.get(), live.people.get()),
        |(id, _)| async move { api::members(id.ok_or_else(|| Error::not_found("room"))?, None).await },
    );
    let list = move || {
        Suspend::new(async move {
            let live = session.enter().await.ok()?;
            Some(match members.await {
                Ok(page) => Either::Left(view! { <People live page id=id.get_untracked()?/> }),
                Err(failure) => Either::Right(pages::failed(&failure)),
            })
        })
    };
    let add = ServerAction::<AddMember>::new();
    view! {
        <Pane title="People">
            <AddForm add id/>
            <Transition fallback=pages::skeleton>{list}</Transition>
        </Pane>
    }
}

#[component]
fn AddForm(add: ServerAction<AddMember>, id: Memo<Option<RoomId>>) -> impl IntoView {
    let failure = forms::failure(add);
    let form = NodeRef::<leptos::html::Div>::new();
    Effect::new(move || {
        let done = add.value().with(|value| matches!(value, Some(Ok(()))));
        if let Some(input) =
            form.get().filter(|_| done).and_then(|form| form.query_selector("#username").ok().flatten())
        {
            wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlInputElement>(input).set_value("");
        }
    });
    view! {
        <div class="add" node_ref=form>
            <ActionForm action=add>
                <input type="hidden" name="room_id" value=move || id.get().map(|id| id.to_string())/>
                <Field label="Username" name="username" error=forms::told(failure) value=forms::typed("username")
                    maxlength=*USERNAME_CHARS.end() hint="Bring someone in."/>
                <Submit label="Add" pending=add.pending() look="plain"/>
            </ActionForm>
        </div>
    }
}

#[component]
fn People(live: Live, page: Page<Member>, id: RoomId) -> impl IntoView {
    let room = live.rooms.with_untracked(|list| list.room(id).cloned());
    let remove = ServerAction::<RemoveMember>::new();
    let keeps_peace = room.as_ref().is_some_and(keeps_peace);
    let rows = page.items.into_iter().map(|member| {
        let removable = keeps_peace && !member.is(live.my_id());
        view! { <Person member remove removable/> }
    });
    view! {
        <Notice text=forms::told(forms::failure(remove))/>
        <ul class="people-list">{rows.collect_view()}</ul>
        {page.next_cursor.is_some().then(|| view! { <p class="aside">"And more."</p> })}
        {room.map(|room| view! { <Leave room/> })}
    }
}

fn keeps_peace(room: &Room) -> bool {
    let role = room.membership.as_ref().map(|membership| membership.role);
    matches!(role, Some(RoomRole::Owner | RoomRole::Moderator))
}

#[component]
fn Person(member: Member, remove: ServerAction<RemoveMember>, removable: bool) -> impl IntoView {
    let Member { room_id, user, role, .. } = member;
    let role = match role {
        RoomRole::Owner => Some("owner"),
        RoomRole::Moderator => Some("moderator"),
        RoomRole::Member => None,
    };
    let label = format!("Remove {}", user.display_name);
    view! {
        <li>
            <Avatar name=user.display_name.clone() seed=user.id.to_string() size="medium"/>
            <p class="who"><strong>{user.display_name}</strong> <span>"@" {user.username}</span></p>
            {role.map(|role| view! { <span class="role">{role}</span> })}
            {removable.then(|| view! {
                <ActionForm action=remove>
                    <input type="hidden" name="room_id" value=room_id.to_string()/>
                    <input type="hidden" name="user_id" value=user.id.to_string()/>
                    <button type="submit" class="button quiet" aria-label=label>"Remove"</button>
                </ActionForm>
            })}
        </li>
    }
}

#[component]
fn Leave(room: Room) -> impl IntoView {
    let leave = ServerAction::<LeaveRoom>::new();
    let warning =
        (room.visibility == Visibility::Private).then_some("To come back, someone has to bring you in again.");
    view! {
        <div class="leave">
            <Notice text=forms::told(forms::failure(leave))/>
            <ActionForm action=leave>
                <input type="hidden" name="room_id" value=room.id.to_string()/>
                <Submit label="Leave room" pending=leave.pending() look="danger"/>
            </ActionForm>
            {warning.map(|text| view! { <p class="aside">{text}</p> })}
        </div>
    }
}

//! One message.

use crate::{
    room::{conversation::RoomView, edit::EditForm},
    ui::{Avatar, Timestamp},
};
use leptos::prelude::*;
use protocol::{id::MessageId, message::Message};

/// A message with its actions.
#[component]
pub fn MessageRow(
    /// The open room.
    room_view: RoomView,
    /// Id of the message.
    id: MessageId,
    /// Whether its author is shown.
    first_in_group: bool,
) -> impl IntoView {
    let message = room_view.state.with_untracked(|state| state.find(id).cloned())?;
    let editing = Memo::new(move |_| room_view.editing.get() == Some(id));
    let (seq, name) = (message.seq.to_string(), id.to_string());
    let author = message.author.id;
    let blocked = Memo::new(move |_| room_view.live.rooms.with(|rooms| rooms.blocked.contains(&author)));
    let class = if first_in_group { "message first-in-group" } else { "message" };
    let body = {
        let message = message.clone();
        move || {
            if editing.get() {
                view! { <EditForm room_view message=message.clone()/> }.into_any()
            } else if blocked.get() {
                view! {
                    <details class="message-blocked">
                        <summary>"Message from someone you blocked. " <span>"Show"</span><span>"Hide"</span></summary>
                        <MessageBody message=message.clone()/>
                    </details>
                }
                .into_any()
            } else {
                view! { <MessageBody message=message.clone()/> }.into_any()
            }
        }
    };
    Some(
        view! {
            <article class=class id=format!("m-{id}") data-seq=seq data-id=name tabindex="-1">
                <Byline room_view message=message.clone() first_in_group/>
                <div class="message-body">{body}</div>
                <Actions room_view message/>
            </article>
        }
        .into_any(),
    )
}

/// The author and the time; rendered again when a user's name or avatar changes.
#[component]
fn Byline(room_view: RoomView, message: Message, first_in_group: bool) -> impl IntoView {
    let Message { id, author, sent_at, .. } = message;
    move || {
        room_view.live.authors_version.track();
        let author =
            room_view.state.with_untracked(|state| state.find(id).map_or_else(|| author.clone(), |m| m.author.clone()));
        if first_in_group {
            view! {
                <div class="byline">
                    <a href=format!("/people/{}", author.username) rel="external">
                        <Avatar of=author.clone()/>
                        <strong>{author.display_name}</strong>
                    </a>
                    " " <Timestamp at=sent_at/>
                </div>
            }
            .into_any()
        } else {
            view! {
                <div class="byline time-only">
                    <span class="visually-hidden">{author.display_name}</span> <Timestamp at=sent_at/>
                </div>
            }
            .into_any()
        }
    }
}

#[component]
fn MessageBody(message: Message) -> impl IntoView {
    if message.deleted {
        return view! { <p class="message-deleted">"This message was deleted."</p> }.into_any();
    }
    let edited = message.edited_at.is_some();
    // The server rendered and sanitised the HTML.
    view! {
        <div class="prose" inner_html=message.html></div>
        {edited.then(|| view! { <span class="message-edited">"edited"</span> }.into_any())}
    }
    .into_any()
}

#[component]
fn Actions(room_view: RoomView, message: Message) -> impl IntoView {
    let id = message.id;
    let page = format!("/rooms/{}/messages/{id}", room_view.id);
    let edit = room_view.may_edit(&message).then(|| {
        let open = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            room_view.edit(id);
        };
        view! { <a href=format!("{page}/edit") on:click=open>"Edit"</a> }.into_any()
    });
    let delete = room_view.may_delete(&message).then(|| {
        let open_dialog = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            room_view.deleting.set(Some(id));
        };
        view! { <a href=format!("{page}/delete") on:click=open_dialog>"Delete"</a> }.into_any()
    });
    (edit.is_some() || delete.is_some())
        .then(|| view! { <div class="message-actions">{edit} {delete}</div> }.into_any())
}

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
    talk: RoomView,
    /// Id of the message.
    id: MessageId,
    /// Whether its author is shown.
    lead: bool,
) -> impl IntoView {
    let message = talk.state.with_untracked(|state| state.find(id).cloned())?;
    let editing = Memo::new(move |_| talk.editing.get() == Some(id));
    let (seq, name) = (message.seq.to_string(), id.to_string());
    let author = message.author.id;
    let blocked = Memo::new(move |_| talk.live.rooms.with(|rooms| rooms.blocked.contains(&author)));
    let class = if lead { "message lead" } else { "message" };
    let body = {
        let message = message.clone();
        move || {
            if editing.get() {
                view! { <EditForm talk message=message.clone()/> }.into_any()
            } else if blocked.get() {
                view! {
                    <details class="blocked">
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
                <Byline talk message=message.clone() lead/>
                <div class="words">{body}</div>
                <Actions talk message/>
            </article>
        }
        .into_any(),
    )
}

/// The author and the time; rendered again when a user's name or avatar changes.
#[component]
fn Byline(talk: RoomView, message: Message, lead: bool) -> impl IntoView {
    let Message { id, author, sent_at, .. } = message;
    move || {
        talk.live.authors_version.track();
        let author =
            talk.state.with_untracked(|state| state.find(id).map_or_else(|| author.clone(), |m| m.author.clone()));
        if lead {
            view! {
                <p class="byline">
                    <a href=format!("/people/{}", author.username) rel="external">
                        <Avatar of=author.clone()/>
                        <strong>{author.display_name}</strong>
                    </a>
                    " " <Timestamp at=sent_at/>
                </p>
            }
            .into_any()
        } else {
            view! { <p class="byline aside"><span class="unseen">{author.display_name}</span> <Timestamp at=sent_at/></p> }
                .into_any()
        }
    }
}

#[component]
fn MessageBody(message: Message) -> impl IntoView {
    if message.deleted {
        return view! { <p class="gone">"This message was deleted."</p> }.into_any();
    }
    let edited = message.edited_at.is_some();
    // The server rendered and sanitised the HTML.
    view! {
        <div class="prose" inner_html=message.html></div>
        {edited.then(|| view! { <span class="edited">"edited"</span> }.into_any())}
    }
    .into_any()
}

#[component]
fn Actions(talk: RoomView, message: Message) -> impl IntoView {
    let id = message.id;
    let page = format!("/rooms/{}/messages/{id}", talk.id);
    let edit = talk.may_edit(&message).then(|| {
        let open = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            talk.edit(id);
        };
        view! { <a href=format!("{page}/edit") on:click=open>"Edit"</a> }.into_any()
    });
    let delete = talk.may_delete(&message).then(|| {
        let ask = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            talk.deleting.set(Some(id));
        };
        view! { <a href=format!("{page}/delete") on:click=ask>"Delete"</a> }.into_any()
    });
    (edit.is_some() || delete.is_some()).then(|| view! { <div class="actions">{edit} {delete}</div> }.into_any())
}

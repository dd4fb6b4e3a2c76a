//! One message.

use super::{edit::EditForm, talk::Talk};
use crate::ui::{Avatar, Moment};
use leptos::{either::Either, prelude::*};
use protocol::{id::MessageId, message::Message};

/// One message, with what can be done about it.
#[component]
pub fn MessageRow(
    /// The conversation.
    talk: Talk,
    /// Which message.
    id: MessageId,
    /// Whether its author is shown.
    lead: bool,
) -> impl IntoView {
    let message = talk.state.with_untracked(|state| state.find(id).cloned())?;
    let editing = Memo::new(move |_| talk.editing.get() == Some(id));
    let (seq, name) = (message.seq.to_string(), id.to_string());
    let class = if lead { "message lead" } else { "message" };
    let words = {
        let message = message.clone();
        move || {
            if editing.get() {
                Either::Left(view! { <EditForm talk message=message.clone()/> })
            } else {
                Either::Right(view! { <Words message=message.clone()/> })
            }
        }
    };
    Some(view! {
        <article class=class id=format!("m-{id}") data-seq=seq data-id=name tabindex="-1">
            <Byline message=message.clone() lead/>
            <div class="words">{words}</div>
            <Actions talk message/>
        </article>
    })
}

#[component]
fn Byline(message: Message, lead: bool) -> impl IntoView {
    let Message { author, sent_at, .. } = message;
    if lead {
        Either::Left(view! {
            <Avatar name=author.display_name.clone() seed=author.id.to_string()/>
            <p class="byline"><strong>{author.display_name}</strong> <Moment at=sent_at/></p>
        })
    } else {
        Either::Right(
            view! { <p class="byline aside"><span class="unseen">{author.display_name}</span> <Moment at=sent_at/></p> },
        )
    }
}

#[component]
fn Words(message: Message) -> impl IntoView {
    if message.deleted {
        return Either::Left(view! { <p class="gone">"This message was deleted."</p> });
    }
    let edited = message.edited_at.is_some();
    // The server rendered and sanitised it.
    Either::Right(view! {
        <div class="prose" inner_html=message.html></div>
        {edited.then(|| view! { <span class="edited">"edited"</span> })}
    })
}

#[component]
fn Actions(talk: Talk, message: Message) -> impl IntoView {
    let id = message.id;
    let page = format!("/rooms/{}/messages/{id}", talk.id);
    let edit = talk.may_edit(&message).then(|| {
        let open = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            talk.edit(id);
        };
        view! { <a href=format!("{page}/edit") on:click=open>"Edit"</a> }
    });
    let delete = talk.may_delete(&message).then(|| {
        let ask = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            talk.deleting.set(Some(id));
        };
        view! { <a href=format!("{page}/delete") on:click=ask>"Delete"</a> }
    });
    (edit.is_some() || delete.is_some()).then(|| view! { <div class="actions">{edit} {delete}</div> })
}

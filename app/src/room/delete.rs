//! Taking it back, after a question.

use super::{
    edit,
    pane::{Pane, return_when_done, use_message, use_room_path},
    talk::use_talk,
};
use crate::{
    api::{DeleteMessage, Wire},
    browser,
    forms::{Form, Post},
    pages,
    session::use_session,
    ui::{Dialog, Notice, Submit},
};
use leptos::prelude::*;
use protocol::message::Message;

const TITLE: &str = "Delete this message?";
const TEXT: &str = "Its words are gone for everyone. This cannot be undone.";

/// Asks before a message of the conversation is deleted.
#[component]
pub fn DeleteDialog() -> impl IntoView {
    let talk = use_talk();
    let form = Form::of::<DeleteMessage>();
    let done = StoredValue::new(false);
    form.on_done(move || {
        done.set_value(true);
        talk.deleting.set(None);
    });
    let closed = move |()| {
        // The link that asked is gone with the message. Without a keyboard, one would rise for the composer.
        if done.get_value() && browser::has_keyboard() {
            edit::focus_composer();
        }
        done.set_value(false);
        if talk.deleting.get_untracked().is_some() {
            talk.deleting.set(None);
        }
    };
    let id = move || talk.deleting.get().map(|id| id.to_string()).unwrap_or_default();
    view! {
        <Dialog open=move || talk.deleting.get().is_some() on_close=closed title=TITLE>
            <p>{TEXT}</p>
            <Notice text=form.told()/>
            <Post form>
                <input type="hidden" name="room_id" value=talk.id.to_string()/>
                <input type="hidden" name="message_id" prop:value=id/>
                <div class="actions">
                    <button type="button" class="button plain" on:click=move |_| talk.deleting.set(None)>"Keep it"</button>
                    <Submit label="Delete message" pending=form.pending() look="danger"/>
                </div>
            </Post>
        </Dialog>
    }
}

/// The page that asks without a live page.
#[component]
pub fn DeletePane() -> impl IntoView {
    let (session, message) = (use_session(), use_message());
    let form = pages::awaited(move || async move {
        session.enter().await.ok()?;
        Some(match message.await {
            Ok(Wire(message)) => view! { <DeletePage message/> }.into_any(),
            Err(failure) => pages::failed(&failure),
        })
    });
    view! { <Pane title="Delete message">{form}</Pane> }
}

#[component]
fn DeletePage(message: Message) -> impl IntoView {
    let form = Form::of::<DeleteMessage>();
    let path = use_room_path();
    return_when_done(form);
    view! {
        <h3>{TITLE}</h3>
        <p>{TEXT}</p>
        <blockquote class="prose" inner_html=message.html></blockquote>
        <Notice text=form.told()/>
        <Post form>
            <input type="hidden" name="room_id" value=message.room_id.to_string()/>
            <input type="hidden" name="message_id" value=message.id.to_string()/>
            <div class="actions">
                <a class="button plain" href=move || path.get()>"Keep it"</a>
                <Submit label="Delete message" pending=form.pending() look="danger"/>
            </div>
        </Post>
    }
}

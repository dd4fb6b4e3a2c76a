//! Deleting a message, with confirmation.

use crate::{
    api::DeleteMessage,
    browser,
    forms::{Form, PostForm},
    room::{composer, conversation::use_room_view},
    ui::{Dialog, Notice, Submit},
};
use leptos::prelude::*;

const TITLE: &str = "Delete this message?";
const TEXT: &str = "It will be deleted for everyone.";

/// Asks for confirmation before a message is deleted.
#[component]
pub fn DeleteDialog() -> impl IntoView {
    let room_view = use_room_view();
    let form = Form::of::<DeleteMessage>();
    let done = StoredValue::new(false);
    form.on_done(move || {
        done.set_value(true);
        room_view.deleting.set(None);
    });
    let closed = move |()| {
        // The link that opened the dialog is deleted with the message. On a touch screen, focusing the composer would
        // open the on-screen keyboard.
        if done.get_value() && browser::has_mouse() {
            composer::focus();
        }
        done.set_value(false);
        if room_view.deleting.get_untracked().is_some() {
            room_view.deleting.set(None);
        }
    };
    let quote = move || {
        let id = room_view.deleting.get()?;
        room_view.state.with(|state| {
            let message = state.messages.iter().find(|message| message.id == id)?;
            message.body.lines().find(|line| !line.trim().is_empty()).map(str::to_owned)
        })
    };
    let id = move || room_view.deleting.get().map(|id| id.to_string()).unwrap_or_default();
    view! {
        <Dialog open=move || room_view.deleting.get().is_some() on_close=closed title=TITLE>
            <p>{TEXT}</p>
            <blockquote class="message-quote">{quote}</blockquote>
            <Notice text=form.error()/>
            <PostForm form>
                <input type="hidden" name="room_id" value=room_view.id.to_string()/>
                <input type="hidden" name="message_id" prop:value=id/>
                <div class="actions">
                    <button type="button" class="button secondary" on:click=move |_| room_view.deleting.set(None)>
                        "Cancel"
                    </button>
                    <Submit label="Delete message" pending=form.pending() variant="danger"/>
                </div>
            </PostForm>
        </Dialog>
    }
}

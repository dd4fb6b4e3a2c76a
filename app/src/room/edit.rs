//! Editing a message.

use crate::{
    api::{EditMessage, Wire},
    browser,
    forms::{Form, PostForm},
    pages,
    room::{
        composer::is_send_key,
        conversation::RoomView,
        emoji_shortcut,
        pane::{Pane, return_when_done, use_message, use_room_path},
    },
    session::use_page_session,
    ui::{Notice, raw},
};
use leptos::{ev::KeyboardEvent, html, prelude::*};
use protocol::{limits::MESSAGE_CHARS, message::Message};
use web_sys::HtmlTextAreaElement;

/// Edits a message in place. Enter saves, Escape cancels.
#[component]
pub fn EditForm(
    /// The open room.
    room_view: RoomView,
    /// The message.
    message: Message,
) -> impl IntoView {
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "Escape" => {
            event.prevent_default();
            close(room_view);
        }
        "Enter" if is_send_key(&event) && !event.is_composing() && browser::has_keyboard() => {
            event.prevent_default();
            if let Some(form) = browser::target::<HtmlTextAreaElement>(&event).and_then(|area| area.form()) {
                // Does nothing if validation fails; the browser shows why.
                let _ = form.request_submit();
            }
        }
        _ => {}
    };
    view! {
        <PostForm form=room_view.edit_form class="edit-form" on:keydown=on_key>
            <EditFields message focused=true/>
            <Notice text=room_view.edit_form.error()/>
            <div class="actions">
                <button type="submit" class="button primary">"Save"</button>
                <button type="button" class="button secondary" on:click=move |_| close(room_view)>"Cancel"</button>
            </div>
        </PostForm>
    }
}

/// Closes the edit form once the new text is stored.
pub fn close_when_saved(room_view: RoomView) {
    room_view.edit_form.on_done(move || close(room_view));
}

fn close(room_view: RoomView) {
    room_view.editing.set(None);
    focus_composer();
}

#[component]
fn EditFields(message: Message, focused: bool) -> impl IntoView {
    let area = NodeRef::<html::Textarea>::new();
    Effect::new(move || {
        if let Some(area) = area.get().filter(|_| focused) {
            browser::focus(&area);
            let end = area.value().encode_utf16().count();
            let end = u32::try_from(end).unwrap_or_default();
            let _ = area.set_selection_range(end, end);
        }
    });
    view! {
        <input type="hidden" name="room_id" value=message.room_id.to_string()/>
        <input type="hidden" name="message_id" value=message.id.to_string()/>
        <textarea name="body" node_ref=area rows="2" required maxlength=MESSAGE_CHARS.to_string() aria-label="Edit message"
            on:input=move |_| area.get_untracked().into_iter().for_each(|area| emoji_shortcut::complete(area, |_| ()))>
            {raw(message.body)}
        </textarea>
    }
}

/// Moves the focus to the composer.
pub fn focus_composer() {
    browser::focus_on(".composer textarea");
}

/// The page that edits a message without JavaScript.
#[component]
pub fn EditPane() -> impl IntoView {
    let (session, message) = (use_page_session(), use_message());
    let form = pages::suspended(move || async move {
        session.ready().await.ok()?;
        Some(match message.await {
            Ok(Wire(message)) => view! { <EditPage message/> }.into_any(),
            Err(failure) => pages::error_section(&failure),
        })
    });
    view! { <Pane title="Edit message">{form}</Pane> }
}

#[component]
fn EditPage(message: Message) -> impl IntoView {
    let form = Form::of::<EditMessage>();
    let path = use_room_path();
    return_when_done(form);
    view! {
        <PostForm form class="edit-form">
            <Notice text=form.error()/>
            <EditFields message focused=false/>
            <div class="actions">
                <button type="submit" class="button primary">"Save"</button>
                <a class="button secondary" href=move || path.get()>"Cancel"</a>
            </div>
        </PostForm>
    }
}

//! Editing a message.

use crate::{
    browser, drafts,
    forms::PostForm,
    room::{
        composer,
        conversation::RoomView,
        emoji_shortcut,
        text_box::{self, CharCount, Key},
    },
    ui::{Notice, raw},
};
use leptos::{ev::KeyboardEvent, html, prelude::*};
use protocol::{
    id::{MessageId, UserId},
    limits::MESSAGE_CHARS,
    message::Message,
};
use web_sys::{Event, HtmlTextAreaElement};

/// Edits a message in place. Enter saves, Escape cancels.
#[component]
pub fn EditForm(
    /// The open room.
    room_view: RoomView,
    /// The message.
    message: Message,
) -> impl IntoView {
    let (user, id) = (room_view.live.my_id(), message.id);
    let on_key = move |event: KeyboardEvent| {
        match (text_box::meaning(&event), browser::target::<HtmlTextAreaElement>(&event)) {
            (Key::Cancel, _) => {
                event.prevent_default();
                close(room_view, id);
            }
            (Key::Send, Some(area)) => {
                event.prevent_default();
                // Does nothing if validation fails; the browser shows why.
                let _ = area.form().map(|form| form.request_submit());
            }
            (Key::NewLine, Some(area)) => {
                event.prevent_default();
                text_box::insert(&area, "\n");
            }
            _ => {}
        }
    };
    // This form outlives the row, and another message may be open by the time that it is done.
    let on_submit = move |_| {
        room_view.saving.update_value(|saving| *saving = saving.or(Some(id)));
    };
    let text = drafts::load_edit(user, &message).unwrap_or_else(|| message.body.clone());
    view! {
        <PostForm form=room_view.edit_form class="edit-form" on:keydown=on_key on:submit=on_submit>
            <EditFields message text draft_of=user focused=room_view.focus_edit.get_value()/>
            <Notice text=room_view.edit_form.error()/>
            <div class="actions">
                <button type="submit" class="button primary">"Save"</button>
                <button type="button" class="button secondary" on:click=move |_| close(room_view, id)>"Cancel"</button>
            </div>
        </PostForm>
    }
}

/// Closes the edit form once the new text is stored.
pub fn close_when_saved(room_view: RoomView) {
    room_view.edit_form.on_done(move || {
        if let Some(saved) = room_view.saving.try_update_value(Option::take).flatten() {
            close(room_view, saved);
        }
    });
    let error = room_view.edit_form.error();
    Effect::new(move || {
        if error.with(Option::is_some) {
            room_view.saving.set_value(None);
        }
    });
}

/// Opens the edit form again for a text that was not saved, once its message is loaded. It does not take the focus: its
/// message may be out of view.
pub fn reopen_unsaved(room_view: RoomView) {
    let user = room_view.live.my_id();
    Effect::new(move |done: Option<bool>| {
        let edited = if done == Some(true) { Vec::new() } else { drafts::edited(user, room_view.id) };
        if edited.is_empty() {
            return true;
        }
        let unsaved = room_view.state.with(|state| {
            let loaded = |message: &&Message| edited.contains(&message.id);
            let is_unsaved = |message: &Message| {
                // What cannot be edited any more, or was saved elsewhere, is not offered again.
                let unsaved = room_view.may_edit(message) && drafts::load_edit(user, message).is_some();
                if !unsaved {
                    drafts::discard_edit(user, room_view.id, message.id);
                }
                unsaved
            };
            state.messages.iter().rev().filter(loaded).find(|message| is_unsaved(message)).map(|message| message.id)
        });
        if let Some(message) = unsaved.filter(|_| room_view.editing.get_untracked().is_none()) {
            room_view.focus_edit.set_value(false);
            room_view.editing.set(Some(message));
        }
        unsaved.is_some()
    });
}

/// Closes the edit form of a message, and forgets what was typed into it.
fn close(room_view: RoomView, message: MessageId) {
    drafts::discard_edit(room_view.live.my_id(), room_view.id, message);
    if room_view.editing.get_untracked() == Some(message) {
        room_view.editing.set(None);
        composer::focus();
    }
}

#[component]
fn EditFields(
    message: Message,
    text: String,
    /// Whose draft the text is until it is saved.
    draft_of: UserId,
    focused: bool,
) -> impl IntoView {
    let area = NodeRef::<html::Textarea>::new();
    let count = RwSignal::new(0);
    Effect::new(move || {
        let Some(area) = area.get() else { return };
        // The browser would silently cut off pasted text; instead a text that is too long gets an error.
        let _ = area.remove_attribute("maxlength");
        count.set(text_box::count_chars(&area));
        if focused {
            browser::focus(&area);
            let end = area.value().encode_utf16().count();
            let end = u32::try_from(end).unwrap_or_default();
            let _ = area.set_selection_range(end, end);
        }
    });
    let (room_id, message_id) = (message.room_id.to_string(), message.id.to_string());
    let on_input = move |event: Event| {
        let Some(area) = area.get_untracked() else { return };
        drafts::save_edit(draft_of, &message, &area.value());
        count.set(text_box::count_chars(&area));
        emoji_shortcut::complete(area, &event);
    };
    view! {
        <input type="hidden" name="room_id" value=room_id/>
        <input type="hidden" name="message_id" value=message_id/>
        <textarea name="body" node_ref=area rows="2" required maxlength=MESSAGE_CHARS.to_string()
            aria-label="Edit message" on:input=on_input>
            {raw(text)}
        </textarea>
        <CharCount count/>
    }
}

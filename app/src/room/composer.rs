//! The composer.

use crate::{
    api::{HistoryPosition, SendMessage},
    browser, client_id,
    forms::Form,
    live::ConnectionState,
    page_user::user_field,
    room::{
        conversation::{RoomView, use_room_view},
        draft, emoji_shortcut, scroll,
    },
    ui::{Icon, Notice, Shape},
};
use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    html,
    prelude::*,
};
use protocol::limits::MESSAGE_CHARS;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The composer. Enter sends, unless the user's setting differs; without JavaScript it is a plain form.
#[component]
pub fn Composer() -> impl IntoView {
    let room_view = use_room_view();
    let text = NodeRef::<html::Textarea>::new();
    let form = Form::of::<SendMessage>();
    let label = move || format!("Message {}", room_view.name());
    Effect::new(move || {
        let Some(area) = text.get() else { return };
        // The browser would silently cut off pasted text; instead a message that is too long gets an error.
        let _ = area.remove_attribute("maxlength");
        if let Some(saved_draft) = draft::load(room_view.live.my_id(), room_view.id).filter(|_| area.value().is_empty())
        {
            area.set_value(&saved_draft);
        }
        if browser::has_keyboard() && document().active_element().is_none_or(|element| element.tag_name() != "INPUT") {
            browser::focus(&area);
        }
    });
    let send = move || {
        if let Some(area) = text.get_untracked().filter(|area| !area.value().trim().is_empty()) {
            send_message(room_view, area.value());
            area.set_value("");
            draft::save(room_view.live.my_id(), room_view.id, "");
        }
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        send();
    };
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" if is_send_key(&event) && !event.is_composing() && browser::has_keyboard() => {
            event.prevent_default();
            send();
        }
        "ArrowUp" if text.get_untracked().is_some_and(|area| area.value().is_empty()) => {
            if let Some(mine) = my_last_message(room_view) {
                event.prevent_default();
                room_view.edit(mine);
            }
        }
        _ => {}
    };
    let on_input = move |_| {
        let Some(area) = text.get_untracked() else { return };
        let save = move |text: &str| draft::save(room_view.live.my_id(), room_view.id, text);
        save(&area.value());
        emoji_shortcut::complete(area, save);
    };
    view! {
        <div class="room-footer">
            <Offline room_view/>
            <Notice text=form.error()/>
            <form class="composer" action=form.path() method="post" on:submit=on_submit>
                <input type="hidden" name="room_id" value=room_view.id.to_string()/>
                <input type="hidden" name="client_id" value=client_id::generate().0/>
                <textarea name="body" node_ref=text rows="1" required maxlength=MESSAGE_CHARS.to_string()
                    enterkeyhint="send" autocomplete="off" aria-label=label placeholder=label on:keydown=on_key
                    on:input=on_input></textarea>
                <button type="submit" class="button primary">"Send"</button>
                {user_field()}
            </form>
        </div>
    }
}

/// Whether this Enter key press sends: depending on the setting, it needs Ctrl or Cmd.
pub fn is_send_key(event: &KeyboardEvent) -> bool {
    let held = event.ctrl_key() || event.meta_key();
    held || !event.shift_key() && browser::data_attribute("enter").as_deref() != Some("breaks")
}

/// Sends a message, and scrolls to it.
fn send_message(room_view: RoomView, body: String) {
    room_view.live.send(room_view.id, body);
    // A user who sends a message has read those before it.
    room_view.unread_from.set(i64::MAX);
    let scroll_down = move || {
        let frame = document().query_selector(".timeline").ok().flatten();
        if let Some(frame) = frame.and_then(|frame| frame.dyn_into::<HtmlElement>().ok()) {
            scroll::to_bottom(&frame);
            room_view.at_bottom.set(true);
        }
    };
    if room_view.state.with_untracked(|state| state.newer) {
        room_view.load(HistoryPosition::Latest, scroll_down);
    } else {
        scroll_down();
    }
}

fn my_last_message(room_view: RoomView) -> Option<protocol::id::MessageId> {
    room_view.state.with_untracked(|state| {
        state.messages.iter().rev().find(|message| room_view.may_edit(message)).map(|message| message.id)
    })
}

#[component]
fn Offline(room_view: RoomView) -> impl IntoView {
    let offline = Memo::new(move |_| room_view.live.connection.get() == ConnectionState::Offline);
    view! {
        <div class="offline-notice" role="status">
            {move || offline.get().then(|| view! {
                <p><Icon shape=Shape::Cloud/> "You're offline. Messages will be sent when you reconnect."</p>
            }.into_any())}
        </div>
    }
}

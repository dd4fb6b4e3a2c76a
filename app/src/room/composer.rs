//! The composer.

use crate::{
    api::SendMessage,
    browser, client_id, drafts, files,
    forms::Form,
    live::ConnectionState,
    page_user::user_field,
    room::{
        conversation::{RoomView, use_room_view},
        emoji_shortcut,
        text_box::{self, CharCount, Key},
        unread::ClearedNotice,
    },
    ui::{Clock, Icon, Notice, Shape, raw, use_clock},
};
use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    html,
    prelude::*,
};
use protocol::{
    limits::{MESSAGE_CHARS, message_body},
    permissions::RoomPermission,
    room::Room,
    time::Time,
    user::Role,
};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlTextAreaElement, StorageEvent};

const TEXT_BOX: &str = ".composer textarea";

/// The composer. Enter sends, unless the user's setting differs; without JavaScript it is a plain form.
#[component]
pub fn Composer() -> impl IntoView {
    let room_view = use_room_view();
    let text = NodeRef::<html::Textarea>::new();
    let form = Form::of::<SendMessage>();
    let label = move || format!("Message {}", room_view.name());
    let count = RwSignal::new(0);
    // Why the last text was not sent; it is still in the box.
    let refused = RwSignal::new(None::<String>);
    let error = Signal::derive(move || refused.get().or_else(|| form.error().get()));
    // HTML drops the first line break of a text box.
    let refused_text = form.refused_text().map(|text| raw(["\n", &text].concat()));
    Effect::new(move || {
        let Some(area) = text.get() else { return };
        // The browser would silently cut off pasted text; instead a message that is too long gets an error.
        let _ = area.remove_attribute("maxlength");
        if let Some(draft) = drafts::load(room_view.live.my_id(), room_view.id).filter(|_| area.value().is_empty()) {
            area.set_value(&draft);
        }
        count.set(text_box::count_chars(&area));
        if browser::has_mouse() && document().active_element().is_none_or(|element| element.tag_name() != "INPUT") {
            browser::focus(&area);
        }
        // Another tab of the user has sent the draft, or goes on with it.
        let follow = move |event: Event| {
            let Ok(event) = event.dyn_into::<StorageEvent>() else { return };
            let Some(area) = text.try_get_untracked().flatten() else { return };
            let key = drafts::new_key(room_view.live.my_id(), room_view.id);
            if event.key() == Some(key) && area.value() == event.old_value().unwrap_or_default() {
                text_box::set_text(&area, &event.new_value().unwrap_or_default());
            }
        };
        let handle = window_event_listener_untyped("storage", follow);
        on_cleanup(move || handle.remove());
        files::on_files(move || refused.set(Some(files::UNSUPPORTED.to_owned())));
    });
    let send = move || {
        let Some(area) = text.get_untracked().filter(|area| !area.value().trim().is_empty()) else { return };
        match message_body(&area.value()) {
            Ok(()) => {
                room_view.kept_unread.set(false);
                send_message(room_view, area.value());
                text_box::set_text(&area, "");
            }
            Err(error) => refused.set(Some(error.to_string())),
        }
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        send();
    };
    let clock = use_clock();
    let closed = Memo::new(move |_| {
        let role = room_view.live.me().map(|me| me.role)?;
        room_view.room().and_then(|room| closed_reason(&room, role, clock))
    });
    let on_key = move |event: KeyboardEvent| {
        let Some(area) = text.get_untracked() else { return };
        match text_box::meaning(&event) {
            Key::Send => {
                event.prevent_default();
                send();
            }
            Key::NewLine => {
                event.prevent_default();
                text_box::insert(&area, "\n");
            }
            Key::Up if area.value().is_empty() => {
                if let Some(mine) = my_last_message(room_view) {
                    event.prevent_default();
                    room_view.edit(mine);
                }
            }
            Key::Up | Key::Cancel | Key::Other => {}
        }
    };
    let on_input = move |event: Event| {
        let Some(area) = text.get_untracked() else { return };
        drafts::save(room_view.live.my_id(), room_view.id, &area.value());
        count.set(text_box::count_chars(&area));
        refused.set(None);
        emoji_shortcut::complete(area, &event);
    };
    view! {
        <div class="room-footer">
            <Offline room_view/>
            <Notice text=error/>
            <ClearedNotice room_view/>
            <p class="room-closed" role="status" hidden=move || closed.with(Option::is_none)>{move || closed.get()}</p>
            <form class="composer" hidden=move || closed.with(Option::is_some) action=form.path() method="post" on:submit=on_submit>
                <input type="hidden" name="room_id" value=room_view.id.to_string()/>
                <input type="hidden" name="client_id" value=client_id::generate().0/>
                <textarea name="body" node_ref=text rows="1" required maxlength=MESSAGE_CHARS.to_string()
                    enterkeyhint="enter" autocomplete="off" aria-label=label placeholder=label on:keydown=on_key
                    on:input=on_input inner_html=refused_text></textarea>
                <CharCount count/>
                <button type="submit" class="button primary">"Send"</button>
                {user_field()}
            </form>
        </div>
    }
}

/// Why the user cannot send messages in a room now.
fn closed_reason(room: &Room, role: Role, clock: Clock) -> Option<String> {
    if room.archived {
        return Some("This room is archived. It can be read, but no one can send messages.".to_owned());
    }
    if let Some(mute) =
        room.membership.as_ref().and_then(|mine| mine.mute.as_ref()).filter(|mute| mute.is_active(now()))
    {
        let until = mute.until.map(|until| format!(" until {}", clock.full(until))).unwrap_or_default();
        let reason = if mute.reason.is_empty() { String::new() } else { format!(": {}", mute.reason) };
        return Some(format!("You're muted in this room{until}{reason}"));
    }
    (!RoomPermission::Post.is_granted_in(room, role)).then(|| RoomPermission::Post.refused().detail)
}

#[cfg(feature = "ssr")]
fn now() -> Time {
    crate::api::request::chat().map_or(Time(0), |chat| chat.now())
}

#[cfg(not(feature = "ssr"))]
fn now() -> Time {
    browser::now()
}

/// Puts a text that was not sent back into the composer, above what has been typed since.
pub fn put_back(body: &str) {
    let area = document().query_selector(TEXT_BOX).ok().flatten();
    let Some(area) = area.and_then(|area| area.dyn_into::<HtmlTextAreaElement>().ok()) else { return };
    let typed = area.value();
    let text = if typed.is_empty() { body.to_owned() } else { [body, "\n\n", &typed].concat() };
    text_box::set_text(&area, &text);
    browser::focus(&area);
}

/// Moves the focus to the composer.
pub fn focus() {
    browser::focus_on(TEXT_BOX);
}

/// Sends a message, and scrolls to it.
fn send_message(room_view: RoomView, body: String) {
    room_view.live.send(room_view.id, body);
    // A user who sends a message has read those before it.
    room_view.unread_from.set(i64::MAX);
    room_view.show_latest();
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

//! The menu of a room, behind its name: links to its pages. It opens without JavaScript, too.

use crate::{
    api::ClearUnread,
    forms::{Form, PostForm},
    room::conversation::RoomView,
    ui::{Icon, Shape},
};
use leptos::{ev::MouseEvent, prelude::*};
use leptos_router::components::A;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

const MENU: &str = "room-menu";

/// The name of the room, as a button that opens the menu.
#[component]
pub fn RoomMenu(
    /// The room.
    room_view: RoomView,
) -> impl IntoView {
    let page = move |name: &str| format!("/rooms/{}/{name}", room_view.id);
    // The router changes the page without loading a new one, where the menu would be closed.
    let close = |event: MouseEvent| {
        let menu =
            crate::browser::target::<Element>(&event).and_then(|target| target.closest("#room-menu").ok().flatten());
        if let Some(menu) = menu {
            // Fails only for a menu that is not open.
            let _ = menu.unchecked_into::<HtmlElement>().hide_popover();
        }
    };
    let is_direct = move || room_view.room().is_some_and(|room| room.kind.is_direct());
    let pages = move || {
        (!is_direct()).then(|| {
            view! {
                <li><A href=page("members") scroll=false>"Members"</A></li>
                <li><a href=page("settings") rel="external">"Room settings"</a></li>
                <li><a href=page("permissions") rel="external">"Permissions"</a></li>
            }
            .into_any()
        })
    };
    let clear = Form::of::<ClearUnread>();
    clear.on_done(move || room_view.kept_unread.set(false));
    let is_unread = Memo::new(move |_| {
        room_view.room().and_then(|room| room.membership).is_some_and(|membership| membership.unread > 0)
    });
    let mark_read = move || {
        is_unread.get().then(|| {
            view! {
                <li>
                    <PostForm form=clear>
                        <input type="hidden" name="room_id" value=room_view.id.to_string()/>
                        <button type="submit">"Mark as read"</button>
                    </PostForm>
                </li>
            }
            .into_any()
        })
    };
    view! {
        <h1>
            <button type="button" class="room-menu-button" popovertarget=MENU>
                <span>{move || room_view.name()}</span>
                <Icon shape=Shape::Expand/>
            </button>
        </h1>
        <div class="menu" id=MENU popover="auto" on:click=close>
            <ul>
                {mark_read}
                <li><A href=page("details") scroll=false>"Details"</A></li>
                {pages}
            </ul>
        </div>
    }
}

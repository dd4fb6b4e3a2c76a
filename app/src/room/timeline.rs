//! The timeline: the messages of a room, in order.

use crate::{
    browser,
    room::{
        conversation::{RoomView, use_room_view},
        edit::{self, EditForm},
        grouping::{self, Reader, Row},
        jump_to_latest::JumpToLatest,
        outbox_rows::OutboxRows,
        patch::patch,
        read_marker, row,
        scroll::ScrollPosition,
    },
    ui::{Clock, EmptyState, use_clock},
};
use leptos::{ev::MouseEvent, html, portal::Portal, prelude::*};
use protocol::{id::MessageId, permissions::Permission};
use web_sys::Element;

/// Id of the loaded messages, by which a link leads to the first of them instead of the last.
const LOADED: &str = "messages";

/// The messages of the room. New content does not move what the user is reading.
#[component]
pub fn Timeline() -> impl IntoView {
    let room_view = use_room_view();
    let (frame, content) = (NodeRef::<html::Div>::new(), NodeRef::<html::Div>::new());
    let position = ScrollPosition::new(room_view, frame, content);
    read_marker::track(room_view);
    edit::close_when_saved(room_view);
    edit::reopen_unsaved(room_view);
    view! {
        <div class="timeline" node_ref=frame on:scroll=move |_| position.on_scroll() role="log" tabindex="0"
            aria-label=move || format!("Messages in {}", room_view.name())
            aria-busy=move || room_view.loading.get().then_some("true")>
            <div class="messages" id=LOADED node_ref=content>
                <Beginning room_view/>
                <Rows room_view position/>
                <Newer room_view/>
                <OutboxRows/>
            </div>
        </div>
        <JumpToLatest/>
    }
}

/// The rows. They are markup, which this component alone writes; all clicks on them are heard here.
#[component]
fn Rows(room_view: RoomView, position: ScrollPosition) -> impl IntoView {
    let (clock, list) = (use_clock(), NodeRef::<html::Div>::new());
    let rows = Memo::new(move |_| list_rows(room_view, clock));
    let markup = untrack(|| room_view.state.with(|state| row::rows(&rows.get(), state, clock)));
    let shown = StoredValue::new(rows.get_untracked());
    // Counts the changes of the rows, so that what is mounted in one of them is mounted again when it is made anew.
    let patched = RwSignal::new(0);
    Effect::new(move || {
        let (Some(list), wanted) = (list.get(), rows.get()) else { return };
        let before = shown.try_update_value(|shown| std::mem::replace(shown, wanted.clone())).unwrap_or_default();
        if before != wanted {
            let change = || room_view.state.with(|state| patch(&list, &before, &wanted, state, clock));
            untrack(|| position.keep(change));
            patched.update(|count| *count += 1);
        }
    });
    view! {
        <div class="rows" node_ref=list on:click=move |event| on_click(room_view, &event) inner_html=markup></div>
        <Editor room_view patched/>
    }
}

fn list_rows(room_view: RoomView, clock: Clock) -> Vec<Row> {
    let moderates = room_view.moderates();
    room_view.state.with(|state| {
        room_view.live.rooms.with(|rooms| {
            let reader = Reader {
                me: rooms.me,
                unread_from: room_view.unread_from.get(),
                moderates,
                blocked: &rooms.blocked,
                clock: clock.version(),
            };
            grouping::group_messages(state, &reader, |time| clock.day(time))
        })
    })
}

/// Does in place what the link of an action leads to.
fn on_click(room_view: RoomView, event: &MouseEvent) {
    // With these keys the browser opens the page itself, in another tab or window.
    if event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() {
        return;
    }
    let closest = |element: Element, selector: &str| element.closest(selector).ok().flatten();
    let link = browser::target::<Element>(event).and_then(|target| closest(target, "[data-action]"));
    let Some((action, link)) = link.and_then(|link| Some((link.get_attribute(row::ACTION)?, link))) else { return };
    let message = closest(link, "[data-id]").and_then(|row| row.get_attribute("data-id")?.parse().ok());
    let Some(message) = message else { return };
    match action.as_str() {
        "edit" => room_view.edit(message),
        "delete" => room_view.deleting.set(Some(message)),
        "unread" => room_view.mark_unread(message),
        _ => return,
    }
    event.prevent_default();
}

/// The form that edits a message, in its row.
#[component]
fn Editor(room_view: RoomView, patched: RwSignal<u32>) -> impl IntoView {
    let row = |id| document().get_element_by_id(&row::message_element_id(id));
    // The message, and how often its row was made.
    let place = RwSignal::new(None::<(MessageId, u32)>);
    Effect::new(move |before: Option<Option<Element>>| {
        patched.track();
        let id = room_view.editing.get();
        let element = id.and_then(row);
        if before.flatten() != element || place.with_untracked(|place| place.map(|(id, _)| id) != id) {
            place.set(id.filter(|_| element.is_some()).map(|id| (id, patched.get_untracked())));
        }
        element
    });
    move || {
        let (id, _) = place.get()?;
        let message = room_view.state.with_untracked(|state| state.find(id).cloned())?;
        let row = row(id)?;
        Some(view! { <Portal mount=row><EditForm room_view message=message.clone()/></Portal> }.into_any())
    }
}

/// Above the first message: the link to older messages, or the beginning of the room.
#[component]
fn Beginning(room_view: RoomView) -> impl IntoView {
    let edge = Memo::new(move |_| {
        room_view.state.with(|state| {
            // Lines of room activity are no conversation yet.
            let talks = state.newer || state.messages.iter().any(|message| message.kind.is_text());
            (state.older, state.messages.first().filter(|_| state.older || talks).map(|message| message.id))
        })
    });
    let waiting = move || !room_view.live.outbox.in_room(room_view.id).is_empty();
    move || match edge.get() {
        (true, Some(first)) => view! {
            <p class="load-more"><a href=format!("/rooms/{}?before={first}", room_view.id) on:click=move |event| {
                event.prevent_default();
                room_view.load_older();
            }>"Older messages"</a></p>
        }
        .into_any(),
        (_, None) if !waiting() => no_messages(room_view),
        _ => view! {
            <p class="timeline-start">"This is the start of " <strong>{room_view.name()}</strong> "."</p>
        }
        .into_any(),
    }
}

/// A room without messages. An administrator who is alone in the Lobby is offered what comes first on a new server.
fn no_messages(room_view: RoomView) -> AnyView {
    let alone = room_view.room().is_some_and(|room| room.fixed_members && room.member_count < 2);
    if !alone || !room_view.live.may(Permission::ManageServer) {
        return view! { <EmptyState title="No messages yet" text="Send the first message."/> }.into_any();
    }
    view! {
        <EmptyState title="It's just you here so far" text="Invite people, create rooms, and choose who can sign up.">
            <a class="button primary" href="/admin/invitations" rel="external">"Invite people"</a>
            <a class="button secondary" href="/rooms/new" rel="external">"New room"</a>
            <a class="button secondary" href="/admin/settings" rel="external">"Service settings"</a>
        </EmptyState>
    }
    .into_any()
}

/// Below the last loaded message when it is not the newest: the link to newer messages.
#[component]
fn Newer(room_view: RoomView) -> impl IntoView {
    let edge = Memo::new(move |_| {
        room_view.state.with(|state| state.messages.last().filter(|_| state.newer).map(|message| message.id))
    });
    move || {
        edge.get().map(|last| {
            view! {
                <p class="load-more">
                    <a href=format!("/rooms/{}?after={last}#{LOADED}", room_view.id) on:click=move |event| {
                        event.prevent_default();
                        room_view.load_newer();
                    }>"Newer messages"</a>
                    <a class="no-js-only" href=format!("/rooms/{}?latest=1", room_view.id)>"Jump to latest"</a>
                </p>
            }
            .into_any()
        })
    }
}

//! The undo of marking messages read.

use crate::{api::RestoreUnread, forms::Form, room::conversation::RoomView, undo_notice::UndoNotice};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Says that messages were marked read, and offers to undo it.
#[component]
pub fn ClearedNotice(
    /// The open room.
    room_view: RoomView,
) -> impl IntoView {
    let query = use_query_map();
    let cleared = Memo::new(move |_| query.with(|query| query.get("cleared")));
    move || {
        let ids = cleared.get().filter(|ids| !ids.is_empty())?;
        let form = Form::of::<RestoreUnread>();
        form.on_done(move || room_view.kept_unread.set(true));
        Some(
            view! {
                <UndoNotice form text="Marked as read.">
                    <input type="hidden" name="message_ids" value=ids/>
                    <input type="hidden" name="back" value=format!("/rooms/{}", room_view.id)/>
                </UndoNotice>
            }
            .into_any(),
        )
    }
}

//! A question that must be answered before anything else.

use leptos::{html, prelude::*};

/// A modal dialog. It traps the focus, closes on Escape, and gives the focus back.
#[component]
pub fn Dialog(
    /// Whether it is open.
    #[prop(into)]
    open: Signal<bool>,
    /// Runs when it was closed.
    #[prop(into)]
    on_close: Callback<()>,
    /// What it is about.
    title: &'static str,
    /// What it asks, and the answers.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let open = open.get();
        let Some(dialog) = node.get() else { return };
        if open && !dialog.open() {
            // Refused only for a dialog that is not on the page.
            let _ = dialog.show_modal();
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
    // The browser tells of a close a little later: by then the dialog may be open again.
    let closed = move |_| {
        if node.get_untracked().is_none_or(|dialog| !dialog.open()) {
            on_close.run(());
        }
    };
    view! {
        <dialog class="dialog" node_ref=node aria-labelledby="dialog-title" on:close=closed>
            <h2 id="dialog-title">{title}</h2>
            {children()}
        </dialog>
    }
}

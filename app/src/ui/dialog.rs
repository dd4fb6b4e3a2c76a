//! Modal dialogs.

use leptos::{html, prelude::*};

/// A modal dialog. It traps the focus, closes on Escape, and restores the focus.
#[component]
pub fn Dialog(
    /// Whether it is open.
    #[prop(into)]
    open: Signal<bool>,
    /// Runs after it was closed.
    #[prop(into)]
    on_close: Callback<()>,
    /// The title.
    title: &'static str,
    /// The question and the buttons.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let open = open.get();
        let Some(dialog) = node.get() else { return };
        if open && !dialog.open() {
            // Fails only for a dialog that is not in the document.
            let _ = dialog.show_modal();
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
    // The browser fires `close` with a delay: by then the dialog may be open again.
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

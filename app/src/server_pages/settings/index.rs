//! All settings on one page: on a phone this is the menu.

use crate::server_pages::{
    frame::page,
    menu::{MenuItem, SETTINGS, service_items},
};
use leptos::prelude::*;

/// Links to all settings.
#[component]
pub fn SettingsPage() -> impl IntoView {
    page("Settings", async |context| {
        let rows = |items: Vec<&'static MenuItem>| {
            let row = |item: &'static MenuItem| {
                view! { <li><a href=item.path><strong>{item.name}</strong> <span>{item.description}</span></a></li> }
            };
            view! { <ul class="settings-links">{items.into_iter().map(row).collect_view()}</ul> }
        };
        let items: Vec<_> = service_items(context.me.role).collect();
        let service = (!items.is_empty()).then(|| view! { <h2>"Service"</h2> {rows(items)} }.into_any());
        Ok(view! { {rows(SETTINGS.iter().collect())} {service} }.into_any())
    })
}

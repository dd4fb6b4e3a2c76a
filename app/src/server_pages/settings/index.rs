//! The index of the settings: on a phone a list of them all, elsewhere, where the menu has the list, the first of them.

use crate::server_pages::{
    frame::page,
    menu::{MenuItem, SETTINGS, service_items},
    settings::profile::profile_sections,
};
use leptos::prelude::*;

/// Links to all settings, and the profile; the style shows one of the two.
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
        let profile = profile_sections(context).await?;
        Ok(view! {
            <div class="settings-index">{rows(SETTINGS.iter().collect())} {service}</div>
            {profile}
        }
        .into_any())
    })
}

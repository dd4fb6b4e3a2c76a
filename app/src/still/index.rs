//! Everything that can be set, on one page: on a phone this is the menu.

use super::{
    frame::page,
    menu::{Place, SETTINGS, service},
};
use leptos::prelude::*;

/// The way to every setting.
#[component]
pub fn SettingsPage() -> impl IntoView {
    page("Settings", async |visit| {
        let rows = |places: &'static [Place]| {
            let row = |place: &'static Place| {
                view! { <li><a href=place.path><strong>{place.name}</strong> <span>{place.what}</span></a></li> }
            };
            view! { <ul class="places">{places.iter().map(row).collect_view()}</ul> }
        };
        let places = service(visit.me.role);
        let service = (!places.is_empty()).then(|| view! { <h2>"Service"</h2> {rows(places)} }.into_any());
        Ok(view! { {rows(SETTINGS)} {service} }.into_any())
    })
}

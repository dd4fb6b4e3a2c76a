//! The page around every page.

use crate::{App, page_user::page_user, room::PersonDialog, still::StillApp};
use leptos::{
    hydration::{AutoReload, HydrationScripts},
    prelude::*,
};
use leptos_meta::{HashedStylesheet, MetaTags};
use protocol::settings::Settings;

/// The page around the chat.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    around(options, None, || view! { <App/> <PersonDialog/> }.into_any())
}

/// The page around a still page. `data-still` tells the browser's side not to draw it, and whether it has a session.
pub fn still_shell(options: LeptosOptions) -> impl IntoView {
    let still = if page_user().is_some() { "signed-in" } else { "door" };
    around(options, Some(still), || view! { <StillApp/> }.into_any())
}

fn around(options: LeptosOptions, still: Option<&'static str>, app: fn() -> AnyView) -> impl IntoView {
    let settings = use_context::<Settings>();
    let mark = |name: &str| {
        let marks = settings.iter().flat_map(Settings::marks).find(|(known, _)| *known == name);
        marks.map(|(_, value)| value)
    };
    view! {
        <!DOCTYPE html>
        <html lang="en" data-still=still data-user=page_user() data-theme=mark("theme") data-density=mark("density")
            data-text-size=mark("text-size") data-hours=mark("hours") data-enter=mark("enter")
            data-emoji=mark("emoji")>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"/>
                <meta name="color-scheme" content="dark light"/>
                <meta name="theme-color" content="#120e0b" media="(prefers-color-scheme: dark)"/>
                <meta name="theme-color" content="#f3f1ed" media="(prefers-color-scheme: light)"/>
                <meta name="description" content="A calm place for a team to talk."/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <HashedStylesheet options=options.clone() id="style"/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>{app()}</body>
        </html>
    }
}

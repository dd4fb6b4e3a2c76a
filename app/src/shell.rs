//! The HTML document around every page.

use crate::{
    App, api::refused_form::refused_form, page_user::page_user, room::ProfileCardDialog, server_pages::ServerPages,
};
use leptos::{
    hydration::{AutoReload, HydrationScripts},
    nonce::use_nonce,
    prelude::*,
};
use leptos_meta::{HashedStylesheet, MetaTags};
use protocol::{clock::ClockSettings, settings::Settings};

/// The document of the chat pages.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    html_shell(options, None, || view! { <App/> <ProfileCardDialog/> }.into_any())
}

/// The document of a server-rendered page. `data-server-page` tells the client not to hydrate it, and whether it has a
/// session.
pub fn server_shell(options: LeptosOptions) -> impl IntoView {
    let server_page = if page_user().is_some() { "signed-in" } else { "auth" };
    html_shell(options, Some(server_page), || view! { <ServerPages/> }.into_any())
}

fn html_shell(options: LeptosOptions, server_page: Option<&'static str>, app: fn() -> AnyView) -> impl IntoView {
    // The page of a refused form is not where its URL says: it remains as it is.
    let hydrates = refused_form().is_none();
    let settings = use_context::<Settings>();
    let attribute = |name: &str| {
        let pair = settings.iter().flat_map(Settings::data_attributes).find(|(known, _)| *known == name);
        pair.map(|(_, value)| value)
    };
    let [time_zone, browser_clock, today] =
        use_context::<ClockSettings>().unwrap_or_default().data_attributes().map(|(_, value)| value);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-server-page=server_page data-user=page_user() data-theme=attribute("theme")
            data-density=attribute("density") data-text-size=attribute("text-size")
            data-hour-cycle=attribute("hour-cycle") data-time-zone=time_zone
            data-browser-clock=browser_clock data-today=today data-enter=attribute("enter") data-emoji=attribute("emoji")>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"/>
                <meta name="color-scheme" content="dark light"/>
                <meta name="theme-color" content="#120e0b" media="(prefers-color-scheme: dark)"/>
                <meta name="theme-color" content="#f3f1ed" media="(prefers-color-scheme: light)"/>
                <meta name="description" content="Self-hosted chat for teams."/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <HashedStylesheet options=options.clone() id="style"/>
                <AutoReload options=options.clone()/>
                {hydrates.then(|| if server_page.is_some() { load_when_idle(&options) } else { view! { <HydrationScripts options/> }.into_any() })}
                <MetaTags/>
            </head>
            <body>{app()}</body>
        </html>
    }
}

/// The script of a server-rendered page, which works without it: the WebAssembly is fetched when the browser has nothing
/// else to do.
fn load_when_idle(options: &LeptosOptions) -> AnyView {
    let pkg = format!("/{}/{}", options.site_pkg_dir, options.output_name);
    let script = format!(
        "const start = () => import('{pkg}.js').then((page) => page.default({{ module_or_path: '{pkg}_bg.wasm' }}).then(page.hydrate));\n\
         window.requestIdleCallback ? requestIdleCallback(start, {{ timeout: 2000 }}) : setTimeout(start);"
    );
    view! { <script type="module" nonce=use_nonce()>{script}</script> }.into_any()
}

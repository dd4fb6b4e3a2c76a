//! The browser's own time zone and hour cycle, which a cookie tells the server. Runs in the browser only.

use crate::browser;
use js_sys::{Array, Intl, Object, Reflect};
use leptos::prelude::{document, window};
use protocol::clock::{BrowserClock, CLOCK_COOKIE, ClockSettings};

/// How times are to be shown now. If the browser is set differently than the server knew, a cookie tells the server.
pub fn current_settings() -> ClockSettings {
    let mut settings = ClockSettings::from_attributes(browser::data_attribute);
    let own = Some(own_clock());
    if settings.browser != own {
        settings.browser = own;
        remember(&settings);
    }
    settings
}

fn remember(settings: &ClockSettings) {
    let Some(own) = &settings.browser else { return };
    let own = own.to_string();
    browser::set_data_attribute("browser-clock", &own);
    let (name, secure) = if window().location().protocol().as_deref() == Ok("https:") {
        (CLOCK_COOKIE, "; Secure")
    } else {
        (CLOCK_COOKIE.trim_start_matches("__Host-"), "")
    };
    // 400 days: browsers keep no cookie for longer.
    let cookie = [name, "=", &own, "; Path=/; SameSite=Lax; Max-Age=34560000", secure].concat();
    // Fails only for an object that is not a document.
    let _ = Reflect::set(&document(), &"cookie".into(), &cookie.into());
}

fn own_clock() -> BrowserClock {
    let options = Object::new();
    // Setting a property of a plain object does not fail.
    let _ = Reflect::set(&options, &"hour".into(), &"numeric".into());
    let resolved = Intl::DateTimeFormat::new(&Array::new(), &options).resolved_options();
    let text = |name: &str| Reflect::get(&resolved, &name.into()).ok().and_then(|value| value.as_string());
    let twelve_hours = matches!(text("hourCycle").as_deref(), Some("h11" | "h12"));
    BrowserClock { zone: text("timeZone").unwrap_or_default(), twelve_hours }
}

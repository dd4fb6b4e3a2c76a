//! The room that the user had open last, to which the home page leads back. It is a cookie, because the server renders
//! the home page too; it holds nothing but the id, and is valid only for a member of the room.

use protocol::id::RoomId;

const PREFIX: &str = "lair_room=";

/// The room that was open last in this browser.
pub fn recall() -> Option<RoomId> {
    cookies()?.split(';').find_map(|pair| pair.trim().strip_prefix(PREFIX))?.parse().ok()
}

fn cookie(room: RoomId) -> String {
    format!("{PREFIX}{room}; Path=/; SameSite=Lax")
}

#[cfg(feature = "ssr")]
mod server {
    use super::{RoomId, cookie};
    use axum::http::{HeaderValue, header, request::Parts};
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;

    pub fn cookies() -> Option<String> {
        Some(use_context::<Parts>()?.headers.get(header::COOKIE)?.to_str().ok()?.to_owned())
    }

    /// Remembers an open room until the browser is closed.
    pub fn remember(room: RoomId) {
        if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie(room))) {
            response.append_header(header::SET_COOKIE, cookie);
        }
    }
}

#[cfg(not(feature = "ssr"))]
mod client {
    use super::{RoomId, cookie};
    use js_sys::Reflect;
    use leptos::prelude::document;

    pub fn cookies() -> Option<String> {
        Reflect::get(&document(), &"cookie".into()).ok()?.as_string()
    }

    /// Remembers an open room until the browser is closed.
    pub fn remember(room: RoomId) {
        // Fails only for an object that is not a document.
        let _ = Reflect::set(&document(), &"cookie".into(), &cookie(room).into());
    }
}

#[cfg(not(feature = "ssr"))]
use client::cookies;
#[cfg(not(feature = "ssr"))]
pub use client::remember;
#[cfg(feature = "ssr")]
use server::cookies;
#[cfg(feature = "ssr")]
pub use server::remember;

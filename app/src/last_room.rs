//! The rooms that the user had open last. The home page leads back to the last one, and the server draws them beside each
//! page. They are in a cookie, because the server renders these pages too; it holds nothing but ids, which count only for
//! a member of the room.

use protocol::id::RoomId;

const PREFIX: &str = "lair_room=";
/// How many are remembered.
const ROOMS: usize = 8;

/// The rooms that were open last in this browser, the last one first.
pub fn recall() -> Vec<RoomId> {
    let cookies = cookies().unwrap_or_default();
    let rooms = cookies.split(';').find_map(|pair| pair.trim().strip_prefix(PREFIX)).unwrap_or_default();
    rooms.split('.').filter_map(|id| id.parse().ok()).take(ROOMS).collect()
}

fn cookie(room: RoomId) -> String {
    let before = recall().into_iter().filter(|other| *other != room).take(ROOMS - 1);
    let rooms: Vec<String> = std::iter::once(room).chain(before).map(|room| room.to_string()).collect();
    format!("{PREFIX}{}; Path=/; SameSite=Lax", rooms.join("."))
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

//! The page for an unknown address.

use crate::{page_user::page_user, pages, server_pages::frame::page};
use leptos::prelude::*;
use protocol::error::{Code, Error};

/// The page for an unknown address: beside the rooms if someone is signed in.
#[component]
pub fn NotFound() -> impl IntoView {
    let unknown = || Error::new(Code::NotFound, "The address may be mistyped, or the page was moved.");
    if page_user().is_some() {
        page("Page not found", async move |_| Err(unknown().into()))
    } else {
        pages::error_page(&unknown().into())
    }
}

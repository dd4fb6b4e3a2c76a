//! The username beside a password field, for password managers.

use leptos::prelude::*;

/// Tells a password manager which user's password a form asks for.
#[component]
pub fn UsernameField(
    /// The username.
    username: String,
) -> impl IntoView {
    view! { <input type="text" autocomplete="username" value=username readonly=true hidden=true/> }
}

//! Avatars: a picture, or initials on a colour that is chosen per user.

use leptos::{prelude::*, tachys::html::InertElement};
use maud::{Markup, html};
use protocol::{initials, user::Author};

/// A user's avatar, `medium`, `large` or `huge`. Decorative: the name is shown beside it.
pub fn avatar(of: &Author, size: &str) -> Markup {
    html! {
        @if let Some(url) = &of.avatar_url {
            img class={ "avatar " (size) } src=(url) alt="" loading="lazy" decoding="async";
        } @else {
            span class={ "avatar " (size) " hue-" (initials::hue(&of.id.to_string())) } aria-hidden="true" {
                (initials::initials(&of.display_name))
            }
        }
    }
}

/// [`avatar`] as a component.
#[component]
pub fn Avatar(
    /// The user.
    of: Author,
    /// `medium`, `large` or `huge`.
    #[prop(default = "large")]
    size: &'static str,
) -> impl IntoView {
    InertElement::new(avatar(&of, size).into_string())
}

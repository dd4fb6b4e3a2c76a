//! Someone's picture, or their initials on a colour of their own.

use leptos::prelude::*;
use protocol::{initials, user::Author};

/// Someone's picture. Decoration: their name stands beside it.
#[component]
pub fn Avatar(
    /// Whose.
    of: Author,
    /// `small`, `medium` or `large`.
    #[prop(default = "large")]
    size: &'static str,
) -> impl IntoView {
    if let Some(url) = of.avatar_url {
        let class = format!("avatar {size}");
        return view! { <img class=class src=url alt="" loading="lazy" decoding="async"/> }.into_any();
    }
    let class = format!("avatar {size} hue-{}", initials::hue(&of.id.to_string()));
    view! { <span class=class aria-hidden="true">{initials::initials(&of.display_name)}</span> }.into_any()
}

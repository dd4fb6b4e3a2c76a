//! Avatars: a picture, or initials on a colour that is chosen per user.

use leptos::prelude::*;
use protocol::{initials, user::Author};

/// A user's avatar. Decorative: the name is shown beside it.
#[component]
pub fn Avatar(
    /// The user.
    of: Author,
    /// `medium`, `large` or `huge`.
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

//! Someone's picture, or their initials on a colour of their own.

use leptos::prelude::*;
use protocol::user::Author;

/// How many colours there are; each is a class of the stylesheet, since inline styles are not allowed.
const HUES: u32 = 12;

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
    let class = format!("avatar {size} hue-{}", hue(&of.id.to_string()));
    view! { <span class=class aria-hidden="true">{initials(&of.display_name)}</span> }.into_any()
}

fn hue(seed: &str) -> u32 {
    // FNV-1a: the same colour on the server and in every browser.
    let hash = seed.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash >> 8) % HUES
}

fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_of_the_first_and_last_name() {
        assert_eq!(initials("Mara Okafor"), "MO");
        assert_eq!(initials("ada"), "A");
        assert_eq!(initials("Tomás de la Núñez"), "TN");
        assert_eq!(initials("日本語"), "日");
        assert_eq!(initials(" "), "");
    }
}

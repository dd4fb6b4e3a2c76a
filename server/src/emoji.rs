//! The shortcodes of emoji, with which the browser replaces `:fire:` with 🔥: loaded when a user first types a colon.

use axum::{
    Router,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    routing::get,
};
use std::sync::LazyLock;
use tower_http::{CompressionLevel, compression::CompressionLayer};

/// Each shortcode as on GitHub, on a line of its own, then its emoji.
static NAMES: LazyLock<String> = LazyLock::new(|| {
    let named = emojis::iter().flat_map(|emoji| emoji.shortcodes().map(move |name| (name, emoji)));
    named.fold("\n".into(), |names, (name, emoji)| names + name + " " + emoji.as_str() + "\n")
});

/// The route to the shortcodes.
pub fn router() -> Router {
    let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "public, max-age=86400")];
    let compression = CompressionLayer::new().quality(CompressionLevel::Precise(4));
    Router::new().route("/emoji.txt", get(async move || (headers, NAMES.as_str()))).layer(compression)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_an_ascii_name_and_its_emoji() {
        for line in ["\nfire 🔥\n", "\n+1 👍\n", "\ntada 🎉\n"] {
            assert!(NAMES.contains(line), "{line:?}");
        }
        assert!(NAMES.lines().skip(1).all(|line| line.split_once(' ').is_some_and(|(name, _)| name.is_ascii())));
    }
}

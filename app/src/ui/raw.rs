//! Text for elements whose content the renderer does not escape: `<title>` and `<textarea>`.

/// Escapes text for them. The server writes HTML, so what would end the element must be escaped; the browser sets text,
/// which needs no escaping.
#[cfg(feature = "ssr")]
pub fn raw(text: String) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Escapes text for them. The server writes HTML, so what would end the element must be escaped; the browser sets text,
/// which needs no escaping.
#[cfg(not(feature = "ssr"))]
pub const fn raw(text: String) -> String {
    text
}

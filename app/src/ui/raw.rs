//! Text where the renderer writes it as it is: in `<title>` and in `<textarea>`.

/// Text for there. The server writes HTML, so what would end the element is escaped; the browser's side sets text.
#[cfg(feature = "ssr")]
pub fn raw(text: String) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Text for there. The server writes HTML, so what would end the element is escaped; the browser's side sets text.
#[cfg(not(feature = "ssr"))]
pub const fn raw(text: String) -> String {
    text
}

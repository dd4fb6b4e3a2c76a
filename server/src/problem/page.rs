//! The page for errors outside the pages themselves. It looks like theirs, but is rendered without the app: what failed
//! may be the app.

use super::{UnsentText, WayOut};
use crate::site;
use axum::{
    http::{Extensions, HeaderValue, header},
    response::{Html, IntoResponse},
};
use protocol::error::{Code, Error};

/// Only the stylesheet and the icon.
const CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The page for an error. The title is our own text, without markup.
pub fn error_page(error: &Error, context: &Extensions) -> impl IntoResponse {
    let (title, detail, style) = (error.code.title(), escape(&error.detail), site::pkg_dir());
    let link = |url: &str, label: &str| {
        let (url, label) = (escape(url), escape(label));
        format!("<div class=\"actions\"><a class=\"button primary\" href=\"{url}\">{label}</a></div>")
    };
    let link = match context.get() {
        Some(WayOut(url)) => link(url, &format!("Go to {url}")),
        // Each page of this host is this page again.
        None if error.code == Code::UnknownHost => String::new(),
        None => link("/", "Back to your rooms"),
    };
    let text = context.get().map(|UnsentText(text)| unsent_text(text)).unwrap_or_default();
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} · Lair Chat</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"dark light\"><link rel=\"icon\" href=\"/favicon.svg\">\
         <link rel=\"stylesheet\" href=\"/{style}/lair.css\"></head>\
         <body><main class=\"page\" id=\"main\"><div class=\"empty-state\">\
         <h1>{title}</h1><p>{detail}</p>{text}{link}</div></main></body></html>"
    );
    ([(header::CONTENT_SECURITY_POLICY, CSP)], Html(page))
}

/// A text box drops the first line break.
fn unsent_text(text: &str) -> String {
    let text = escape(text);
    format!(
        "<div class=\"field\"><label for=\"unsent-text\">Unsent text (copy it to keep it)</label>\
         <textarea id=\"unsent-text\" rows=\"6\" readonly>\n{text}</textarea></div>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

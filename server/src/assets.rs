//! The site's files: scripts, styles, icons. They are part of the binary (a development build reads them from disk).
//!
//! The shell names files below `/pkg/<version>/`, where the version is made from their content: such a name never means
//! anything else, so browsers keep it for good.

use crate::{problem::Failure, request};
use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use protocol::error::Error;
use rust_embed::{EmbeddedFile, RustEmbed};
use std::{borrow::Cow, fmt::Write, sync::LazyLock};

#[derive(RustEmbed)]
#[folder = "../target/site/"]
struct Site;

/// The folder of scripts and styles, in the site and in addresses.
const PKG: &str = "pkg";
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "public, no-cache";

/// Names the content of all scripts and styles together.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    // A development build reads files as they are at that moment, and tells browsers to ask again.
    if cfg!(debug_assertions) {
        return "development".into();
    }
    let mut names: Vec<_> = Site::iter().filter(|name| name.starts_with("pkg/")).collect();
    names.sort();
    let mut version = 0u64;
    for file in names.iter().filter_map(|name| Site::get(name)) {
        for part in file.metadata.sha256_hash().chunks_exact(8) {
            // FNV-1a over words: the files are hashed well already, this only joins the hashes.
            let part = part.iter().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
            version = (version ^ part).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{version:016x}")
});

/// Where pages find the scripts and styles, without the leading slash.
pub fn pkg_dir() -> String {
    format!("{PKG}/{}", *VERSION)
}

/// Routes to all files: those of `/pkg`, and those beside it such as the icon.
pub fn router() -> Router {
    let mut router = Router::new().route("/pkg/{*name}", get(pkg_file));
    for name in Site::iter().filter(|name| !name.starts_with("pkg/") && !is_compressed(name)) {
        let path = format!("/{name}");
        router = router.route(&path, get(async move |headers: HeaderMap| file(&name, &headers, ASK_AGAIN)));
    }
    router.layer(middleware::from_fn(request::quietly))
}

async fn pkg_file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let current = name.strip_prefix(VERSION.as_str()).and_then(|rest| rest.strip_prefix('/'));
    let caching = if current.is_some() && !cfg!(debug_assertions) { FOR_GOOD } else { ASK_AGAIN };
    file(&format!("{PKG}/{}", current.unwrap_or(&name)), &headers, caching)
}

fn is_compressed(name: &str) -> bool {
    matches!(name.rsplit_once('.'), Some((_, "br" | "gz")))
}

fn file(name: &str, headers: &HeaderMap, caching: &'static str) -> Response {
    let Some(plain) = Site::get(name) else { return Failure(Error::not_found("file")).into_response() };
    let etag = etag(&plain);
    let mut response = if known(headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let (data, encoding) = packed(name, headers).unwrap_or((plain.data, None));
        let mut response = Response::new(body(data));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(name)));
        headers.extend(encoding.map(|encoding| (header::CONTENT_ENCODING, HeaderValue::from_static(encoding))));
        response
    };
    let headers = response.headers_mut();
    headers.extend(HeaderValue::from_str(&etag).ok().map(|etag| (header::ETAG, etag)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

/// The file as it was compressed when the site was built, if the browser takes that.
fn packed(name: &str, headers: &HeaderMap) -> Option<(Cow<'static, [u8]>, Option<&'static str>)> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    let takes = |encoding| {
        let mut parts = accepted.split(',').map(|part| part.split(';').map(str::trim));
        parts.any(|mut part| part.next() == Some(encoding) && part.next() != Some("q=0"))
    };
    let packed = [("br", ".br"), ("gzip", ".gz")].into_iter().filter(|(encoding, _)| takes(encoding));
    packed
        .into_iter()
        .find_map(|(encoding, ending)| Some((Site::get(&format!("{name}{ending}"))?.data, Some(encoding))))
}

fn body(data: Cow<'static, [u8]>) -> Body {
    match data {
        Cow::Borrowed(data) => Body::from(data),
        Cow::Owned(data) => Body::from(data),
    }
}

/// Weak, since one name stands for the file in several encodings.
fn etag(file: &EmbeddedFile) -> String {
    let mut etag = String::from("W/\"");
    for byte in &file.metadata.sha256_hash()[..12] {
        let _ = write!(etag, "{byte:02x}");
    }
    etag + "\""
}

fn known(headers: &HeaderMap, etag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    known.is_some_and(|known| known.split(',').any(|one| one.trim() == etag || one.trim() == "*"))
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "webp" => "image/webp",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_one_that_the_browser_takes() {
        let headers = |accepted: &'static str| {
            HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted))])
        };
        // Nothing of that name is there, so the plain file is sent.
        assert!(packed("nothing.js", &headers("br, gzip;q=0.5")).is_none());
        assert!(known(
            &HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static("\"a\", W/\"b\""))]),
            "W/\"b\""
        ));
    }
}

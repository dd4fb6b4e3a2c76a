//! The routes of the site's files: scripts, styles, icons.
//!
//! Pages link to files below `/pkg/<version>/`, where the version is derived from their content: such a URL never
//! changes its content, so browsers cache it for good.

use crate::{
    problem::ErrorResponse,
    request,
    site::{PKG, Site, VERSION},
};
use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use flate2::read::GzDecoder;
use protocol::error::Error;
use rust_embed::EmbeddedFile;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    io::Read,
    sync::LazyLock,
};

const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const REVALIDATE: &str = "public, no-cache";

const GZIP: &str = ".gz";
/// Names of encodings and endings of files, the smallest first.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", GZIP)];

/// Routes to all files: those of `/pkg`, and those beside it such as the icon.
pub fn router() -> Router {
    let mut router = Router::new().route("/pkg/{*name}", get(pkg_file));
    let names: BTreeSet<_> = Site::iter().map(|name| uncompressed(&name).to_owned()).collect();
    for name in names.into_iter().filter(|name| !name.starts_with("pkg/")) {
        let path = format!("/{name}");
        router = router.route(&path, get(async move |headers: HeaderMap| file(&name, &headers, REVALIDATE)));
    }
    router.layer(middleware::from_fn(request::skip_access_log))
}

async fn pkg_file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let current = name.strip_prefix(VERSION.as_str()).and_then(|rest| rest.strip_prefix('/'));
    let caching = if current.is_some() && !cfg!(debug_assertions) { IMMUTABLE } else { REVALIDATE };
    file(&format!("{PKG}/{}", current.unwrap_or(&name)), &headers, caching)
}

/// The name of a file in URLs.
fn uncompressed(name: &str) -> &str {
    let stem = ENCODINGS.iter().find_map(|(_, ending)| name.strip_suffix(ending));
    stem.unwrap_or(name)
}

fn file(name: &str, headers: &HeaderMap, caching: &'static str) -> Response {
    // A release build has each file only compressed, twice; a development build has it as it is.
    let Some(stored) = Site::get(name).or_else(|| Site::get(&format!("{name}{GZIP}"))) else {
        return ErrorResponse(Error::not_found("file")).into_response();
    };
    let etag = etag(&stored);
    let mut response = if matches_etag(headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let (data, encoding) = content(name, headers);
        let mut response = Response::new(body(data));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
        headers.extend(encoding.map(|encoding| (header::CONTENT_ENCODING, HeaderValue::from_static(encoding))));
        response
    };
    let headers = response.headers_mut();
    headers.extend(HeaderValue::from_str(&etag).ok().map(|etag| (header::ETAG, etag)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

/// The file as compressed when the site was built if the browser accepts that, else uncompressed.
fn content(name: &str, headers: &HeaderMap) -> (Cow<'static, [u8]>, Option<&'static str>) {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let accepts = |encoding| {
        let mut parts = accepted.split(',').map(|part| part.split(';').map(str::trim));
        parts.any(|mut part| part.next() == Some(encoding) && part.next() != Some("q=0"))
    };
    let mut compressed = ENCODINGS.into_iter().filter(|(encoding, _)| accepts(encoding));
    let found =
        compressed.find_map(|(encoding, ending)| Some((Site::get(&format!("{name}{ending}"))?.data, Some(encoding))));
    let plain = || {
        Site::get(name).map_or_else(|| DECOMPRESSED.get(name).map_or(&[][..], Vec::as_slice).into(), |file| file.data)
    };
    found.unwrap_or_else(|| (plain(), None))
}

/// The uncompressed files, for clients that accept no compression. Filled by the first such request, 1.5 MB.
static DECOMPRESSED: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| {
    let plain = |name: Cow<'static, str>| {
        let mut data = Vec::new();
        let file = Site::get(&name)?;
        GzDecoder::new(&*file.data).read_to_end(&mut data).ok()?;
        Some((name.strip_suffix(GZIP)?.to_owned(), data))
    };
    Site::iter().filter(|name| name.ends_with(GZIP)).filter_map(plain).collect()
});

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

fn matches_etag(headers: &HeaderMap, etag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    known.is_some_and(|known| known.split(',').any(|one| one.trim() == etag || one.trim() == "*"))
}

fn content_type(name: &str) -> &'static str {
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

    fn accepting(encodings: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(encodings))])
    }

    #[test]
    fn a_file_is_the_same_in_every_encoding() {
        assert!(Site::iter().next().is_some(), "the site is not built: run scripts/build");
        let (plain, encoding) = content("favicon.svg", &accepting("identity"));
        assert!(encoding.is_none() && plain.starts_with(b"<svg"));
        let (data, encoding) = content("favicon.svg", &accepting("br;q=0, gzip;q=0.5"));
        let mut unzipped = Vec::new();
        match encoding {
            Some("gzip") => GzDecoder::new(&*data).read_to_end(&mut unzipped).unwrap(),
            // A development build has nothing compressed.
            None => (&*data).read_to_end(&mut unzipped).unwrap(),
            Some(other) => panic!("{other}"),
        };
        assert_eq!(plain, unzipped);
        let (data, encoding) = content("favicon.svg", &accepting("gzip, br"));
        assert!(encoding.is_none_or(|encoding| encoding == "br" && data.len() < plain.len()));
    }

    #[test]
    fn a_matching_etag_is_recognised() {
        let headers = [(header::IF_NONE_MATCH, HeaderValue::from_static("\"a\", W/\"b\""))];
        assert!(matches_etag(&HeaderMap::from_iter(headers), "W/\"b\""));
    }
}

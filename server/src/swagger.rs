//! The OpenAPI document and Swagger UI. Both are embedded in the binary; nothing is loaded from elsewhere.

use crate::{openapi, problem::ErrorResponse, request};
use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{HeaderValue, header},
    middleware,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use protocol::error::Error;
use std::sync::{Arc, LazyLock};
use utoipa_swagger_ui::{Config, SwaggerFile};

/// Swagger UI sets styles from scripts and loads its icons from data URLs.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
const DOCUMENT: &str = "/api/v1/openapi.json";

/// Routes to the document and to Swagger UI.
pub fn router() -> Router {
    Router::new()
        .route(DOCUMENT, get(document))
        .route("/api/docs", get(async || Redirect::permanent("/api/docs/")))
        .route("/api/docs/", get(async || page("index.html")))
        .route("/api/docs/{*name}", get(async |Path(name): Path<String>| page(&name)))
        .layer(middleware::from_fn(request::skip_access_log))
}

async fn document() -> Response {
    static TEXT: LazyLock<String> = LazyLock::new(openapi::text);
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, no-cache")];
    (headers, TEXT.as_str()).into_response()
}

fn page(name: &str) -> Response {
    static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
        let config = Config::new([DOCUMENT]).validator_url("none").persist_authorization(true);
        Arc::new(config.display_request_duration(true).filter(true))
    });
    match utoipa_swagger_ui::serve(name, CONFIG.clone()) {
        Ok(Some(file)) => file_response(file),
        Ok(None) => ErrorResponse(Error::not_found("file")).into_response(),
        Err(error) => {
            tracing::error!(%error, "cannot serve Swagger UI");
            ErrorResponse(Error::internal()).into_response()
        }
    }
}

fn file_response(file: SwaggerFile<'static>) -> Response {
    let mut response = Response::new(Body::from(file.bytes.into_owned()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    headers.extend(HeaderValue::from_str(&file.content_type).ok().map(|kind| (header::CONTENT_TYPE, kind)));
    if file.gzpipped {
        // Every browser accepts it; the binary has no uncompressed copy.
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

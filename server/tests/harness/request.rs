//! A request whose response is validated against the OpenAPI document.

use super::{contract, server::ApiClient};
use reqwest::{
    Method, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;
use std::io::Read as _;

/// A request builder. Paths are below `/api/v1` unless they start with `//`.
pub struct Request {
    api: ApiClient,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Option<reqwest::Body>,
}

/// A response.
#[derive(Debug)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    /// Bytes of the body as it was received.
    pub received: usize,
}

fn decompress(bytes: &[u8]) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).expect("a complete archive");
    text
}

impl Request {
    pub fn new(api: &ApiClient, method: &str, path: &str) -> Self {
        let path =
            path.strip_prefix('/').filter(|path| path.starts_with('/')).map_or(format!("/api/v1{path}"), Into::into);
        let method = method.parse().expect("a method");
        Self { api: api.clone(), method, path, headers: HeaderMap::new(), body: None }
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("a header");
        self.headers.append(HeaderName::from_static(name), value);
        self
    }

    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub fn body(mut self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", content_type)
    }

    /// Sends the request and validates the response.
    pub async fn send(self) -> Response {
        let mut request = self.api.http.request(self.method.clone(), self.api.url(&self.path)).headers(self.headers);
        if let Some(body) = self.body {
            request = request.body(body);
        }
        let received = request.send().await.expect("a response");
        let (status, headers) = (received.status(), received.headers().clone());
        let bytes = received.bytes().await.expect("a complete response");
        let is_compressed = headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip");
        let text = if is_compressed { decompress(&bytes) } else { String::from_utf8_lossy(&bytes).into_owned() };
        let response = Response { status, headers, text, received: bytes.len() };
        contract::check(&self.method, &self.path, &response);
        response
    }

    /// Sends the request, expects this status and returns the JSON body.
    pub async fn expect(self, status: u16) -> Value {
        let request = format!("{} {}", self.method, self.path);
        let response = self.send().await;
        assert_eq!(response.status, status, "{request}: {}", response.text);
        response.json()
    }

    /// Sends the request and expects an error with this code.
    pub async fn expect_error(self, code: &str) -> Value {
        let request = format!("{} {}", self.method, self.path);
        let response = self.send().await;
        assert!(response.status.as_u16() >= 400, "{request}: {} {}", response.status, response.text);
        let problem = response.json();
        assert_eq!(problem["code"], code, "{request}: {problem}");
        assert_eq!(problem["status"], response.status.as_u16(), "{request}: {problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{request}: {problem}");
        problem
    }

    /// Sends the request and expects an error for this field with this code.
    pub async fn expect_field_error(self, field: &str, code: &str) {
        let problem = self.expect_error("invalid").await;
        let errors = problem["errors"].as_array().expect("errors").iter();
        let errors: Vec<_> = errors.map(|error| (error["field"].as_str(), error["code"].as_str())).collect();
        assert!(errors.contains(&(Some(field), Some(code))), "{field} {code}: {problem}");
    }
}

impl Response {
    pub fn json(&self) -> Value {
        if self.text.is_empty() { Value::Null } else { serde_json::from_str(&self.text).expect("JSON") }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn content_type(&self) -> &str {
        self.header(CONTENT_TYPE.as_str())
    }
}

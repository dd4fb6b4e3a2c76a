//! One request, and its answer held against the OpenAPI document.

use super::{contract, server::ApiClient};
use reqwest::{
    Method, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;

/// A request that is being written. Paths are below `/api/v1` unless they start with `//`.
pub struct Request {
    api: ApiClient,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Option<reqwest::Body>,
}

/// What came back.
#[derive(Debug)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
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

    /// Asks, and holds the answer against the document.
    pub async fn send(self) -> Response {
        let mut request = self.api.http.request(self.method.clone(), self.api.url(&self.path)).headers(self.headers);
        if let Some(body) = self.body {
            request = request.body(body);
        }
        let response = request.send().await.expect("a response");
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.expect("a complete response");
        let answer = Response { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() };
        contract::check(&self.method, &self.path, &answer);
        answer
    }

    /// Asks and gets what it wanted.
    pub async fn expect(self, status: u16) -> Value {
        let request = format!("{} {}", self.method, self.path);
        let answer = self.send().await;
        assert_eq!(answer.status, status, "{request}: {}", answer.text);
        answer.json()
    }

    /// Asks and is refused with this code.
    pub async fn expect_error(self, code: &str) -> Value {
        let request = format!("{} {}", self.method, self.path);
        let answer = self.send().await;
        assert!(answer.status.as_u16() >= 400, "{request}: {} {}", answer.status, answer.text);
        let problem = answer.json();
        assert_eq!(problem["code"], code, "{request}: {problem}");
        assert_eq!(problem["status"], answer.status.as_u16(), "{request}: {problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{request}: {problem}");
        problem
    }

    /// Asks and is told that this field is wrong, and how.
    pub async fn expect_field_error(self, field: &str, word: &str) {
        let problem = self.expect_error("invalid").await;
        let errors = problem["errors"].as_array().expect("errors").iter();
        let errors: Vec<_> = errors.map(|error| (error["field"].as_str(), error["code"].as_str())).collect();
        assert!(errors.contains(&(Some(field), Some(word))), "{field} {word}: {problem}");
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

//! The REST side of the load.

use anyhow::{Context as _, Result, bail};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::{Method, RequestBuilder, Response};
use serde::{Serialize, de::DeserializeOwned};
use std::net::SocketAddr;

/// Concurrent requests during the set-up.
pub const CONCURRENCY: usize = 32;

/// A client of one server.
#[derive(Clone)]
pub struct Rest {
    http: reqwest::Client,
    base: String,
}

impl Rest {
    /// A client of the server at this address.
    pub fn new(address: SocketAddr) -> Result<Self> {
        let http = reqwest::Client::builder().pool_max_idle_per_host(usize::MAX).build()?;
        Ok(Self { http, base: format!("http://{address}") })
    }

    /// A request for a path.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// Posts to the API with the token (without one if it is empty), and parses the response.
    pub async fn post<T: DeserializeOwned>(&self, token: &str, path: &str, body: &impl Serialize) -> Result<T> {
        let request = self.request(Method::POST, &format!("/api/v1{path}")).json(body);
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        let response = error_for_status(request.send().await.with_context(|| format!("POST {path}"))?).await?;
        response.json().await.with_context(|| format!("the response to POST {path}"))
    }

    /// The URL before every path.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Sends a request without a body, with the token.
    pub async fn send_without_body(&self, method: Method, token: &str, path: &str) -> Result<()> {
        let request = self.request(method, &format!("/api/v1{path}")).bearer_auth(token);
        error_for_status(request.send().await?).await.map(drop)
    }
}

/// Turns a response with an error status into an error.
pub async fn error_for_status(response: Response) -> Result<Response> {
    let (status, url) = (response.status(), response.url().clone());
    if status.is_client_error() || status.is_server_error() {
        bail!("{url} responded with {status}: {}", response.text().await.unwrap_or_default());
    }
    Ok(response)
}

/// Runs the same work for each item, some of them concurrently; returns the results in order.
pub async fn for_each<T, R>(items: impl IntoIterator<Item = T>, work: impl AsyncFn(T) -> Result<R>) -> Result<Vec<R>> {
    let work = &work;
    stream::iter(items).map(async |item| work(item).await).buffered(CONCURRENCY).try_collect().await
}

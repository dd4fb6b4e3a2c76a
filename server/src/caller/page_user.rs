//! Checks whose page a request comes from. A page belongs to one user, but the browser sends its requests with the
//! cookies that it has by then: after another user has signed in, they would act in that user's name.

use super::Identity;
use crate::{
    input::{self, upload::drain_briefly},
    problem::ErrorResponse,
};
use axum::{
    extract::Request,
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use protocol::{
    error::{Code, Error, Result},
    id::UserId,
    session::{PAGE_USER_FIELD, PAGE_USER_HEADER},
};
use std::sync::Arc;

/// Marks the rejection of a request, with the data for a page about it.
#[derive(Clone, Debug)]
pub struct OtherUser {
    /// The request.
    pub request: Parts,
    /// The user whose page it comes from, if that can be read.
    pub user: Option<UserId>,
    /// The fields of the form.
    pub form: Bytes,
}

/// Rejects requests from a page of another user than the caller. If nobody is signed in, the handler rejects them. Runs
/// inside [`super::identify`].
pub async fn require_page_user(request: Request, next: Next) -> Response {
    check_page_user(request, Bytes::new(), next).await
}

/// The same for forms, whose fields can name the user as well. Runs inside [`crate::request::limit_time`].
pub async fn require_form_user(request: Request, next: Next) -> Response {
    match read_form(request).await {
        Ok((request, form)) => check_page_user(request, form, next).await,
        Err(error) => ErrorResponse(error).into_response(),
    }
}

async fn check_page_user(request: Request, form: Bytes, next: Next) -> Response {
    let identity = request.extensions().get::<Arc<Identity>>();
    let Some(owner) = identity.and_then(|identity| identity.owner()) else { return next.run(request).await };
    let mut users = claimed_users(&request, &form).into_iter().map(|text| text.parse::<UserId>().ok());
    let other = users.find(|user| *user != Some(owner));
    match other {
        None => next.run(request).await,
        Some(user) => refuse(request, user, form).await,
    }
}

async fn refuse(request: Request, user: Option<UserId>, form: Bytes) -> Response {
    let (parts, body) = request.into_parts();
    drain_briefly(Request::from_parts(parts.clone(), body)).await;
    let detail = "This page belongs to another account than the one signed in now, so nothing was done. Open it again \
        to continue.";
    let mut response = ErrorResponse(Error::new(Code::OtherUser, detail)).into_response();
    response.extensions_mut().insert(OtherUser { request: parts, user, form });
    response
}

/// All users that the request names as its page's: a script names one in a header, a form in a field, a download or a
/// form whose body is a file in its query.
fn claimed_users(request: &Request, form: &[u8]) -> Vec<String> {
    let headers = request.headers().get_all(PAGE_USER_HEADER).into_iter();
    let mut users: Vec<_> = headers.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
    for fields in [request.uri().query().unwrap_or_default().as_bytes(), form] {
        let fields = form_urlencoded::parse(fields).filter(|(name, _)| name == PAGE_USER_FIELD);
        users.extend(fields.map(|(_, user)| user.into_owned()));
    }
    users
}

/// Reads the fields of a form, and restores the body. Other requests have none.
async fn read_form(request: Request) -> Result<(Request, Bytes)> {
    if request.method() != Method::POST || !is_plain_form(request.headers()) {
        return Ok((request, Bytes::new()));
    }
    input::collect_body(request).await
}

fn is_plain_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

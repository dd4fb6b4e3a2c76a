//! The page that answers a form of a page which belongs to another user. It shows the text that was typed, to be
//! copied.

use super::page_request;
use crate::{caller::OtherUser, problem};
use app::{OTHER_USER, UnsentText};
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Request, StatusCode},
    response::Response,
};
use tower::ServiceExt;

/// The fields with long texts. No others are shown, since some of them are secrets.
const LONG_TEXT_FIELDS: [&str; 3] = ["body", "bio", "topic"];

/// Replaces a rejection with the page, if the client is a browser.
pub async fn show(State(page): State<Router>, mut response: Response) -> Response {
    let Some(refused) = response.extensions_mut().remove::<OtherUser>() else { return response };
    if !problem::accepts_html(&refused.request.headers) {
        return response;
    }
    match page.oneshot(about(refused)).await {
        Ok(mut page) => {
            *page.status_mut() = StatusCode::CONFLICT;
            page
        }
        Err(never) => match never {},
    }
}

fn about(refused: OtherUser) -> Request<Body> {
    let OtherUser { mut request, user, form } = refused;
    let text = form_urlencoded::parse(&form).find(|(name, _)| LONG_TEXT_FIELDS.contains(&&**name));
    request.extensions.insert(UnsentText(text.map(|(_, text)| text.into_owned()).unwrap_or_default()));
    let path = user.map_or_else(|| OTHER_USER.to_owned(), |user| format!("{OTHER_USER}?was={user}"));
    page_request(request, &path)
}

//! The page that answers a plain form of a page which belongs to somebody else. What was typed is on it, to be copied.

use crate::{caller::OtherUser, problem};
use app::{OTHER_USER, UnsentText};
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Method, Request, StatusCode, header},
    response::Response,
};
use tower::ServiceExt;

/// The fields that hold what people write at length. No others are shown: there are secrets among them.
const LONG_TEXT_FIELDS: [&str; 3] = ["body", "bio", "topic"];

/// Puts the page in the place of a refusal that a person would see.
pub async fn show(State(page): State<Router>, mut response: Response) -> Response {
    let Some(refused) = response.extensions_mut().remove::<OtherUser>() else { return response };
    if !problem::accepts_html(&refused.request.headers) {
        return response;
    }
    match page.oneshot(page_request(refused)).await {
        Ok(mut page) => {
            *page.status_mut() = StatusCode::CONFLICT;
            page
        }
        Err(never) => match never {},
    }
}

fn page_request(refused: OtherUser) -> Request<Body> {
    let OtherUser { mut request, user, form } = refused;
    let text = form_urlencoded::parse(&form).find(|(name, _)| LONG_TEXT_FIELDS.contains(&&**name));
    request.extensions.insert(UnsentText(text.map(|(_, text)| text.into_owned()).unwrap_or_default()));
    request.method = Method::GET;
    let path = user.map_or_else(|| OTHER_USER.to_owned(), |user| format!("{OTHER_USER}?was={user}"));
    // It is a path of ours and an id.
    request.uri = path.parse().unwrap_or_default();
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        request.headers.remove(name);
    }
    Request::from_parts(request, Body::empty())
}

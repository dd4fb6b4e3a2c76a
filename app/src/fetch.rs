//! Requests of the page that are not server functions, each with the page's user.

use crate::{api::Failure, page_user::page_user};
use leptos::{
    prelude::window,
    server_fn::{
        error::{FromServerFnError, ServerFnErrorErr},
        redirect::REDIRECT_HEADER,
    },
};
use protocol::{error::Code, session::PAGE_USER_HEADER};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{FormData, Headers, HtmlFormElement, RequestInit, Response, UrlSearchParams};

/// Request options with the page's user.
fn request() -> RequestInit {
    let request = RequestInit::new();
    if let (Some(user), Ok(headers)) = (page_user(), Headers::new()) {
        // Fails only for an invalid header.
        let _ = headers.set(PAGE_USER_HEADER, &user);
        request.set_headers(&headers);
    }
    request
}

/// Fetches a small text file of the site.
pub async fn fetch_text(path: &str) -> Option<String> {
    let answer = JsFuture::from(window().fetch_with_str_and_init(path, &request())).await.ok()?;
    let answer: Response = answer.unchecked_into();
    let text = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
    if answer.ok() {
        return Some(text);
    }
    // The error itself is not needed; decoding it ends the page if it belongs to another user.
    drop(Failure::de(text.into()));
    None
}

/// Sends fields to a server function that answers with text; `None` if it fails.
pub async fn post_fields(path: &str, fields: &[(&str, String)]) -> Option<String> {
    let body = UrlSearchParams::new().ok()?;
    for (name, value) in fields {
        body.append(name, value);
    }
    let request = request();
    request.set_method("POST");
    request.set_body(&body);
    let answer = JsFuture::from(window().fetch_with_str_and_init(path, &request)).await.ok()?;
    let answer: Response = answer.unchecked_into();
    let text = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
    answer.ok().then_some(text)
}

/// Submits a form to a server function; returns where to redirect, if the response says so.
pub async fn post(path: &str, fields: &HtmlFormElement) -> Result<Option<String>, Failure> {
    let unreachable = |error: JsValue| Failure::from_server_fn_error(ServerFnErrorErr::Request(format!("{error:?}")));
    let form = fields;
    let fields = FormData::new_with_form(form).map_err(unreachable)?;
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&fields).map_err(unreachable)?;
    let request = request();
    request.set_method("POST");
    request.set_body(&fields);
    let answer = JsFuture::from(window().fetch_with_str_and_init(path, &request)).await.map_err(unreachable)?;
    let answer: Response = answer.unchecked_into();
    let text = JsFuture::from(answer.text().map_err(unreachable)?).await.map_err(unreachable)?;
    if answer.ok() {
        let header = |name| answer.headers().get(name).ok().flatten();
        return Ok(header(REDIRECT_HEADER).and_then(|_| header("location")));
    }
    let failure = Failure::from_response(text.as_string().unwrap_or_default().into());
    if failure.code() == Code::OtherUser {
        // Submit as without JavaScript: the response page shows the typed text, to be copied.
        let _ = form.submit();
    }
    Err(failure)
}

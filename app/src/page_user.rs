//! The user that a page was rendered for. Every request of a page states this user. Once another user is signed in, the
//! server refuses the page's requests, and the page ends without applying the other user's data.

use crate::{api::Failure, browser};
use futures::{Sink, Stream};
use leptos::{
    prelude::*,
    server_fn::{
        Bytes,
        client::{Client, browser::BrowserClient},
        request::browser::BrowserRequest,
        response::browser::BrowserResponse,
    },
};
#[cfg(feature = "ssr")]
use protocol::port::BrowserSession;
use protocol::session::{PAGE_USER_FIELD, PAGE_USER_HEADER};

/// The page that explains that another user is signed in.
pub const OTHER_USER: &str = "/other-user";

/// Id of the user that this page was rendered for; `None` if no one was signed in.
#[cfg(feature = "ssr")]
pub fn page_user() -> Option<String> {
    let visitor = use_context::<std::sync::Arc<dyn BrowserSession>>()?;
    Some(visitor.caller()?.user_id.to_string())
}

/// Id of the user that this page was rendered for; `None` if no one was signed in.
#[cfg(not(feature = "ssr"))]
pub fn page_user() -> Option<String> {
    browser::data_attribute("user")
}

/// The form field that states the page's user.
pub fn user_field() -> Option<AnyView> {
    page_user().map(|user| view! { <input type="hidden" name=PAGE_USER_FIELD value=user/> }.into_any())
}

/// Adds the page's user to a URL: of a download, or of a form whose body is a file.
#[cfg(feature = "ssr")]
pub fn with_user(path: &str) -> String {
    page_user().map_or_else(|| path.to_owned(), |user| format!("{path}?{PAGE_USER_FIELD}={user}"))
}

/// Ends the page: navigates to [`OTHER_USER`].
pub fn leave_page() {
    browser::navigate(&[OTHER_USER, "?was=", &page_user().unwrap_or_default()].concat());
}

/// HTTP client of the server functions; it adds the page's user to each request.
#[derive(Debug)]
pub struct PageClient;

impl Client<Failure> for PageClient {
    type Request = BrowserRequest;
    type Response = BrowserResponse;

    fn send(request: BrowserRequest) -> impl Future<Output = Result<BrowserResponse, Failure>> + Send {
        if let Some(user) = page_user() {
            request.headers().set(PAGE_USER_HEADER, &user);
        }
        <BrowserClient as Client<Failure>>::send(request)
    }

    fn open_websocket(
        path: &str,
    ) -> impl Future<
        Output = Result<
            (impl Stream<Item = Result<Bytes, Bytes>> + Send + 'static, impl Sink<Bytes> + Send + 'static),
            Failure,
        >,
    > + Send {
        <BrowserClient as Client<Failure>>::open_websocket(path)
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        <BrowserClient as Client<Failure>>::spawn(future);
    }
}

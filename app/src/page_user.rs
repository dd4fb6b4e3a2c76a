//! Whose page this is. A page belongs to one person, and all that it sends says so; once somebody else is signed in, it
//! ends: the server refuses what it sends, and it takes nothing that is somebody else's.

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

/// The page that says what happened.
pub const OTHER_USER: &str = "/other-user";

/// The id of whose page this is; nobody's, if no one was signed in when it was drawn.
#[cfg(feature = "ssr")]
pub fn page_user() -> Option<String> {
    let visitor = use_context::<std::sync::Arc<dyn BrowserSession>>()?;
    Some(visitor.caller()?.user_id.to_string())
}

/// The id of whose page this is; nobody's, if no one was signed in when it was drawn.
#[cfg(not(feature = "ssr"))]
pub fn page_user() -> Option<String> {
    browser::data_attribute("user")
}

/// The field in which a form says whose page it is on.
pub fn user_field() -> Option<AnyView> {
    page_user().map(|user| view! { <input type="hidden" name=PAGE_USER_FIELD value=user/> }.into_any())
}

/// An address that says whose page asks for it: of a download, or of a form whose body is a file.
#[cfg(feature = "ssr")]
pub fn with_user(path: &str) -> String {
    page_user().map_or_else(|| path.to_owned(), |user| format!("{path}?{PAGE_USER_FIELD}={user}"))
}

/// Ends the page.
pub fn leave_page() {
    browser::navigate(&[OTHER_USER, "?was=", &page_user().unwrap_or_default()].concat());
}

/// Sends what the browser asks of server functions.
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

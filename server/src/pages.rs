//! The rendered pages and the forms on them: Leptos, with the service and the browser session as context.

mod avatar;
mod other_user;
mod refused_form;

use crate::{
    caller, caller::Identity, input, problem, problem::ErrorResponse, rate_limit, request, site, state::AppState,
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{Network, Service};
use http_body_util::{BodyExt, Collected};
use leptos::{
    config::LeptosOptions,
    context::{provide_context, use_context},
    nonce::use_nonce,
};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list, render_app_async_with_context};
use protocol::{
    clock::ClockSettings,
    error::{Error, Result},
    port::prelude::*,
    session::Caller,
    settings::{PageSettings, Settings},
    sync::{PageSnapshot, Snapshot},
};
use std::sync::Arc;
use tower_http::{CompressionLevel, compression::CompressionLayer};
use tracing::Instrument;

/// Pages, forms, and the page for unknown paths.
pub fn router(state: &AppState) -> Router {
    let options = LeptosOptions::builder()
        .output_name("lair")
        .site_pkg_dir(site::pkg_dir())
        .site_addr(state.config.listen)
        .build();
    let shell = {
        let options = options.clone();
        move || app::shell(options.clone())
    };
    let server_shell = {
        let options = options.clone();
        move || app::server_shell(options.clone())
    };
    let context = context(state);
    let server_pages = render_app_async_with_context(context.clone(), server_shell);
    let not_found = server_pages.clone();
    let settings = |kind| middleware::from_fn_with_state((state.clone(), kind), load_settings);
    let rendered = |pages: Router, kind| {
        pages.layer(middleware::from_fn_with_state(state.clone(), render_to_end)).layer(settings(kind))
    };
    let other_user = rendered(Router::new().fallback(server_pages.clone()), PageKind::Server)
        .layer(middleware::from_fn_with_state(state.clone(), caller::refresh));
    let chat_pages = render_app_async_with_context(context.clone(), shell.clone());
    let refused_form = Router::new()
        .route(app::UNSENT, get(server_pages.clone()))
        .route("/rooms/{id}/messages/{message}/edit", get(server_pages.clone()))
        .fallback(chat_pages);
    let refused_form = rendered(refused_form, PageKind::Chat);
    let chat = Router::new()
        .leptos_routes_with_context(&options, generate_route_list(app::App), context, shell)
        .layer(settings(PageKind::Chat));
    Router::new()
        .leptos_routes_with_handler(generate_route_list(app::ServerPages), server_pages)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .fallback(move |request: Request| {
            let page = (is_page(&request)).then(|| not_found(request));
            async move {
                match page {
                    Some(page) => (StatusCode::NOT_FOUND, page.await).into_response(),
                    None => ErrorResponse(Error::not_found("page")).into_response(),
                }
            }
        })
        .layer(settings(PageKind::Server))
        .merge(chat)
        .with_state(options)
        .layer(middleware::from_fn_with_state(state.clone(), render_to_end))
        .layer(middleware::from_fn_with_state(refused_form, refused_form::show))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(4)))
        .route_layer(middleware::from_fn_with_state(state.clone(), caller::refresh))
        .layer(middleware::from_fn(input::buffer_body))
        .merge(avatar::router(state))
        .layer(middleware::from_fn(caller::require_form_user))
        .layer(middleware::map_response_with_state(other_user, other_user::show))
        .layer(middleware::from_fn_with_state(state.clone(), caller::require_same_origin))
        .layer(middleware::from_fn_with_state(state.clone(), rate_limit::limit_by_caller))
        .layer(middleware::from_fn_with_state(state.clone(), caller::identify))
        .layer(middleware::from_fn_with_state(state.clone(), rate_limit::limit_by_address))
        .layer(middleware::from_fn(request::limit_time))
}

/// What is read of its user before a page is rendered.
#[derive(Clone, Copy, Debug)]
enum PageKind {
    /// A page of the chat, which shows the rooms: all is read at once.
    Chat,
    /// A server-rendered page: the settings.
    Server,
}

/// Loads the user's settings for a page, and how it shows times. If that fails, the page is rendered without them.
async fn load_settings(
    State((state, kind)): State<(AppState, PageKind)>,
    mut request: Request,
    next: Next,
) -> Response {
    let identity = request.extensions().get::<Arc<Identity>>().cloned();
    if let Some(identity) = identity.filter(|_| request.method() == Method::GET) {
        let (chat, now) = (&state.service, state.service.now());
        let is_known = |zone: &String| chat.utc_offset(zone, now).is_some();
        let browser = identity.browser_clock().filter(|browser| is_known(&browser.zone)).cloned();
        let mut clock = ClockSettings { browser, ..ClockSettings::default() };
        if let Some(caller) = identity.caller()
            && let Ok((page, snapshot)) = read_settings(chat, &caller, kind).await
        {
            clock.time_zone = page.time_zone.filter(is_known);
            clock.hour_cycle = page.settings.hour_cycle;
            request.extensions_mut().insert(page.settings);
            if let Some(snapshot) = snapshot {
                request.extensions_mut().insert(Arc::new(snapshot));
            }
        }
        let offset = clock.format().zone.and_then(|zone| chat.utc_offset(&zone, now)).unwrap_or_default();
        clock.today = now.plus(offset * 60_000).day();
        request.extensions_mut().insert(clock);
    }
    next.run(request).await
}

async fn read_settings(chat: &Service, caller: &Caller, kind: PageKind) -> Result<(PageSettings, Option<Snapshot>)> {
    match kind {
        PageKind::Server => Ok((chat.get_page_settings(caller).await?, None)),
        PageKind::Chat => {
            let PageSnapshot { snapshot, time_zone } = chat.get_page_snapshot(caller).await?;
            Ok((PageSettings { settings: snapshot.settings.clone(), time_zone }, Some(snapshot)))
        }
    }
}

/// Renders to the end even if the client has disconnected: dropped halfway, a page leaves tasks behind that read what
/// was dropped with it, and panic.
async fn render_to_end(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let network = request.extensions().get::<Arc<Identity>>().map_or(Network::Unknown, |identity| identity.network());
    // The body has arrived by now, so a permit does not wait for the client. A client that disconnects while waiting
    // for one leaves nothing behind.
    let Some(permit) = state.render_permits.acquire(network).await else {
        return ErrorResponse(Error::internal()).into_response();
    };
    let page = async move {
        let _permit = permit;
        let (parts, body) = next.run(request).await.into_parts();
        let body = body.collect().await.map(Collected::to_bytes);
        body.map_or_else(|_| ErrorResponse(Error::internal()).into_response(), |body| (parts, body).into_response())
    };
    match tokio::spawn(page.in_current_span()).await {
        Ok(page) => page,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => ErrorResponse(Error::internal()).into_response(),
        },
    }
}

/// The request for a page that answers this request.
fn page_request(mut request: Parts, path: &str) -> Request {
    request.method = Method::GET;
    // A path of ours with an id, so it is valid.
    request.uri = path.parse().unwrap_or_default();
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        request.headers.remove(name);
    }
    Request::from_parts(request, Body::empty())
}

/// Whether a browser, not a program, requests an unknown path.
fn is_page(request: &Request) -> bool {
    request.method().is_safe() && problem::accepts_html(request.headers())
}

/// Provides the context of the pages.
fn context(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    let chat: Arc<dyn Chat> = state.chat();
    move || {
        provide_context(chat.clone());
        if let Some(identity) =
            use_context::<Parts>().and_then(|parts| parts.extensions.get::<Arc<Identity>>().cloned())
        {
            provide_context::<Arc<dyn BrowserSession>>(identity);
        }
        if let Some(settings) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Settings>().cloned()) {
            provide_context(settings);
        }
        if let Some(snapshot) =
            use_context::<Parts>().and_then(|parts| parts.extensions.get::<Arc<Snapshot>>().cloned())
        {
            provide_context(snapshot);
        }
        if let Some(clock) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<ClockSettings>().cloned()) {
            provide_context(clock);
        }
        let policy = use_nonce().and_then(|nonce| HeaderValue::from_str(&csp(&nonce)).ok());
        if let (Some(policy), Some(response)) = (policy, use_context::<ResponseOptions>()) {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
}

/// The content security policy of a page: only our own files, and the scripts with the nonce of this page.
fn csp(nonce: &str) -> String {
    // `make dev` reloads pages over a socket of its own.
    let reload = if std::env::var_os("LEPTOS_WATCH").is_some() { " ws://127.0.0.1:3001" } else { "" };
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'{reload}; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'; manifest-src 'self'"
    )
}

//! The common frame of the server-rendered pages of a signed-in user.

use crate::{
    api::{Failure, request},
    live::Live,
    packed_snapshot::PackedSnapshot,
    page_query, pages,
    rooms::Sidebar,
    server_pages::menu::Menu,
    ui::{Icon, Shape},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_location, location::Url};
use protocol::{error::Code, port::Chat, session::Caller, sync::Snapshot, user::User};
use std::sync::{Arc, OnceLock};

/// What a server-rendered page is rendered from.
#[derive(Clone)]
pub struct PageContext {
    /// The chat service.
    pub chat: Arc<dyn Chat>,
    /// The caller.
    pub caller: Caller,
    /// The caller's own user.
    pub me: User,
    /// What was read of the caller's rooms, once it was.
    snapshot: Arc<OnceLock<Snapshot>>,
}

impl PageContext {
    async fn load() -> Result<Self, Failure> {
        let (chat, caller) = request::require_caller()?;
        let me = chat.me(&caller).await?;
        Ok(Self { chat, caller, me, snapshot: Arc::default() })
    }

    /// The snapshot of the caller, read once for the content and for what stands beside it.
    pub async fn snapshot(&self) -> Result<&Snapshot, Failure> {
        if let Some(snapshot) = self.snapshot.get() {
            return Ok(snapshot);
        }
        let snapshot = self.chat.get_snapshot(&self.caller).await?;
        Ok(self.snapshot.get_or_init(|| snapshot))
    }
}

/// A server-rendered page: the menu, and the content that `draw` returns. An error takes the place of the whole page
/// beside the menu. Redirects to sign-in if nobody is signed in, and back here afterwards.
pub fn page<F>(title: &'static str, draw: impl FnOnce(PageContext) -> F + Clone + Send + Sync + 'static) -> AnyView
where
    F: Future<Output = Result<AnyView, Failure>> + Send + 'static,
{
    pages::suspended(move || {
        let draw = draw.clone();
        async move {
            // It reads no resources.
            pages::skip_dry_runs().await;
            Some(match render_page(title, draw).await {
                Ok(page) => page,
                Err(failure) if failure.code() == Code::NotSignedIn => redirect_to_sign_in(),
                Err(failure) => pages::error_page(&failure),
            })
        }
    })
}

async fn render_page<F>(title: &'static str, draw: impl FnOnce(PageContext) -> F) -> Result<AnyView, Failure>
where
    F: Future<Output = Result<AnyView, Failure>>,
{
    let page = PageContext::load().await?;
    let here = use_location().pathname.get_untracked();
    // Before the content, which may set a better title.
    let title_view = view! { <Title text=title/> };
    let main = match draw(page.clone()).await {
        Ok(content) => main_view(title, &here, content),
        Err(failure) => pages::error_page(&failure),
    };
    // After the content, which may mark notifications as read that it counts.
    let menu = menu(&page, &here).await?;
    Ok(view! {
        {title_view}
        <a class="skip-link" href="#main">"Skip to content"</a>
        <div class="workspace">
            {menu}
            {main}
        </div>
    }
    .into_any())
}

/// What stands left of the page: the menu of the settings, or the rooms as beside a room.
async fn menu(page: &PageContext, here: &str) -> Result<AnyView, Failure> {
    if matches!(here.split('/').nth(1), Some("settings" | "admin")) {
        return Ok(view! { <Menu me=page.me.clone() here=here.to_owned()/> }.into_any());
    }
    let live = Live::new();
    live.start(&PackedSnapshot::new(page.snapshot().await?.clone(), here));
    Ok(view! { <Sidebar live/> }.into_any())
}

fn main_view(title: &'static str, here: &str, content: AnyView) -> AnyView {
    let room = here.strip_prefix("/rooms/").and_then(|rest| rest.split_once('/'));
    let room = room.map(|(id, _)| format!("/rooms/{id}"));
    let up = match here.split('/').nth(1) {
        Some("rooms") if room.is_some() => room.as_deref().unwrap_or_default(),
        Some("settings" | "admin") if here != "/settings" => "/settings",
        Some("people") if here != "/people" => "/people",
        // On a phone, the list of the rooms.
        _ => "/rooms",
    };
    let unsaved = page_query::is_unsaved().then(|| {
        let text = "Your password is confirmed. Nothing has changed yet: submit your change again.";
        view! { <p class="notice" role="status">{text}</p> }.into_any()
    });
    view! {
        <main class="page server-page" id="main" tabindex="-1">
            <header class="header-bar">
                <a class="back-link" href=up.to_owned() aria-label="Back"><Icon shape=Shape::Back/></a>
                <h1>{title}</h1>
            </header>
            <div class="content">{unsaved}{content}</div>
        </main>
    }
    .into_any()
}

fn redirect_to_sign_in() -> AnyView {
    let location = use_location();
    let search = location.search.get_untracked();
    let query = if search.is_empty() { String::new() } else { format!("?{}", search.trim_start_matches('?')) };
    let here = location.pathname.get_untracked() + &query;
    view! { <Redirect path=format!("/sign-in?next={}", Url::escape(&here))/> }.into_any()
}

//! Parts of the chat's pages that the server draws: HTML with plain forms, so that the script need not know them.

use crate::{
    address,
    api::{self, Wire},
    browser, fetch,
    form_errors::{clear_errors, show_errors},
    pages,
    session::use_page_session,
};
use js_sys::encode_uri_component;
use leptos::{
    ev::{Event, SubmitEvent},
    prelude::*,
    task::spawn_local,
};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use protocol::id::RoomId;
use web_sys::{Element, HtmlFormElement, HtmlInputElement};

const ARIA_BUSY: &str = "aria-busy";

/// A part of a page. It is drawn again after each of its forms, and when `version` changes.
#[component]
pub fn Fragment(
    /// Its name: see `server_pages::fragments`.
    name: &'static str,
    /// The room that it is about.
    #[prop(into)]
    room: Signal<Option<RoomId>>,
    /// Whether it depends on the query of the page.
    #[prop(optional)]
    with_query: bool,
    /// When it changes, the part is drawn again.
    #[prop(optional, into)]
    version: Option<Signal<u32>>,
) -> impl IntoView {
    let session = use_page_session();
    let live = session.live();
    let location = use_location();
    let (path, search) = (location.pathname, location.search);
    let query = move || if with_query { search.get() } else { String::new() };
    let version = move || version.map_or(0, |version| version.get());
    let here = StoredValue::new(path.get_untracked());
    let key = Memo::new(move |_| (room.get(), query(), version()));
    let first = Resource::new_blocking(
        || (),
        move |()| {
            let (room, query, _) = key.get_untracked();
            api::fragment(name.to_owned(), room, query)
        },
    );
    // What has not changed stays as it is, with what is open in it.
    let shown = RwSignal::new(None::<String>);
    Effect::new(move |drawn: Option<()>| {
        let (room, query, _) = key.get();
        // While another page opens, nothing of this one is needed; and a user who has just left sees nothing of the room.
        let is_open = path.get_untracked() == here.get_value() && room.is_none_or(|room| live.is_in(room));
        if drawn.is_none() || !is_open {
            return;
        }
        spawn_local(async move {
            let drawn = api::fragment(name.to_owned(), room, query.clone()).await;
            let is_wanted = key.try_get_untracked().is_some_and(|(now, search, _)| (now, search) == (room, query));
            if let Ok(Wire(html)) = drawn
                && is_wanted
                && shown.with_untracked(|shown| shown.as_ref() != Some(&html))
            {
                shown.set(Some(html));
            }
        });
    });
    let navigate = use_page_navigation();
    let on_submit = move |event: SubmitEvent| {
        let Some(form) = browser::target::<HtmlFormElement>(&event).filter(|form| form.method() == "post") else {
            return;
        };
        event.prevent_default();
        let navigate = navigate.clone();
        let button = form.query_selector("[type=submit]").ok().flatten();
        if button.as_ref().is_some_and(|button| button.has_attribute(ARIA_BUSY)) {
            return;
        }
        set_busy(button.as_ref(), true);
        spawn_local(async move {
            let sent = fetch::post(&form.action(), &form).await;
            set_busy(button.as_ref(), false);
            match sent {
                Ok(next) => {
                    clear_errors(&form);
                    form.reset();
                    let stays = next.as_ref().is_none_or(|next| next.starts_with(&path.get_untracked()));
                    if let Some(next) = next {
                        navigate(&next);
                    }
                    if stays {
                        live.members_version.try_update(|count| *count += 1);
                    }
                }
                Err(failure) => show_errors(&form, &failure),
            }
        });
    };
    let content = pages::suspended(move || async move {
        session.ready().await.ok()?;
        Some(match first.await {
            Ok(Wire(html)) => {
                shown.set(Some(html));
                // The server rendered the HTML and escaped what users wrote.
                view! { <div class="fragment" inner_html=move || shown.get().unwrap_or_default()></div> }.into_any()
            }
            Err(failure) => pages::error_section(&failure),
        })
    });
    view! { <div on:submit=on_submit on:input=move |event| suggest(&event)>{content}</div> }
}

/// Follows where a form leads, and takes its result out of the address.
fn use_page_navigation() -> impl Fn(&str) + Clone + 'static {
    let navigate = use_navigate();
    move |next: &str| {
        navigate(next, NavigateOptions::default());
        address::forget_result();
    }
}

fn set_busy(button: Option<&Element>, busy: bool) {
    // Fails only for an invalid attribute name.
    let _ = button.map(
        |button| {
            if busy { button.set_attribute(ARIA_BUSY, "true") } else { button.remove_attribute(ARIA_BUSY) }
        },
    );
}

/// Suggests people for what is typed into a field that names where from.
fn suggest(event: &Event) {
    let Some(input) = browser::target::<HtmlInputElement>(event) else { return };
    let (Some(path), Some(list)) = (input.get_attribute("data-suggestions"), input.list()) else { return };
    let typed = input.value();
    spawn_local(async move {
        let query: String = encode_uri_component(typed.trim().trim_start_matches('@')).into();
        let found = fetch::fetch_text(&[&path, "?query=", &query].concat()).await.unwrap_or_default();
        // Something else may have been typed meanwhile.
        if input.value() == typed {
            list.set_inner_html(&found);
        }
    });
}

//! The page shown once another user is signed in.

use crate::{
    api::{SignOut, request},
    forms::{Form, PostForm},
    page_query::query_param,
    pages,
    server_pages::{auth::Card, unsent::unsent_text},
    ui::Submit,
};
use axum::http::request::Parts;
use leptos::prelude::*;
use leptos_router::components::Redirect;
use protocol::{id::UserId, user::User};

/// Text that was typed into a form that was rejected because its page belongs to another user; stored for this
/// page.
#[derive(Clone, Debug)]
pub struct UnsentText(pub String);

/// Shows which user the page belonged to and who is signed in, and returns the typed text.
#[component]
pub fn OtherUserPage() -> impl IntoView {
    pages::suspended(|| async {
        let Ok((chat, caller)) = request::require_caller() else {
            return Some(view! { <Redirect path="/sign-in"/> }.into_any());
        };
        let unsent = use_context::<Parts>().and_then(|parts| parts.extensions.get::<UnsentText>().cloned());
        let was: Option<UserId> = query_param("was").parse().ok();
        if was == Some(caller.user_id) && unsent.is_none() {
            return Some(view! { <Redirect path="/"/> }.into_any());
        }
        let me = match chat.me(&caller).await {
            Ok(me) => me,
            Err(error) => return Some(pages::error_page(&error.into())),
        };
        let was = match was {
            Some(id) => chat.get_user(&caller, id).await.ok(),
            None => None,
        };
        Some(other_user_view(&me, was.as_ref(), unsent))
    })
}

fn other_user_view(me: &User, was: Option<&User>, unsent: Option<UnsentText>) -> AnyView {
    let name = &me.display_name;
    let (was, back) = match was {
        Some(was) => (was.display_name.as_str(), format!("{} signs in", was.display_name)),
        None => ("someone else", "they sign in".to_owned()),
    };
    // Only a hydrated page keeps unsent messages.
    let unsent_hint = if unsent.is_none() {
        format!(" Unsent messages stay in this browser until {back} again.")
    } else {
        String::new()
    };
    let lead = format!("This page belongs to {was}, but you're signed in as {name}. Nothing was changed.{unsent_hint}");
    let written = unsent.map(|UnsentText(text)| text).filter(|text| !text.is_empty()).map(unsent_text);
    let (form, go_on) = (Form::of::<SignOut>(), format!("Continue as {name}"));
    view! {
        <Card title="Someone else is signed in" lead>
            {written}
            <a class="button primary" href="/">{go_on}</a>
            <PostForm form><Submit label="Sign out" pending=form.pending() variant="secondary"/></PostForm>
        </Card>
    }
    .into_any()
}

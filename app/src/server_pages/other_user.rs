//! The page shown once another user is signed in.

use crate::{
    api::{SignOut, request},
    forms::{Form, PostForm, query_param},
    pages,
    server_pages::auth::Card,
    ui::{Submit, raw},
};
use axum::http::request::Parts;
use leptos::prelude::*;
use leptos_router::components::Redirect;
use protocol::{id::UserId, user::User};

/// Text that was typed into a form which was refused because its page belongs to another user; kept for this request's
/// page.
#[derive(Clone, Debug)]
pub struct UnsentText(pub String);

/// Says which user the page belonged to and who is signed in, and returns the typed text.
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
            Some(id) => chat.user(&caller, id).await.ok(),
            None => None,
        };
        Some(other_user_view(&me, was.as_ref(), unsent))
    })
}

fn other_user_view(me: &User, was: Option<&User>, unsent: Option<UnsentText>) -> AnyView {
    let name = &me.display_name;
    let (was, back) = match was {
        Some(was) => (was.display_name.as_str(), format!("{} signs in", was.display_name)),
        None => ("somebody else", "they sign in".to_owned()),
    };
    // Only a hydrated page keeps unsent messages.
    let kept = if unsent.is_none() {
        format!(" Messages that are not sent yet wait in this browser until {back} again.")
    } else {
        String::new()
    };
    let lead = format!("This page belongs to {was}; you are signed in as {name}. Nothing was done in your name.{kept}");
    let written = unsent.map(|UnsentText(text)| text).filter(|text| !text.is_empty()).map(|text| {
        view! {
            <div class="field">
                <label for="written">"What was written, to copy"</label>
                <textarea id="written" rows="6" readonly=true>{raw(text)}</textarea>
            </div>
        }
        .into_any()
    });
    let (form, go_on) = (Form::of::<SignOut>(), format!("Go on as {name}"));
    view! {
        <Card title="Somebody else is signed in" lead>
            {written}
            <a class="button primary" href="/">{go_on}</a>
            <PostForm form><Submit label="Sign out" pending=form.pending() look="plain"/></PostForm>
        </Card>
    }
    .into_any()
}

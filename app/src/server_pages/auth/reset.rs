//! Setting a new password with a reset link.

use crate::{
    api::{ResetPassword, request},
    forms::{Form, PostForm},
    page_query::query_param,
    pages,
    server_pages::auth::card::{Card, FooterLink},
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use protocol::limits::PASSWORD_CHARS;

/// The page that the link leads to. Opening it does not consume the link: mail scanners open links too.
#[component]
pub fn ResetPage() -> impl IntoView {
    pages::suspended(|| async {
        let is_valid = match request::chat() {
            Ok(chat) => chat.check_reset(&query_param("token")).await.is_ok(),
            Err(_) => false,
        };
        Some(if is_valid { view! { <ResetForm/> }.into_any() } else { view! { <InvalidLink/> }.into_any() })
    })
}

#[component]
fn ResetForm() -> impl IntoView {
    let form = Form::of::<ResetPassword>();
    view! {
        <Card title="Reset your password" lead="You'll be signed out everywhere. Then sign in with the new password.">
            <PostForm form>
                <Notice text=form.form_error()/>
                <input type="hidden" name="token" value=query_param("token")/>
                <Field label="New password" name="new_password" kind="password" error=form.field_error("new_password")
                    autocomplete="new-password" maxlength=*PASSWORD_CHARS.end() autofocus=true
                    hint="At least 8 characters. A few uncommon words are best."/>
                <Submit label="Reset password" pending=form.pending()/>
            </PostForm>
            // The link may have been used since.
            <FooterLink to="/forgot" label="Request a new link"/>
        </Card>
    }
}

#[component]
fn InvalidLink() -> impl IntoView {
    pages::set_status(404);
    let lead =
        "It was already used, has expired or was replaced by a newer one. If you requested several, open the last.";
    view! {
        <Card title="This link is no longer valid" lead=lead>
            <FooterLink to="/forgot" label="Request a new link"/>
        </Card>
    }
}

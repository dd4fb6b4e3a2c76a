//! Setting a new password with a reset link.

use crate::{
    api::{ResetPassword, request},
    forms::{Form, PostForm, query_param},
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
        <Card title="Set a new password" lead="It signs you out everywhere; then you sign in with the new one.">
            <PostForm form>
                <Notice text=form.form_error()/>
                <input type="hidden" name="token" value=query_param("token")/>
                <Field label="New password" name="new_password" kind="password" error=form.field_error("new_password")
                    autocomplete="new-password" maxlength=*PASSWORD_CHARS.end() autofocus=true
                    hint="At least 8 characters. A few uncommon words are best."/>
                <Submit label="Set password" pending=form.pending()/>
            </PostForm>
        </Card>
    }
}

#[component]
fn InvalidLink() -> impl IntoView {
    pages::set_status(404);
    let lead = "It was used, has expired, or was replaced by a newer one.";
    view! {
        <Card title="This link is no longer good" lead=lead>
            <FooterLink to="/forgot" label="Ask for another"/>
        </Card>
    }
}

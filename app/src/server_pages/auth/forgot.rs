//! Requesting a password reset.

use crate::{
    api::{ForgotPassword, request},
    forms::{Form, PostForm},
    page_query::query_param,
    server_pages::auth::card::{Card, FooterLink},
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use protocol::limits::EMAIL_CHARS;

const TITLE: &str = "Forgot your password?";

/// Requests a reset link by email; without SMTP it names who can create one.
#[component]
pub fn ForgotPage() -> impl IntoView {
    let sends_mail = request::chat().is_ok_and(|chat| chat.sends_mail());
    if !sends_mail {
        let lead = "This server can't send email. Ask an administrator for a reset link.";
        return view! { <Card title=TITLE lead=lead><FooterLink to="/sign-in" label="Back to sign in"/></Card> }
            .into_any();
    }
    if query_param("sent") == "1" {
        let lead = "If there is such an account and its email is confirmed, we've sent it a reset link. The link works \
            once and expires in an hour. Didn't get it? Ask an administrator for a reset link.";
        return view! {
            <Card title="Check your email" lead=lead><FooterLink to="/sign-in" label="Back to sign in"/></Card>
        }
        .into_any();
    }
    let form = Form::of::<ForgotPassword>();
    view! {
        <Card title=TITLE lead="We'll email you a link to reset it.">
            <PostForm form>
                <Notice text=form.form_error()/>
                <Field label="Username or email" name="login" error=form.field_error("login")
                    value=form.typed("login") autocomplete="username" maxlength=EMAIL_CHARS autofocus=true/>
                <Submit label="Send reset link" pending=form.pending()/>
            </PostForm>
            <FooterLink to="/sign-in" label="Back to sign in"/>
        </Card>
    }
    .into_any()
}

//! Requesting a password reset.

use crate::{
    api::{ForgotPassword, request},
    forms::{Form, PostForm, is_done, query_param},
    server_pages::auth::card::{Card, FooterLink},
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use protocol::limits::EMAIL_CHARS;

const TITLE: &str = "Forgot your password?";

/// Requests a reset link by e-mail; without SMTP it says who can create one.
#[component]
pub fn ForgotPage() -> impl IntoView {
    let sends_mail = request::chat().is_ok_and(|chat| chat.sends_mail());
    if !sends_mail {
        let lead = "This server sends no mail. An administrator can make a link with which you set a new password.";
        return view! { <Card title=TITLE lead=lead><FooterLink to="/sign-in" label="Back to signing in"/></Card> }
            .into_any();
    }
    if is_done() {
        let lead = "If there is such an account, and its e-mail address is confirmed, a link is on its way there. It \
            works once, within an hour. Nothing comes? Ask an administrator for a link.";
        return view! { <Card title="Look into your mail" lead=lead><FooterLink to="/sign-in" label="Back to signing in"/></Card> }
            .into_any();
    }
    let form = Form::of::<ForgotPassword>();
    view! {
        <Card title=TITLE lead="We send you a link with which you set a new one.">
            <PostForm form>
                <Notice text=form.form_error()/>
                <Field label="Username or e-mail" name="login" error=form.field_error("login")
                    value=query_param("login") autocomplete="username" maxlength=EMAIL_CHARS autofocus=true/>
                <Submit label="Send me a link" pending=form.pending()/>
            </PostForm>
            <FooterLink to="/sign-in" label="Back to signing in"/>
        </Card>
    }
    .into_any()
}

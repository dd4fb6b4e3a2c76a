//! The way back in for who forgot the password.

use super::card::{Card, Way};
use crate::{
    api::{ForgotPassword, visit},
    forms::{Form, Post, is_done, typed},
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use protocol::limits::EMAIL_CHARS;

const TITLE: &str = "Forgot your password?";

/// Asks for a link by mail; where no mail is sent, it says who can make one.
#[component]
pub fn ForgotPage() -> impl IntoView {
    let sends_mail = visit::chat().is_ok_and(|chat| chat.sends_mail());
    if !sends_mail {
        let lead = "This server sends no mail. An administrator can make a link with which you set a new password.";
        return view! { <Card title=TITLE lead=lead><Way to="/sign-in" label="Back to signing in"/></Card> }.into_any();
    }
    if is_done() {
        let lead = "If there is such an account, and its e-mail address is confirmed, a link is on its way there. It \
            works once, within an hour. Nothing comes? Ask an administrator for a link.";
        return view! { <Card title="Look into your mail" lead=lead><Way to="/sign-in" label="Back to signing in"/></Card> }
            .into_any();
    }
    let form = Form::of::<ForgotPassword>();
    view! {
        <Card title=TITLE lead="We send you a link with which you set a new one.">
            <Post form>
                <Notice text=form.overall()/>
                <Field label="Username or e-mail" name="login" error=form.wrong("login")
                    value=typed("login") autocomplete="username" maxlength=EMAIL_CHARS autofocus=true/>
                <Submit label="Send me a link" pending=form.pending()/>
            </Post>
            <Way to="/sign-in" label="Back to signing in"/>
        </Card>
    }
    .into_any()
}

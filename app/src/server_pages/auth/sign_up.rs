//! Sign-up.

use crate::{
    api::{SignUp, request},
    client_id,
    forms::{Form, PostForm},
    page_query::{query_param, with_next},
    pages,
    server_pages::auth::{
        card::{Card, FooterLink},
        registration_state::RegistrationState,
    },
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use leptos_router::components::Redirect;
use protocol::{
    credentials::Registration,
    limits::{DISPLAY_NAME_CHARS, EMAIL_CHARS, PASSWORD_CHARS, USERNAME_CHARS},
};

/// The sign-up page. The first user is told that they become the administrator.
#[component]
pub fn SignUpPage() -> impl IntoView {
    pages::suspended(|| async {
        let state = RegistrationState::load().await.unwrap_or_default();
        Some(if state.signed_in {
            view! { <Redirect path="/"/> }.into_any()
        } else if let Some(reason) = state.closed_reason() {
            let title = if state.registration == Registration::Closed { "Sign-up is closed" } else { "Invite only" };
            view! { <Card title lead=reason><FooterLink to=with_next("/sign-in") label="Sign in"/></Card> }.into_any()
        } else {
            view! { <SignUpForm state/> }.into_any()
        })
    })
}

#[component]
fn SignUpForm(state: RegistrationState) -> impl IntoView {
    let form = Form::of::<SignUp>();
    let lead = match (&state.invited, state.is_first_account) {
        (_, true) => "You're creating the first account. It will be the administrator.".to_owned(),
        (Some(invited), _) => format!("{} invited you to join.", invited.invited_by),
        (None, _) => String::new(),
    };
    let code = if state.invited.is_some() { query_param("invitation") } else { String::new() };
    let about_email = if request::chat().is_ok_and(|chat| chat.sends_mail()) {
        "Lets you reset your password. We'll send you a link to confirm it."
    } else {
        "You can use it to sign in."
    };
    let setup_code = state.needs_setup_code.then(|| {
        view! {
            <Field label="Setup code" name="setup_code" error=form.field_error("setup_code") maxlength=64
                hint="Printed in the server log at startup."/>
        }
        .into_any()
    });
    view! {
        <Card title="Create your account" lead>
            <PostForm form>
                <Notice text=form.form_error()/>
                <Notice text=form.field_error("invitation")/>
                <input type="hidden" name="context[key]" value=client_id::generate().0/>
                <input type="hidden" name="context[next]" value=query_param("next")/>
                <input type="hidden" name="context[invitation]" value=code/>
                <Field label="Username" name="username" error=form.field_error("username")
                    value=form.typed("username") autocomplete="username" maxlength=*USERNAME_CHARS.end()
                    hint="Letters, digits, dots, dashes. People use it to find you." autofocus=true/>
                <Field label="Display name" name="display_name" error=form.field_error("display_name")
                    value=form.typed("display_name") autocomplete="name" maxlength=DISPLAY_NAME_CHARS
                    hint="Shown next to your messages. Defaults to your username." optional=true/>
                <Field label="Email" name="email" kind="email" error=form.field_error("email")
                    value=form.typed("email") autocomplete="email" maxlength=EMAIL_CHARS hint=about_email optional=true/>
                <Field label="Password" name="password" kind="password" error=form.field_error("password")
                    autocomplete="new-password" maxlength=*PASSWORD_CHARS.end()
                    hint="At least 8 characters. A few uncommon words are best."/>
                {setup_code}
                <p class="hint">
                    "Your account and messages are stored on this server. Messages can be read by the members of the \
                     room, and by whoever operates the server."
                </p>
                <Submit label="Create account" pending=form.pending()/>
            </PostForm>
            {(!state.is_first_account).then(|| view! {
                <p class="muted">"Already have an account? " <a href=with_next("/sign-in")>"Sign in"</a></p>
            }.into_any())}
        </Card>
    }
}

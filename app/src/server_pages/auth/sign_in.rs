//! Sign-in.

use crate::{
    api::{SignIn, request},
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
use protocol::limits::{EMAIL_CHARS, PASSWORD_CHARS};

/// The sign-in page. Redirects if the user is signed in; before the first account it redirects to sign-up.
#[component]
pub fn SignInPage() -> impl IntoView {
    pages::suspended(|| async {
        Some(match RegistrationState::load().await {
            Ok(state) if state.signed_in => {
                view! { <Redirect path=request::local_path(Some(&query_param("next"))).to_owned()/> }.into_any()
            }
            Ok(state) if state.is_first_account => view! { <Redirect path="/sign-up"/> }.into_any(),
            state => view! { <SignInForm open=state.is_ok_and(|state| state.closed_reason().is_none())/> }.into_any(),
        })
    })
}

#[component]
fn SignInForm(
    /// Whether anyone can create an account.
    open: bool,
) -> impl IntoView {
    let form = Form::of::<SignIn>();
    // Redirected here after a new password was set with a link, or the session ended.
    let message = match query_param("done").as_str() {
        "password" => Some("Your password was reset. Sign in with the new one."),
        "ended" => Some("Your session has ended. Sign in to continue."),
        "left" => Some("Your account is deactivated. An administrator can reactivate it."),
        _ => None,
    };
    let done = message.map(|text| view! { <p class="success-message" role="status">{text}</p> }.into_any());
    let sign_up_link = open.then(|| {
        view! { <p class="muted">"New here? " <a href=with_next("/sign-up")>"Create an account"</a></p> }.into_any()
    });
    view! {
        <Card title="Sign in" lead="">
            {done}
            <PostForm form>
                <Notice text=form.form_error()/>
                <input type="hidden" name="next" value=query_param("next")/>
                <Field label="Username or email" name="login" error=form.field_error("login")
                    value=form.typed("login") autocomplete="username" maxlength=EMAIL_CHARS autofocus=true/>
                <Field label="Password" name="password" kind="password" error=form.field_error("password")
                    autocomplete="current-password" maxlength=*PASSWORD_CHARS.end()/>
                <Submit label="Sign in" pending=form.pending()/>
            </PostForm>
            <FooterLink to="/forgot" label="Forgot your password?"/>
            {sign_up_link}
        </Card>
    }
}

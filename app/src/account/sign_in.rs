//! Signing in.

use super::{
    card::{Card, Way},
    door::Door,
};
use crate::{
    api::{SignIn, visit},
    forms::{Form, Post, onward, typed},
    pages,
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use leptos_router::components::Redirect;
use protocol::limits::{EMAIL_CHARS, PASSWORD_CHARS};

/// The sign-in page. Who is signed in already is sent on; before the first account there is only signing up.
#[component]
pub fn SignInPage() -> impl IntoView {
    pages::awaited(|| async {
        Some(match Door::find().await {
            Ok(door) if door.signed_in => {
                view! { <Redirect path=visit::local_path(Some(&typed("next"))).to_owned()/> }.into_any()
            }
            Ok(door) if door.first => view! { <Redirect path="/sign-up"/> }.into_any(),
            door => view! { <SignInForm open=door.is_ok_and(|door| door.shut().is_none())/> }.into_any(),
        })
    })
}

#[component]
fn SignInForm(
    /// Whether anyone can make an account.
    open: bool,
) -> impl IntoView {
    let form = Form::of::<SignIn>();
    // Who just set a new password with a link.
    let told = match typed("done").as_str() {
        "password" => Some("Your password is set. Sign in with it."),
        "ended" => Some("This session has ended. Sign in to go on."),
        "left" => Some("Your account is deactivated. An administrator can bring it back."),
        _ => None,
    };
    let done = told.map(|text| view! { <p class="done" role="status">{text}</p> }.into_any());
    let new_here = open.then(|| {
        view! { <p class="aside">"New here? " <a href=onward("/sign-up")>"Create an account"</a></p> }.into_any()
    });
    view! {
        <Card title="Sign in" lead="Good to see you again.">
            {done}
            <Post form>
                <Notice text=form.overall()/>
                <input type="hidden" name="next" value=typed("next")/>
                <Field label="Username or e-mail" name="login" error=form.wrong("login")
                    value=typed("login") autocomplete="username" maxlength=EMAIL_CHARS autofocus=true/>
                <Field label="Password" name="password" kind="password" error=form.wrong("password")
                    autocomplete="current-password" maxlength=*PASSWORD_CHARS.end()/>
                <Submit label="Sign in" pending=form.pending()/>
            </Post>
            <Way to="/forgot" label="Forgot your password?"/>
            {new_here}
        </Card>
    }
}

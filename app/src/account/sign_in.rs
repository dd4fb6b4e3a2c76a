//! Signing in.

use super::{card::Card, door::Door};
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
            _ => view! { <SignInForm/> }.into_any(),
        })
    })
}

#[component]
fn SignInForm() -> impl IntoView {
    let form = Form::of::<SignIn>();
    view! {
        <Card title="Sign in" lead="Good to see you again.">
            <Post form>
                <Notice text=form.overall()/>
                <input type="hidden" name="next" value=typed("next")/>
                <Field label="Username or e-mail" name="login" error=form.wrong("login")
                    value=typed("login") autocomplete="username" maxlength=EMAIL_CHARS autofocus=true/>
                <Field label="Password" name="password" kind="password" error=form.wrong("password")
                    autocomplete="current-password" maxlength=*PASSWORD_CHARS.end()/>
                <Submit label="Sign in" pending=form.pending()/>
            </Post>
            <p class="aside">"New here? " <a href=onward("/sign-up")>"Create an account"</a></p>
        </Card>
    }
}

//! Signing up.

use super::{card::Card, door::Door};
use crate::{
    api::SignUp,
    forms::{Form, Post, onward, typed},
    fresh, pages,
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use leptos_router::components::Redirect;
use protocol::limits::{DISPLAY_NAME_CHARS, PASSWORD_CHARS, USERNAME_CHARS};

/// The sign-up page. The first account is greeted as the one that runs the server.
#[component]
pub fn SignUpPage() -> impl IntoView {
    pages::awaited(|| async {
        let door = Door::find().await.unwrap_or_default();
        Some(if door.signed_in {
            view! { <Redirect path="/"/> }.into_any()
        } else {
            view! { <SignUpForm door/> }.into_any()
        })
    })
}

#[component]
fn SignUpForm(door: Door) -> impl IntoView {
    let form = Form::of::<SignUp>();
    let lead = if door.first { "You're first: this account runs the server." } else { "A minute, and you are in." };
    let setup_code = door.setup_code.then(|| {
        view! {
            <Field label="Set-up code" name="setup_code" error=form.wrong("setup_code") maxlength=64
                hint="The server printed it when it started."/>
        }
        .into_any()
    });
    view! {
        <Card title="Create your account" lead>
            <Post form>
                <Notice text=form.overall()/>
                <input type="hidden" name="key" value=fresh::client_id().0/>
                <input type="hidden" name="next" value=typed("next")/>
                <Field label="Username" name="username" error=form.wrong("username")
                    value=typed("username") autocomplete="username" maxlength=*USERNAME_CHARS.end()
                    hint="Letters, digits, dots, dashes. People use it to find you." autofocus=true/>
                <Field label="Display name" name="display_name" error=form.wrong("display_name")
                    value=typed("display_name") autocomplete="name" maxlength=DISPLAY_NAME_CHARS
                    hint="What others see. Your username, if you leave it empty." optional=true/>
                <Field label="Password" name="password" kind="password" error=form.wrong("password")
                    autocomplete="new-password" maxlength=*PASSWORD_CHARS.end() hint="At least 8 characters."/>
                {setup_code}
                <Submit label="Create account" pending=form.pending()/>
            </Post>
            {(!door.first).then(|| view! {
                <p class="aside">"Have an account? " <a href=onward("/sign-in")>"Sign in"</a></p>
            }.into_any())}
        </Card>
    }
}

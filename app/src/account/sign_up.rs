//! Signing up.

use super::card::Card;
use crate::{
    api::{self, Door, SignUp},
    forms, fresh,
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use leptos_router::components::Redirect;
use protocol::limits::{DISPLAY_NAME_CHARS, PASSWORD_CHARS, USERNAME_CHARS};

/// The sign-up page. The first account is greeted as the one that runs the server.
#[component]
pub fn SignUpPage() -> impl IntoView {
    let door = Resource::new_blocking(|| (), |()| api::find_door());
    let page = move || {
        Suspend::new(async move {
            match door.await {
                Ok(door) if door.signed_in => view! { <Redirect path="/"/> }.into_any(),
                Ok(door) => view! { <SignUpForm door/> }.into_any(),
                Err(_) => {
                    view! { <SignUpForm door=Door { signed_in: false, first: false, setup_code: false }/> }.into_any()
                }
            }
        })
    };
    view! { <Suspense>{page}</Suspense> }
}

#[component]
fn SignUpForm(door: Door) -> impl IntoView {
    let action = ServerAction::<SignUp>::new();
    let failure = forms::failure(action);
    let lead = if door.first { "You're first: this account runs the server." } else { "A minute, and you are in." };
    let setup_code = door.setup_code.then(|| {
        view! {
            <Field label="Set-up code" name="setup_code" error=forms::wrong(failure, "setup_code") maxlength=64
                hint="The server printed it when it started."/>
        }
    });
    view! {
        <Card title="Create your account" lead>
            <ActionForm action=action>
                <Notice text=forms::overall(failure)/>
                <input type="hidden" name="key" value=fresh::client_id().0/>
                <Field label="Username" name="username" error=forms::wrong(failure, "username")
                    value=forms::typed("username") autocomplete="username" maxlength=*USERNAME_CHARS.end()
                    hint="Letters, digits, dots, dashes. People use it to find you." autofocus=true/>
                <Field label="Display name" name="display_name" error=forms::wrong(failure, "display_name")
                    value=forms::typed("display_name") autocomplete="name" maxlength=DISPLAY_NAME_CHARS
                    hint="What others see. Your username, if you leave it empty." optional=true/>
                <Field label="Password" name="password" kind="password" error=forms::wrong(failure, "password")
                    autocomplete="new-password" maxlength=*PASSWORD_CHARS.end() hint="At least 8 characters."/>
                {setup_code}
                <Submit label="Create account" pending=action.pending()/>
            </ActionForm>
            {(!door.first).then(|| view! {
                <p class="aside">"Have an account? " <a href="/sign-in">"Sign in"</a></p>
            })}
        </Card>
    }
}

//! Signing in.

use super::card::Card;
use crate::{
    api::{self, SignIn},
    forms,
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use leptos_router::components::Redirect;
use protocol::limits::{EMAIL_CHARS, PASSWORD_CHARS};

/// The sign-in page. Who is signed in already is sent on; before the first account there is only signing up.
#[component]
pub fn SignInPage() -> impl IntoView {
    let door = Resource::new_blocking(|| (), |()| api::find_door());
    let page = move || {
        Suspend::new(async move {
            match door.await {
                Ok(door) if door.signed_in => view! { <Redirect path="/"/> }.into_any(),
                Ok(door) if door.first => view! { <Redirect path="/sign-up"/> }.into_any(),
                _ => view! { <SignInForm/> }.into_any(),
            }
        })
    };
    view! { <Suspense>{page}</Suspense> }
}

#[component]
fn SignInForm() -> impl IntoView {
    let action = ServerAction::<SignIn>::new();
    let failure = forms::failure(action);
    view! {
        <Card title="Sign in" lead="Good to see you again.">
            <ActionForm action=action>
                <Notice text=forms::overall(failure)/>
                <input type="hidden" name="next" value=forms::typed("next")/>
                <Field label="Username or e-mail" name="login" error=forms::wrong(failure, "login")
                    value=forms::typed("login") autocomplete="username" maxlength=EMAIL_CHARS autofocus=true/>
                <Field label="Password" name="password" kind="password" error=forms::wrong(failure, "password")
                    autocomplete="current-password" maxlength=*PASSWORD_CHARS.end()/>
                <Submit label="Sign in" pending=action.pending()/>
            </ActionForm>
            <p class="aside">"New here? " <a href="/sign-up">"Create an account"</a></p>
        </Card>
    }
}

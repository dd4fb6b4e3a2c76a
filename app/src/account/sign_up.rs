//! Signing up.

use super::{
    card::{Card, Way},
    door::Door,
};
use crate::{
    api::{SignUp, visit},
    forms::{Form, Post, onward, typed},
    fresh, pages,
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use leptos_router::components::Redirect;
use protocol::{
    credentials::Registration,
    limits::{DISPLAY_NAME_CHARS, EMAIL_CHARS, PASSWORD_CHARS, USERNAME_CHARS},
};

/// The sign-up page. The first account is greeted as the one that runs the server.
#[component]
pub fn SignUpPage() -> impl IntoView {
    pages::awaited(|| async {
        let door = Door::find().await.unwrap_or_default();
        Some(if door.signed_in {
            view! { <Redirect path="/"/> }.into_any()
        } else if let Some(why) = door.shut() {
            let title = if door.registration == Registration::Closed { "No new accounts" } else { "By invitation" };
            view! { <Card title lead=why><Way to=onward("/sign-in") label="Sign in"/></Card> }.into_any()
        } else {
            view! { <SignUpForm door/> }.into_any()
        })
    })
}

#[component]
fn SignUpForm(door: Door) -> impl IntoView {
    let form = Form::of::<SignUp>();
    let lead = match (&door.invited, door.first) {
        (_, true) => "You're first: this account runs the server.".to_owned(),
        (Some(invited), _) => format!("{} invites you. A minute, and you are in.", invited.by),
        (None, _) => "A minute, and you are in.".to_owned(),
    };
    let code = if door.invited.is_some() { typed("invitation") } else { String::new() };
    let about_email = if visit::chat().is_ok_and(|chat| chat.sends_mail()) {
        "The way back in if you forget your password, once you follow the link that we send there."
    } else {
        "You can sign in with it."
    };
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
                <Notice text=form.wrong("invitation")/>
                <input type="hidden" name="way[key]" value=fresh::client_id().0/>
                <input type="hidden" name="way[next]" value=typed("next")/>
                <input type="hidden" name="way[invitation]" value=code/>
                <Field label="Username" name="username" error=form.wrong("username")
                    value=typed("username") autocomplete="username" maxlength=*USERNAME_CHARS.end()
                    hint="Letters, digits, dots, dashes. People use it to find you." autofocus=true/>
                <Field label="Display name" name="display_name" error=form.wrong("display_name")
                    value=typed("display_name") autocomplete="name" maxlength=DISPLAY_NAME_CHARS
                    hint="What others see. Your username, if you leave it empty." optional=true/>
                <Field label="E-mail" name="email" kind="email" error=form.wrong("email")
                    value=typed("email") autocomplete="email" maxlength=EMAIL_CHARS hint=about_email optional=true/>
                <Field label="Password" name="password" kind="password" error=form.wrong("password")
                    autocomplete="new-password" maxlength=*PASSWORD_CHARS.end()
                    hint="At least 8 characters. A few uncommon words are best."/>
                {setup_code}
                <Submit label="Create account" pending=form.pending()/>
            </Post>
            {(!door.first).then(|| view! {
                <p class="aside">"Have an account? " <a href=onward("/sign-in")>"Sign in"</a></p>
            }.into_any())}
        </Card>
    }
}

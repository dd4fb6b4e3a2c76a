//! E-mail address and password.

use crate::{
    api::{ChangePassword, RemoveEmail, SendVerification, SetEmail},
    forms::{Form, PostForm, query_param},
    server_pages::{
        confirm_button::{ConfirmButton, UsernameField},
        frame::{PageContext, page},
    },
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use protocol::{
    credentials::EmailAddress,
    limits::{EMAIL_CHARS, PASSWORD_CHARS},
};

/// The page of the user's e-mail address and password.
#[component]
pub fn AccountPage() -> impl IntoView {
    page("Account", async |context: PageContext| {
        let address = context.chat.email(&context.caller).await?;
        let mail = context.chat.sends_mail();
        let name = context.me.username;
        Ok(view! { <Address address mail name=name.clone()/> <Password name/> }.into_any())
    })
}

#[component]
fn Address(address: EmailAddress, mail: bool, name: String) -> impl IntoView {
    let form = Form::of::<SetEmail>();
    let hint = if mail { "We send a link there to confirm it." } else { "" };
    let initial_email = if form.error().get_untracked().is_some() { query_param("email") } else { String::new() };
    let to_confirm = address.pending.clone().or(address.email.clone().filter(|_| !address.verified));
    let resend = (mail && to_confirm.is_some()).then(|| view! { <ResendForm/> }.into_any());
    let has_one = address.email.is_some() || address.pending.is_some();
    let remove = has_one.then(|| view! { <RemoveEmailForm mail name=name.clone()/> }.into_any());
    view! {
        <section aria-labelledby="address">
            <h2 id="address">"E-mail address"</h2>
            <p class="lead">{describe(&address, mail)}</p>
            {resend}
            <PostForm form>
                <Notice text=form.form_error()/>
                <UsernameField username=name.clone()/>
                <Field label="New address" name="email" kind="email" error=form.field_error("email") value=initial_email
                    autocomplete="email" maxlength=EMAIL_CHARS hint/>
                <Field label="Your password" name="password" kind="password" error=form.field_error("password")
                    autocomplete="current-password" maxlength=*PASSWORD_CHARS.end()
                    hint="So that nobody else changes it."/>
                <Submit label="Change address" pending=form.pending() look="plain"/>
            </PostForm>
            {remove}
        </section>
    }
}

/// Describes the state of the e-mail address.
fn describe(address: &EmailAddress, mail: bool) -> String {
    let now = match (&address.email, address.verified) {
        (Some(email), true) => format!("{email}, confirmed. You can sign in with it."),
        (Some(email), false) if mail => format!(
            "{email}, not confirmed yet: follow the link that was sent there. Until then you cannot sign in with it, nor get back in when you forget your password."
        ),
        (Some(email), false) => format!("{email}. You can sign in with it."),
        (None, _) if mail => {
            "None yet. With one that is confirmed you get back in when you forget your password.".into()
        }
        (None, _) => "None yet. With one you can sign in with it.".into(),
    };
    match &address.pending {
        Some(pending) if address.email.is_none() => {
            format!("{pending}, once you follow the link that was sent there. Until then you cannot sign in with it.")
        }
        Some(pending) if Some(pending) != address.email.as_ref() => {
            format!("{now} It becomes {pending} once you follow the link that was sent there.")
        }
        _ => now,
    }
}

#[component]
fn ResendForm() -> impl IntoView {
    let form = Form::of::<SendVerification>();
    view! {
        <PostForm form>
            <Notice text=form.error()/>
            <Submit label="Send the link again" pending=form.pending() look="plain"/>
        </PostForm>
    }
}

#[component]
fn RemoveEmailForm(mail: bool, name: String) -> impl IntoView {
    let form = Form::of::<RemoveEmail>();
    let question = if mail {
        "Without an address you cannot get back in by yourself when you forget your password."
    } else {
        "You then sign in with your username alone."
    };
    let wrong = form.field_error("old_password");
    view! {
        <ConfirmButton label="Remove address" question act="Remove address" form open=form.error().get_untracked().is_some()>
            <Notice text=form.form_error()/>
            <UsernameField username=name/>
            <Field label="Your password" name="old_password" kind="password" error=wrong
                autocomplete="current-password" maxlength=*PASSWORD_CHARS.end()/>
        </ConfirmButton>
    }
}

#[component]
fn Password(name: String) -> impl IntoView {
    let form = Form::of::<ChangePassword>();
    view! {
        <section aria-labelledby="password-title">
            <h2 id="password-title">"Password"</h2>
            <p class="lead">"A new one ends every other sign-in of yours, access tokens too."</p>
            <PostForm form>
                <Notice text=form.form_error()/>
                <UsernameField username=name/>
                <Field label="Current password" name="current_password" kind="password"
                    error=form.field_error("current_password") autocomplete="current-password"
                    maxlength=*PASSWORD_CHARS.end()/>
                <Field label="New password" name="new_password" kind="password" error=form.field_error("new_password")
                    autocomplete="new-password" maxlength=*PASSWORD_CHARS.end()
                    hint="At least 8 characters. A few uncommon words are best."/>
                <Submit label="Change password" pending=form.pending()/>
            </PostForm>
        </section>
    }
}

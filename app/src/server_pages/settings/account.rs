//! Email address and password.

use crate::{
    api::{ChangePassword, RemoveEmail, SendVerification, SetEmail},
    confirm_button::ConfirmButton,
    forms::{Form, PostForm},
    server_pages::{
        done::Done,
        frame::{PageContext, page},
        username_field::UsernameField,
    },
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use protocol::{
    credentials::EmailAddress,
    limits::{EMAIL_CHARS, PASSWORD_CHARS},
};

/// The page of the user's email address and password.
#[component]
pub fn AccountPage() -> impl IntoView {
    page("Account", async |context: PageContext| {
        let address = context.chat.get_email(&context.caller).await?;
        let mail = context.chat.sends_mail();
        let name = context.me.username;
        Ok(view! { <Address address mail name=name.clone()/> <Password name/> }.into_any())
    })
}

#[component]
fn Address(address: EmailAddress, mail: bool, name: String) -> impl IntoView {
    let (form, removal) = (Form::of::<SetEmail>(), Form::of::<RemoveEmail>());
    let hint = if mail { "We'll email you a link to confirm it." } else { "" };
    let initial_email = form.typed("email");
    let to_confirm = address.pending.clone().or(address.email.clone().filter(|_| !address.verified));
    let resend = (mail && to_confirm.is_some()).then(|| view! { <ResendForm/> }.into_any());
    let has_one = address.email.is_some() || address.pending.is_some();
    let (label, act) = if has_one { ("New email", "Change email") } else { ("Email address", "Add email") };
    let remove = has_one.then(|| view! { <RemoveEmailForm mail name=name.clone()/> }.into_any());
    view! {
        <section aria-labelledby="email-title">
            <h2 id="email-title">"Email"</h2>
            <p class="lead">{describe(&address, mail)}</p>
            {resend}
            <PostForm form>
                <Notice text=form.form_error()/>
                <UsernameField username=name.clone()/>
                <Field label name="email" kind="email" error=form.field_error("email") value=initial_email
                    autocomplete="email" maxlength=EMAIL_CHARS hint/>
                <Field label="Your password" name="password" kind="password" error=form.field_error("password")
                    autocomplete="current-password" maxlength=*PASSWORD_CHARS.end()/>
                <div class="actions">
                    <Submit label=act pending=form.pending() variant="secondary"/>
                    <Done form text="Email saved."/>
                    <Done form=removal text="Email removed."/>
                </div>
            </PostForm>
            {remove}
        </section>
    }
}

/// Describes the state of the email address.
fn describe(address: &EmailAddress, mail: bool) -> String {
    let now = match (&address.email, address.verified) {
        (Some(email), true) => format!("{email}, confirmed. You can sign in with it."),
        (Some(email), false) if mail => format!(
            "{email}, not confirmed yet. Open the link we sent there, then you can use it to sign in and to reset your \
             password."
        ),
        (Some(email), false) => format!("{email}. You can sign in with it."),
        (None, _) if mail => "No email yet. Add one so you can reset your password.".into(),
        (None, _) => "No email yet. Add one to sign in with it.".into(),
    };
    match &address.pending {
        Some(pending) if address.email.is_none() => {
            format!("{pending}, not confirmed yet. Open the link we sent there, then you can sign in with it.")
        }
        Some(pending) if Some(pending) != address.email.as_ref() => {
            format!("{now} It changes to {pending} once you open the link we sent there.")
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
            <div class="actions">
                <Submit label="Resend link" pending=form.pending() variant="secondary"/>
                <Done form text="Link sent."/>
            </div>
        </PostForm>
    }
}

#[component]
fn RemoveEmailForm(mail: bool, name: String) -> impl IntoView {
    let form = Form::of::<RemoveEmail>();
    let question = if mail {
        "Without an email you can't reset your password yourself."
    } else {
        "You'll only be able to sign in with your username."
    };
    let wrong = form.field_error("old_password");
    view! {
        <ConfirmButton label="Remove email" question act="Remove email" form open=form.error().get_untracked().is_some()>
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
            <p class="lead">"Changing it signs you out on all other devices and revokes your access tokens."</p>
            <PostForm form>
                <Notice text=form.form_error()/>
                <UsernameField username=name/>
                <Field label="Current password" name="current_password" kind="password"
                    error=form.field_error("current_password") autocomplete="current-password"
                    maxlength=*PASSWORD_CHARS.end()/>
                <Field label="New password" name="new_password" kind="password" error=form.field_error("new_password")
                    autocomplete="new-password" maxlength=*PASSWORD_CHARS.end()
                    hint="At least 8 characters. A few uncommon words are best."/>
                <div class="actions">
                    <Submit label="Change password" pending=form.pending()/>
                    <Done form text="Password changed."/>
                </div>
            </PostForm>
        </section>
    }
}

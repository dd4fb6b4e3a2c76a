//! Two-factor authentication.

use crate::{
    api::{BeginSecondFactor, ConfirmSecondFactor, RemoveSecondFactor, RenewRecoveryCodes, request},
    confirm_button::ConfirmButton,
    forms::{Form, PostForm},
    server_pages::{copy_button::CopyButton, done::Done, frame::page, timestamp::timestamp},
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use leptos_router::{components::Redirect, location::Url};
use protocol::{
    error::Code,
    limits::TOTP_CODE_CHARS,
    session::{FactorSetup, SecondFactor},
};

/// Whether sign-in needs a code, and the links to change that.
#[component]
pub fn SecurityPage() -> impl IntoView {
    page("Two-factor authentication", async |context| {
        let factor = context.chat.get_second_factor(&context.caller).await?;
        Ok(match factor.enabled_at {
            Some(since) => enabled_view(&factor, timestamp(since)).into_any(),
            None => disabled_view().into_any(),
        })
    })
}

fn disabled_view() -> impl IntoView {
    let (begin, removal) = (Form::of::<BeginSecondFactor>(), Form::of::<RemoveSecondFactor>());
    view! {
        <p class="lead">
            "Two-factor authentication is off. Turn it on to require a code from an authenticator app when signing \
             in, so that a leaked password isn't enough."
        </p>
        <PostForm form=begin>
            <Notice text=begin.error()/>
            <div class="actions">
                <Submit label="Set up" pending=begin.pending()/>
                <Done form=removal text="Two-factor authentication was turned off."/>
            </div>
        </PostForm>
    }
}

fn enabled_view(factor: &SecondFactor, since: AnyView) -> impl IntoView {
    let (renew, remove) = (Form::of::<RenewRecoveryCodes>(), Form::of::<RemoveSecondFactor>());
    let left = match factor.recovery_codes_left {
        0 => "You have no recovery codes left. Create new ones.".to_owned(),
        1 => "You have one recovery code left.".to_owned(),
        left => format!("You have {left} recovery codes left."),
    };
    view! {
        <p class="lead">"Signing in requires a code. Turned on " {since} "."</p>
        <section aria-labelledby="recovery-codes">
            <h2 id="recovery-codes">"Recovery codes"</h2>
            <p>{left} " Use one to sign in when you don't have your phone. Each works once."</p>
            <Notice text=renew.form_error()/>
            <ConfirmButton label="Create new codes" act="Replace codes" form=renew open=renew.has_failed()
                question="Your current codes will stop working.">
                {code_field("code", renew)}
            </ConfirmButton>
        </section>
        <section aria-labelledby="turn-off">
            <h2 id="turn-off">"Turn off two-factor"</h2>
            <Notice text=remove.form_error()/>
            <ConfirmButton label="Turn off" act="Turn off two-factor" form=remove open=remove.has_failed()
                question="You'll sign in with only your password, and your recovery codes will stop working.">
                {code_field("last_code", remove)}
            </ConfirmButton>
        </section>
    }
}

/// Asks for a code: whoever knows the password must not be able to turn off what protects against them.
fn code_field(name: &'static str, form: Form) -> impl IntoView {
    view! {
        <Field label="Code" name error=form.field_error(name) autocomplete="one-time-code" maxlength=TOTP_CODE_CHARS
            hint="From your authenticator app, or a recovery code."/>
    }
}

/// The secret for the authenticator app, and the form for its first code.
#[component]
pub fn TotpSetupPage() -> impl IntoView {
    page("Set up two-factor authentication", async |context| {
        let to = |path: &'static str| view! { <Redirect path/> }.into_any();
        match context.chat.get_pending_second_factor(&context.caller).await {
            Ok(Some(setup)) => Ok(set_up(setup).into_any()),
            Ok(None) => Ok(to("/settings/security")),
            Err(error) if error.code == Code::PasswordRequired => {
                Ok(to("/settings/confirm?next=/settings/security/app"))
            }
            Err(error) => Err(error.into()),
        }
    })
}

fn set_up(setup: FactorSetup) -> impl IntoView {
    let form = Form::of::<ConfirmSecondFactor>();
    let picture = format!("data:image/svg+xml,{}", Url::escape(&setup.qr_svg));
    let groups: Vec<_> = setup.secret.as_bytes().chunks(4).map(|part| String::from_utf8_lossy(part)).collect();
    view! {
        <section aria-labelledby="scan">
            <h2 id="scan">"1. Scan this with your authenticator app"</h2>
            <img class="qr-code" src=picture alt="QR code for your authenticator app" width="220" height="220"/>
            <p class="secret">"Or enter this key: " <code>{groups.join(" ")}</code></p>
            <p><a class="button secondary" href=setup.otpauth_url rel="external">"Open in an app on this device"</a></p>
        </section>
        <section aria-labelledby="first-code">
            <h2 id="first-code">"2. Enter the code it shows"</h2>
            <PostForm form>
                <Notice text=form.form_error()/>
                <Field label="Code" name="code" error=form.field_error("code") autocomplete="one-time-code"
                    maxlength=TOTP_CODE_CHARS hint="Six digits."/>
                <label class="choice">
                    <input type="checkbox" name="end_other_sessions" value="true" checked=true/>
                    "Sign out my other devices"
                    <span class="hint">"They're signed in without a code."</span>
                </label>
                <div class="actions">
                    <Submit label="Turn on" pending=form.pending()/>
                    <a class="button secondary" href="/settings/security">"Cancel"</a>
                </div>
            </PostForm>
        </section>
    }
}

/// Shows new recovery codes, once.
#[component]
pub fn RecoveryCodesPage() -> impl IntoView {
    page("Recovery codes", async |_| {
        let Some(codes) = request::browser_session()?.take_flash() else {
            return Ok(view! {
                <p class="lead">"Recovery codes are shown only once, when they're created."</p>
                <p><a class="button secondary" href="/settings/security">"Back to two-factor authentication"</a></p>
            }
            .into_any());
        };
        let text = codes.replace('.', "\n") + "\n";
        let file = format!("data:text/plain;charset=utf-8,{}", Url::escape(&text));
        let codes = codes.split('.').map(|code| view! { <li><code>{code.to_owned()}</code></li> }).collect_view();
        Ok(view! {
            <p class="lead">
                "Store these codes somewhere safe. Each works once. You won't see them again."
            </p>
            <ul class="secret recovery-codes">{codes}</ul>
            <div class="actions">
                <a class="button primary" href="/settings/security">"I've saved them"</a>
                <CopyButton text/>
                <a class="button secondary" href=file download="lair-recovery-codes.txt">"Download"</a>
            </div>
        }
        .into_any())
    })
}

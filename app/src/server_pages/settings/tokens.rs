//! Personal access tokens.

use crate::{
    api::{DeleteToken, MakeToken, request},
    forms::{Form, PostForm, query_param},
    server_pages::{confirm_button::ConfirmButton, frame::page, timestamp::timestamp},
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use protocol::{
    limits::LABEL_CHARS,
    session::{AccessToken, Scope},
    time::Time,
    user::Role,
};

/// Personal access tokens: the list, and the form that creates one.
#[component]
pub fn TokensPage() -> impl IntoView {
    page("Access tokens", async |context| {
        let tokens = context.chat.access_tokens(&context.caller).await?.items;
        let secret = request::browser_session()?.take_flash().filter(|secret| secret.starts_with("lair_"));
        let delete = Form::of::<DeleteToken>();
        let list = if tokens.is_empty() {
            view! { <p class="lead">"You have none yet. The first one is made below."</p> }.into_any()
        } else {
            view! { <ul class="lines">{tokens.into_iter().map(|token| row(token, delete)).collect_view()}</ul> }
                .into_any()
        };
        let now = context.chat.now();
        Ok(view! {
            <p class="lead">
                "For scripts and apps that act for you: they send a token as "
                <code>"Authorization: Bearer …"</code> ". A token never reaches how you sign in."
            </p>
            {secret.map(secret_view)}
            <Notice text=delete.error()/>
            {list}
            <section aria-labelledby="new-token">
                <h2 id="new-token">"New token"</h2>
                {form(now, context.me.role)}
            </section>
        }
        .into_any())
    })
}

fn secret_view(secret: String) -> impl IntoView {
    view! {
        <section class="secret" role="status" aria-labelledby="secret-title">
            <h2 id="secret-title">"Here is your token"</h2>
            <p>"Copy it now: it is shown only this once."</p>
            <p><code>{secret}</code></p>
        </section>
    }
}

fn row(token: AccessToken, delete: Form) -> impl IntoView {
    let used = token
        .last_used_at
        .map_or_else(|| view! { "Never used" }.into_any(), |at| view! { "Last used " {timestamp(at)} }.into_any());
    let ends = token
        .expires_at
        .map_or_else(|| view! { "Does not expire" }.into_any(), |at| view! { "Expires " {timestamp(at)} }.into_any());
    view! {
        <li>
            <div>
                <strong>{token.label}</strong> " " <span class="tag">{token.scope.as_str()}</span>
                <span class="aside">"Made " {timestamp(token.created_at)}</span>
                <span class="aside">{used} " · " {ends}</span>
            </div>
            <ConfirmButton label="Delete" act="Delete token" form=delete question="What uses it is refused from then on.">
                <input type="hidden" name="id" value=token.id.to_string()/>
            </ConfirmButton>
        </li>
    }
}

fn form(now: Time, role: Role) -> impl IntoView {
    /// In milliseconds.
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let form = Form::of::<MakeToken>();
    let after = move |days: i64| now.plus(days * DAY).to_string();
    let scopes = [
        (Scope::Read, "Read: may look at what you can see"),
        (Scope::Write, "Write: may also speak and change things for you"),
        (Scope::Admin, "Admin: may also run the service, as far as you may"),
    ];
    let may_admin = matches!(role, Role::Admin | Role::Moderator);
    let scopes = scopes.into_iter().filter(move |(scope, _)| *scope != Scope::Admin || may_admin);
    let scope = |(scope, text): (Scope, &'static str)| view! { <option value=scope.as_str()>{text}</option> };
    view! {
        <PostForm form>
            <Notice text=form.form_error()/>
            <Field label="What it is for" name="label" error=form.field_error("label") value=query_param("label")
                maxlength=LABEL_CHARS hint="Such as: the deployment script."/>
            <div class="field">
                <label for="scope">"How far it reaches"</label>
                <select id="scope" name="scope">{scopes.map(scope).collect_view()}</select>
            </div>
            <div class="field">
                <label for="expires_at">"How long it is good"</label>
                <select id="expires_at" name="expires_at">
                    <option value=after(30)>"30 days"</option>
                    <option value=after(90)>"90 days"</option>
                    <option value=after(365)>"A year"</option>
                    <option value="">"Until it is deleted"</option>
                </select>
            </div>
            <div class="actions"><Submit label="Make token" pending=form.pending()/></div>
        </PostForm>
    }
}

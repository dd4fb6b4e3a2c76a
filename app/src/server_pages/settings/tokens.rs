//! Personal access tokens.

use crate::{
    api::{CreateToken, DeleteToken, request},
    confirm_button::ConfirmButton,
    forms::{Form, PostForm},
    page_query::query_param,
    server_pages::{
        copy_button::CopyButton,
        done::Done,
        frame::page,
        timestamp::{ago, timestamp},
    },
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use protocol::{
    limits::LABEL_CHARS,
    permissions::Permission,
    session::{AccessToken, Scope},
    time::Time,
    user::Role,
};

/// Personal access tokens: the list, and the form that creates one.
#[component]
pub fn TokensPage() -> impl IntoView {
    page("Access tokens", async |context| {
        let tokens = context.chat.list_tokens(&context.caller).await?.items;
        let secret = request::browser_session()?.take_flash().filter(|secret| secret.starts_with("lair_"));
        let delete = Form::of::<DeleteToken>();
        let list = if tokens.is_empty() {
            view! { <p class="lead">"No tokens yet."</p> }.into_any()
        } else {
            view! { <ul class="item-list">{tokens.into_iter().map(|token| row(token, delete)).collect_view()}</ul> }
                .into_any()
        };
        let now = context.chat.now();
        Ok(view! {
            <p class="lead">
                "For scripts and apps that use the API on your behalf. Send a token as "
                <code>"Authorization: Bearer …"</code>
                ". Tokens can't change your password, email or two-factor settings."
            </p>
            {secret.map(secret_view)}
            <Notice text=delete.error()/>
            <Done form=delete text="Token deleted."/>
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
        <section class="secret" role="status" aria-labelledby="token-title">
            <h2 id="token-title">"Token created"</h2>
            <p>"Copy it now. You won't see it again."</p>
            <p><code>{secret.clone()}</code></p>
            <CopyButton text=secret/>
        </section>
    }
}

fn row(token: AccessToken, delete: Form) -> impl IntoView {
    let used = token
        .last_used_at
        .map_or_else(|| view! { "Never used" }.into_any(), |at| view! { "Last used " {ago(at)} }.into_any());
    let ends = token
        .expires_at
        .map_or_else(|| view! { "No expiry" }.into_any(), |at| view! { "Expires " {timestamp(at)} }.into_any());
    view! {
        <li>
            <div>
                <strong>{token.label}</strong> " " <span class="tag">{token.scope.as_str()}</span>
                <span class="muted">"Created " {ago(token.created_at)}</span>
                <span class="muted">{used} " · " {ends}</span>
            </div>
            <ConfirmButton label="Delete" act="Delete token" form=delete
                question="Anything using this token will stop working.">
                <input type="hidden" name="id" value=token.id.to_string()/>
            </ConfirmButton>
        </li>
    }
}

fn form(now: Time, role: Role) -> impl IntoView {
    /// In milliseconds.
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let form = Form::of::<CreateToken>();
    let after = move |days: i64| now.plus(days * DAY).to_string();
    let scopes = [
        (Scope::Read, "Read: view everything you can see"),
        (Scope::Write, "Write: also send messages and make changes"),
        (Scope::Admin, "Admin: also use the admin features of your role"),
    ];
    let may_admin = Permission::ModerateUsers.is_granted_to(role);
    let scopes = scopes.into_iter().filter(move |(scope, _)| *scope != Scope::Admin || may_admin);
    let scope = |(scope, text): (Scope, &'static str)| view! { <option value=scope.as_str()>{text}</option> };
    view! {
        <PostForm form>
            <Notice text=form.form_error()/>
            <Field label="Name" name="label" error=form.field_error("label") value=query_param("label")
                maxlength=LABEL_CHARS hint="e.g. deployment script"/>
            <div class="field">
                <label for="scope">"Scope"</label>
                <select id="scope" name="scope">{scopes.map(scope).collect_view()}</select>
            </div>
            <div class="field">
                <label for="expires_at">"Expires"</label>
                <select id="expires_at" name="expires_at">
                    <option value=after(30)>"30 days"</option>
                    <option value=after(90)>"90 days"</option>
                    <option value=after(365)>"1 year"</option>
                    <option value="">"No expiry"</option>
                </select>
            </div>
            <div class="actions"><Submit label="Create token" pending=form.pending()/></div>
        </PostForm>
    }
}

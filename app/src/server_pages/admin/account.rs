//! The admin page of an account.

use crate::{
    api::{CreateResetLink, EndAccountSessions, RemoveAccountSecondFactor, SetAccountStatus, SetRole},
    confirm_button::ConfirmButton,
    forms::{Form, PostForm},
    page_query::{is_unsaved, query_param},
    server_pages::{
        admin::ROLES,
        done::Done,
        frame::page,
        timestamp::{ago, timestamp},
    },
    ui::{Avatar, Notice, Submit},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use protocol::{
    account::{Account, AccountStatus},
    error::Error,
    id::UserId,
    permissions::{Permission, outranks},
    user::Role,
};

/// An account: its user, its role, and whether it can sign in.
#[component]
pub fn AccountPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id").unwrap_or_default());
    page("Account", async move |context| {
        let id: UserId = id.parse().map_err(|_| Error::not_found("user"))?;
        let account = context.chat.get_account(&context.caller, id).await?;
        let title = account.display_name.clone();
        // Actions that the caller may not perform are hidden.
        let may = |permission: Permission| permission.is_granted_to(context.caller.role);
        let remove_factor = Form::of::<RemoveAccountSecondFactor>();
        let outranks = outranks(context.caller.role, account.role);
        Ok(view! {
            <Title text=title/>
            {card(&account)}
            {may(Permission::ManageRoles).then(|| roles(&account))}
            {may(Permission::ResetCredentials).then(|| new_password(&account))}
            <Done form=remove_factor text="Two-factor authentication was turned off."/>
            {(may(Permission::ResetCredentials) && account.second_factor).then(|| factor(&account))}
            {outranks.then(|| sessions(&account))}
            {outranks.then(|| status(&account))}
        }
        .into_any())
    })
}

fn card(account: &Account) -> AnyView {
    let email = account.email.clone().unwrap_or_else(|| "None".to_owned());
    let seen = account.last_seen_at.map(|at| view! { <dt>"Last seen"</dt> <dd>{ago(at)}</dd> }.into_any());
    let deactivated = account.status == AccountStatus::Deactivated;
    view! {
        <section class="profile" aria-label="About">
            <header>
                <Avatar of=account.author()/>
                <div>
                    <h2>{account.display_name.clone()}</h2>
                    <p class="muted">"@" {account.username.clone()}</p>
                </div>
            </header>
            <dl>
                <dt>"Role"</dt> <dd>{account.role.name()}</dd>
                <dt>"Status"</dt> <dd>{if deactivated { "Deactivated" } else { "Active" }}</dd>
                <dt>"Email"</dt> <dd>{email}</dd>
                <dt>"Joined"</dt> <dd>{timestamp(account.created_at)}</dd>
                {seen}
            </dl>
        </section>
    }
    .into_any()
}

fn roles(account: &Account) -> AnyView {
    let form = Form::of::<SetRole>();
    // What was chosen before the password was confirmed. A refused role is not shown as if the account had it.
    let submitted = query_param("role");
    let submitted = ROLES.iter().map(|(role, _)| *role).find(|role| is_unsaved() && role.as_str() == submitted);
    let chosen = submitted.unwrap_or(account.role);
    let id = account.id.to_string();
    let choice = move |(role, meaning): &(Role, &'static str)| {
        view! {
            <label class="choice">
                <input type="radio" name="role" value=role.as_str() checked=*role == chosen/>
                {role.name()} <span class="hint">{*meaning}</span>
            </label>
        }
    };
    view! {
        <section aria-labelledby="role">
            <h2 id="role">"Role"</h2>
            <PostForm form>
                <Notice text=form.error()/>
                <input type="hidden" name="id" value=id/>
                <fieldset class="choice-group" data-reset-when-refused="">
                    <legend class="visually-hidden">"Role"</legend>
                    {ROLES.iter().map(choice).collect_view()}
                </fieldset>
                <p class="hint">"Takes effect immediately."</p>
                <div class="actions">
                    <Submit label="Change role" pending=form.pending()/>
                    <Done form text="Role changed."/>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

fn new_password(account: &Account) -> AnyView {
    let (form, id) = (Form::of::<CreateResetLink>(), account.id.to_string());
    view! {
        <section aria-labelledby="password">
            <h2 id="password">"Password"</h2>
            <p class="lead">"Create a one-time reset link to give to this person. Valid for one hour."</p>
            <PostForm form>
                <Notice text=form.error()/>
                <input type="hidden" name="user" value=id/>
                <Submit label="Create reset link" pending=form.pending() variant="secondary"/>
            </PostForm>
        </section>
    }
    .into_any()
}

fn factor(account: &Account) -> AnyView {
    let (form, id) = (Form::of::<RemoveAccountSecondFactor>(), account.id.to_string());
    let question = format!(
        "{} will sign in with only their password. Do this if they lost their phone and recovery codes, and only after \
         you've confirmed it's really them.",
        account.display_name
    );
    view! {
        <section aria-labelledby="two-factor">
            <h2 id="two-factor">"Two-factor authentication"</h2>
            <Notice text=form.error()/>
            <ConfirmButton label="Turn off" act="Turn off two-factor" form question>
                <input type="hidden" name="id" value=id/>
            </ConfirmButton>
        </section>
    }
    .into_any()
}

fn sessions(account: &Account) -> AnyView {
    let (form, id) = (Form::of::<EndAccountSessions>(), account.id.to_string());
    let question = format!("{} will be signed out on all devices and has to sign in again.", account.display_name);
    view! {
        <section aria-labelledby="sessions">
            <h2 id="sessions">"Sessions"</h2>
            <Notice text=form.error()/>
            <ConfirmButton label="Sign out everywhere" act="Sign out all devices" form question>
                <input type="hidden" name="id" value=id/>
            </ConfirmButton>
            <Done form text="Signed out on all devices."/>
        </section>
    }
    .into_any()
}

fn status(account: &Account) -> AnyView {
    let form = Form::of::<SetAccountStatus>();
    let id = account.id.to_string();
    let deactivated = account.status == AccountStatus::Deactivated;
    let done = if deactivated { "Account deactivated." } else { "Account reactivated." };
    let act = if deactivated {
        view! {
            <p class="lead">"This account is deactivated. Its messages remain."</p>
            <PostForm form>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="status" value=AccountStatus::Active.as_str()/>
                <Submit label="Reactivate account" pending=form.pending()/>
            </PostForm>
        }
        .into_any()
    } else {
        let question = format!(
            "{} will be signed out everywhere and can't sign in until the account is reactivated.",
            account.display_name
        );
        view! {
            <ConfirmButton label="Deactivate" act="Deactivate account" form question>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="status" value=AccountStatus::Deactivated.as_str()/>
            </ConfirmButton>
        }
        .into_any()
    };
    view! {
        <section aria-labelledby="status">
            <h2 id="status">"Account"</h2>
            <Notice text=form.error()/>
            {act}
            <Done form text=done/>
        </section>
    }
    .into_any()
}

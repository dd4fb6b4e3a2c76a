//! The admin page of an account.

use crate::{
    api::{ChangeStatus, GiveRole, MakeResetLink, SignOutPerson, TakeFactor},
    forms::{Form, PostForm, query_param},
    server_pages::{
        admin::{ROLES, role_name},
        confirm_button::ConfirmButton,
        frame::page,
        timestamp::timestamp,
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
    user::Role,
};

/// An account: who it is, its role, and whether it can sign in.
#[component]
pub fn AccountPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id").unwrap_or_default());
    page("Account", async move |context| {
        let id: UserId = id.parse().map_err(|_| Error::not_found("user"))?;
        let account = context.chat.account(&context.caller, id).await?;
        let title = account.display_name.clone();
        // Moderators manage members and guests; actions that they may not perform are hidden.
        let is_admin = context.caller.role == Role::Admin;
        let outranks = is_admin || matches!(account.role, Role::Member | Role::Guest);
        Ok(view! {
            <Title text=title/>
            {card(&account)}
            {is_admin.then(|| roles(&account))}
            {is_admin.then(|| new_password(&account))}
            {(is_admin && account.second_factor).then(|| factor(&account))}
            {outranks.then(|| sessions(&account))}
            {outranks.then(|| status(&account))}
        }
        .into_any())
    })
}

fn card(account: &Account) -> AnyView {
    let email = account.email.clone().unwrap_or_else(|| "none".to_owned());
    let seen = account.last_seen_at.map(|at| view! { <dt>"Last seen"</dt> <dd>{timestamp(at)}</dd> }.into_any());
    let deactivated = account.status == AccountStatus::Deactivated;
    view! {
        <section class="person" aria-label="About">
            <header>
                <Avatar of=account.author()/>
                <div>
                    <h2>{account.display_name.clone()}</h2>
                    <p class="aside">"@" {account.username.clone()}</p>
                </div>
            </header>
            <dl>
                <dt>"Role"</dt> <dd>{role_name(account.role)}</dd>
                <dt>"Status"</dt> <dd>{if deactivated { "Deactivated" } else { "Active" }}</dd>
                <dt>"E-mail"</dt> <dd>{email}</dd>
                <dt>"Since"</dt> <dd>{timestamp(account.created_at)}</dd>
                {seen}
            </dl>
        </section>
    }
    .into_any()
}

fn roles(account: &Account) -> AnyView {
    let form = Form::of::<GiveRole>();
    let submitted = query_param("role");
    let chosen = ROLES.iter().map(|(role, ..)| *role).find(|role| role.as_str() == submitted).unwrap_or(account.role);
    let id = account.id.to_string();
    let choice = move |(role, name, meaning): &(Role, &'static str, &'static str)| {
        view! {
            <label class="choice">
                <input type="radio" name="role" value=role.as_str() checked=*role == chosen/>
                {*name} <span class="hint">{*meaning}</span>
            </label>
        }
    };
    view! {
        <section aria-labelledby="role">
            <h2 id="role">"Role"</h2>
            <PostForm form>
                <Notice text=form.error()/>
                <input type="hidden" name="id" value=id/>
                <fieldset class="choices">
                    <legend class="unseen">"Role"</legend>
                    {ROLES.iter().map(choice).collect_view()}
                </fieldset>
                <p class="hint">"It holds at once, wherever they are signed in."</p>
                <Submit label="Change role" pending=form.pending()/>
            </PostForm>
        </section>
    }
    .into_any()
}

fn new_password(account: &Account) -> AnyView {
    let (form, id) = (Form::of::<MakeResetLink>(), account.id.to_string());
    view! {
        <section aria-labelledby="password">
            <h2 id="password">"Password"</h2>
            <p class="lead">"Whoever forgot theirs sets a new one with a link that you hand over. It is good once, for an hour."</p>
            <PostForm form>
                <Notice text=form.error()/>
                <input type="hidden" name="user" value=id/>
                <Submit label="Make a link" pending=form.pending() look="plain"/>
            </PostForm>
        </section>
    }
    .into_any()
}

fn factor(account: &Account) -> AnyView {
    let (form, id) = (Form::of::<TakeFactor>(), account.id.to_string());
    let question = format!(
        "{} then signs in with the password alone. Do it for who lost the phone and the recovery codes, once you are sure \
         that it is them.",
        account.display_name
    );
    view! {
        <section aria-labelledby="factor">
            <h2 id="factor">"Two-step sign-in"</h2>
            <Notice text=form.error()/>
            <ConfirmButton label="Take away" act="Take the second step away" form question>
                <input type="hidden" name="id" value=id/>
            </ConfirmButton>
        </section>
    }
    .into_any()
}

fn sessions(account: &Account) -> AnyView {
    let (form, id) = (Form::of::<SignOutPerson>(), account.id.to_string());
    let question = format!("{} is signed out everywhere at once, and signs in anew.", account.display_name);
    view! {
        <section aria-labelledby="sessions">
            <h2 id="sessions">"Sessions"</h2>
            <Notice text=form.error()/>
            <ConfirmButton label="Sign out everywhere" act="End all sessions" form question>
                <input type="hidden" name="id" value=id/>
            </ConfirmButton>
        </section>
    }
    .into_any()
}

fn status(account: &Account) -> AnyView {
    let form = Form::of::<ChangeStatus>();
    let id = account.id.to_string();
    let act = if account.status == AccountStatus::Deactivated {
        view! {
            <p class="lead">"Nobody can sign in with this account, and nobody finds it. The name stays on what was said."</p>
            <PostForm form>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="status" value=AccountStatus::Active.as_str()/>
                <Submit label="Bring it back" pending=form.pending()/>
            </PostForm>
        }
        .into_any()
    } else {
        let question = format!(
            "{} is signed out everywhere and cannot sign in again, until someone brings the account back.",
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
        </section>
    }
    .into_any()
}

//! The list of accounts, with search.

use crate::{
    api::account_page,
    page_query::query_param,
    pages,
    server_pages::{admin::ROLES, frame::page, timestamp::ago},
    ui::{Avatar, EmptyState, Shape},
};
use leptos::prelude::*;
use leptos_router::location::Url;
use protocol::{
    account::{Account, AccountFilter, AccountStatus},
    error::Code,
    limits::{PAGE_DEFAULT, USER_QUERY_CHARS},
    page::PageQuery,
    user::Role,
};

const STATUSES: [(AccountStatus, &str); 2] =
    [(AccountStatus::Active, "Active"), (AccountStatus::Deactivated, "Deactivated")];

/// All accounts, or those that match the filter.
#[component]
pub fn AccountsPage() -> impl IntoView {
    page("Accounts", async |context| {
        let filter = filter();
        let cursor = Some(query_param("cursor")).filter(|cursor| !cursor.is_empty());
        let found = context
            .chat
            .list_accounts(&context.caller, filter.clone(), PageQuery { limit: PAGE_DEFAULT, cursor })
            .await;
        let list = match found {
            Ok(found) if found.items.is_empty() => no_results(),
            Ok(found) => {
                let more = found.next_cursor.map(|cursor| more(&filter, &cursor));
                view! {
                    <ul class="user-list">{found.items.into_iter().map(|one| row(&one)).collect_view()}</ul>
                    {more}
                }
                .into_any()
            }
            Err(error) if error.code == Code::Forbidden => return Err(error.into()),
            Err(error) => {
                pages::set_error_status(&error.clone().into());
                view! { <p class="notice" role="alert">{error.to_string()}</p> }.into_any()
            }
        };
        Ok(view! { {search(&filter)} {list} }.into_any())
    })
}

/// The filter in the query; an unknown role or status is ignored.
fn filter() -> AccountFilter {
    let (role, status) = (query_param("role"), query_param("status"));
    AccountFilter {
        role: ROLES.iter().map(|(role, ..)| *role).find(|one| one.as_str() == role),
        status: STATUSES.iter().map(|(status, _)| *status).find(|one| one.as_str() == status),
        query: query_param("q"),
    }
}

fn search(filter: &AccountFilter) -> AnyView {
    let role = |(role, _): &(Role, &str)| {
        view! { <option value=role.as_str() selected=filter.role == Some(*role)>{role.name()}</option> }
    };
    let status = |(status, name): &(AccountStatus, &'static str)| {
        view! { <option value=status.as_str() selected=filter.status == Some(*status)>{*name}</option> }
    };
    view! {
        <form class="search-form account-filters" method="get" action="/admin/people" role="search">
            <div class="field">
                <label class="visually-hidden" for="q">"Name, username or email"</label>
                <input id="q" name="q" type="search" value=filter.query.clone() maxlength=USER_QUERY_CHARS.to_string()
                    placeholder="Name, username or email" autocomplete="off" autocapitalize="none" spellcheck="false"/>
            </div>
            <div class="field">
                <select name="role" aria-label="Role">
                    <option value="">"Any role"</option>
                    {ROLES.iter().map(role).collect_view()}
                </select>
            </div>
            <div class="field">
                <select name="status" aria-label="Status">
                    <option value="">"Any status"</option>
                    {STATUSES.iter().map(status).collect_view()}
                </select>
            </div>
            <button type="submit" class="button secondary">"Search"</button>
        </form>
    }
    .into_any()
}

fn row(account: &Account) -> AnyView {
    let deactivated = (account.status == AccountStatus::Deactivated)
        .then(|| view! { <span class="tag">"Deactivated"</span> }.into_any());
    let seen = account.last_seen_at.map(|at| view! { "Seen " {ago(at)} }.into_any());
    view! {
        <li>
            <a href=account_page(account.id)>
                <Avatar of=account.author() size="medium"/>
                <span class="user-name">
                    <strong>{account.display_name.clone()}</strong> <span>"@" {account.username.clone()}</span>
                </span>
            </a>
            <span class="user-detail">{seen}</span>
            <span class="user-role">{account.role.name()}</span>
            <span>{deactivated}</span>
        </li>
    }
    .into_any()
}

fn more(filter: &AccountFilter, cursor: &str) -> AnyView {
    let role = filter.role.map_or("", Role::as_str);
    let status = filter.status.map_or("", AccountStatus::as_str);
    let href = format!("/admin/people?q={}&role={role}&status={status}&cursor={cursor}", Url::escape(&filter.query));
    view! { <a class="button secondary" href=href>"More accounts"</a> }.into_any()
}

fn no_results() -> AnyView {
    let text = "Try clearing the filters.";
    view! {
        <EmptyState title="No matching accounts" text shape=Shape::People>
            <a class="button secondary" href="/admin/people">"Clear filters"</a>
        </EmptyState>
    }
    .into_any()
}

//! Starting a direct or group conversation.

use crate::{
    api::{OpenDirectRoom, user_ids_from},
    forms::{Form, PostForm},
    page_query::query_param,
    server_pages::{frame::page, people::presence},
    ui::{Avatar, EmptyState, Notice, Shape, Submit},
};
use leptos::prelude::*;
use leptos_router::location::Url;
use protocol::{
    command::SearchUsers,
    id::UserId,
    limits::{DIRECT_MEMBERS, USER_QUERY_CHARS},
    user::User,
};

const PAGE: &str = "/messages/new";
/// Users shown for a search.
const FOUND: u32 = 20;

/// Chooses people, one after the other, by links; then opens the conversation with them.
#[component]
pub fn NewMessagePage() -> impl IntoView {
    page("New message", async |context| {
        let query = query_param("q");
        let chosen_ids = user_ids_from(&query_param("with")).unwrap_or_default();
        let mut chosen = Vec::new();
        for id in chosen_ids.into_iter().take(DIRECT_MEMBERS) {
            // Whoever cannot be found any more is left out.
            chosen.extend(context.chat.get_user(&context.caller, id).await.ok());
        }
        let command = SearchUsers { query: query.clone(), limit: Some(FOUND), cursor: None };
        let found = context.chat.search_users(&context.caller, command).await?.items;
        let is_new = |user: &&User| user.id != context.me.id && chosen.iter().all(|other: &User| other.id != user.id);
        let rows: Vec<_> = found.iter().filter(is_new).map(|user| found_row(user, &chosen)).collect();
        let list = if rows.is_empty() {
            view! { <EmptyState title="No more people found" text="Try another name." shape=Shape::People/> }.into_any()
        } else {
            view! { <ul class="user-list">{rows}</ul> }.into_any()
        };
        let with = list_of(&chosen, None);
        Ok(view! {
            {start_form(&chosen)}
            <form class="search-form" method="get" action=PAGE role="search">
                <input type="hidden" name="with" value=with/>
                <div class="field">
                    <label class="visually-hidden" for="q">"Name or username"</label>
                    <input id="q" name="q" type="search" value=query maxlength=USER_QUERY_CHARS.to_string()
                        placeholder="Name or username" autocomplete="off" autocapitalize="none" spellcheck="false"/>
                </div>
                <button type="submit" class="button secondary">"Search"</button>
            </form>
            {list}
        }
        .into_any())
    })
}

/// The ids of the chosen users but one, separated by commas.
fn list_of(chosen: &[User], but: Option<UserId>) -> String {
    let ids = chosen.iter().map(|user| user.id).filter(|id| Some(*id) != but);
    ids.map(|id| id.to_string()).collect::<Vec<_>>().join(",")
}

fn start_form(chosen: &[User]) -> AnyView {
    let form = Form::of::<OpenDirectRoom>();
    if chosen.is_empty() {
        let text = "Choose one person for a direct message, or several for a group.";
        return view! { <p class="lead">{text}</p> <Notice text=form.error()/> }.into_any();
    }
    let chip = |user: &User| {
        let href = format!("{PAGE}?with={}", list_of(chosen, Some(user.id)));
        let label = format!("Remove {}", user.display_name);
        view! {
            <li>
                <Avatar of=user.author() size="small"/> {user.display_name.clone()}
                <a href=href aria-label=label><crate::ui::Icon shape=Shape::Close/></a>
            </li>
        }
    };
    let fields = view! {
            <Notice text=form.error()/>
            <ul class="chips" aria-label="To">{chosen.iter().map(chip).collect_view()}</ul>
            <input type="hidden" name="user_ids" value=list_of(chosen, None)/>
            <input type="hidden" name="back" value=PAGE/>
            <Submit label="Start conversation" pending=form.pending()/>
    };
    view! {
        <PostForm form>{fields}</PostForm>
    }
    .into_any()
}

fn found_row(user: &User, chosen: &[User]) -> AnyView {
    let ids: Vec<_> = chosen.iter().map(|user| user.id).chain([user.id]).map(|id| id.to_string()).collect();
    let href = format!("{PAGE}?with={}", Url::escape(&ids.join(",")));
    view! {
        <li>
            <a href=href>
                <Avatar of=user.author() size="medium"/>
                <span class="user-name">
                    <strong>{user.display_name.clone()}</strong> <span>"@" {user.username.clone()}</span>
                </span>
            </a>
            <span>{presence(user)}</span>
        </li>
    }
    .into_any()
}

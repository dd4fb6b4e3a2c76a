//! What the service told one.

use super::{frame::page, moment::moment};
use crate::{
    api::MarkAllRead,
    forms::{Form, Post, typed},
    ui::{Empty, Notice, Submit},
};
use leptos::prelude::*;
use protocol::{limits::PAGE_DEFAULT, notification::Notification, page::PageQuery};

/// What the service told one, the newest first.
#[component]
pub fn NotificationsPage() -> impl IntoView {
    page("Notifications", async |visit| {
        let cursor = Some(typed("cursor")).filter(|cursor| !cursor.is_empty());
        let page = visit.chat.notifications(&visit.caller, PageQuery { limit: PAGE_DEFAULT, cursor }).await?;
        if page.items.is_empty() {
            let text = "When something concerns your account, such as a sign-in from a new device, it stands here.";
            return Ok(view! { <Empty title="Nothing to tell" text/> }.into_any());
        }
        let read = Form::of::<MarkAllRead>();
        let unread = page.items.iter().any(|one| one.read_at.is_none());
        let more = page.next_cursor.map(|cursor| {
            view! { <p><a href=format!("/notifications?cursor={cursor}")>"Older notifications"</a></p> }
        });
        let mark = unread.then(|| {
            view! {
                <Post form=read>
                    <Notice text=read.told()/>
                    <div class="actions"><Submit label="Mark all read" pending=read.pending() look="plain"/></div>
                </Post>
            }
        });
        Ok(view! {
            {mark}
            <ul class="lines">{page.items.into_iter().map(row).collect_view()}</ul>
            {more}
        }
        .into_any())
    })
}

fn row(one: Notification) -> impl IntoView {
    let unread = one.read_at.is_none();
    view! {
        <li class:unread=unread>
            <div>
                <span>{one.text}</span>
                <span class="aside">
                    {unread.then(|| view! { <span class="tag">"New"</span> " " })} {moment(one.created_at)}
                </span>
            </div>
            {one.link.map(|link| view! { <a class="button plain" href=link>"Look"</a> })}
        </li>
    }
}

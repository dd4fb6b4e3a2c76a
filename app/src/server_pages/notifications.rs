//! Notifications, and pending room invitations.

use crate::{
    api::{AcceptInvitation, DeclineInvitation, ReadAllNotifications},
    forms::{Form, PostForm},
    page_query::query_param,
    server_pages::{
        frame::{PageContext, page},
        timestamp::ago,
    },
    ui::{EmptyState, Icon, Notice, Shape, Submit},
};
use leptos::prelude::*;
use protocol::{
    command::ReadNotifications,
    limits::PAGE_DEFAULT,
    notification::Notification,
    page::{Page, PageQuery},
    room::Visibility,
    room_invitation::RoomInvitation,
};

/// The user's notifications, newest first. Opening the page marks what it shows as read.
#[component]
pub fn NotificationsPage() -> impl IntoView {
    page("Notifications", async |context: PageContext| {
        let cursor = |name| Some(query_param(name)).filter(|cursor| !cursor.is_empty());
        let query = |name| PageQuery { limit: PAGE_DEFAULT, cursor: cursor(name) };
        let invitations = context.chat.list_invitations(&context.caller, query("invitations")).await?;
        let pending: Vec<_> = invitations.items.iter().map(|one| one.id.to_string()).collect();
        let invitations = (!pending.is_empty()).then(|| view! { <Invitations page=invitations/> }.into_any());
        let mut page = context.chat.list_notifications(&context.caller, query("cursor")).await?;
        let unread_here = mark_read(&context, &page).await;
        // Those of pending invitations say the same.
        page.items.retain(|one| !pending.iter().any(|id| one.data["invitation_id"] == id.as_str()));
        if page.items.is_empty() {
            let text = "When something happens on your account, such as a new sign-in, you'll see it here.";
            let empty =
                pending.is_empty().then(|| view! { <EmptyState title="No notifications yet" text shape=Shape::Bell/> });
            return Ok(view! { {invitations} {empty} }.into_any());
        }
        let read = Form::of::<ReadAllNotifications>();
        let unread = context.me.unread_notifications.unwrap_or_default() > unread_here;
        let more = page.next_cursor.map(|cursor| {
            view! { <p><a href=format!("/notifications?cursor={cursor}")>"Older notifications"</a></p> }
        });
        let read_all = unread.then(|| {
            view! {
                <PostForm form=read>
                    <Notice text=read.error()/>
                    <div class="actions">
                        <Submit label="Mark all as read" pending=read.pending() variant="secondary"/>
                    </div>
                </PostForm>
            }
        });
        Ok(view! {
            {invitations}
            {read_all}
            <ul class="item-list notification-list">{page.items.into_iter().map(row).collect_view()}</ul>
            {more}
        }
        .into_any())
    })
}

/// Marks the notifications of a page as read, now that the user sees them; returns how many are new to them.
async fn mark_read(context: &PageContext, page: &Page<Notification>) -> i64 {
    let unread = page.items.iter().filter(|one| one.read_at.is_none());
    let ids: Vec<_> = unread.map(|one| one.id).collect();
    let count = i64::try_from(ids.len()).unwrap_or_default();
    if count > 0 {
        // If the server is too busy to store it, they remain unread.
        let _ = context.chat.read_notifications(&context.caller, ReadNotifications { ids: Some(ids) }).await;
    }
    count
}

/// Pending room invitations.
#[component]
fn Invitations(page: Page<RoomInvitation>) -> impl IntoView {
    let (accept, decline) = (Form::of::<AcceptInvitation>(), Form::of::<DeclineInvitation>());
    let more = page.next_cursor.map(|cursor| {
        view! { <p><a href=format!("/notifications?invitations={cursor}")>"Older invitations"</a></p> }
    });
    view! {
        <section aria-labelledby="invitations">
            <h2 id="invitations">"Invitations"</h2>
            <Notice text=accept.error()/>
            <Notice text=decline.error()/>
            <ul class="item-list">
                {page.items.into_iter().map(|one| view! { <Invitation one accept decline/> }).collect_view()}
            </ul>
            {more}
        </section>
    }
}

#[component]
fn Invitation(one: RoomInvitation, accept: Form, decline: Form) -> impl IntoView {
    let kind = if one.visibility == Visibility::Private { "private room" } else { "room" };
    let text = format!("{} invited you to the {kind} \"{}\".", one.invited_by.display_name, one.room_name);
    let until = format!("Expires {}", one.expires_at.date());
    let (yes, no) = (format!("Accept {}", one.room_name), format!("Decline {}", one.room_name));
    view! {
        <li>
            <div><span>{text}</span> <span class="muted">{until}</span></div>
            <div class="actions">
                <PostForm form=accept>
                    <input type="hidden" name="id" value=one.id.to_string()/>
                    <button type="submit" class="button primary" aria-label=yes>"Accept"</button>
                </PostForm>
                <PostForm form=decline>
                    <input type="hidden" name="id" value=one.id.to_string()/>
                    <button type="submit" class="button secondary" aria-label=no>"Decline"</button>
                </PostForm>
            </div>
        </li>
    }
}

fn row(one: Notification) -> impl IntoView {
    let unread = one.read_at.is_none();
    // The actions of this page are shown above.
    let link = one.link.filter(|link| link != "/notifications");
    let shape = match one.kind.as_str() {
        "room_invitation" => Shape::Hash,
        "role_changed" | "reactivated" => Shape::People,
        // All others are about how the user signs in.
        _ => Shape::Lock,
    };
    view! {
        <li>
            <Icon shape/>
            <div>
                <span>{one.text}</span>
                <span class="muted">
                    {unread.then(|| view! { <span class="tag">"New"</span> " " })} {ago(one.created_at)}
                </span>
            </div>
            {link.map(|link| view! { <a class="button secondary" href=link>"View"</a> })}
        </li>
    }
}

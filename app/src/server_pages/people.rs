//! Pages about users: the directory, profiles, blocked users, and the user's own data.

mod card;
mod list;
mod local_time;
mod new_message;
mod user;

pub use crate::server_pages::people::{
    card::profile_card_html, list::PeoplePage, new_message::NewMessagePage, user::UserPage,
};

use crate::{forms::PostForm, ui::Notice};
use leptos::prelude::*;
use leptos_router::location::Url;
use protocol::user::{Presence, Role, User};

/// What blocking a user does.
pub const BLOCKED: &str = "Their messages are hidden and they can't add you to rooms. They won't be told.";

/// The path of a user's profile page.
pub fn profile_path(user: &User) -> String {
    format!("/people/{}", Url::escape(&user.username))
}

/// Whether a user is online, as text that screen readers announce too.
pub fn presence(user: &User) -> Option<AnyView> {
    (user.presence == Presence::Online).then(|| view! { <span class="user-online">"Online"</span> }.into_any())
}

/// A label for a user's role or deactivation; `None` for an ordinary member.
pub const fn role(user: &User) -> Option<&'static str> {
    match (user.deactivated, user.role) {
        (true, _) => Some("Deactivated"),
        (_, Role::Member) => None,
        (_, role) => Some(role.name()),
    }
}

/// A user's status text.
pub fn status(user: &User) -> Option<String> {
    let status = user.status.as_ref()?;
    let parts = [status.emoji.as_deref(), status.text.as_deref()];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// A button that performs one action on a user, and returns to this page.
pub fn user_action(form: crate::forms::Form, user: &User, next: String, label: &'static str, name: String) -> AnyView {
    let id = user.id.to_string();
    view! {
        <PostForm form>
            <Notice text=form.error()/>
            <input type="hidden" name="user_id" value=id/>
            <input type="hidden" name="next" value=next/>
            <button type="submit" class="button secondary" aria-label=name>{label}</button>
        </PostForm>
    }
    .into_any()
}

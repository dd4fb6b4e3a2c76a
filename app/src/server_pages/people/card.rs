//! Profile cards.

use crate::{
    api::OpenDirectRoom,
    forms::Form,
    page_user::user_field,
    server_pages::{
        languages::language_name,
        people::{local_time::local_time, presence, profile_path, role, status},
    },
    ui::Avatar,
};
use leptos::prelude::*;
use protocol::user_profile::UserProfile;

/// A user's profile, in short.
pub fn profile_card(profile_page: &UserProfile) -> AnyView {
    let UserProfile { user, profile, local_time: clock, .. } = profile_page;
    let line = |name: &'static str, text: Option<String>| {
        text.filter(|text| !text.is_empty()).map(|text| view! { <dt>{name}</dt> <dd>{text}</dd> }.into_any())
    };
    // A deactivated user's former status does not apply any more.
    let facts = if user.deactivated {
        view! { <p class="muted">"Account deactivated"</p> }.into_any()
    } else {
        view! {
            <dl>
                {line("Status", status(user))}
                {line("Pronouns", Some(profile.pronouns.clone()))}
                {clock.map(|time| view! { <dt>"Local time"</dt> <dd>{local_time(time)}</dd> }.into_any())}
                {line("Language", profile.language.as_deref().map(|tag| language_name(tag).to_owned()))}
                {line("Role", role(user).map(str::to_owned))}
            </dl>
        }
        .into_any()
    };
    view! {
        <section class="profile" aria-labelledby="profile-card-title">
            <header>
                <Avatar of=user.author()/>
                <div>
                    <h2 id="profile-card-title">{user.display_name.clone()}</h2>
                    <p class="muted">"@" {user.username.clone()} " " {presence(user)}</p>
                </div>
            </header>
            {facts}
            {(!profile.bio.is_empty()).then(|| view! { <p class="profile-bio">{profile.bio.clone()}</p> }.into_any())}
        </section>
    }
    .into_any()
}

/// The same as HTML, to be shown over a room, with a link to the actions on this user.
pub fn profile_card_html(profile_page: &UserProfile, is_me: bool) -> String {
    let block_path = || format!("{}#block", profile_path(&profile_page.user));
    let (text, href) = match (is_me, profile_page.blocked, profile_page.user.deactivated) {
        (true, ..) => ("Edit your profile", "/settings/profile".to_owned()),
        (_, true, _) => ("You blocked this person. Unblock…", block_path()),
        (_, _, false) => ("Block this person…", block_path()),
        (_, _, true) => return profile_card(profile_page).to_html(),
    };
    let open = Form::of::<OpenDirectRoom>();
    let label = if is_me { "Message yourself" } else { "Message" };
    // The card is in a form of its own, which only closes it.
    let message = (!profile_page.blocked).then(|| {
        view! {
            <input type="hidden" name="back" value=profile_path(&profile_page.user)/>
            {user_field()}
            <button class="button primary" formaction=open.path() formmethod="post"
                name="user_ids" value=profile_page.user.id.to_string()>
                {label}
            </button>
        }
        .into_any()
    });
    view! {
        {profile_card(profile_page)}
        {message}
        <p class="profile-card-link"><a href=href rel="external">{text}</a></p>
    }
    .to_html()
}

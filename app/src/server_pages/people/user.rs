//! A user's profile page.

use crate::{
    api::{BlockUser, OpenDirectRoom, UnblockUser},
    forms::{Form, PostForm},
    server_pages::{
        frame::page,
        people::{BLOCKED, card::profile_card, profile_path, user_action},
    },
    ui::{Notice, Submit},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use protocol::user_profile::UserProfile;

/// A user's profile, the rooms shared with them, and the button to block them.
#[component]
pub fn UserPage() -> impl IntoView {
    let username = use_params_map().with_untracked(|params| params.get("username").unwrap_or_default());
    page("Profile", async move |context| {
        let profile_page = context.chat.user_profile(&context.caller, &username).await?;
        let is_me = profile_page.user.id == context.me.id;
        let title = profile_page.user.display_name.clone();
        let end = if is_me {
            view! { <p><a class="button secondary" href="/settings/profile">"Edit your profile"</a></p> }.into_any()
        } else {
            block_section(&profile_page)
        };
        Ok(view! {
            <Title text=title/>
            {profile_card(&profile_page)}
            {(!profile_page.blocked && !profile_page.user.deactivated).then(|| message_form(&profile_page, is_me))}
            {rooms(&profile_page, is_me)}
            {end}
        }
        .into_any())
    })
}

/// Opens the direct room with the user, or of one's own notes.
fn message_form(profile_page: &UserProfile, is_me: bool) -> AnyView {
    let form = Form::of::<OpenDirectRoom>();
    let (user, label) = (&profile_page.user, if is_me { "Message yourself" } else { "Message" });
    let fields = view! {
            <Notice text=form.error()/>
            <input type="hidden" name="user_ids" value=user.id.to_string()/>
            <input type="hidden" name="back" value=profile_path(user)/>
            <Submit label pending=form.pending()/>
    };
    view! {
        <PostForm form>{fields}</PostForm>
    }
    .into_any()
}

fn rooms(profile_page: &UserProfile, is_me: bool) -> Option<AnyView> {
    if profile_page.shared_rooms.is_empty() {
        return None;
    }
    let title = if is_me { "Your rooms" } else { "Shared rooms" };
    let row = |(id, name): &(protocol::id::RoomId, String)| {
        view! { <li><a href=format!("/rooms/{id}")>{name.clone()}</a></li> }
    };
    let rows = profile_page.shared_rooms.iter().map(row).collect_view();
    Some(view! { <section><h2>{title}</h2> <ul class="shared-rooms">{rows}</ul></section> }.into_any())
}

fn block_section(profile_page: &UserProfile) -> AnyView {
    let (user, next) = (&profile_page.user, profile_path(&profile_page.user));
    if profile_page.blocked {
        let name = format!("Unblock {}", user.display_name);
        return view! {
            <section>
                <h2 id="block">"You blocked this person"</h2>
                <p class="lead">{BLOCKED}</p>
                {user_action(Form::of::<UnblockUser>(), user, next, "Unblock", name)}
            </section>
        }
        .into_any();
    }
    let name = format!("Block {}", user.display_name);
    view! {
        <section>
            <details class="disclosure">
                <summary class="button danger">"Block this person"</summary>
                <div class="disclosure-content">
                    <p id="block">
                        {BLOCKED} " You can unblock them at any time."
                    </p>
                    {user_action(Form::of::<BlockUser>(), user, next, "Block", name)}
                </div>
            </details>
        </section>
    }
    .into_any()
}

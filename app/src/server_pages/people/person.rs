//! A user's profile page.

use crate::{
    api::{Block, Unblock},
    forms::Form,
    server_pages::{
        frame::page,
        people::{card::profile_card, profile_path, user_action},
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use protocol::{about::UserProfile, settings::HourCycle};

/// A user's profile, the rooms shared with them, and the button to block them.
#[component]
pub fn UserPage() -> impl IntoView {
    let username = use_params_map().with_untracked(|params| params.get("username").unwrap_or_default());
    page("Profile", async move |context| {
        let about = context.chat.user_profile(&context.caller, &username).await?;
        let cycle = context.me.settings.as_ref().map_or(HourCycle::default(), |settings| settings.hour_cycle);
        let is_me = about.user.id == context.me.id;
        let title = about.user.display_name.clone();
        let end = if is_me {
            view! { <p><a class="button" href="/settings/profile">"Edit your profile"</a></p> }.into_any()
        } else {
            block_section(&about)
        };
        Ok(view! {
            <Title text=title/>
            {profile_card(&about, cycle)}
            {rooms(&about, is_me)}
            {end}
        }
        .into_any())
    })
}

fn rooms(about: &UserProfile, is_me: bool) -> Option<AnyView> {
    if about.shared_rooms.is_empty() {
        return None;
    }
    let title = if is_me { "Your rooms" } else { "Rooms you are both in" };
    let row = |(id, name): &(protocol::id::RoomId, String)| {
        view! { <li><a href=format!("/rooms/{id}")>{name.clone()}</a></li> }
    };
    let rows = about.shared_rooms.iter().map(row).collect_view();
    Some(view! { <section><h2>{title}</h2> <ul class="meeting">{rows}</ul></section> }.into_any())
}

fn block_section(about: &UserProfile) -> AnyView {
    let (user, next) = (&about.user, profile_path(&about.user));
    if about.blocked {
        let name = format!("Unblock {}", user.display_name);
        return view! {
            <section>
                <h2 id="keep-away">"You blocked this person"</h2>
                <p class="lead">"What they say is folded up, and they cannot write to you. They cannot tell."</p>
                {user_action(Form::of::<Unblock>(), user, next, "Unblock", name)}
            </section>
        }
        .into_any();
    }
    let name = format!("Block {}", user.display_name);
    view! {
        <section>
            <details class="asks">
                <summary>"Block this person"</summary>
                <p class="lead" id="keep-away">
                    "What they say will be folded up, and they cannot write to you or notify you. They cannot tell that \
                     you blocked them. You can undo this."
                </p>
                {user_action(Form::of::<Block>(), user, next, "Block", name)}
            </details>
        </section>
    }
    .into_any()
}

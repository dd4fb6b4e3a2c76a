//! A public room that the user is not a member of.

use crate::{
    api::JoinRoom,
    forms::{Form, PostForm},
    rooms::member_count_text,
    ui::{Icon, Logo, Notice, Shape},
};
use leptos::prelude::*;
use leptos_meta::Title;
use protocol::room::Room;

/// The room's description, and the button to join.
#[component]
pub fn JoinCard(
    /// The room.
    room: Room,
) -> impl IntoView {
    let form = Form::of::<JoinRoom>();
    let id = room.id.to_string();
    let topic = if room.topic.is_empty() { "This is a public room. Anyone can join.".to_owned() } else { room.topic };
    view! {
        <Title text=room.name.clone()/>
        <main class="page" id="main" tabindex="-1">
            <header class="header-bar">
                <a class="back-link" href="/rooms" aria-label="All rooms"><Icon shape=Shape::Back/></a>
                <h1>{room.name.clone()}</h1>
            </header>
            <div class="empty-state">
                <Logo/>
                <h2>{topic}</h2>
                <p>{member_count_text(room.member_count)}</p>
                <Notice text=form.error()/>
                <PostForm form>
                    <input type="hidden" name="room_id" value=id/>
                    <button class="button primary" type="submit">"Join " {room.name}</button>
                </PostForm>
            </div>
        </main>
    }
}

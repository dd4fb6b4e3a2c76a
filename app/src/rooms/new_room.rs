//! Creating a room.

use crate::{
    api::CreateRoom,
    client_id,
    forms::{Form, PostForm},
    page_query::query_param,
    pages,
    session::use_page_session,
    ui::{Field, Icon, Notice, Shape, Submit},
};
use leptos::prelude::*;
use leptos_meta::Title;
use protocol::{
    error::{Code, Error},
    limits::{ROOM_NAME_CHARS, TOPIC_CHARS},
    permissions::Permission,
};

/// The form for a new room, for those who may create one.
#[component]
pub fn NewRoomPage() -> impl IntoView {
    let session = use_page_session();
    pages::suspended(move || async move {
        let live = session.ready().await.ok()?;
        if !live.may(Permission::CreateRooms) {
            return Some(pages::error_page(&Error::new(Code::Forbidden, "").into()));
        }
        Some(
            view! {
                <Title text="New room"/>
                <main class="page" id="main" tabindex="-1">
                    <header class="header-bar">
                        <a class="back-link" href="/rooms" aria-label="All rooms"><Icon shape=Shape::Back/></a>
                        <h1>"New room"</h1>
                    </header>
                    <div class="content"><NewRoomForm/></div>
                </main>
            }
            .into_any(),
        )
    })
}

#[component]
fn NewRoomForm() -> impl IntoView {
    let form = Form::of::<CreateRoom>();
    view! {
        <PostForm form>
            <Notice text=form.form_error()/>
            <input type="hidden" name="key" value=client_id::generate().0/>
            <Field label="Name" name="name" error=form.field_error("name") value=query_param("name")
                maxlength=ROOM_NAME_CHARS hint="e.g. a team, project or topic" autofocus=true/>
            <Field label="Topic" name="topic" error=form.field_error("topic") value=query_param("topic")
                maxlength=TOPIC_CHARS optional=true hint="What this room is about, in one line."/>
            <label class="choice">
                <input type="checkbox" name="private" value="true" checked=query_param("private") == "true"
                    aria-describedby="private-hint"/>
                <span>"Private"</span>
                <span class="hint" id="private-hint">"Only people who are added can see it."</span>
            </label>
            <Submit label="Create room" pending=form.pending()/>
        </PostForm>
    }
}

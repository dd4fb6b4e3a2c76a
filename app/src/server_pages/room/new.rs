//! Creating a room.

use crate::{
    api::CreateRoom,
    client_id,
    forms::{Form, PostForm},
    page_query::query_param,
    server_pages::frame::page,
    ui::{Field, Notice, Submit},
};
use leptos::prelude::*;
use protocol::{
    error::{Code, Error},
    limits::{ROOM_NAME_CHARS, TOPIC_CHARS},
    permissions::Permission,
};

/// The form for a new room, for those who may create one.
#[component]
pub fn NewRoomPage() -> impl IntoView {
    page("New room", async |context| {
        if !Permission::CreateRooms.is_granted_to(context.caller.role) {
            return Err(Error::new(Code::Forbidden, "").into());
        }
        Ok(new_room_form())
    })
}

fn new_room_form() -> AnyView {
    let form = Form::of::<CreateRoom>();
    let choice = |name: &'static str, label: &'static str, hint: &'static str| {
        let hint_id = format!("{name}-hint");
        view! {
            <label class="choice">
                <input type="checkbox" name=name value="true" checked=query_param(name) == "true"
                    aria-describedby=hint_id.clone()/>
                <span>{label}</span>
                <span class="hint" id=hint_id>{hint}</span>
            </label>
        }
    };
    view! {
        <PostForm form>
            <Notice text=form.form_error()/>
            <input type="hidden" name="key" value=client_id::generate().0/>
            <Field label="Name" name="name" error=form.field_error("name") value=query_param("name")
                maxlength=ROOM_NAME_CHARS hint="e.g. a team, project or topic" autofocus=true/>
            <Field label="Topic" name="topic" error=form.field_error("topic") value=query_param("topic")
                maxlength=TOPIC_CHARS optional=true hint="What this room is about, in one line."/>
            {choice("private", "Private", "Only people who are added can see it.")}
            {choice("announcement", "Announcements only", "Only moderators and owners can send messages.")}
            <Submit label="Create room" pending=form.pending()/>
        </PostForm>
    }
    .into_any()
}

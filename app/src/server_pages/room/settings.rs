//! The settings of a room.

use super::{heading, may, owns, room_id, room_of};
use crate::{
    api::{ArchiveRoom, DeleteRoom, RestoreRoom, UpdateRoom},
    confirm_button::ConfirmButton,
    forms::{Form, PostForm},
    page_query::query_param,
    server_pages::{done::Done, frame::page},
    ui::{Area, Choice, Field, Notice, Select, Submit},
};
use leptos::prelude::*;
use protocol::{
    limits::{DESCRIPTION_CHARS, EMOJI_CHARS, ROOM_NAME_CHARS, TOPIC_CHARS},
    permissions::RoomPermission,
    room::{Room, Visibility},
};

/// Seconds between messages that are offered, with their names.
const SLOW_MODES: &[(i64, &str)] = &[
    (0, "Off"),
    (5, "5 seconds"),
    (10, "10 seconds"),
    (30, "30 seconds"),
    (60, "1 minute"),
    (300, "5 minutes"),
    (900, "15 minutes"),
    (3_600, "1 hour"),
];

/// Days after which messages are deleted that are offered, with their names.
const RETENTIONS: &[(i64, &str)] =
    &[(7, "7 days"), (30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "1 year"), (1_095, "3 years")];

/// The page of a room's settings: a form for those who may change them, otherwise what they are.
#[component]
pub fn RoomSettingsPage() -> impl IntoView {
    let id = room_id();
    page("Room settings", async move |context| {
        let room = room_of(&context, &id).await?;
        let changes = may(&context, &room, RoomPermission::EditRoom) && !room.archived;
        let owns = owns(&context, &room);
        let settings = if changes { settings_form(&room, owns) } else { settings_list(&room) };
        Ok(view! {
            {heading(&context, &room)}
            {settings}
            {(owns && !room.fixed_members).then(|| archive_section(&room))}
            {(owns && !room.fixed_members).then(|| delete_section(&room))}
        }
        .into_any())
    })
}

/// The options of a select of numbers. A value that is not offered is, too, since another client may have set it.
fn choices(offered: &[(i64, &'static str)], current: i64, unit: &str) -> Vec<Choice> {
    let mut choices: Vec<_> = offered.iter().map(|(value, name)| Choice::new(value.to_string(), *name)).collect();
    if current > 0 && offered.iter().all(|(value, _)| *value != current) {
        choices.push(Choice::new(current.to_string(), format!("{current} {unit}")));
    }
    choices
}

fn settings_form(room: &Room, owns: bool) -> AnyView {
    let form = Form::of::<UpdateRoom>();
    let settings = room.settings;
    let initial = |name: &str, current: &str| form.initial_value(name, current);
    let retention = settings.retention_days.unwrap_or_default();
    let mut retentions = vec![Choice::new("", "Keep all messages")];
    retentions.extend(choices(RETENTIONS, retention, "days"));
    let shows_history =
        if form.has_failed() { query_param("history_visible") == "on" } else { settings.history_visible };
    let visibility = owns.then(|| {
        let choices = vec![
            Choice::new(Visibility::Public.as_str(), "Public: everyone can find and join it"),
            Choice::new(Visibility::Private.as_str(), "Private: only people who are added can see it"),
        ];
        view! {
            <Select label="Who can find the room" name="fields[visibility]".to_owned() choices
                value=initial("visibility", room.visibility.as_str()) error=form.field_error("visibility") hint=""/>
        }
        .into_any()
    });
    let limit = settings.member_limit.map(|limit| limit.to_string()).unwrap_or_default();
    let retention = if retention > 0 { retention.to_string() } else { String::new() };
    let fields = view! {
            <Notice text=form.form_error()/>
            <input type="hidden" name="room_id" value=room.id.to_string()/>
            <Field label="Name" name="fields[name]" error=form.field_error("name") value=initial("name", &room.name)
                maxlength=ROOM_NAME_CHARS/>
            <Field label="Emoji" name="fields[emoji]" error=form.field_error("emoji")
                value=initial("emoji", &room.emoji) maxlength=EMOJI_CHARS optional=true
                hint="Shown in front of the name."/>
            <Field label="Topic" name="fields[topic]" error=form.field_error("topic")
                value=initial("topic", &room.topic) maxlength=TOPIC_CHARS optional=true
                hint="What this room is about, in one line."/>
            <Area label="Description" name="fields[description]" error=form.field_error("description")
                value=initial("description", &room.description) maxlength=DESCRIPTION_CHARS
                hint="Rules, links, anything newcomers should know."/>
            {visibility}
            <Select label="Slow mode" name="fields[slow_mode_seconds]".to_owned()
                choices=choices(SLOW_MODES, settings.slow_mode_seconds, "seconds")
                value=initial("slow_mode_seconds", &settings.slow_mode_seconds.to_string())
                error=form.field_error("settings.slow_mode_seconds")
                hint="How long each member waits between two messages. Not for moderators and owners."/>
            <Field label="Member limit" name="fields[member_limit]" kind="number"
                error=form.field_error("settings.member_limit") value=initial("member_limit", &limit) maxlength=6
                optional=true hint="Members who are already here stay."/>
            <Select label="Keep messages for" name="fields[retention_days]".to_owned() choices=retentions
                value=initial("retention_days", &retention) error=form.field_error("settings.retention_days")
                hint="Older messages are deleted for everyone and can't be restored."/>
            <label class="choice">
                <input type="checkbox" name="fields[history_visible]" value="on" checked=shows_history/>
                "Newcomers see earlier messages"
                <span class="hint">"If off, people see only messages sent after they joined."</span>
            </label>
            <div class="actions">
                <Submit label="Save" pending=form.pending()/>
                <Done form text="Room settings saved."/>
            </div>
    };
    view! {
        <PostForm form>{fields}</PostForm>
    }
    .into_any()
}

/// What the settings are, for members who cannot change them.
fn settings_list(room: &Room) -> AnyView {
    let settings = room.settings;
    let named = |offered: &[(i64, &'static str)], value: i64, unit: &str| {
        let known = offered.iter().find(|(known, _)| *known == value);
        known.map_or_else(|| format!("{value} {unit}"), |(_, name)| (*name).to_owned())
    };
    let or_none = |text: &str| if text.is_empty() { "None".to_owned() } else { text.to_owned() };
    let retention = settings
        .retention_days
        .map_or_else(|| "All messages are kept".to_owned(), |days| named(RETENTIONS, days, "days"));
    let limit = settings.member_limit.map_or_else(|| "None".to_owned(), |limit| limit.to_string());
    let history = if settings.history_visible { "All messages" } else { "Messages sent after they joined" };
    view! {
        <section aria-label="Settings">
            {room.archived.then(|| view! { <p class="notice">"This room is archived: it is read-only."</p> }.into_any())}
            <dl class="facts">
                <dt>"Topic"</dt> <dd>{or_none(&room.topic)}</dd>
                <dt>"Description"</dt> <dd class="preformatted">{or_none(&room.description)}</dd>
                <dt>"Slow mode"</dt> <dd>{named(SLOW_MODES, settings.slow_mode_seconds, "seconds")}</dd>
                <dt>"Member limit"</dt> <dd>{limit}</dd>
                <dt>"Keep messages for"</dt> <dd>{retention}</dd>
                <dt>"Newcomers see"</dt> <dd>{history}</dd>
            </dl>
        </section>
    }
    .into_any()
}

fn archive_section(room: &Room) -> AnyView {
    let id = room.id.to_string();
    let (archive, restore) = (Form::of::<ArchiveRoom>(), Form::of::<RestoreRoom>());
    let act = if room.archived {
        view! {
            <p class="lead">"This room is archived. It can be read, but no one can send messages."</p>
            <Notice text=restore.error()/>
            <PostForm form=restore>
                <input type="hidden" name="room_id" value=id/>
                <Submit label="Restore room" pending=restore.pending() variant="secondary"/>
            </PostForm>
        }
        .into_any()
    } else {
        view! {
            <p class="lead">"An archived room can be read, but no one can send messages. You can restore it later."</p>
            <Notice text=archive.error()/>
            <ConfirmButton label="Archive room" act="Archive room" form=archive
                question="Everyone in the room can still read it. It is no longer listed.">
                <input type="hidden" name="room_id" value=id/>
            </ConfirmButton>
        }
        .into_any()
    };
    view! {
        <section aria-labelledby="archive">
            <h2 id="archive">"Archive"</h2>
            {act}
            <Done form=archive text="Room archived."/>
            <Done form=restore text="Room restored."/>
        </section>
    }
    .into_any()
}

fn delete_section(room: &Room) -> AnyView {
    let form = Form::of::<DeleteRoom>();
    let id = room.id.to_string();
    let question = format!("“{}” and all its messages will be deleted for everyone. This can't be undone.", room.name);
    view! {
        <section aria-labelledby="delete">
            <h2 id="delete">"Delete"</h2>
            <p class="lead">"Deletes the room and all its messages for everyone."</p>
            <Notice text=form.error()/>
            <ConfirmButton label="Delete room" act="Delete room" form question open=form.has_failed()>
                <input type="hidden" name="room_id" value=id/>
            </ConfirmButton>
        </section>
    }
    .into_any()
}

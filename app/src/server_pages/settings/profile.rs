//! The user's own profile.

use crate::{
    api::{Failure, RemoveAvatar, SetStatus, UpdateProfile},
    confirm_button::ConfirmButton,
    forms::{Form, PostForm},
    page_user::with_user,
    server_pages::{
        UPLOAD_AVATAR,
        done::Done,
        frame::{PageContext, page},
        languages::LANGUAGES,
        timestamp::relative,
    },
    ui::{Area, Avatar, Choice, Field, Notice, Select, Submit},
};
use leptos::prelude::*;
use protocol::{
    limits::{BIO_CHARS, DISPLAY_NAME_CHARS, PRONOUNS_CHARS, STATUS_CHARS},
    profile::{Profile, TimeZone},
    time::Time,
    user::{Author, Status},
};

/// The page of the user's own profile.
#[component]
pub fn ProfilePage() -> impl IntoView {
    page("Profile", profile_sections)
}

/// The sections of the page.
pub async fn profile_sections(context: PageContext) -> Result<AnyView, Failure> {
    let profile = context.chat.get_profile(&context.caller).await?;
    let (zones, now) = (context.chat.time_zones(), context.chat.now());
    let status = profile.status.clone();
    Ok(view! { <Picture me=context.me.author()/> <About profile zones/> <StatusForm status now/> }.into_any())
}

#[component]
fn Picture(me: Author) -> impl IntoView {
    let (form, remove) = (Form::to(UPLOAD_AVATAR), Form::of::<RemoveAvatar>());
    let wrong = form.error().get_untracked();
    let (is_wrong, has_picture) = (wrong.is_some().then_some("true"), me.avatar_url.is_some());
    let description_id = if wrong.is_some() { "file-error" } else { "file-hint" };
    let class = if wrong.is_some() { "field-error" } else { "hint" };
    let hint = "PNG, JPEG, WebP or GIF, up to 5 MB. It's cropped to a square.";
    view! {
        <section aria-labelledby="picture">
            <h2 id="picture">"Picture"</h2>
            <div class="avatar-upload">
                <Avatar of=me size="huge"/>
                <div>
                    <form action=with_user(form.path()) method="post" enctype="multipart/form-data">
                        <div class="field">
                            <label for="file">"New picture"</label>
                            <input id="file" name="file" type="file" required
                                accept="image/png,image/jpeg,image/webp,image/gif"
                                aria-describedby=description_id aria-invalid=is_wrong/>
                            <p class=class id=description_id>{wrong.unwrap_or_else(|| hint.to_owned())}</p>
                        </div>
                        <div class="actions">
                            <Submit label="Upload picture" pending=form.pending() variant="secondary"/>
                            <Done form text="Picture saved."/>
                            <Done form=remove text="Picture removed."/>
                        </div>
                    </form>
                    {has_picture.then(|| view! {
                        <Notice text=remove.error()/>
                        <ConfirmButton label="Remove this picture" act="Remove picture" form=remove
                            question="Your initials will be shown instead."/>
                    }.into_any())}
                </div>
            </div>
        </section>
    }
}

#[component]
fn About(profile: Profile, zones: Vec<TimeZone>) -> impl IntoView {
    let form = Form::of::<UpdateProfile>();
    let zone = form.initial_value("time_zone", profile.time_zone.as_deref().unwrap_or_default());
    // A time zone that was set elsewhere may have an older name.
    let zones = zones
        .into_iter()
        .map(|TimeZone { name, offset }| Choice::new(name, format!("{} (UTC{offset})", name.replace('_', " "))));
    let zones = optional_choices(&zone, zones);
    let language = form.initial_value("language", profile.language.as_deref().unwrap_or_default());
    // A program may have set any language.
    let languages = optional_choices(&language, LANGUAGES.iter().map(|(tag, name)| Choice::new(*tag, *name)));
    view! {
        <section aria-labelledby="about">
            <h2 id="about">"About you"</h2>
            <PostForm form>
                <Notice text=form.form_error()/>
                <Field label="Display name" name="display_name" error=form.field_error("display_name")
                    value=form.initial_value("display_name", &profile.display_name) autocomplete="name"
                    maxlength=DISPLAY_NAME_CHARS hint="Shown next to your messages."/>
                <Field label="Pronouns" name="pronouns" error=form.field_error("pronouns") optional=true
                    value=form.initial_value("pronouns", &profile.pronouns) maxlength=PRONOUNS_CHARS
                    hint="e.g. she/her, they/them"/>
                <Area label="Bio" name="bio" error=form.field_error("bio") value=form.initial_value("bio", &profile.bio)
                    maxlength=BIO_CHARS hint="A few lines about yourself."/>
                <Select label="Time zone" name="time_zone".to_owned() choices=zones value=zone
                    error=form.field_error("time_zone") hint="Times are shown in it. Others can see your local time."/>
                <Select label="Language" name="language".to_owned() choices=languages value=language
                    error=form.field_error("language") hint="Shown on your profile."/>
                <div class="actions">
                    <Submit label="Save profile" pending=form.pending()/>
                    <Done form text="Profile saved."/>
                </div>
            </PostForm>
        </section>
    }
}

/// The options of a field that may stay empty, and its value if it is none of them.
fn optional_choices(value: &str, choices: impl Iterator<Item = Choice>) -> Vec<Choice> {
    let mut all = vec![Choice::new("", "Not set")];
    all.extend(choices);
    if all.iter().all(|choice| choice.value != value) {
        all.push(Choice::new(value, value));
    }
    all
}

/// Suggestions for the emoji of a status.
const STATUS_EMOJI: [(&str, &str); 8] = [
    ("📅", "In a meeting"),
    ("🎧", "Focusing"),
    ("🏠", "Working from home"),
    ("🚌", "Commuting"),
    ("🍽️", "At lunch"),
    ("🤒", "Out sick"),
    ("🌴", "On vacation"),
    ("💤", "Away"),
];

#[component]
fn StatusForm(status: Option<Status>, now: Time) -> impl IntoView {
    let (form, clear) = (Form::of::<SetStatus>(), Form::of::<SetStatus>());
    let has_status = status.is_some();
    let Status { emoji, text, expires_at } = status.unwrap_or_default();
    let mut choices = vec![Choice::new("", "Don't clear")];
    let until = expires_at.map(|at| at.to_string()).unwrap_or_default();
    choices.extend(expires_at.map(|at| Choice::new(&*until, format!("As set, {}", relative(at, now)))));
    let spans =
        [("1800", "30 minutes"), ("3600", "1 hour"), ("14400", "4 hours"), ("86400", "1 day"), ("604800", "1 week")];
    choices.extend(spans.map(|(seconds, label)| Choice::new(seconds, label)));
    view! {
        <section aria-labelledby="status">
            <h2 id="status">"Status"</h2>
            <PostForm form>
                <Notice text=form.form_error()/>
                <div class="status-fields">
                    <div>
                        <Field label="Emoji" name="emoji" error=form.field_error("emoji") optional=true list="status-emoji"
                            value=form.initial_value("emoji", &emoji.unwrap_or_default()) maxlength=32/>
                        <datalist id="status-emoji">
                            {STATUS_EMOJI.map(|(emoji, name)| view! { <option value=emoji>{name}</option> })}
                        </datalist>
                    </div>
                    <Field label="What are you doing?" name="text" error=form.field_error("text") optional=true
                        value=form.initial_value("text", &text.unwrap_or_default()) maxlength=STATUS_CHARS/>
                </div>
                <Select label="Clear after" name="lasts".to_owned() choices value=form.initial_value("lasts", &until)
                    error=form.field_error("expires_at") hint="Others see your status on your profile and in People."/>
                <div class="actions">
                    <Submit label="Set status" pending=form.pending()/>
                    <Done form text=if has_status { "Status set." } else { "Status cleared." }/>
                </div>
            </PostForm>
            {has_status.then(|| view! {
                <PostForm form=clear>
                    <Submit label="Clear status" pending=clear.pending() variant="secondary"/>
                </PostForm>
            }.into_any())}
        </section>
    }
}

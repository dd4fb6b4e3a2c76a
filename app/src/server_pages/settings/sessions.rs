//! The user's own sessions.

use crate::{
    api::{EndOtherSessions, EndSession, RenameSession},
    confirm_button::ConfirmButton,
    forms::{Form, PostForm},
    page_query::query_param,
    server_pages::{
        done::Done,
        frame::page,
        timestamp::{self, ago},
    },
    ui::{Notice, Submit},
};
use leptos::prelude::*;
use protocol::{
    limits::{LABEL_CHARS, PAGE_DEFAULT},
    page::PageQuery,
    session::{Session, SessionStats, describe_client},
};

/// The user's sessions, with buttons to end them.
#[component]
pub fn SessionsPage() -> impl IntoView {
    page("Sessions", async |context| {
        let cursor = Some(query_param("cursor")).filter(|cursor| !cursor.is_empty());
        let page = context.chat.list_sessions(&context.caller, PageQuery { limit: PAGE_DEFAULT, cursor }).await?;
        let stats = context.chat.get_session_stats(&context.caller).await?;
        let (name, end, others) =
            (Form::of::<RenameSession>(), Form::of::<EndSession>(), Form::of::<EndOtherSessions>());
        let more = page.next_cursor.map(|cursor| {
            view! { <p><a href=format!("/settings/sessions?cursor={cursor}")>"Older sessions"</a></p> }
        });
        let alone = stats.active < 2;
        Ok(view! {
            <p class="lead">
                "Devices signed in to your account. Sign out any you don't recognise, and change your password if it \
                 wasn't you."
            </p>
            <Notice text=name.error()/>
            <Notice text=end.error()/>
            <Notice text=others.error()/>
            <Done form=name text="Session renamed."/>
            <Done form=end text="Device signed out."/>
            <Done form=others text="Your other devices were signed out."/>
            <ul class="item-list session-list">{page.items.into_iter().map(|session| row(session, name, end)).collect_view()}</ul>
            {more}
            {(!alone).then(|| view! {
                <ConfirmButton label="Sign out all other devices" act="Sign out other devices" form=others
                    question="Every other browser and app will be signed out. Access tokens keep working."/>
            })}
            <section aria-labelledby="session-stats">
                <h2 id="session-stats">"Activity"</h2>
                {counts(stats)}
            </section>
        }
        .into_any())
    })
}

fn row(session: Session, name: Form, end: Form) -> impl IntoView {
    let id = session.id.to_string();
    let (named, ended, field) = (id.clone(), id.clone(), format!("label-{id}"));
    let ip = if session.ip.is_empty() { "Unknown IP address".to_owned() } else { session.ip };
    let client = describe_client(&session.browser, &session.device);
    // Unless it was renamed, a session is called after its client.
    let client = (client != session.label).then(|| view! { <span class="muted">{client}</span> }.into_any());
    let question =
        if session.current { "You'll be signed out here." } else { "The device will be signed out immediately." };
    view! {
        <li>
            <div>
                <strong>{session.label}</strong>
                {session.current.then(|| view! { " " <span class="tag">"This device"</span> })}
                {client}
            </div>
            <span class="muted">{ip}</span>
            <span class="muted">"Signed in " {ago(session.created_at)}</span>
            <span class="muted">"Last seen " {ago(session.last_seen_at)}</span>
            <details class="disclosure">
                <summary class="button secondary">"Rename"</summary>
                <PostForm form=name>
                    <input type="hidden" name="id" value=named/>
                    <div class="field">
                        <label for=field.clone()>"New name"</label>
                        <input id=field name="label" maxlength=LABEL_CHARS.to_string() autocomplete="off"/>
                        <p class="hint">"Leave empty to restore the original name."</p>
                    </div>
                    <Submit label="Rename" pending=name.pending()/>
                </PostForm>
            </details>
            <ConfirmButton label="Sign out" act="Sign out device" form=end question>
                <input type="hidden" name="id" value=ended/>
            </ConfirmButton>
        </li>
    }
}

fn counts(stats: SessionStats) -> impl IntoView {
    let days = stats.by_day.into_iter().map(|day| {
        view! { <li><span>{timestamp::day(&day.day)}</span> <span class="muted">{times(day.sessions)}</span></li> }
    });
    let devices = stats.by_device.into_iter().map(|device| {
        let on = describe_client(&device.browser, &device.device);
        view! { <li><span>{on}</span> <span class="muted">{open(device.sessions)}</span></li> }
    });
    view! {
        <div class="session-stats">
            <div><h3>"By device"</h3><ul>{devices.collect_view()}</ul></div>
            <div><h3>"Sign-ins by day"</h3><ul>{days.collect_view()}</ul></div>
        </div>
    }
}

fn times(count: i64) -> String {
    if count == 1 { "once".into() } else { format!("{count} times") }
}

fn open(count: i64) -> String {
    if count == 1 { "1 session".into() } else { format!("{count} sessions") }
}

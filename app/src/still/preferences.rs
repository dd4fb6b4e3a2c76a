//! How one likes things: drawn from the table of settings, so that what can be set can be set here.

use super::frame::{Visit, page};
use crate::{
    api::{ResetSettings, SaveSettings},
    forms::{Form, Post, typed},
    ui::{Choice, Notice, Select, Submit},
};
use leptos::prelude::*;
use protocol::settings::{Entry, Kind, Settings};
use serde_json::Value;

/// The page of one's own settings.
#[component]
pub fn PreferencesPage() -> impl IntoView {
    page("Preferences", async |visit: Visit| {
        let settings = visit.chat.settings(&visit.caller).await?;
        Ok(view! { <Preferences settings/> <Reset/> }.into_any())
    })
}

/// What the form begins with.
#[derive(Clone)]
struct Now {
    form: Form,
    whole: Value,
}

impl Now {
    /// What is chosen at a place; what was chosen in vain, if it was.
    fn at(&self, place: &str) -> String {
        if self.form.has_failed() {
            return typed(place);
        }
        match self.whole.pointer(&format!("/{}", place.replace('.', "/"))) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Bool(true)) => "on".into(),
            _ => String::new(),
        }
    }
}

#[component]
fn Preferences(settings: Settings) -> impl IntoView {
    let form = Form::of::<SaveSettings>();
    let now = Now { form, whole: serde_json::to_value(&settings).unwrap_or_default() };
    let is_group = |entry: &&Entry| matches!(entry.kind, Kind::Group(_));
    let (groups, looks): (Vec<_>, Vec<_>) = Settings::FORM.iter().partition(is_group);
    let looks = looks.into_iter().map(|entry| drawn(entry, "", &now)).collect_view();
    let groups = groups.into_iter().map(|entry| drawn(entry, "", &now)).collect_view();
    view! {
        <Post form class="preferences">
            <Notice text=form.overall()/>
            <section aria-labelledby="appearance">
                <h2 id="appearance">"Appearance"</h2>
                <div class="pairs">{looks}</div>
            </section>
            {groups}
            <Submit label="Save preferences" pending=form.pending()/>
        </Post>
    }
}

fn drawn(entry: &'static Entry, within: &str, now: &Now) -> AnyView {
    let place = format!("{within}{}", entry.name);
    let (label, hint, name) = (entry.label, entry.hint.trim(), format!("fields[{place}]"));
    match entry.kind {
        Kind::Switch => view! {
            <label class="choice">
                <input type="checkbox" name=name checked=!now.at(&place).is_empty()/>
                {label}
                <span class="hint">{hint}</span>
            </label>
        }
        .into_any(),
        Kind::Choice(words) => {
            let choices = words.iter().map(|(word, label)| Choice::new(*word, *label)).collect();
            view! { <Select label name choices value=now.at(&place) hint/> }.into_any()
        }
        Kind::Hours => hours(entry, &place, now),
        Kind::Group(entries) => {
            let entries = entries.iter().map(|entry| drawn(entry, &format!("{place}."), now)).collect_view();
            let id = place.clone();
            view! {
                <section aria-labelledby=id>
                    <h2 id=place>{label}</h2>
                    <p class="lead">{hint}</p>
                    {entries}
                </section>
            }
            .into_any()
        }
    }
}

fn hours(entry: &'static Entry, place: &str, now: &Now) -> AnyView {
    let wrong = now.form.wrong_at(place);
    let note = format!("{place}-note");
    let end = |which: &'static str, label: &'static str| {
        let place = format!("{place}.{which}");
        view! {
            <label>{label} " "
                <input type="time" name=format!("fields[{place}]") value=now.at(&place) aria-describedby=note.clone()/>
            </label>
        }
    };
    let class = if wrong.is_some() { "wrong" } else { "hint" };
    view! {
        <fieldset class="hours">
            <legend>{entry.label}</legend>
            <p class=class id=note.clone()>{wrong.unwrap_or_else(|| entry.hint.trim().to_owned())}</p>
            {end("from", "From")} {end("to", "To")}
        </fieldset>
    }
    .into_any()
}

#[component]
fn Reset() -> impl IntoView {
    let form = Form::of::<ResetSettings>();
    view! {
        <section aria-labelledby="reset">
            <h2 id="reset">"Start over"</h2>
            <details>
                <summary>"Reset all preferences"</summary>
                <Post form>
                    <Notice text=form.told()/>
                    <p class="aside">"Everything on this page goes back to how it was on your first day."</p>
                    <Submit label="Reset preferences" pending=form.pending() look="danger"/>
                </Post>
            </details>
        </section>
    }
}

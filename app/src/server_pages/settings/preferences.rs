//! Preferences, rendered from the table of settings, so that every setting can be changed here.

use crate::{
    api::{ReplaceSettings, ResetSettings},
    forms::{Form, PostForm},
    page_query::query_param,
    server_pages::frame::{PageContext, page},
    ui::{Choice, Notice, Select, Submit},
};
use leptos::prelude::*;
use protocol::settings::{Entry, InputKind, Settings};
use serde_json::Value;

/// The page of the user's own settings.
#[component]
pub fn PreferencesPage() -> impl IntoView {
    page("Preferences", async |context: PageContext| {
        let settings = context.chat.get_settings(&context.caller).await?;
        Ok(view! { <Preferences settings/> <Reset/> }.into_any())
    })
}

/// Initial values of the form.
#[derive(Clone)]
struct FormValues {
    form: Form,
    settings: Value,
}

impl FormValues {
    /// The value of a setting; after a failed submission, the value that was submitted.
    fn value(&self, path: &str) -> String {
        if self.form.has_failed() {
            return query_param(path);
        }
        match self.settings.pointer(&format!("/{}", path.replace('.', "/"))) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Bool(true)) => "on".into(),
            _ => String::new(),
        }
    }
}

#[component]
fn Preferences(settings: Settings) -> impl IntoView {
    let form = Form::of::<ReplaceSettings>();
    let values = FormValues { form, settings: serde_json::to_value(&settings).unwrap_or_default() };
    let is_group = |entry: &&Entry| matches!(entry.kind, InputKind::Group(_));
    let (groups, appearance): (Vec<_>, Vec<_>) = Settings::FORM.iter().partition(is_group);
    let appearance = appearance.into_iter().map(|entry| render_entry(entry, "", &values)).collect_view();
    let groups = groups.into_iter().map(|entry| render_entry(entry, "", &values)).collect_view();
    view! {
        <PostForm form class="preferences-form">
            <Notice text=form.form_error()/>
            <section aria-labelledby="appearance">
                <h2 id="appearance">"Appearance"</h2>
                <div class="field-grid">{appearance}</div>
            </section>
            {groups}
            <Submit label="Save preferences" pending=form.pending()/>
        </PostForm>
    }
}

fn render_entry(entry: &'static Entry, prefix: &str, values: &FormValues) -> AnyView {
    let path = format!("{prefix}{}", entry.name);
    let (label, hint, name) = (entry.label, entry.hint.trim(), format!("fields[{path}]"));
    match entry.kind {
        InputKind::Switch => view! {
            <label class="choice">
                <input type="checkbox" name=name checked=!values.value(&path).is_empty()/>
                {label}
                <span class="hint">{hint}</span>
            </label>
        }
        .into_any(),
        InputKind::Choice(options) => {
            let choices = options.iter().map(|(word, label)| Choice::new(*word, *label)).collect();
            view! { <Select label name choices value=values.value(&path) hint/> }.into_any()
        }
        InputKind::Hours => hours(entry, &path, values),
        InputKind::Group(entries) => {
            let entries = entries.iter().map(|entry| render_entry(entry, &format!("{path}."), values)).collect_view();
            let id = path.clone();
            view! {
                <section aria-labelledby=id>
                    <h2 id=path>{label}</h2>
                    <p class="lead">{hint}</p>
                    {entries}
                </section>
            }
            .into_any()
        }
    }
}

fn hours(entry: &'static Entry, path: &str, values: &FormValues) -> AnyView {
    let wrong = values.form.initial_field_error(path);
    let description_id = format!("{path}-description");
    let end = |which: &'static str, label: &'static str| {
        let path = format!("{path}.{which}");
        view! {
            <label>{label} " "
                <input type="time" name=format!("fields[{path}]") value=values.value(&path)
                    aria-describedby=description_id.clone()/>
            </label>
        }
    };
    let class = if wrong.is_some() { "field-error" } else { "hint" };
    view! {
        <fieldset class="time-range">
            <legend>{entry.label}</legend>
            <p class=class id=description_id.clone()>{wrong.unwrap_or_else(|| entry.hint.trim().to_owned())}</p>
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
            <h2 id="reset">"Reset"</h2>
            <details>
                <summary>"Reset all preferences"</summary>
                <PostForm form>
                    <Notice text=form.error()/>
                    <p class="muted">"Restores all preferences to their defaults."</p>
                    <Submit label="Reset preferences" pending=form.pending() variant="danger"/>
                </PostForm>
            </details>
        </section>
    }
}

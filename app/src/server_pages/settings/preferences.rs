//! Preferences, rendered from the table of settings.

use crate::{
    api::{ReplaceSettings, ResetSettings},
    confirm_button::ConfirmButton,
    forms::{Form, PostForm},
    page_query::query_param,
    server_pages::{
        done::Done,
        frame::{PageContext, page},
    },
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
            <div class="actions">
                <Submit label="Save preferences" pending=form.pending()/>
                <Done form text="Preferences saved."/>
            </div>
        </PostForm>
    }
}

fn render_entry(entry: &'static Entry, prefix: &str, values: &FormValues) -> AnyView {
    let path = format!("{prefix}{}", entry.name);
    let (label, hint, name) = (entry.label, entry.hint, format!("fields[{path}]"));
    match entry.kind {
        InputKind::Switch => view! {
            <label class="choice">
                <input type="checkbox" name=name checked=!values.value(&path).is_empty()/>
                {label}
                {(!hint.is_empty()).then(|| view! { <span class="hint">{hint}</span> }.into_any())}
            </label>
        }
        .into_any(),
        InputKind::Choice(options) => {
            let choices = options.iter().map(|(word, label)| Choice::new(*word, *label)).collect();
            view! { <Select label name choices value=values.value(&path) hint/> }.into_any()
        }
        InputKind::Group(entries) => {
            let entries = entries.iter().map(|entry| render_entry(entry, &format!("{path}."), values)).collect_view();
            let id = path.clone();
            view! {
                <section aria-labelledby=id>
                    <h2 id=path>{label}</h2>
                    {entries}
                </section>
            }
            .into_any()
        }
    }
}

#[component]
fn Reset() -> impl IntoView {
    let form = Form::of::<ResetSettings>();
    view! {
        <section aria-labelledby="reset">
            <h2 id="reset">"Reset"</h2>
            <Notice text=form.error()/>
            <ConfirmButton label="Reset all preferences" act="Reset preferences" form
                question="Restores all preferences to their defaults."/>
            <Done form text="Preferences reset."/>
        </section>
    }
}

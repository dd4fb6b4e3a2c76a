//! The form of the settings, and what comes back from it.

use super::Settings;
use serde_json::{Map, Value};

/// One thing to choose, or a group of them.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name in the API; in the form the names of its groups come before it.
    pub name: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What it does, as it stands in the source.
    pub hint: &'static str,
    /// How it is chosen.
    pub kind: InputKind,
}

/// How something is chosen.
#[derive(Clone, Copy, Debug)]
pub enum InputKind {
    /// On or off.
    Switch,
    /// One of these words; each with its label.
    Choice(&'static [(&'static str, &'static str)]),
    /// Two times of day, or none.
    Hours,
    /// Several things.
    Group(&'static [Entry]),
}

/// The settings that a form was filled in with, as the API would have them: still to be checked. A switch that is off is not
/// sent by a browser.
pub fn from_form(fields: &[(String, String)]) -> Value {
    let find = |place: &str| fields.iter().find(|(name, _)| name == place).map(|(_, value)| value.trim());
    group(Settings::FORM, "", &find)
}

fn group<'a>(entries: &[Entry], place: &str, find: &impl Fn(&str) -> Option<&'a str>) -> Value {
    let value = |entry: &Entry| {
        let place = format!("{place}{}", entry.name);
        match entry.kind {
            InputKind::Switch => find(&place).is_some().into(),
            InputKind::Choice(_) => find(&place).into(),
            InputKind::Hours => hours(find(&format!("{place}.from")), find(&format!("{place}.to"))),
            InputKind::Group(entries) => group(entries, &format!("{place}."), find),
        }
    };
    entries.iter().map(|entry| (entry.name.to_owned(), value(entry))).collect::<Map<_, _>>().into()
}

/// Two empty fields mean none.
fn hours(from: Option<&str>, to: Option<&str>) -> Value {
    let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
    if from.is_empty() && to.is_empty() { Value::Null } else { serde_json::json!({ "from": from, "to": to }) }
}

//! The form of the settings, and how its fields are parsed.

use super::Settings;
use serde_json::{Map, Value};

/// A setting, or a group of settings.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name in the API; in the form it is prefixed with the names of its groups.
    pub name: &'static str,
    /// The label.
    pub label: &'static str,
    /// What it does: the doc comment in the source.
    pub hint: &'static str,
    /// How it is entered.
    pub kind: InputKind,
}

/// How a setting is entered.
#[derive(Clone, Copy, Debug)]
pub enum InputKind {
    /// On or off.
    Switch,
    /// One of these options, each with its label.
    Choice(&'static [(&'static str, &'static str)]),
    /// Two times of day, or none.
    Hours,
    /// Several settings.
    Group(&'static [Entry]),
}

/// The fields of a submitted form as the API takes settings, not yet validated. Browsers do not send switches that are
/// off.
pub fn from_form(fields: &[(String, String)]) -> Value {
    let find = |path: &str| fields.iter().find(|(name, _)| name == path).map(|(_, value)| value.trim());
    group(Settings::FORM, "", &find)
}

fn group<'a>(entries: &[Entry], path: &str, find: &impl Fn(&str) -> Option<&'a str>) -> Value {
    let value = |entry: &Entry| {
        let path = format!("{path}{}", entry.name);
        match entry.kind {
            InputKind::Switch => find(&path).is_some().into(),
            InputKind::Choice(_) => find(&path).into(),
            InputKind::Hours => hours(find(&format!("{path}.from")), find(&format!("{path}.to"))),
            InputKind::Group(entries) => group(entries, &format!("{path}."), find),
        }
    };
    entries.iter().map(|entry| (entry.name.to_owned(), value(entry))).collect::<Map<_, _>>().into()
}

/// Two empty fields mean no quiet hours.
fn hours(from: Option<&str>, to: Option<&str>) -> Value {
    let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
    if from.is_empty() && to.is_empty() { Value::Null } else { serde_json::json!({ "from": from, "to": to }) }
}

//! The form of the settings, and how its fields are parsed.

use super::Settings;
use serde_json::Value;

/// A setting, or a group of settings, that is in the form.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name in the API; in the form it is prefixed with the names of its groups.
    pub name: &'static str,
    /// The label.
    pub label: &'static str,
    /// What the label does not say; may be empty.
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
    /// Several settings.
    Group(&'static [Entry]),
}

/// The fields of a submitted form as the API takes settings, not yet validated; settings that are not in the form stay
/// as they are. Browsers do not send switches that are off.
pub fn from_form(fields: &[(String, String)], current: &Settings) -> Value {
    let find = |path: &str| fields.iter().find(|(name, _)| name == path).map(|(_, value)| value.trim());
    let mut settings = serde_json::to_value(current).unwrap_or_default();
    fill_group(&mut settings, Settings::FORM, "", &find);
    settings
}

fn fill_group<'a>(settings: &mut Value, entries: &[Entry], path: &str, find: &impl Fn(&str) -> Option<&'a str>) {
    for entry in entries {
        let (path, setting) = (format!("{path}{}", entry.name), &mut settings[entry.name]);
        match entry.kind {
            InputKind::Switch => *setting = find(&path).is_some().into(),
            InputKind::Choice(_) => *setting = find(&path).into(),
            InputKind::Group(entries) => fill_group(setting, entries, &format!("{path}."), find),
        }
    }
}

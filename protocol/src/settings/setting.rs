//! Parsing settings: each setting takes its value and reports what is wrong with it.

use super::form::InputKind;
use serde_json::Value;

/// What is wrong with the value of a setting.
pub enum SettingError {
    /// It is missing.
    Missing,
    /// There is no setting of this name.
    Unknown,
    /// It has another type than this.
    WrongType(&'static str),
    /// It is none of these choices.
    InvalidChoice(&'static [(&'static str, &'static str)]),
    /// It has the right type but is invalid, for this reason.
    InvalidValue(&'static str),
}

/// Called with the path and the error of each invalid value.
pub type Report<'a> = &'a mut dyn FnMut(&str, SettingError);

/// A setting, or a group of settings.
pub trait Setting {
    /// Takes the value; an invalid value is reported and changes nothing.
    fn fill(&mut self, value: Value, path: &str, report: Report<'_>);
}

/// How a setting appears in the form.
pub trait FormField {
    /// How it is entered.
    const KIND: InputKind;
}

/// Fills the settings of a group.
pub fn fill(settings: &mut [(&'static str, &mut dyn Setting)], value: Value, path: &str, report: Report<'_>) {
    let Value::Object(mut given) = value else { return report(path, SettingError::WrongType("an object")) };
    for (name, setting) in settings {
        match given.remove(*name) {
            Some(value) => setting.fill(value, &join_path(path, name), report),
            None => report(&join_path(path, name), SettingError::Missing),
        }
    }
    for name in given.keys() {
        report(&join_path(path, name), SettingError::Unknown);
    }
}

fn join_path(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { [parent, name].join(".") }
}

impl Setting for bool {
    fn fill(&mut self, value: Value, path: &str, report: Report<'_>) {
        match value {
            Value::Bool(value) => *self = value,
            _ => report(path, SettingError::WrongType("true or false")),
        }
    }
}

impl FormField for bool {
    const KIND: InputKind = InputKind::Switch;
}

/// Declares settings that are one of a few choices, each with its label in the form.
macro_rules! choice {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:tt $label:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// Its name, as it is stored and sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl crate::settings::setting::FormField for $name {
            const KIND: crate::settings::InputKind = crate::settings::InputKind::Choice(&[$(($word, $label)),+]);
        }

        impl crate::settings::setting::Setting for $name {
            fn fill(&mut self, value: serde_json::Value, path: &str, report: crate::settings::setting::Report<'_>) {
                match value.as_str() {
                    $(Some($word) => *self = Self::$variant,)+
                    Some(_) => {
                        report(path, crate::settings::setting::SettingError::InvalidChoice(&[$(($word, $label)),+]))
                    }
                    None => report(path, crate::settings::setting::SettingError::WrongType("text")),
                }
            }
        }
    )+};
}
pub(super) use choice;

/// Declares a group of settings. The doc comment of each is its description in the API. Those with a label are in the
/// form; a second text is the hint there.
macro_rules! group {
    ($($(#[$doc:meta])* $name:ident {
        $(#[doc = $doc_text:literal] $field:ident: $type:ty = $default:expr $(, $label:literal $($hint:literal)?)?;)+
    })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name { $(#[doc = $doc_text] pub $field: $type,)+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl $name {
            /// The part of the form for this group.
            pub const FORM: &'static [crate::settings::Entry] = &[$($(crate::settings::Entry {
                name: stringify!($field),
                label: $label,
                hint: concat!($($hint)?),
                kind: <$type as crate::settings::setting::FormField>::KIND,
            },)?)+];
        }

        impl crate::settings::setting::FormField for $name {
            const KIND: crate::settings::InputKind = crate::settings::InputKind::Group(Self::FORM);
        }

        impl crate::settings::setting::Setting for $name {
            fn fill(&mut self, value: serde_json::Value, path: &str, report: crate::settings::setting::Report<'_>) {
                crate::settings::setting::fill(&mut [$((stringify!($field), &mut self.$field)),+], value, path, report);
            }
        }
    )+};
}
pub(super) use group;

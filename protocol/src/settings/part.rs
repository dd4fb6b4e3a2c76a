//! Reading settings: each part takes on what it is given, and tells what is wrong with it.

use super::form::Kind;
use serde_json::Value;

/// What is wrong with what a part was given.
pub enum Wrong {
    /// It was given nothing.
    Missing,
    /// No part has this name.
    Unknown,
    /// It is of another kind than this.
    Kind(&'static str),
    /// It is none of these words.
    Word(&'static [(&'static str, &'static str)]),
    /// It is of the right kind, but cannot be.
    Value(&'static str),
}

/// Told of each thing that is wrong, and where.
pub type Teller<'a> = &'a mut dyn FnMut(&str, Wrong);

/// A setting, or a group of them.
pub trait Part {
    /// Takes on what it is given; where that makes no sense, it stays as it is.
    fn fill(&mut self, value: Value, place: &str, tell: Teller<'_>);
}

/// What a part looks like in the form.
pub trait Described {
    /// How it is chosen.
    const KIND: Kind;
}

/// Fills the parts of a group.
pub fn fill(parts: &mut [(&'static str, &mut dyn Part)], value: Value, place: &str, tell: Teller<'_>) {
    let Value::Object(mut given) = value else { return tell(place, Wrong::Kind("an object")) };
    for (name, part) in parts {
        match given.remove(*name) {
            Some(value) => part.fill(value, &within(place, name), tell),
            None => tell(&within(place, name), Wrong::Missing),
        }
    }
    for name in given.keys() {
        tell(&within(place, name), Wrong::Unknown);
    }
}

fn within(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { [place, name].join(".") }
}

impl Part for bool {
    fn fill(&mut self, value: Value, place: &str, tell: Teller<'_>) {
        match value {
            Value::Bool(value) => *self = value,
            _ => tell(place, Wrong::Kind("true or false")),
        }
    }
}

impl Described for bool {
    const KIND: Kind = Kind::Switch;
}

/// Settings that are one of a few words, each with its label in the form.
macro_rules! choice {
    ($($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $word:tt $label:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name { $($(#[$about])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// The word for it, as it is stored and sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl crate::settings::part::Described for $name {
            const KIND: crate::settings::Kind = crate::settings::Kind::Choice(&[$(($word, $label)),+]);
        }

        impl crate::settings::part::Part for $name {
            fn fill(&mut self, value: serde_json::Value, place: &str, tell: crate::settings::part::Teller<'_>) {
                match value.as_str() {
                    $(Some($word) => *self = Self::$variant,)+
                    Some(_) => tell(place, crate::settings::part::Wrong::Word(&[$(($word, $label)),+])),
                    None => tell(place, crate::settings::part::Wrong::Kind("text")),
                }
            }
        }
    )+};
}
pub(super) use choice;

/// Settings that belong together. What is said of each is its hint in the form and its description in the API.
macro_rules! group {
    ($($(#[$doc:meta])* $name:ident {
        $(#[doc = $hint:literal] $field:ident: $type:ty = $default:expr, $label:literal;)+
    })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name { $(#[doc = $hint] pub $field: $type,)+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl $name {
            /// Its part of the form.
            pub const FORM: &'static [crate::settings::Entry] = &[$(crate::settings::Entry {
                name: stringify!($field),
                label: $label,
                hint: $hint,
                kind: <$type as crate::settings::part::Described>::KIND,
            }),+];
        }

        impl crate::settings::part::Described for $name {
            const KIND: crate::settings::Kind = crate::settings::Kind::Group(Self::FORM);
        }

        impl crate::settings::part::Part for $name {
            fn fill(&mut self, value: serde_json::Value, place: &str, tell: crate::settings::part::Teller<'_>) {
                crate::settings::part::fill(&mut [$((stringify!($field), &mut self.$field)),+], value, place, tell);
            }
        }
    )+};
}
pub(super) use group;

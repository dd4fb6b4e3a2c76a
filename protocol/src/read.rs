//! Reading what the server tells. All of it is read through one tree of values, field by field: serde's derived readers,
//! one for each type and each place it stands in, would be a tenth of the browser's WebAssembly.

use crate::id::ClientId;
use serde_json::{Map, Value};

/// Something that the browser reads out of a tree of values. What it does not know is passed over.
pub trait Read: Sized {
    /// What the value says.
    fn read(value: Value) -> Result<Self, Unreadable>;
}

/// The value is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable(
    /// Which field, or what kind of thing.
    pub &'static str,
);

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cannot read ")?;
        f.write_str(self.0)
    }
}

impl std::error::Error for Unreadable {}

/// The fields of an object.
pub fn fields(value: Value) -> Result<Map<String, Value>, Unreadable> {
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err(Unreadable("an object")),
    }
}

/// One field; null when it is left out.
pub fn take<T: Read>(fields: &mut Map<String, Value>, name: &'static str) -> Result<T, Unreadable> {
    T::read(fields.remove(name).unwrap_or_default()).map_err(|_| Unreadable(name))
}

impl Read for Value {
    fn read(value: Value) -> Result<Self, Unreadable> {
        Ok(value)
    }
}

impl Read for String {
    fn read(value: Value) -> Result<Self, Unreadable> {
        match value {
            Value::String(text) => Ok(text),
            _ => Err(Unreadable("text")),
        }
    }
}

impl Read for ClientId {
    fn read(value: Value) -> Result<Self, Unreadable> {
        String::read(value).map(Self)
    }
}

impl Read for bool {
    /// What is left out is false.
    fn read(value: Value) -> Result<Self, Unreadable> {
        match value {
            Value::Bool(value) => Ok(value),
            Value::Null => Ok(false),
            _ => Err(Unreadable("true or false")),
        }
    }
}

impl Read for i64 {
    fn read(value: Value) -> Result<Self, Unreadable> {
        value.as_i64().ok_or(Unreadable("a number"))
    }
}

/// Smaller kinds of numbers.
macro_rules! numbers {
    ($($name:ty)+) => {$(
        impl Read for $name {
            fn read(value: Value) -> Result<Self, Unreadable> {
                i64::read(value)?.try_into().map_err(|_| Unreadable("a number"))
            }
        }
    )+};
}

numbers!(u64 u32 u16);

impl<T: Read> Read for Option<T> {
    fn read(value: Value) -> Result<Self, Unreadable> {
        if value.is_null() { Ok(None) } else { T::read(value).map(Some) }
    }
}

impl<T: Read> Read for Vec<T> {
    /// What is left out is empty.
    fn read(value: Value) -> Result<Self, Unreadable> {
        match value {
            Value::Array(items) => items.into_iter().map(T::read).collect(),
            Value::Null => Ok(Self::new()),
            _ => Err(Unreadable("a list")),
        }
    }
}

impl<A: Read, B: Read, C: Read> Read for (A, B, C) {
    fn read(value: Value) -> Result<Self, Unreadable> {
        let items = Vec::read(value)?;
        let [a, b, c] = <[Value; 3]>::try_from(items).map_err(|_| Unreadable("three things"))?;
        Ok((A::read(a)?, B::read(b)?, C::read(c)?))
    }
}

/// Gives structs their readers, by the names of their fields; `field = "name"` where it is called otherwise on the wire.
#[macro_export]
macro_rules! readable {
    ($($name:ident $(<$of:ident>)? { $($field:ident $(= $wire:literal)?),+ $(,)? })+) => {$(
        impl$(<$of: $crate::read::Read>)? $crate::read::Read for $name$(<$of>)? {
            fn read(value: serde_json::Value) -> Result<Self, $crate::read::Unreadable> {
                let mut fields = $crate::read::fields(value)?;
                Ok(Self { $($field: $crate::read::take(&mut fields, $crate::wire_name!($field $($wire)?))?),+ })
            }
        }

        $crate::readable_by_serde!($name $(<$of>)?);
    )+};
}

/// Lets whoever reads by serde read what has a reader.
#[macro_export]
macro_rules! readable_by_serde {
    ($name:ident $(<$of:ident>)?) => {
        impl<'de, $($of: $crate::read::Read)?> serde::Deserialize<'de> for $name$(<$of>)? {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = <serde_json::Value as serde::Deserialize>::deserialize(deserializer)?;
                $crate::read::Read::read(value).map_err(serde::de::Error::custom)
            }
        }
    };
}

/// What a field is called on the wire.
#[macro_export]
macro_rules! wire_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $wire:literal) => {
        $wire
    };
}

/// Gives readers to what is written as text, by its `FromStr`.
macro_rules! read_from_text {
    ($($name:ty)+) => {$(
        impl $crate::read::Read for $name {
            fn read(value: serde_json::Value) -> Result<Self, $crate::read::Unreadable> {
                value.as_str().and_then(|text| text.parse().ok()).ok_or($crate::read::Unreadable(stringify!($name)))
            }
        }
    )+};
}
pub(crate) use read_from_text;

//! Decoding the server's JSON in the browser. All of it is decoded through one tree of values, field by field: the
//! deserialisers that serde derives, one for each type and each use, would be a tenth of the browser's
//! WebAssembly.

use serde_json::{Map, Value};

/// A type that the browser decodes from a tree of values. Unknown fields are ignored.
pub trait FromJson: Sized {
    /// Decodes the value.
    fn from_json(value: Value) -> Result<Self, DecodeError>;
}

/// The value does not have the expected form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError(
    /// The field, or the expected kind of value.
    pub &'static str,
);

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cannot read ")?;
        f.write_str(self.0)
    }
}

impl std::error::Error for DecodeError {}

/// The fields of an object.
pub fn fields(value: Value) -> Result<Map<String, Value>, DecodeError> {
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err(DecodeError("an object")),
    }
}

/// Decodes one field; a missing field counts as null.
pub fn field<T: FromJson>(fields: &mut Map<String, Value>, name: &'static str) -> Result<T, DecodeError> {
    T::from_json(fields.remove(name).unwrap_or_default()).map_err(|_| DecodeError(name))
}

impl FromJson for Value {
    fn from_json(value: Value) -> Result<Self, DecodeError> {
        Ok(value)
    }
}

impl FromJson for String {
    fn from_json(value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::String(text) => Ok(text),
            _ => Err(DecodeError("text")),
        }
    }
}

impl FromJson for bool {
    /// A missing value is false.
    fn from_json(value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Bool(value) => Ok(value),
            Value::Null => Ok(false),
            _ => Err(DecodeError("true or false")),
        }
    }
}

impl FromJson for i64 {
    fn from_json(value: Value) -> Result<Self, DecodeError> {
        value.as_i64().ok_or(DecodeError("a number"))
    }
}

/// Implements [`FromJson`] for the other kinds of numbers.
macro_rules! numbers {
    ($($name:ty)+) => {$(
        impl FromJson for $name {
            fn from_json(value: Value) -> Result<Self, DecodeError> {
                i64::from_json(value)?.try_into().map_err(|_| DecodeError("a number"))
            }
        }
    )+};
}

numbers!(u64 u32 u16);

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(value: Value) -> Result<Self, DecodeError> {
        if value.is_null() { Ok(None) } else { T::from_json(value).map(Some) }
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    /// A missing value is an empty list.
    fn from_json(value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Array(items) => items.into_iter().map(T::from_json).collect(),
            Value::Null => Ok(Self::new()),
            _ => Err(DecodeError("a list")),
        }
    }
}

impl<A: FromJson, B: FromJson, C: FromJson> FromJson for (A, B, C) {
    fn from_json(value: Value) -> Result<Self, DecodeError> {
        let items = Vec::from_json(value)?;
        let [a, b, c] = <[Value; 3]>::try_from(items).map_err(|_| DecodeError("a list of three"))?;
        Ok((A::from_json(a)?, B::from_json(b)?, C::from_json(c)?))
    }
}

/// Implements `FromJson` for structs, by the names of their fields; `field = "name"` where the name in JSON differs.
#[macro_export]
macro_rules! from_json {
    ($($name:ident $(<$of:ident>)? { $($field:ident $(= $wire:literal)?),+ $(,)? })+) => {$(
        impl$(<$of: $crate::read::FromJson>)? $crate::read::FromJson for $name$(<$of>)? {
            fn from_json(value: serde_json::Value) -> Result<Self, $crate::read::DecodeError> {
                let mut fields = $crate::read::fields(value)?;
                Ok(Self { $($field: $crate::read::field(&mut fields, $crate::wire_name!($field $($wire)?))?),+ })
            }
        }

        $crate::deserialize_from_json!($name $(<$of>)?);
    )+};
}

/// Implements serde's `Deserialize` for a type by its `FromJson`.
#[macro_export]
macro_rules! deserialize_from_json {
    ($name:ident $(<$of:ident>)?) => {
        impl<'de, $($of: $crate::read::FromJson)?> serde::Deserialize<'de> for $name$(<$of>)? {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = <serde_json::Value as serde::Deserialize>::deserialize(deserializer)?;
                $crate::read::FromJson::from_json(value).map_err(serde::de::Error::custom)
            }
        }
    };
}

/// The name of a field in JSON.
#[macro_export]
macro_rules! wire_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $wire:literal) => {
        $wire
    };
}

/// Implements `FromJson` for types that are sent as text, by their `FromStr`.
macro_rules! from_json_text {
    ($($name:ty)+) => {$(
        impl $crate::read::FromJson for $name {
            fn from_json(value: serde_json::Value) -> Result<Self, $crate::read::DecodeError> {
                value.as_str().and_then(|text| text.parse().ok()).ok_or($crate::read::DecodeError(stringify!($name)))
            }
        }
    )+};
}
pub(crate) use from_json_text;

//! A client's position in the ordered event stream.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A position in the event stream: the number of the last event seen, and the epoch of the database, so that a cursor
/// of another database (or of one restored from a backup) is recognised and answered with `reset`. Opaque to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// Random; generated when the database is created or restored.
    pub epoch: u32,
    /// The number of the last event seen: events are numbered 1, 2, 3 ... without gaps, in commit order.
    pub position: i64,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:08x}.{}", self.epoch, self.position)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Cursor {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .min_length(Some(1))
            .description(Some("A place in the stream of events. Opaque: pass it back unchanged."))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Cursor {}

/// The text is not a valid cursor.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidCursor;

impl std::fmt::Display for InvalidCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("invalid cursor")
    }
}

impl std::str::FromStr for Cursor {
    type Err = InvalidCursor;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (epoch, position) = text.split_once('.').ok_or(InvalidCursor)?;
        if epoch.len() != 8 || position.starts_with('+') {
            return Err(InvalidCursor);
        }
        let epoch = u32::from_str_radix(epoch, 16).map_err(|_| InvalidCursor)?;
        let position = position.parse().map_err(|_| InvalidCursor)?;
        if position < 0 {
            return Err(InvalidCursor);
        }
        Ok(Self { epoch, position })
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_round_trips(epoch: u32, position in 0i64..) {
            let cursor = Cursor { epoch, position };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text: String) {
            let _ = text.parse::<Cursor>();
        }
    }
}

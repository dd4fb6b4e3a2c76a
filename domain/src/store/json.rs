//! Many rows as one: a JSON array of arrays, made by the database. Each row that SQLite returns wakes the waiting task.

use protocol::time::Time;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

/// The rows in such an array; the fields of `T` are in the order of the columns.
pub fn rows<T: DeserializeOwned>(json: &str) -> sqlx::Result<Vec<T>> {
    serde_json::from_str(json).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// Reads a time, which is stored as a number.
pub fn time<'de, D: Deserializer<'de>>(column: D) -> Result<Time, D::Error> {
    i64::deserialize(column).map(Time)
}

/// Reads a time that may be null.
pub fn optional_time<'de, D: Deserializer<'de>>(column: D) -> Result<Option<Time>, D::Error> {
    Ok(Option::<i64>::deserialize(column)?.map(Time))
}

/// Reads a boolean, which SQLite stores as a number.
pub fn boolean<'de, D: Deserializer<'de>>(column: D) -> Result<bool, D::Error> {
    optional_boolean(column).map(Option::unwrap_or_default)
}

/// Reads a boolean that may be null.
pub fn optional_boolean<'de, D: Deserializer<'de>>(column: D) -> Result<Option<bool>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Column {
        Boolean(bool),
        Number(i64),
    }
    Ok(Option::<Column>::deserialize(column)?.map(|column| match column {
        Column::Boolean(value) => value,
        Column::Number(number) => number != 0,
    }))
}

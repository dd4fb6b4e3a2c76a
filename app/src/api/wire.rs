//! Decoding of responses.

use protocol::read::FromJson;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

/// A response of a server function, decoded with `protocol::read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Wire<T>(pub T);

impl<'de, T: FromJson> Deserialize<'de> for Wire<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        T::from_json(value).map(Self).map_err(D::Error::custom)
    }
}

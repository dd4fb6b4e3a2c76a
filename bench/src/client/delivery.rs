//! Reads the needed parts of a frame from the server without parsing all of it. A quote inside a string is escaped in
//! JSON, so a quoted key cannot be part of a message's text.

use anyhow::{Context as _, Result, bail};
use memchr::memmem::Finder;
use std::sync::LazyLock;

static SEQ: LazyLock<Finder> = LazyLock::new(|| Finder::new(r#""seq":"#));
static BODY: LazyLock<Finder> = LazyLock::new(|| Finder::new(r#""body":""#));
static ID: LazyLock<Finder> = LazyLock::new(|| Finder::new(r#""id":"#));

/// A frame from the server.
#[derive(Debug, PartialEq, Eq)]
pub enum Delivery<'a> {
    /// A new message.
    Message(MessageFrame<'a>),
    /// The response to the command with this id.
    Ack(u64),
    /// Anything else that is not an error.
    Other,
}

/// A delivered message, parsed only as far as needed.
#[derive(Debug, PartialEq, Eq)]
pub struct MessageFrame<'a>(&'a [u8]);

impl MessageFrame<'_> {
    /// The message's number in the room.
    pub fn seq(&self) -> Result<u64> {
        number_after(&SEQ, self.0).context("a message without seq")
    }

    /// The number its text starts with: the time at which it was sent.
    pub fn stamp(&self) -> Result<u64> {
        number_after(&BODY, self.0).context("a message without a stamp")
    }
}

/// Reads a frame. An error frame is an error: no request of the generator may be rejected.
pub fn read(frame: &[u8]) -> Result<Delivery<'_>> {
    // The server writes the type first; a frame that has it elsewhere is not one of ours.
    let Some(kind) = frame.strip_prefix(br#"{"type":""#) else {
        bail!("a frame that does not start with its type: {}", String::from_utf8_lossy(frame));
    };
    if kind.starts_with(b"message.created\"") {
        Ok(Delivery::Message(MessageFrame(frame)))
    } else if kind.starts_with(b"ack\"") {
        Ok(Delivery::Ack(number_after(&ID, frame).context("an ack without id")?))
    } else if kind.starts_with(b"error\"") {
        bail!("the server refused: {}", String::from_utf8_lossy(frame));
    } else {
        Ok(Delivery::Other)
    }
}

fn after<'a>(key: &Finder, frame: &'a [u8]) -> Option<&'a [u8]> {
    let start = key.find(frame)? + key.needle().len();
    frame.get(start..)
}

fn number_after(key: &Finder, frame: &[u8]) -> Option<u64> {
    let digits = after(key, frame)?.iter().map_while(|byte| char::from(*byte).to_digit(10));
    digits.fold(None, |number, digit| Some(number.unwrap_or(0) * 10 + u64::from(digit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_recognised() {
        let frame =
            br#"{"type":"message.created","data":{"id":"x","seq":42,"body":"007 said \"seq\":1","client_id":"a-1"}}"#;
        let Delivery::Message(message) = read(frame).unwrap() else { panic!("not a message") };
        assert_eq!(message.seq().unwrap(), 42);
        assert_eq!(message.stamp().unwrap(), 7);
    }

    #[test]
    fn frame_types_are_distinguished() {
        assert_eq!(read(br#"{"type":"ack","id":9,"data":{"seq":1}}"#).unwrap(), Delivery::Ack(9));
        assert_eq!(read(br#"{"type":"hello","resumed":false}"#).unwrap(), Delivery::Other);
        assert!(read(br#"{"type":"error","id":9,"error":{}}"#).is_err());
    }
}

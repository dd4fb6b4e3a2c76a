//! WebSocket frames (RFC 6455), only as far as a load generator needs them: whole text frames in, masked text frames
//! out, and no copy of what arrives, so that the generator costs less than the server it measures.

use anyhow::{Result, bail};

/// A frame from the server.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A message.
    Text(&'a [u8]),
    /// Requires a pong with the same payload.
    Ping(&'a [u8]),
    /// Nothing to do.
    Pong,
    /// The server closes the connection, with a reason.
    Close(&'a [u8]),
}

/// Parses the first complete frame in `bytes` and its length in bytes; `None` if more must arrive first.
pub fn parse(bytes: &[u8]) -> Result<Option<(Frame<'_>, usize)>> {
    let &[first, second, ref rest @ ..] = bytes else { return Ok(None) };
    if second & 0x80 != 0 {
        bail!("the server masked a frame");
    }
    let (length, head) = match (second, rest) {
        (126, &[a, b, ..]) => (usize::from(u16::from_be_bytes([a, b])), 4),
        (127, &[0, 0, 0, 0, a, b, c, d, ..]) => (usize::try_from(u32::from_be_bytes([a, b, c, d]))?, 10),
        (127, rest) if rest.len() >= 8 => bail!("a frame of over 4 GiB"),
        (126 | 127, _) => return Ok(None),
        (length, _) => (usize::from(length), 2),
    };
    let Some(payload) = bytes.get(head..head + length) else { return Ok(None) };
    let frame = match first {
        0x81 => Frame::Text(payload),
        0x88 => Frame::Close(payload),
        0x89 => Frame::Ping(payload),
        0x8a => Frame::Pong,
        other => bail!("a frame that no chat server sends: first byte {other:#04x}"),
    };
    Ok(Some((frame, head + length)))
}

/// Appends a text frame from the client.
pub fn text(payload: &str, out: &mut Vec<u8>) {
    encode(0x81, payload.as_bytes(), out);
}

/// Appends a pong, the response to a ping.
pub fn pong(payload: &[u8], out: &mut Vec<u8>) {
    encode(0x8a, payload, out);
}

/// Clients must mask what they send; a mask of zeros is valid, and leaves the payload as it is.
fn encode(first: u8, payload: &[u8], out: &mut Vec<u8>) {
    out.push(first);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(short @ 0..=125), _) => out.push(0x80 + short),
        (_, Ok(medium)) => {
            out.push(0x80 + 126);
            out.extend(medium.to_be_bytes());
        }
        _ => {
            out.push(0x80 + 127);
            out.extend((payload.len() as u64).to_be_bytes());
        }
    }
    out.extend([0; 4]);
    out.extend(payload);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frame as a server writes it: the same, without a mask.
    fn from_server(payload: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        text(payload, &mut bytes);
        bytes[1] &= 0x7f;
        let head = bytes.len() - payload.len();
        bytes.drain(head - 4..head);
        bytes
    }

    #[test]
    fn frames_of_every_size_are_read_whole_or_not_at_all() {
        for size in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = "x".repeat(size);
            let bytes = from_server(&payload);
            assert_eq!(parse(&bytes).unwrap(), Some((Frame::Text(payload.as_bytes()), bytes.len())));
            for cut in [0, 1, 2, 3, bytes.len() / 2, bytes.len() - 1] {
                if cut < bytes.len() {
                    assert_eq!(parse(&bytes[..cut]).unwrap(), None, "{size} cut at {cut}");
                }
            }
        }
    }

    #[test]
    fn invalid_frames_are_rejected() {
        assert!(parse(&[0x81, 0x80, 0, 0, 0, 0]).is_err());
        assert!(parse(&[0xc1, 0x00]).is_err());
    }
}

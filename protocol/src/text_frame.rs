//! Text frames of a WebSocket server (RFC 6455, 5.2), so that an event is framed once for all who receive it.

/// First byte of a whole text frame.
const TEXT: u8 = 0x81;

/// Appends a frame with this text.
pub fn push(frames: &mut Vec<u8>, text: &[u8]) {
    frames.push(TEXT);
    match (u8::try_from(text.len()), u16::try_from(text.len())) {
        (Ok(length @ 0..=125), _) => frames.push(length),
        (_, Ok(length)) => {
            frames.push(126);
            frames.extend(length.to_be_bytes());
        }
        _ => {
            frames.push(127);
            frames.extend((text.len() as u64).to_be_bytes());
        }
    }
    frames.extend(text);
}

/// The texts of frames that [`push`] appended.
pub fn texts(mut frames: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, header) = match frames {
            [TEXT, 127, rest @ ..] => (u64::from_be_bytes(*rest.first_chunk()?), 10),
            [TEXT, 126, rest @ ..] => (u16::from_be_bytes(*rest.first_chunk()?).into(), 4),
            [TEXT, length, ..] => ((*length).into(), 2),
            _ => return None,
        };
        let (text, rest) = frames.get(header..)?.split_at_checked(usize::try_from(length).ok()?)?;
        frames = rest;
        Some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_every_size_are_found_again() {
        let all: Vec<_> = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000].map(|size| vec![b'x'; size]).into();
        let mut frames = Vec::new();
        for text in &all {
            push(&mut frames, text);
        }
        assert_eq!(texts(&frames).collect::<Vec<_>>(), all);
        assert_eq!(texts(&frames[..frames.len() - 1]).count(), all.len() - 1);
    }
}

//! Writes text frames past the library, which would copy them. The client must accept them in time.

use bytes::Bytes;
use protocol::{frame::ServerFrame, text_frame};
use std::{
    future::poll_fn,
    io::{self, IoSlice},
    pin::pin,
    task::Poll,
    time::Duration,
};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    time::timeout,
};

/// How long a client may take to accept what we write.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Bytes written within one [`TIMEOUT`].
const BYTES: usize = 64 * 1024;
/// Parts that these bytes may be in.
const PARTS: usize = 64;

/// Why something was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteError {
    /// The client is gone, or accepts no data.
    Disconnected,
    /// A frame could not be serialised.
    Serialise,
}

/// A frame as text frame.
pub fn encode(frame: &ServerFrame) -> Result<Bytes, WriteError> {
    let json = serde_json::to_vec(frame).map_err(|error| {
        tracing::error!(%error, "cannot serialise a frame");
        WriteError::Serialise
    })?;
    let mut bytes = Vec::with_capacity(json.len() + 10);
    text_frame::push(&mut bytes, &json);
    Ok(bytes.into())
}

/// Writes these frames; they are empty then.
pub async fn write(stream: &mut (impl AsyncWrite + Unpin), frames: &mut [Bytes]) -> Result<(), WriteError> {
    let mut rest = frames;
    while !rest.is_empty() {
        let (mut parts, mut bytes) = (Vec::with_capacity(rest.len().min(PARTS)), 0);
        while let Some(first) = rest.first_mut()
            && bytes < BYTES
            && parts.len() < PARTS
        {
            let part = first.split_to(first.len().min(BYTES - bytes));
            bytes += part.len();
            parts.push(part);
            if first.is_empty() {
                rest = &mut rest[1..];
            }
        }
        with_timeout(write_all(stream, &parts)).await?;
    }
    Ok(())
}

async fn write_all(stream: &mut (impl AsyncWrite + Unpin), parts: &[Bytes]) -> io::Result<()> {
    if let [whole] = parts {
        return stream.write_all(whole).await;
    }
    let mut parts: Vec<_> = parts.iter().map(|part| IoSlice::new(part)).collect();
    let mut rest = parts.as_mut_slice();
    while !rest.is_empty() {
        let written = stream.write_vectored(rest).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        IoSlice::advance_slices(&mut rest, written);
    }
    Ok(())
}

/// Nearly all writes succeed at once, and need no timer.
pub async fn with_timeout<E>(writing: impl Future<Output = Result<(), E>>) -> Result<(), WriteError> {
    let mut writing = pin!(writing);
    let written = match poll_fn(|context| Poll::Ready(writing.as_mut().poll(context))).await {
        Poll::Ready(written) => written,
        Poll::Pending => timeout(TIMEOUT, writing).await.map_err(|_| WriteError::Disconnected)?,
    };
    written.map_err(|_| WriteError::Disconnected)
}

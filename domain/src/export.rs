//! Everything that is held about a person, as a ZIP file that is written while it is read: never whole in memory, and as
//! it was at one moment.

mod archive;

use crate::{Service, fault::OrBroken, rights::Right, store};
use archive::Archive;
use bytes::Bytes;
use protocol::{Error, Result, error::Code, session::Caller};
use std::{io, sync::Arc, time::Duration};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, mpsc},
    time::timeout,
};

/// Exports at once on this node: each holds a connection of the database.
const AT_ONCE: usize = 2;
/// Pieces of the file that wait for the reader.
const WAITING: usize = 4;
/// How long a reader may take for the next piece.
const PATIENCE: Duration = Duration::from_secs(30);

/// A file on its way.
#[derive(Debug)]
pub struct Export {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
}

impl Export {
    /// The next piece; nothing after the last. An error means that the file is not whole.
    pub async fn next(&mut self) -> Option<io::Result<Bytes>> {
        self.pieces.recv().await
    }
}

/// Turns for writing exports.
#[derive(Clone, Debug)]
pub struct Exports(Arc<Semaphore>);

impl Default for Exports {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Service {
    /// Begins to write everything that is held about the caller, who must have given their password lately.
    pub async fn export(&self, caller: &Caller) -> Result<Export> {
        Right::ManageSignIn.check(caller)?;
        self.recently_proved(caller, None).await?;
        let busy = |_| Error::new(Code::Busy, "Others are downloading their data just now. Try again in a minute.");
        let turn = self.exports.0.clone().try_acquire_owned().map_err(busy)?;
        store::users::find(&self.store.read, caller.user_id).await.or_broken()?.ok_or_else(Error::internal)?;
        let (sender, pieces) = mpsc::channel(WAITING);
        let pipe = Pipe { sender: sender.clone(), handle: Handle::current() };
        let archive = Archive::new(self.store.clone(), caller.user_id, self.sight(), pipe);
        // Reading, compressing and waiting for the reader take turns on one thread of its own.
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            if let Err(error) = archive.write() {
                tracing::info!(%error, "an export was not finished");
                // Whoever still reads is told that it broke off.
                let _ = sender.try_send(Err(io::Error::other("the export broke off")));
            }
        });
        Ok(Export { pieces })
    }
}

/// Where the file is written to: it waits for the reader, but not for ever.
struct Pipe {
    sender: mpsc::Sender<io::Result<Bytes>>,
    handle: Handle,
}

impl io::Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Bytes::copy_from_slice(bytes);
        let sent = self.handle.block_on(timeout(PATIENCE, self.sender.send(Ok(piece))));
        match sent {
            Ok(Ok(())) => Ok(bytes.len()),
            Ok(Err(_)) => Err(io::Error::new(io::ErrorKind::BrokenPipe, "nobody reads it any more")),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "its reader takes too long")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

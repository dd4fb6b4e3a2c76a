//! Work that keeps a processor busy: on a few threads of its own, one after the other, so that nobody else waits for it.

use protocol::{Error, Result, error::Code};
use std::sync::Arc;
use tokio::{
    sync::Semaphore,
    task::{JoinError, spawn_blocking},
};

/// How much is worked on at once, and how much may wait. Clones are the same.
#[derive(Clone, Debug)]
pub struct Turns {
    turns: Arc<Semaphore>,
    /// Places for those who wait for a turn.
    queue: Arc<Semaphore>,
}

impl Turns {
    /// So many at once; for each, so many may wait, itself included.
    pub fn new(turns: usize, waiting: usize) -> Self {
        Self { turns: Arc::new(Semaphore::new(turns)), queue: Arc::new(Semaphore::new(turns * waiting)) }
    }

    /// Works when it is its turn; refuses at once, as busy, when too many wait. An error inside means that the work panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        busy: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Result<T, JoinError>> {
        let _place = self.queue.try_acquire().map_err(|_| Error::new(Code::Busy, busy))?;
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| Error::internal())?;
        let done = spawn_blocking(move || {
            // Held by the work itself: who stops waiting does not make room for more.
            let _turn = turn;
            work()
        });
        Ok(done.await)
    }
}

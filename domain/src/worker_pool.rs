//! Work that keeps a processor busy: on a few threads of its own that step back for all others, one after the other, so
//! that nobody else waits for it.

use protocol::{Error, Result, error::Code};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread,
};
use tokio::sync::{
    Semaphore,
    oneshot::{self, error::RecvError},
};

/// How far the threads step back (`nice`): where all processors are busy, each gets a tenth of what another thread gets.
const NICE: i32 = 10;

type Job = Box<dyn FnOnce() + Send>;

/// How much is worked on at once, and how much may wait. Clones are the same; the threads end with the last.
#[derive(Clone, Debug)]
pub struct WorkerPool {
    jobs: Sender<Job>,
    /// Places for what waits and what is worked on.
    permits: Arc<Semaphore>,
}

impl WorkerPool {
    /// So many at once; for each, so many may wait, itself included.
    pub fn new(workers: usize, queue_per_worker: usize) -> Self {
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..workers {
            let queue = queue.clone();
            thread::spawn(move || worker_loop(&queue));
        }
        Self { jobs, permits: Arc::new(Semaphore::new(workers * queue_per_worker)) }
    }

    /// Works when it is its turn; refuses at once, as busy, when too many wait. An error inside means that the work panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        busy: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Result<T, RecvError>> {
        let permit = self.permits.clone().try_acquire_owned().map_err(|_| Error::new(Code::Busy, busy))?;
        let (reply, done) = oneshot::channel();
        let job = move || {
            // Held by the work itself: who stops waiting does not make room for more, and is not worked for.
            let _permit = permit;
            if !reply.is_closed() {
                drop(reply.send(work()));
            }
        };
        self.jobs.send(Box::new(job)).map_err(|_| Error::internal())?;
        Ok(done.await)
    }
}

fn worker_loop(queue: &Mutex<Receiver<Job>>) {
    // On Linux this is about the thread that asks. Where it is refused, the work is done all the same.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICE);
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(job) = next() {
        // A panic is in the log; who waits learns of it because no reply comes.
        drop(catch_unwind(AssertUnwindSafe(job)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panicking_job_returns_an_error_and_the_next_one_runs() {
        let turns = WorkerPool::new(1, 2);
        assert!(turns.run("busy", || panic!("on purpose")).await.unwrap().is_err());
        assert_eq!(turns.run("busy", || 7).await.unwrap(), Ok(7));
    }

    #[tokio::test]
    async fn a_job_is_refused_at_once_when_the_pool_is_full() {
        let turns = WorkerPool::new(1, 1);
        let (begun, go_on) = (oneshot::channel(), oneshot::channel::<()>());
        let first = turns.clone();
        let first = tokio::spawn(async move {
            let work = move || {
                begun.0.send(()).unwrap();
                go_on.1.blocking_recv().unwrap();
            };
            first.run("busy", work).await.unwrap()
        });
        begun.1.await.unwrap();
        assert_eq!(turns.run("busy", || ()).await.unwrap_err().code, Code::Busy);
        go_on.0.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(()));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_worker_threads_run_at_low_priority() {
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let before = nice();
        let there = WorkerPool::new(1, 1).run("busy", nice).await.unwrap().unwrap();
        assert!(there >= NICE, "{there}");
        assert_eq!(nice(), before);
    }
}

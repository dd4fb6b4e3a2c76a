//! CPU-bound work on a few low-priority threads of its own, in order, so that it delays nothing else.

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

/// Priority of the threads (`nice`): when all processors are busy, each gets a tenth of the time of another thread.
const NICE: i32 = 10;

type Job = Box<dyn FnOnce() + Send>;

/// Limits how many jobs run and how many wait. Clones share the pool; the threads end when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct WorkerPool {
    jobs: Sender<Job>,
    /// Permits for the waiting and running jobs.
    permits: Arc<Semaphore>,
}

impl WorkerPool {
    /// Creates a pool of `workers` threads; for each, `queue_per_worker` jobs may be queued, the running one included.
    pub fn new(workers: usize, queue_per_worker: usize) -> Self {
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..workers {
            let queue = queue.clone();
            thread::spawn(move || worker_loop(&queue));
        }
        Self { jobs, permits: Arc::new(Semaphore::new(workers * queue_per_worker)) }
    }

    /// Runs a job when a worker is free; fails at once as busy when the queue is full. An internal error means that the
    /// job panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        busy: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Result<T, RecvError>> {
        let permit = self.permits.clone().try_acquire_owned().map_err(|_| Error::new(Code::Busy, busy))?;
        let (reply, done) = oneshot::channel();
        let job = move || {
            // Held by the job itself: a caller who stops waiting frees no slot before the job is removed, and the job
            // is skipped.
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
    // On Linux this affects the calling thread only. If it fails, the thread works at normal priority.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICE);
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(job) = next() {
        // The panic is logged; the caller gets an error because no reply is sent.
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
        let (started, resume) = (oneshot::channel(), oneshot::channel::<()>());
        let first = turns.clone();
        let first = tokio::spawn(async move {
            let work = move || {
                started.0.send(()).unwrap();
                resume.1.blocking_recv().unwrap();
            };
            first.run("busy", work).await.unwrap()
        });
        started.1.await.unwrap();
        assert_eq!(turns.run("busy", || ()).await.unwrap_err().code, Code::Busy);
        resume.0.send(()).unwrap();
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

//! The wire to PostgreSQL, in the hands of a test: it can be cut, for good or in the moment when a commit is answered.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::net::UnixStream;
use tokio::task::JoinHandle;
use tokio::task::JoinSet;

/// Listens on a port of its own, and passes on what comes.
pub struct PostgresProxy {
    task: JoinHandle<()>,
    drop_response: Arc<AtomicBool>,
}

impl PostgresProxy {
    /// A wire to the server of this URL, and the URL by which to use it.
    pub async fn start(url: &str) -> (Self, String) {
        let (base, options) = url.split_once('?').unwrap();
        let server = PathBuf::from(options.strip_prefix("host=").unwrap()).join(".s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let drop_response = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(serve(listener, server, drop_response.clone()));
        let database = base.rsplit_once('/').unwrap().1;
        (Self { task, drop_response }, format!("postgres://postgres@127.0.0.1:{port}/{database}?sslmode=disable"))
    }

    /// Breaks every connection, and refuses new ones.
    pub async fn stop(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }

    /// Passes on the next commit, but instead of its answer breaks the connection.
    pub fn drop_next_commit_response(&self) {
        self.drop_response.store(true, Ordering::SeqCst);
    }

    /// Whether that has happened.
    pub fn has_dropped_response(&self) -> bool {
        !self.drop_response.load(Ordering::SeqCst)
    }
}

async fn serve(listener: TcpListener, server: PathBuf, drop_response: Arc<AtomicBool>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let server = UnixStream::connect(&server).await.unwrap();
        connections.spawn(forward(client, server, drop_response.clone()));
    }
}

async fn forward(mut client: TcpStream, mut server: UnixStream, drop_response: Arc<AtomicBool>) {
    let (mut asked, mut told) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut losing = false;
    loop {
        tokio::select! {
            count = client.read(&mut asked) => {
                let asked = &asked[..count.unwrap_or(0)];
                losing |= asked.windows(6).any(|word| word == b"COMMIT") && drop_response.swap(false, Ordering::SeqCst);
                if asked.is_empty() || server.write_all(asked).await.is_err() {
                    return;
                }
            }
            count = server.read(&mut told) => {
                let told = &told[..count.unwrap_or(0)];
                if losing || told.is_empty() || client.write_all(told).await.is_err() {
                    return;
                }
            }
        }
    }
}

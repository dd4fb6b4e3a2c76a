//! A proxy in front of PostgreSQL that can drop its connections, or only the response to a commit.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    task::{JoinHandle, JoinSet},
};

/// Listens on its own port, and forwards all data.
pub struct PostgresProxy {
    task: JoinHandle<()>,
    drop_response: Arc<AtomicBool>,
}

impl PostgresProxy {
    /// Starts a proxy for the server at this URL; returns it with its own URL.
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

    /// Closes every connection, and refuses new ones.
    pub async fn stop(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }

    /// Forwards the next commit, but closes the connection instead of forwarding the response.
    pub fn drop_next_commit_response(&self) {
        self.drop_response.store(true, Ordering::SeqCst);
    }

    /// Whether the response was dropped.
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
    let (mut request, mut response) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut losing = false;
    loop {
        tokio::select! {
            count = client.read(&mut request) => {
                let request = &request[..count.unwrap_or(0)];
                let is_commit = request.windows(6).any(|part| part == b"COMMIT");
                losing |= is_commit && drop_response.swap(false, Ordering::SeqCst);
                if request.is_empty() || server.write_all(request).await.is_err() {
                    return;
                }
            }
            count = server.read(&mut response) => {
                let response = &response[..count.unwrap_or(0)];
                if losing || response.is_empty() || client.write_all(response).await.is_err() {
                    return;
                }
            }
        }
    }
}

//! The baseline servers that Lair Chat is compared with, run as separate processes of the same binary. They implement
//! just enough of its protocol for the same clients: the room is in the URL, and there is no authentication.

mod broadcast;
mod commit;
mod connection;
mod frame;
pub mod page;
mod store;

use anyhow::Result;
use axum::serve::ListenerExt as _;
use clap::{Args, ValueEnum};
use std::{net::SocketAddr, path::PathBuf};
use tokio::net::TcpListener;

/// A kind of baseline server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BaselineKind {
    /// Stores nothing: what a client sends goes to every connection.
    Broadcast,
    /// Group-commits each message to `SQLite`, acknowledges, then delivers to the room.
    Commit,
    /// Answers with a page whose rows it reads from `SQLite`.
    Page,
}

/// Options of a baseline server.
#[derive(Args)]
pub struct BaselineArgs {
    kind: BaselineKind,
    /// The address to listen on.
    #[arg(long)]
    listen: SocketAddr,
    /// The folder of the database.
    #[arg(long, default_value = ".")]
    data: PathBuf,
}

/// Runs until it is stopped.
pub async fn run(args: BaselineArgs) -> Result<()> {
    let listener = TcpListener::bind(args.listen).await?;
    let router = match args.kind {
        BaselineKind::Broadcast => connection::router(broadcast::start()),
        BaselineKind::Commit => connection::router(commit::start(store::Store::open(&args.data)?)),
        BaselineKind::Page => page::router(&args.data)?,
    };
    // Without it, the end of a burst of frames waits 40 ms for the client to acknowledge its beginning.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, router).await?)
}

//! A running `lair`.

use crate::harness::server::At;
use std::{net::SocketAddr, path::Path, process::Stdio};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::mpsc,
};

pub const LAIR: &str = env!("CARGO_BIN_EXE_lair");

/// A running `lair`, killed when the test ends.
pub struct Process {
    pub child: Child,
    pub at: At,
    /// What it has logged since it listens.
    pub log: mpsc::UnboundedReceiver<String>,
}

/// The program, without the settings of whoever runs the tests.
pub fn lair(data: &Path) -> Command {
    let mut command = Command::new(LAIR);
    command.env_clear().current_dir(data).kill_on_drop(true);
    command
}

impl Process {
    /// Starts it, and waits until it listens.
    pub async fn start(data: &Path, listen: &str) -> Self {
        Self::start_with(&mut lair(data), data, listen).await
    }

    /// The same with more settings.
    pub async fn start_with(command: &mut Command, data: &Path, listen: &str) -> Self {
        let mut child = command
            .args(["--listen", listen, "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        loop {
            let line = lines.next_line().await.expect("text").expect("it listens before it ends");
            if let Some((_, address)) = line.split_once("listening on http://") {
                let address = address.trim_matches(|c: char| !c.is_ascii_digit());
                let address: SocketAddr = address.parse().expect("an address");
                // Its log goes on; a full pipe would hold it up.
                let (sender, log) = mpsc::unbounded_channel();
                tokio::spawn(async move {
                    while let Ok(Some(line)) = lines.next_line().await {
                        // A test that does not look at the log may have ended.
                        drop(sender.send(line));
                    }
                });
                return Self { child, at: At::new(address), log };
            }
        }
    }

    /// Ends it as a power cut would.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it was running");
    }

    /// Asks it to stop, as the system does.
    pub async fn terminate(&self) {
        let id = self.child.id().expect("it is running").to_string();
        let done = Command::new("kill").args(["-TERM", &id]).status().await.expect("kill");
        assert!(done.success());
    }
}

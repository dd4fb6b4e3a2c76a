//! A running `lair`.

use crate::harness::server::ApiClient;
use std::{net::SocketAddr, path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    sync::mpsc,
    time::timeout,
};

/// Longer than any start takes; a test that waits this long has failed.
const TIMEOUT: Duration = Duration::from_mins(1);

pub const LAIR_BINARY: &str = env!("CARGO_BIN_EXE_lair");

/// A running `lair`, killed when the test ends.
pub struct Process {
    pub child: Child,
    pub api: ApiClient,
    /// The log lines since it started listening.
    pub log: mpsc::UnboundedReceiver<String>,
}

/// The command to run `lair`, without the environment of the test.
pub fn lair_command(data: &Path) -> Command {
    let mut command = Command::new(LAIR_BINARY);
    command.env_clear().current_dir(data).kill_on_drop(true);
    command
}

/// A `lair` that is not listening yet.
pub struct StartingProcess {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl StartingProcess {
    /// Starts it.
    pub fn new(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("the output of the program")).lines();
        Self { child, lines }
    }

    /// Waits for a log line with this text, and returns what follows it.
    pub async fn wait_for_log(&mut self, text: &str) -> String {
        let found = async {
            loop {
                let line = self.lines.next_line().await.expect("text").expect("more log lines");
                if let Some((_, rest)) = line.split_once(text) {
                    return rest.to_owned();
                }
            }
        };
        timeout(TIMEOUT, found).await.expect(text)
    }

    /// Waits until it listens.
    pub async fn wait_until_listening(mut self) -> Process {
        let address = self.wait_for_log("listening on http://").await;
        let address: SocketAddr = address.trim_matches(|c: char| !c.is_ascii_digit()).parse().expect("an address");
        // Read on, because a full pipe would block it.
        let (sender, log) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(line)) = self.lines.next_line().await {
                // The receiver is dropped if the test does not read the log.
                drop(sender.send(line));
            }
        });
        Process { child: self.child, api: ApiClient::new(address), log }
    }
}

impl Process {
    /// Starts it, and waits until it listens.
    pub async fn start(data: &Path, listen: &str) -> Self {
        Self::start_with(&mut lair_command(data), data, listen).await
    }

    /// The same with more settings.
    pub async fn start_with(command: &mut Command, data: &Path, listen: &str) -> Self {
        StartingProcess::new(command.args(["--listen", listen, "--data"]).arg(data)).wait_until_listening().await
    }

    /// Kills it, as a power cut would.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it was running");
    }

    /// Sends SIGTERM.
    pub async fn terminate(&self) {
        let id = self.child.id().expect("it is running").to_string();
        let done = Command::new("kill").args(["-TERM", &id]).status().await.expect("kill");
        assert!(done.success());
    }
}

//! A server under load: a child process, so that its resource usage is separate from that of the generator.

use crate::statistics::real;
use anyhow::{Context as _, Result, bail, ensure};
use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::sleep,
};

/// Linux counts CPU time for `/proc` in hundredths of a second on every architecture that Rust's std supports.
const TICKS_PER_SECOND: f64 = 100.0;
/// How long a start or a stop may take.
const START_STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// The memory of a process, in KiB.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Resident: the program's own pages and those of mapped files.
    pub rss: f64,
    /// The same, with shared pages divided among the processes that share them.
    pub pss: f64,
}

/// A running server.
pub struct Process {
    child: Child,
    log: PathBuf,
    /// Where it listens.
    pub address: SocketAddr,
    /// The time from its start until it was ready.
    pub started_in: Duration,
}

/// An address that no process listens on.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

impl Process {
    /// Starts a server that will listen on `address`, and waits until it is ready.
    pub async fn start(mut command: Command, address: SocketAddr, log: &Path) -> Result<Self> {
        let output = File::options().create(true).append(true).open(log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let started = Instant::now();
        let child = command.spawn().with_context(|| format!("starting {}", command.get_program().display()))?;
        let mut process = Self { child, log: log.to_owned(), address, started_in: Duration::ZERO };
        while !is_ready(address).await {
            if let Some(status) = process.child.try_wait()? {
                bail!("the server ended at once ({status}); its log says:\n{}", process.log_end());
            }
            ensure!(
                started.elapsed() < START_STOP_TIMEOUT,
                "the server did not get ready; its log says:\n{}",
                process.log_end()
            );
            sleep(Duration::from_millis(1)).await;
        }
        process.started_in = started.elapsed();
        Ok(process)
    }

    /// CPU time used so far by all its threads, including ended ones.
    pub fn cpu_seconds(&self) -> Result<f64> {
        let stat = self.proc_file("stat")?;
        // The program's name, in brackets, may contain anything; numbers follow it, user and system time 12th and 13th.
        let (_, numbers) = stat.rsplit_once(')').context("no name in /proc/<pid>/stat")?;
        let ticks = numbers.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
        Ok(real(ticks.sum::<Result<u64, _>>()?) / TICKS_PER_SECOND)
    }

    /// The current memory.
    pub fn memory(&self) -> Result<Memory> {
        let rollup = self.proc_file("smaps_rollup")?;
        let field = |name: &str| -> Result<f64> {
            let line = rollup.lines().find_map(|line| line.strip_prefix(name)).context("no such field")?;
            Ok(line.trim().trim_end_matches(" kB").parse()?)
        };
        Ok(Memory { rss: field("Rss:")?, pss: field("Pss:")? })
    }

    fn proc_file(&self, name: &str) -> Result<String> {
        let path = format!("/proc/{}/{name}", self.child.id());
        fs::read_to_string(&path).with_context(|| format!("reading {path}; the server's log says:\n{}", self.log_end()))
    }

    /// Terminates it, and waits until it has ended.
    pub async fn stop(&mut self) -> Result<()> {
        let started = Instant::now();
        let signalled = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status()?;
        ensure!(signalled.success(), "the server could not be asked to stop");
        while self.child.try_wait()?.is_none() {
            ensure!(
                started.elapsed() < START_STOP_TIMEOUT,
                "the server did not stop; its log says:\n{}",
                self.log_end()
            );
            sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    /// The end of its log.
    pub fn log_end(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&text[text.len().saturating_sub(4_000)..]).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // After a failure; a process that was stopped has already ended, so there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn is_ready(address: SocketAddr) -> bool {
    let check = async {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET /api/v1/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut response = [0; 12];
        stream.read_exact(&mut response).await?;
        std::io::Result::Ok(response == *b"HTTP/1.1 200")
    };
    check.await.unwrap_or(false)
}

//! The machine and the versions that were measured.

use crate::statistics::median;
use anyhow::{Context as _, Result};
use std::{
    fmt::{self, Display, Formatter},
    fs::{self, File},
    io::Write as _,
    path::Path,
    process::Command,
    time::Instant,
};

/// A machine and the versions on it.
pub struct Machine(Vec<(&'static str, String)>);

impl Machine {
    /// Inspects this machine; syncs to disk are timed in the folder of the databases.
    pub fn inspect(folder: &Path, lair: Option<&Path>) -> Result<Self> {
        let cores = std::thread::available_parallelism()?;
        let cpu = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.into());
        let memory = field("/proc/meminfo", "MemTotal").unwrap_or_default();
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let changed = if command_output("git", &["status", "--porcelain", "--", ":!docs"]).is_empty() {
            ""
        } else {
            ", with changes"
        };
        let commit = command_output("git", &["rev-parse", "--short=12", "HEAD"]);
        let lair = lair.map_or_else(String::new, |lair| command_output(&lair.display().to_string(), &["--version"]));
        Ok(Self(vec![
            ("processor", format!("{cpu}, {cores} cores, shared by the server and the load generator")),
            ("memory", memory),
            ("kernel", format!("Linux {}", kernel.trim())),
            ("disk", format!("{:.2} ms to write 4 KiB and sync (median of 50)", sync_time(folder)?)),
            ("compiler", command_output("rustc", &["--version"])),
            ("commit", format!("{commit}{changed}")),
            ("server", lair),
            ("command", format!("`{}`", std::env::args().collect::<Vec<_>>().join(" "))),
        ]))
    }
}

impl Display for Machine {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "| | |\n|---|---|")?;
        for (name, value) in self.0.iter().filter(|(_, value)| !value.is_empty()) {
            writeln!(f, "| {name} | {value} |")?;
        }
        Ok(())
    }
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The output of a program; empty if the program is missing or fails.
fn command_output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success());
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

fn sync_time(folder: &Path) -> Result<f64> {
    let path = folder.join("sync");
    let mut file = File::create(&path).context("a file to sync")?;
    let mut times = Vec::new();
    for _ in 0..50 {
        file.write_all(&[0; 4_096])?;
        let started = Instant::now();
        file.sync_data()?;
        times.push(started.elapsed().as_secs_f64() * 1_000.0);
    }
    fs::remove_file(path)?;
    Ok(median(times))
}

//! The scenarios, and the order in which they are measured.

mod cold_start;
mod comparison;
mod fan_out;
mod growth;
mod history;
mod idle;
mod latency;
mod pages;
mod sends;
mod sign_ins;

use crate::{
    baseline::BaselineKind,
    lair::ServerProcess,
    process::{self, Process},
    report::{Machine, Report, Section},
};
use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum as _};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};
use tempfile::TempDir;

/// Options of the benchmark.
#[derive(Args)]
pub struct BenchArgs {
    /// The release build of lair; without it, only the baseline servers are measured.
    #[arg(long)]
    lair: Option<PathBuf>,
    /// How long each measurement lasts.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// How many alternating rounds are measured for a comparison; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Messages in the room whose history is paged through.
    #[arg(long, default_value_t = 200_000)]
    messages: u32,
    /// The folder for the databases, on the disk that is to be measured.
    #[arg(long, default_value = "target")]
    work: PathBuf,
    /// Where to write the report.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// One measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// Memory.
    Idle,
    /// Deliveries.
    FanOut,
    /// Time to delivery.
    Latency,
    /// Durable sends.
    Sends,
    /// Rendered pages.
    Pages,
    /// Pages while users sign in.
    SignIns,
    /// Pages of history over REST.
    History,
    /// Start to ready.
    ColdStart,
    /// Many rooms, users and members.
    Growth,
}

impl Scenario {
    /// All scenarios; the last ones use the data of those before.
    pub const ALL: [Self; 9] = [
        Self::Idle,
        Self::FanOut,
        Self::Latency,
        Self::Sends,
        Self::Pages,
        Self::SignIns,
        Self::History,
        Self::ColdStart,
        Self::Growth,
    ];
}

/// What the scenarios share.
pub struct BenchContext {
    args: BenchArgs,
    folder: TempDir,
}

impl BenchContext {
    fn length(&self) -> Duration {
        Duration::from_secs(self.args.seconds)
    }

    /// A subfolder of the working folder.
    fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts a baseline server.
    async fn start_baseline(&self, kind: BaselineKind, name: &str) -> Result<Process> {
        let (address, data) = (process::free_address()?, self.folder(name));
        std::fs::create_dir_all(&data)?;
        let kind = kind.to_possible_value().context("a kind without a name")?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["baseline", kind.get_name(), "--listen", &address.to_string(), "--data"]).arg(&data);
        Process::start(command, address, &data.with_extension("log")).await
    }
}

/// Runs the scenarios, and writes the report.
pub async fn run(args: BenchArgs, scenarios: &[Scenario]) -> Result<()> {
    std::fs::create_dir_all(&args.work)?;
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(&args.work)?;
    let context = BenchContext { args, folder };
    let machine = Machine::inspect(context.folder.path(), context.args.lair.as_deref())?;
    let (mut sections, mut lair) = (Vec::new(), None);
    for scenario in scenarios {
        print_progress(&format!("{scenario:?} ..."));
        if let Some(section) = perform(*scenario, &context, &mut lair).await.with_context(|| format!("{scenario:?}"))? {
            print_progress(&section.to_string());
            sections.push(section);
        }
    }
    if let Some(out) = &context.args.out {
        write(out, &Report { machine: &machine, sections: &sections }.to_string())?;
    }
    Ok(())
}

/// Runs one scenario; the server is started when it is first needed and is then reused, with its data.
async fn perform(
    scenario: Scenario,
    context: &BenchContext,
    lair: &mut Option<ServerProcess>,
) -> Result<Option<Section>> {
    if let (Scenario::Idle, Some(binary)) = (scenario, &context.args.lair) {
        return idle::run(context, binary).await.map(Some);
    }
    if let (Scenario::Growth, Some(binary)) = (scenario, &context.args.lair) {
        return growth::run(context, binary).await.map(Some);
    }
    if let (None, Some(binary)) = (&lair, &context.args.lair) {
        *lair = Some(ServerProcess::start(binary, &context.folder("lair")).await?);
    }
    let section = match (scenario, lair.as_mut()) {
        (Scenario::FanOut, lair) => fan_out::run(context, lair).await,
        (Scenario::Sends, lair) => sends::run(context, lair).await,
        (Scenario::Latency, lair) => latency::run(context, lair).await,
        (Scenario::Pages, Some(lair)) => pages::run(context, lair).await,
        (Scenario::SignIns, Some(lair)) => sign_ins::run(context, lair).await,
        (Scenario::History, Some(lair)) => history::run(context, lair).await,
        (Scenario::ColdStart, Some(lair)) => cold_start::run(context, lair).await,
        (_, None) | (Scenario::Idle | Scenario::Growth, _) => return Ok(None),
    };
    let log = || lair.as_ref().map(|lair| lair.process.log_end()).unwrap_or_default();
    section.map(Some).with_context(|| format!("the end of the server's log:\n{}", log()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

/// Prints progress for the terminal; if it cannot be written, nothing is lost.
fn print_progress(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

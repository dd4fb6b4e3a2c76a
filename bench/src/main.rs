//! The load generator of Lair Chat, and the baseline servers it is compared with.

mod baseline;
mod client;
mod figures;
mod lair;
mod process;
mod report;
mod scenario;

use anyhow::Result;
use baseline::BaselineArgs;
use clap::{Parser, Subcommand};
use scenario::{BenchArgs, Scenario};

#[derive(Parser)]
#[command(version, about = "Measures a release build of lair against bare servers in the same run")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run all measurements.
    All(BenchArgs),
    /// Memory of 2,000 idle sockets.
    Idle(BenchArgs),
    /// One room of 500 members, ten of them sending.
    FanOut(BenchArgs),
    /// The latency of deliveries at a low rate.
    Latency(BenchArgs),
    /// 200 rooms of five members, all of them sending.
    Sends(BenchArgs),
    /// Rendering the page of a room.
    Pages(BenchArgs),
    /// Rendering it while many users sign in.
    SignIns(BenchArgs),
    /// Paging through a long history.
    History(BenchArgs),
    /// The time from start to ready.
    ColdStart(BenchArgs),
    /// Run one of the baseline servers.
    #[command(hide = true)]
    Baseline(BaselineArgs),
}

#[tokio::main]
async fn main() -> Result<()> {
    match Cli::parse().command {
        Command::All(plan) => scenario::run(plan, &Scenario::ALL).await,
        Command::Idle(plan) => scenario::run(plan, &[Scenario::Idle]).await,
        Command::FanOut(plan) => scenario::run(plan, &[Scenario::FanOut]).await,
        Command::Latency(plan) => scenario::run(plan, &[Scenario::Latency]).await,
        Command::Sends(plan) => scenario::run(plan, &[Scenario::Sends]).await,
        Command::Pages(plan) => scenario::run(plan, &[Scenario::Pages]).await,
        Command::SignIns(plan) => scenario::run(plan, &[Scenario::SignIns]).await,
        Command::History(plan) => scenario::run(plan, &[Scenario::History]).await,
        Command::ColdStart(plan) => scenario::run(plan, &[Scenario::ColdStart]).await,
        Command::Baseline(baseline) => baseline::run(baseline).await,
    }
}

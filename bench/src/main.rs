//! The load generator of Lair Chat, and the baseline servers it is compared with.

mod baseline;
mod client;
mod lair;
mod process;
mod report;
mod scenario;
mod statistics;

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
    /// A user of many rooms, many users, many members.
    Growth(BenchArgs),
    /// Run one of the baseline servers.
    #[command(hide = true)]
    Baseline(BaselineArgs),
}

#[tokio::main]
async fn main() -> Result<()> {
    match Cli::parse().command {
        Command::All(args) => scenario::run(args, &Scenario::ALL).await,
        Command::Idle(args) => scenario::run(args, &[Scenario::Idle]).await,
        Command::FanOut(args) => scenario::run(args, &[Scenario::FanOut]).await,
        Command::Latency(args) => scenario::run(args, &[Scenario::Latency]).await,
        Command::Sends(args) => scenario::run(args, &[Scenario::Sends]).await,
        Command::Pages(args) => scenario::run(args, &[Scenario::Pages]).await,
        Command::SignIns(args) => scenario::run(args, &[Scenario::SignIns]).await,
        Command::History(args) => scenario::run(args, &[Scenario::History]).await,
        Command::ColdStart(args) => scenario::run(args, &[Scenario::ColdStart]).await,
        Command::Growth(args) => scenario::run(args, &[Scenario::Growth]).await,
        Command::Baseline(baseline) => baseline::run(baseline).await,
    }
}

//! The load generator of Lair Chat and the bare servers it is held against.

mod client;
mod figures;
mod lair;
mod process;
mod report;
mod scenario;
mod yardstick;

use anyhow::Result;
use clap::{Parser, Subcommand};
use scenario::{Plan, Scenario};
use yardstick::Yardstick;

#[derive(Parser)]
#[command(version, about = "Measures a release build of lair against bare servers in the same run")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure everything.
    All(Plan),
    /// Memory of 2,000 idle sockets.
    Idle(Plan),
    /// One room of 500 members, ten of them speaking.
    FanOut(Plan),
    /// How long a delivery takes at an easy pace.
    Latency(Plan),
    /// 200 rooms of five members, all of them speaking.
    Sends(Plan),
    /// Rendering the page of a room.
    Pages(Plan),
    /// Rendering it while many people sign in.
    SignIns(Plan),
    /// Paging through a long history.
    History(Plan),
    /// From start to ready.
    ColdStart(Plan),
    /// Be one of the bare servers.
    #[command(hide = true)]
    Yardstick(Yardstick),
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
        Command::Yardstick(yardstick) => yardstick::run(yardstick).await,
    }
}

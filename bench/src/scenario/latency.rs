//! The latency of deliveries at a low rate.

use super::{BenchContext, comparison::cpu_of_deliveries, fan_out};
use crate::{
    baseline::BaselineKind,
    lair::ServerProcess,
    report::{Section, Target},
};
use anyhow::Result;
use std::time::Duration;

/// Messages per second.
const RATE: u32 = 50;
/// One measurement, with enough deliveries for a stable 99th percentile.
const LENGTH: Duration = Duration::from_secs(10);

pub async fn run(context: &BenchContext, lair: Option<&mut ServerProcess>) -> Result<Section> {
    let how = format!(
        "{RATE} messages a second into a room of {} members with a socket each; from the moment a message was due to be sent \
         to the moment a member has read it.",
        fan_out::MEMBERS
    );
    let columns = ["", "p50 ms", "p99 ms", "p99.9 ms", "most ms", "CPU-seconds per 100,000 deliveries"];
    let mut section = Section::new("Time to delivery", how, &columns);
    let mut ours = None;
    if let Some(lair) = lair {
        let mut clients = fan_out::connect_clients(lair, "Latency").await?;
        let (work, latencies) = clients.open_loop(&lair.process, RATE, LENGTH).await?;
        let p99 = latencies.quantile(990);
        let cpu = *ours.insert(cpu_of_deliveries(&work));
        section.row("lair", &[latencies.quantile(500), p99, latencies.quantile(999), latencies.quantile(1_000), cpu]);
        section.target(Target::at_most(
            "99 % of deliveries within, at 50 messages/s into 500 members",
            50.0,
            p99,
            " ms",
        ));
    }
    let bare = context.start_baseline(BaselineKind::Broadcast, "latency").await?;
    let mut clients = fan_out::connect_baseline_clients(&bare).await?;
    let (work, latencies) = clients.open_loop(&bare, RATE, LENGTH).await?;
    let cpu = cpu_of_deliveries(&work);
    let row =
        [latencies.quantile(500), latencies.quantile(990), latencies.quantile(999), latencies.quantile(1_000), cpu];
    section.row("broadcast baseline", &row);
    if let Some(ours) = ours {
        let what = "CPU per delivery at 50 messages/s, against the bare broadcast";
        section.target(Target::at_most(what, 1.2, ours / cpu, "×"));
    }
    Ok(section)
}

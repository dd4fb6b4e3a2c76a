//! The time from start to ready.

use super::BenchContext;
use crate::{
    lair::{self, ServerProcess},
    report::{Section, Target},
    statistics::median,
};
use anyhow::Result;

/// How often the server is started.
const STARTS: usize = 10;

pub async fn run(context: &BenchContext, lair: &mut ServerProcess) -> Result<Section> {
    let (mut empty, mut existing) = (Vec::new(), Vec::new());
    for number in 0..STARTS {
        let mut new = lair::launch(&lair.binary, &context.folder(&format!("cold-{number}"))).await?;
        empty.push(new.started_in.as_secs_f64() * 1_000.0);
        new.stop().await?;
        lair.restart().await?;
        existing.push(lair.process.started_in.as_secs_f64() * 1_000.0);
    }
    let how = format!(
        "From starting the process to the first 200 from `/api/v1/ready`, {STARTS} times each: on an empty data folder \
         (making the database and the keys), and on the data of the measurements before this one."
    );
    let mut section = Section::new("Cold start", how, &["", "median ms", "slowest ms"]);
    let slowest = |times: &[f64]| times.iter().copied().fold(0.0, f64::max);
    section.row("empty data folder", &[median(empty.iter().copied()), slowest(&empty)]);
    section.row("existing data", &[median(existing.iter().copied()), slowest(&existing)]);
    let worse = median(empty).max(median(existing));
    section.target(Target::at_most("cold start", 250.0, worse, " ms"));
    Ok(section)
}

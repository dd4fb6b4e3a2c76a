//! The time from start to ready.

use super::BenchContext;
use crate::{
    figures::median,
    lair::{self, ServerProcess},
    report::{Section, Target},
};
use anyhow::Result;

/// How often the server is started.
const STARTS: usize = 10;

pub async fn run(stage: &BenchContext, lair: &mut ServerProcess) -> Result<Section> {
    let (mut fresh, mut again) = (Vec::new(), Vec::new());
    for number in 0..STARTS {
        let mut new = lair::launch(&lair.binary, &stage.folder(&format!("cold-{number}"))).await?;
        fresh.push(new.started_in.as_secs_f64() * 1_000.0);
        new.stop().await?;
        lair.restart().await?;
        again.push(lair.process.started_in.as_secs_f64() * 1_000.0);
    }
    let how = format!(
        "From starting the process to the first 200 from `/api/v1/ready`, {STARTS} times each: on an empty data folder \
         (making the database and the keys), and on the data of the measurements before this one."
    );
    let mut section = Section::new("Cold start", how, &["", "median ms", "slowest ms"]);
    let slowest = |times: &[f64]| times.iter().copied().fold(0.0, f64::max);
    section.row("empty data folder", &[median(fresh.iter().copied()), slowest(&fresh)]);
    section.row("existing data", &[median(again.iter().copied()), slowest(&again)]);
    let worse = median(fresh).max(median(again));
    section.target(Target::at_most("cold start", 250.0, worse, " ms"));
    Ok(section)
}

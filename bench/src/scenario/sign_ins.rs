//! Whether password hashing delays other requests: the page of a room while many users sign in.

use super::{BenchContext, pages};
use crate::{
    lair::{PASSWORD, ServerProcess},
    report::{Section, Target},
    statistics::{Latencies, median, real},
};
use anyhow::{Context as _, Result};
use protocol::session::Tokens;
use reqwest::Client;
use serde_json::json;
use std::time::Instant;

/// Users who sign in concurrently and repeatedly.
const SIGN_INS: usize = 50;
/// The limit of the ratio between the latencies with and without sign-ins.
const LIMIT: f64 = 2.0;

/// Measures the page without and with sign-ins, in turn.
pub async fn run(context: &BenchContext, lair: &mut ServerProcess) -> Result<Section> {
    lair.register_users(SIGN_INS.max(pages::MEMBERS)).await?;
    let url = pages::fill_room(lair, "Sign-ins").await?;
    let browser = pages::sign_in(lair, 0).await?;
    let (mut quiet, mut busy, mut rates) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..context.args.rounds {
        quiet.push(Latencies::from_micros(browse(context, &browser, &url).await?));
        let (latencies, rate) = tokio::try_join!(browse(context, &browser, &url), login_loop(context, lair))?;
        busy.push(Latencies::from_micros(latencies));
        rates.push(rate);
    }
    let how = format!(
        "`GET /rooms/{{id}}` with a session cookie, one request at a time, alone and while {SIGN_INS} users sign in \
         at once and again and again: {:.0} sign-ins/s. The median of {} rounds in turn.",
        median(rates),
        context.args.rounds
    );
    let mut section = Section::new("Pages while users sign in", how, &["", "p50 ms", "p99 ms", "most ms"]);
    let within =
        |rounds: &[Latencies], per_thousand| median(rounds.iter().map(|latencies| latencies.quantile(per_thousand)));
    for (what, rounds) in [("alone", &quiet), ("while users sign in", &busy)] {
        section.row(what, &[500, 990, 1_000].map(|per_thousand| within(rounds, per_thousand)));
    }
    let ratio = within(&busy, 990) / within(&quiet, 990);
    section.target(Target::at_most("99 % of room pages during 50 sign-ins, against without", LIMIT, ratio, "×"));
    Ok(section)
}

async fn browse(context: &BenchContext, browser: &Client, url: &str) -> Result<Vec<u32>> {
    pages::browse(browser, url, "identity", Instant::now() + context.length()).await
}

/// Returns how many sign-ins were done per second.
async fn login_loop(context: &BenchContext, lair: &ServerProcess) -> Result<f64> {
    let (started, end) = (Instant::now(), Instant::now() + context.length());
    let counts = futures::future::try_join_all(lair.users.iter().take(SIGN_INS).map(async |user| {
        let mut count = 0;
        while Instant::now() < end {
            let login = json!({"login": user.name, "password": PASSWORD});
            let _: Tokens = lair.rest.post("", "/auth/login", &login).await.context("signing in")?;
            count += 1;
        }
        Ok::<u64, anyhow::Error>(count)
    }));
    Ok(real(counts.await?.into_iter().sum()) / started.elapsed().as_secs_f64())
}

//! Rendering the page of a room, as a browser requests it.

use super::BenchContext;
use crate::{
    baseline::{BaselineKind, page::Page},
    client::rest::{CONCURRENCY, error_for_status, for_each},
    lair::{PASSWORD, ServerProcess},
    process::Process,
    report::{Section, Target},
    statistics::{Latencies, median, real},
};
use anyhow::{Context as _, Result, ensure};
use reqwest::{Client, Method, redirect::Policy};
use serde::Deserialize;
use serde_json::json;
use std::time::{Duration, Instant};

/// Users in the room, and the number of messages.
pub const MEMBERS: usize = 20;
pub const MESSAGES: usize = 50;

/// The named users and rooms that development, tests and this benchmark share.
const SEEDS: &str = include_str!("../../../seeds/lair.json");

#[derive(Deserialize)]
struct Seeds {
    messages: Vec<SeedMessage>,
}

#[derive(Deserialize)]
struct SeedMessage {
    body: String,
}

/// The most CPU time of a page, in milliseconds, where the baseline is so quick that it does not decide.
const ENOUGH: f64 = 0.6;
/// The most CPU time of a page as a multiple of the baseline's.
const MOST: f64 = 3.0;

/// One measured round.
struct Round {
    pages: f64,
    latencies: Latencies,
    cpu: f64,
}

pub async fn run(context: &BenchContext, lair: &mut ServerProcess) -> Result<Section> {
    lair.register_users(MEMBERS).await?;
    let url = fill_room(lair, "Pages").await?;
    let browser = sign_in(lair, 0).await?;
    let html = error_for_status(browser.get(&url).send().await?).await?.text().await?;
    let page = Page::cut(&html).with_context(|| format!("the page of the room shows no message:\n{html}"))?;
    ensure!(page.rows.len() >= MESSAGES, "the page of the room shows {} messages, not {MESSAGES}", page.rows.len());
    let folder = context.folder("page");
    std::fs::create_dir_all(&folder)?;
    let room = url.rsplit_once('/').context("a URL without a path")?.1;
    page.store(&folder, room.parse()?)?;
    let mut baseline = context.start_baseline(BaselineKind::Page, "page").await?;
    let baseline_url = format!("http://{}/rooms/{room}", baseline.address);

    let how = format!(
        "`GET /rooms/{{id}}` with a session cookie: the page with {MESSAGES} messages in it ({} KB of HTML), {CONCURRENCY} \
         requests at once over kept-alive connections; medians of {} rounds. The baseline knows one page: it reads the same \
         rows from `SQLite` with one query and sends the same bytes, without a session, a sidebar or anything to render.",
        html.len() / 1_000,
        context.args.rounds
    );
    let mut section = Section::new("Room pages", how, &["", "lair", "baseline", "ratio"]);
    for (what, encoding) in [("plain", "identity"), ("compressed", "gzip, deflate, br, zstd")] {
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..context.args.rounds {
            ours.push(measure(&lair.process, &browser, &url, encoding, context.length()).await?);
            bare.push(measure(&baseline, &browser, &baseline_url, encoding, context.length()).await?);
        }
        let figures = |rounds: &[Round]| {
            let middle = |figure: fn(&Round) -> f64| median(rounds.iter().map(figure));
            let quantile = |part| median(rounds.iter().map(|round| round.latencies.quantile(part)));
            [middle(|round| round.cpu), middle(|round| round.pages), quantile(500), quantile(990)]
        };
        let (ours, bare) = (figures(&ours), figures(&bare));
        let names = ["CPU-ms of the server per page", "pages/s", "p50 ms", "p99 ms"];
        for ((name, ours), bare) in names.iter().zip(ours).zip(bare) {
            section.compare(&format!("{what}: {name}"), ours, bare);
        }
        let limit = ((bare[0] * MOST).max(ENOUGH) * 100.0).round() / 100.0;
        section.target(Target::at_most(&format!("CPU-ms per room page, {what}"), limit, ours[0], ""));
    }
    baseline.stop().await?;
    Ok(section)
}

/// Requests the page from one of the servers for so long.
async fn measure(server: &Process, browser: &Client, url: &str, encoding: &str, length: Duration) -> Result<Round> {
    let (started, cpu) = (Instant::now(), server.cpu_seconds()?);
    let latencies = for_each(0..CONCURRENCY, async |_| browse(browser, url, encoding, started + length).await).await?;
    let (seconds, cpu) = (started.elapsed().as_secs_f64(), server.cpu_seconds()? - cpu);
    let latencies = Latencies::from_micros(latencies.concat());
    let count = real(latencies.count() as u64);
    Ok(Round { pages: count / seconds, latencies, cpu: cpu / count * 1_000.0 })
}

/// Creates a room with messages; returns the URL of its page.
pub async fn fill_room(lair: &ServerProcess, name: &str) -> Result<String> {
    let room = lair.create_room(name, &(0..MEMBERS).collect::<Vec<_>>()).await?;
    let seeds: Seeds = serde_json::from_str(SEEDS)?;
    for number in 0..MESSAGES {
        let seed = &seeds.messages[number % seeds.messages.len()];
        let message = json!({"body": seed.body, "client_id": format!("{name}-{number}")});
        let path = format!("/rooms/{room}/messages");
        let _: serde_json::Value = lair.rest.post(&lair.users[number % MEMBERS].token, &path, &message).await?;
    }
    Ok(format!("{}/rooms/{room}", lair.rest.base()))
}

/// A browser with the cookies of a user, by their index, who signed in through the form.
pub async fn sign_in(lair: &ServerProcess, user: usize) -> Result<Client> {
    let browser = Client::builder().cookie_store(true).redirect(Policy::none()).build()?;
    let form = format!("login={}&password={PASSWORD}", lair.users[user].name);
    let request = browser
        .request(Method::POST, format!("{}/do/auth/sign-in", lair.rest.base()))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("Accept", "text/html")
        .header("Origin", lair.rest.base())
        .header("Sec-Fetch-Site", "same-origin")
        .body(form);
    let response = error_for_status(request.send().await?).await?;
    response.headers().get("set-cookie").context("signing in gave no cookie")?;
    Ok(browser)
}

/// Requests the page repeatedly; returns the latencies, in microseconds.
pub async fn browse(browser: &Client, url: &str, encoding: &str, end: Instant) -> Result<Vec<u32>> {
    let mut latencies = Vec::new();
    while Instant::now() < end {
        let sent_at = Instant::now();
        let page = browser.get(url).header("Accept-Encoding", encoding).send().await?;
        error_for_status(page).await?.bytes().await?;
        latencies.push(u32::try_from(sent_at.elapsed().as_micros())?);
    }
    Ok(latencies)
}

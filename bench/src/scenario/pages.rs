//! Rendering the page of a room, as a browser requests it.

use super::BenchContext;
use crate::{
    client::rest::{CONCURRENCY, error_for_status, for_each},
    lair::{PASSWORD, ServerProcess},
    report::Section,
    statistics::{Latencies, real},
};
use anyhow::{Context as _, Result, ensure};
use reqwest::{Client, Method, redirect::Policy};
use serde::Deserialize;
use serde_json::json;
use std::time::Instant;

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

pub async fn run(context: &BenchContext, lair: &mut ServerProcess) -> Result<Section> {
    lair.register_users(MEMBERS).await?;
    let url = fill_room(lair, "Pages").await?;
    let browser = sign_in(lair, 0).await?;
    let page = error_for_status(browser.get(&url).send().await?).await?.text().await?;
    let rows = page.matches("<article").count();
    ensure!(rows >= MESSAGES, "the page of the room shows {rows} messages, not {MESSAGES}:\n{page}");

    let how = format!(
        "`GET /rooms/{{id}}` with a session cookie: the page with {MESSAGES} messages in it ({} KB of HTML), {CONCURRENCY} \
         requests at once over kept-alive connections.",
        page.len() / 1_000
    );
    let columns = ["", "pages/s", "p50 ms", "p99 ms", "CPU-ms of the server per page"];
    let mut section = Section::new("Room pages", how, &columns);
    for (what, encoding) in
        [("plain HTML", "identity"), ("compressed, as browsers request it", "gzip, deflate, br, zstd")]
    {
        let (started, cpu) = (Instant::now(), lair.process.cpu_seconds()?);
        let end = started + context.length();
        let latencies = for_each(0..CONCURRENCY, async |_| browse(&browser, &url, encoding, end).await).await?;
        let (seconds, cpu) = (started.elapsed().as_secs_f64(), lair.process.cpu_seconds()? - cpu);
        let latencies = Latencies::from_micros(latencies.concat());
        let count = real(latencies.count() as u64);
        section.row(what, &[count / seconds, latencies.quantile(500), latencies.quantile(990), cpu / count * 1_000.0]);
    }
    Ok(section)
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

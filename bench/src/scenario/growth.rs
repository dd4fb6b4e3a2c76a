//! What grows with the rooms of a user, with the users, and with the members of a room, on a server of its own.

mod joins;
mod people;
mod rooms;

use super::BenchContext;
use crate::{
    client::rest::error_for_status,
    lair::ServerProcess,
    report::{Section, Target},
    statistics::{median, real},
};
use anyhow::Result;
use reqwest::{Client, RequestBuilder};
use std::path::Path;

/// Requests of one kind that are measured in a round.
const REQUESTS: u64 = 200;

pub async fn run(context: &BenchContext, binary: &Path) -> Result<Section> {
    let mut lair = ServerProcess::start(binary, &context.folder("growth")).await?;
    let rounds = context.args.rounds;
    let rooms = rooms::measure(&mut lair, rounds).await?;
    let joins = joins::measure(&mut lair, rounds).await?;
    let people = people::measure(&mut lair, rounds).await?;
    let how = format!(
        "A user of {} rooms: the page of one of them with {} messages, and the snapshot. The directory of {} users, and \
         a page of {} members of a room in which they all are (users and members were inserted into the database). One \
         request at a time, {REQUESTS} a round. Joining a room of {} members with a socket each, against sending a \
         message there, one after the other; the next one begins when every socket has received the event. The median \
         of {rounds} rounds.",
        rooms::ROOMS,
        rooms::MESSAGES,
        people::USERS,
        people::PAGE,
        joins::LISTENERS,
    );
    let columns = ["", "CPU-ms of the server, plain", "CPU-ms, compressed", "KB", "KB, compressed"];
    let mut section = Section::new("What grows", how, &columns);
    for Answer { what, plain, compressed } in [&rooms.page, &rooms.snapshot, &people.directory, &people.members] {
        section.row(what, &[plain.cpu, compressed.cpu, plain.kilobytes, compressed.kilobytes]);
    }
    for (what, cpu) in [("joining the room", joins.join), ("sending a message there", joins.send)] {
        section.row(what, &[cpu, f64::NAN, f64::NAN, f64::NAN]);
    }
    let size = |answer: &Answer| answer.compressed.kilobytes;
    section.target(Target::at_most("a room page of a user of 500 rooms, CPU", 4.0, rooms.page.plain.cpu, " ms"));
    section.target(Target::at_most("the same, compressed", 60.0, size(&rooms.page), " KB"));
    section.target(Target::at_most("a snapshot of 500 rooms, compressed", 60.0, size(&rooms.snapshot), " KB"));
    section.target(Target::at_most("the first page of 20,000 people, CPU", 2.5, people.directory.plain.cpu, " ms"));
    section.target(Target::at_most("50 of 20,000 members, CPU", 2.0, people.members.plain.cpu, " ms"));
    let ratio = joins.join / joins.send;
    section.target(Target::at_most("joining a room of 500 listeners, against a message there", 2.0, ratio, "×"));
    Ok(section)
}

/// What a request costs.
struct Answer {
    what: &'static str,
    plain: Cost,
    compressed: Cost,
}

/// CPU milliseconds of the server for an answer, and its size.
struct Cost {
    cpu: f64,
    kilobytes: f64,
}

impl Answer {
    async fn measure(
        lair: &ServerProcess,
        what: &'static str,
        rounds: usize,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<Self> {
        let compressed = || request().header("Accept-Encoding", "gzip, deflate, br, zstd");
        let plain = || request().header("Accept-Encoding", "identity");
        Ok(Self {
            what,
            plain: Cost::measure(lair, rounds, plain).await?,
            compressed: Cost::measure(lair, rounds, compressed).await?,
        })
    }
}

impl Cost {
    /// Repeats the request; each round is a sample of its CPU time.
    async fn measure(lair: &ServerProcess, rounds: usize, request: impl Fn() -> RequestBuilder) -> Result<Self> {
        let (mut samples, kilobytes) = (Vec::new(), real(size(request()).await?) / 1_000.0);
        for _ in 0..rounds {
            let before = lair.process.cpu_seconds()?;
            for _ in 0..REQUESTS {
                size(request()).await?;
            }
            samples.push((lair.process.cpu_seconds()? - before) / real(REQUESTS) * 1_000.0);
        }
        Ok(Self { cpu: median(samples), kilobytes })
    }
}

/// Sends a request; returns the size of its answer.
async fn size(request: RequestBuilder) -> Result<u64> {
    let response = error_for_status(request.send().await?).await?;
    Ok(response.bytes().await?.len().try_into()?)
}

/// A page as the browser requests it.
fn page(browser: &Client, lair: &ServerProcess, path: &str) -> RequestBuilder {
    browser.get(format!("{}{path}", lair.rest.base()))
}

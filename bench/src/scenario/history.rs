//! Paging through a long history over REST.

use super::BenchContext;
use crate::{
    client::rest::{error_for_status, for_each},
    lair::ServerProcess,
    report::Section,
    statistics::{Latencies, real},
};
use anyhow::{Result, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use protocol::{
    id::{MessageId, RoomId},
    message::History,
    message::Message,
};
use reqwest::Method;
use serde_json::json;
use std::time::Instant;

/// Users who fill the room.
const MEMBERS: usize = 50;
/// Concurrent sends while the room is filled.
const FILL_CONCURRENCY: usize = 256;
/// Concurrent requests while measuring, and how many there are in total.
const READERS: usize = 4;
const READS: usize = 4_000;
/// Messages per page.
const PAGE: usize = 50;

pub async fn run(context: &BenchContext, lair: &mut ServerProcess) -> Result<Section> {
    lair.register_users(MEMBERS).await?;
    let room = lair.create_room("History", &(0..MEMBERS).collect::<Vec<_>>()).await?;
    let (started, count) = (Instant::now(), context.args.messages);
    let ids = fill(lair, room, count).await?;
    let rate = f64::from(count) / started.elapsed().as_secs_f64();

    let (started, cpu) = (Instant::now(), lair.process.cpu_seconds()?);
    let each = READS / READERS;
    let reads = for_each(0..READERS, async |reader| read(lair, room, &ids, reader * each, each).await).await?;
    let (seconds, cpu) = (started.elapsed().as_secs_f64(), lair.process.cpu_seconds()? - cpu);
    let latencies = Latencies::from_micros(reads.concat());
    let reads = real(latencies.count() as u64);
    let how = format!(
        "`GET /rooms/{{id}}/messages?before=…&limit={PAGE}` at random positions in a room with {count} messages, \
         {READERS} requests at once. (The room was filled through the API, {FILL_CONCURRENCY} requests at once, \
         at {rate:.0} messages/s.)"
    );
    let columns = ["", "pages/s", "p50 ms", "p99 ms", "most ms", "CPU-ms of the server per page"];
    let mut section = Section::new("History", how, &columns);
    let cpu = cpu / reads * 1_000.0;
    section.row(
        "lair",
        &[reads / seconds, latencies.quantile(500), latencies.quantile(990), latencies.quantile(1_000), cpu],
    );
    Ok(section)
}

/// Sends this many messages; returns the ids of those with a full page before them.
async fn fill(lair: &ServerProcess, room: RoomId, count: u32) -> Result<Vec<MessageId>> {
    let path = format!("/rooms/{room}/messages");
    let send = async |number: u32| -> Result<Message> {
        let body = format!("Message number {number}: the *kettle* is on, and the notes are in the usual place.");
        let author = &lair.users[usize::try_from(number)? % MEMBERS];
        let message = json!({"body": body, "client_id": format!("fill-{number}")});
        lair.rest.post(&author.token, &path, &message).await
    };
    let messages = stream::iter(0..count).map(&send).buffer_unordered(FILL_CONCURRENCY);
    let full = i64::try_from(PAGE)?;
    let ids = messages.try_filter_map(async |message| Ok((message.seq > full).then_some(message.id)));
    ids.try_collect().await
}

/// Reads pages at random positions, the same ones in every run; returns the latencies, in microseconds.
async fn read(lair: &ServerProcess, room: RoomId, ids: &[MessageId], from: usize, count: usize) -> Result<Vec<u32>> {
    let mut latencies = Vec::new();
    for number in from..from + count {
        // Knuth's multiplier spreads successive numbers all over the history.
        let before = ids[number.wrapping_mul(2_654_435_761) % ids.len()];
        let path = format!("/api/v1/rooms/{room}/messages?before={before}&limit={PAGE}");
        let sent_at = Instant::now();
        let request = lair.rest.request(Method::GET, &path).bearer_auth(&lair.users[0].token);
        let page = error_for_status(request.send().await?).await?.bytes().await?;
        latencies.push(u32::try_from(sent_at.elapsed().as_micros())?);
        let page: History = serde_json::from_slice(&page)?;
        let in_order = page.items.windows(2).all(|pair| pair[0].seq + 1 == pair[1].seq);
        ensure!(page.items.len() == PAGE && in_order, "a page of history has gaps");
    }
    Ok(latencies)
}

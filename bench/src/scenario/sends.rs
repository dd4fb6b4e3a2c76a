//! 200 rooms of five members, all of them speaking in a closed loop.

use super::{
    Stage,
    contest::{Side, acks, cores, cpu_of_sends},
    fan_out::bare_seat,
};
use crate::{
    client::crowd::{Crowd, Work},
    lair::Lair,
    process::Process,
    report::{Section, Target},
    yardstick::Kind,
};
use anyhow::Result;
use uuid::Uuid;

const ROOMS: usize = 200;
const MEMBERS: usize = 5;

/// Measures durable sends.
pub async fn run(stage: &Stage, mut lair: Option<&mut Lair>) -> Result<Section> {
    let bare = stage.yardstick(Kind::Commit, "commit").await?;
    let mut yardstick = Side::new(bare_crowd(&bare).await?);
    let mut ours = match lair.as_deref_mut() {
        Some(lair) => Some(Side::new(crowd(lair).await?)),
        None => None,
    };
    for _ in 0..stage.plan.rounds {
        yardstick.round(&bare, 1, stage.length()).await?;
        if let (Some(ours), Some(lair)) = (&mut ours, &lair) {
            ours.round(&lair.process, 1, stage.length()).await?;
        }
    }
    let how = format!(
        "{ROOMS} rooms of {MEMBERS} members with a socket each, all speaking in a closed loop: the next message goes out when \
         the last one was acknowledged. `synchronous=FULL`: acknowledged means synced to disk. The yardstick is a bare axum \
         server that only stores messages, a batch a transaction, and delivers them."
    );
    let mut section = Section::new("Sends", how, &["", "lair", "group-commit yardstick", "ratio"]);
    let (theirs, ours) = (yardstick.take(), ours.as_mut().map(Side::take).unwrap_or_default());
    let mut row =
        |what: &str, figure: fn(&Work) -> f64| section.compare(what, ours.median(figure), theirs.median(figure));
    row("acknowledged sends/s", acks);
    row("CPU-seconds of the server per 100,000 sends", cpu_of_sends);
    row("cores the server kept busy", cores);
    let ratio = ours.median(acks) / theirs.median(acks);
    section.target(Target::at_least("acknowledged sends, against the bare group commit", 0.5, ratio, "×"));
    Ok(section)
}

async fn crowd(lair: &mut Lair) -> Result<Crowd> {
    lair.populate(ROOMS * MEMBERS).await?;
    let mut seats = Vec::new();
    for room in 0..ROOMS {
        let members: Vec<usize> = (room * MEMBERS..(room + 1) * MEMBERS).collect();
        let id = lair.room(&format!("Table {room}"), &members).await?;
        seats.extend(members.iter().map(|member| lair.seat(*member, id, true)));
    }
    Crowd::in_many_rooms(seats).await
}

async fn bare_crowd(server: &Process) -> Result<Crowd> {
    let rooms = (0..ROOMS).map(|_| Uuid::new_v4());
    let seats = rooms.flat_map(|room| (0..MEMBERS).map(move |_| bare_seat(server, room, true))).collect();
    Crowd::in_many_rooms(seats).await
}

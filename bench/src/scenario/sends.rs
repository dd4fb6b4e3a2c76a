//! 200 rooms of five members, all of them sending in a closed loop.

use super::{
    BenchContext,
    comparison::{ComparedServer, acks, cores, cpu_of_sends},
    fan_out::baseline_client,
};
use crate::{
    baseline::BaselineKind,
    client::clients::{Clients, Measurement},
    lair::ServerProcess,
    process::Process,
    report::{Section, Target},
};
use anyhow::Result;
use uuid::Uuid;

const ROOMS: usize = 200;
const MEMBERS: usize = 5;

pub async fn run(context: &BenchContext, mut lair: Option<&mut ServerProcess>) -> Result<Section> {
    let bare = context.start_baseline(BaselineKind::Commit, "commit").await?;
    let mut baseline = ComparedServer::new(connect_baseline_clients(&bare).await?);
    let mut ours = match lair.as_deref_mut() {
        Some(lair) => Some(ComparedServer::new(connect_clients(lair).await?)),
        None => None,
    };
    for _ in 0..context.args.rounds {
        baseline.round(&bare, 1, context.length()).await?;
        if let (Some(ours), Some(lair)) = (&mut ours, &lair) {
            ours.round(&lair.process, 1, context.length()).await?;
        }
    }
    let how = format!(
        "{ROOMS} rooms of {MEMBERS} members with a socket each, all sending in a closed loop: the next message goes \
         out when the last one was acknowledged. `synchronous=FULL`: acknowledged means synced to disk. The baseline \
         is a bare axum server that only stores messages, a batch a transaction on SQLite's C library, and delivers them."
    );
    let mut section = Section::new("Sends", how, &["", "lair", "group-commit baseline", "ratio"]);
    let (theirs, ours) = (baseline.take_rounds(), ours.as_mut().map(ComparedServer::take_rounds).unwrap_or_default());
    let mut row =
        |what: &str, figure: fn(&Measurement) -> f64| section.compare(what, ours.median(figure), theirs.median(figure));
    row("acknowledged sends/s", acks);
    row("CPU-seconds of the server per 100,000 sends", cpu_of_sends);
    row("CPU cores used by the server", cores);
    let ratio = ours.median(acks) / theirs.median(acks);
    section.target(Target::at_least("acknowledged sends, against the bare group commit", 0.6, ratio, "×"));
    Ok(section)
}

async fn connect_clients(lair: &mut ServerProcess) -> Result<Clients> {
    lair.register_users(ROOMS * MEMBERS).await?;
    let mut configs = Vec::new();
    for room in 0..ROOMS {
        let members: Vec<usize> = (room * MEMBERS..(room + 1) * MEMBERS).collect();
        let id = lair.create_room(&format!("Table {room}"), &members).await?;
        configs.extend(members.iter().map(|member| lair.client_config(*member, id, true)));
    }
    Clients::in_many_rooms(configs).await
}

async fn connect_baseline_clients(server: &Process) -> Result<Clients> {
    let rooms = (0..ROOMS).map(|_| Uuid::new_v4());
    let configs = rooms.flat_map(|room| (0..MEMBERS).map(move |_| baseline_client(server, room, true))).collect();
    Clients::in_many_rooms(configs).await
}

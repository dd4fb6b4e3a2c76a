//! One room of 500 members, ten of them sending in a closed loop.

use super::{
    BenchContext,
    comparison::{ComparedServer, Rounds, cores, cpu_of_deliveries, deliveries},
};
use crate::{
    baseline::BaselineKind,
    client::{
        clients::{ClientConfig, Clients, Measurement},
        socket::Endpoint,
    },
    lair::ServerProcess,
    process::Process,
    report::{Section, Target},
};
use anyhow::Result;
use uuid::Uuid;

/// Members of the room.
pub const MEMBERS: usize = 500;
/// How many of them send.
pub const SENDERS: usize = 10;

/// Messages that each of them has in flight: a quiet conversation, and a flood.
const WINDOWS: [usize; 2] = [1, 32];

pub async fn run(context: &BenchContext, mut lair: Option<&mut ServerProcess>) -> Result<Section> {
    let bare = context.start_baseline(BaselineKind::Broadcast, "broadcast").await?;
    let mut baseline = ComparedServer::new(connect_baseline_clients(&bare).await?);
    let mut ours = match lair.as_deref_mut() {
        Some(lair) => Some(ComparedServer::new(connect_clients(lair, "Fan-out").await?)),
        None => None,
    };
    let how = format!(
        "One room of {MEMBERS} members with a socket each, {SENDERS} of them sending in a closed loop: the next \
         message goes out when all members have got one, so that the same number is always in flight. Lair Chat \
         stores each message durably first; the baseline is a bare axum server that only broadcasts."
    );
    let mut section = Section::new("Deliveries", how, &["", "lair", "broadcast baseline", "ratio"]);
    let mut worst = f64::NAN;
    for window in WINDOWS {
        for _ in 0..context.args.rounds {
            baseline.round(&bare, window, context.length()).await?;
            if let (Some(ours), Some(lair)) = (&mut ours, &lair) {
                ours.round(&lair.process, window, context.length()).await?;
            }
        }
        let (theirs, ours) =
            (baseline.take_rounds(), ours.as_mut().map(ComparedServer::take_rounds).unwrap_or_default());
        let ratio = compare(&mut section, window, &ours, &theirs);
        worst = worst.max(ratio);
    }
    section.target(Target::at_most(
        "CPU per delivery, against the bare broadcast (the worse of both)",
        1.5,
        worst,
        "×",
    ));
    Ok(section)
}

/// Adds the measurements with a window; returns the ratio of CPU time per delivery.
fn compare(section: &mut Section, window: usize, ours: &Rounds, theirs: &Rounds) -> f64 {
    let in_flight = format!("{window} in flight each:");
    let mut row = |what: &str, figure: fn(&Measurement) -> f64| {
        section.compare(&format!("{in_flight} {what}"), ours.median(figure), theirs.median(figure));
    };
    row("CPU-seconds of the server per 100,000 deliveries", cpu_of_deliveries);
    row("deliveries/s", deliveries);
    row("CPU cores used by the server", cores);
    ours.median(cpu_of_deliveries) / theirs.median(cpu_of_deliveries)
}

/// Clients in a new room of lair.
pub async fn connect_clients(lair: &mut ServerProcess, name: &str) -> Result<Clients> {
    lair.register_users(MEMBERS).await?;
    let members: Vec<usize> = (0..MEMBERS).collect();
    let room = lair.create_room(name, &members).await?;
    let configs = members.iter().map(|member| lair.client_config(*member, room, *member < SENDERS)).collect();
    Clients::in_one_room(configs).await
}

/// As many clients of a baseline server.
pub async fn connect_baseline_clients(server: &Process) -> Result<Clients> {
    let room = Uuid::new_v4();
    let config = |member| baseline_client(server, room, member < SENDERS);
    Clients::in_one_room((0..MEMBERS).map(config).collect()).await
}

/// The configuration of a client in a room of a baseline server.
pub fn baseline_client(server: &Process, room: Uuid, sends: bool) -> ClientConfig {
    let target = format!("/api/v1/ws?room={room}");
    ClientConfig {
        endpoint: Endpoint { address: server.address, target, token: String::new() },
        room: room.to_string(),
        sends,
    }
}

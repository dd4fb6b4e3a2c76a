//! The memory of an idle socket.

use super::BenchContext;
use crate::{
    baseline::BaselineKind,
    client::{
        rest::for_each,
        socket::{Endpoint, Socket},
    },
    lair::ServerProcess,
    process::{Memory, Process},
    report::{Section, Target},
};
use anyhow::Result;
use std::{path::Path, time::Duration};
use tokio::time::sleep;
use uuid::Uuid;

const SOCKETS: usize = 2_000;
/// A registration costs a password hash, so a user has several sockets.
const USERS: usize = 200;
/// How long to wait before its memory is read.
const WAIT_BEFORE_READING: Duration = Duration::from_secs(1);

pub async fn run(context: &BenchContext, binary: &Path) -> Result<Section> {
    let mut lair = ServerProcess::start(binary, &context.folder("idle")).await?;
    sleep(WAIT_BEFORE_READING).await;
    let empty = lair.process.memory()?;
    lair.register_users(USERS).await?;
    // Restarted, so that memory once used for hashing passwords does not hide what sockets need.
    lair.restart().await?;
    let ours = measure_growth(&lair.process, |number| lair.endpoint(number % USERS)).await?;

    let bare = context.start_baseline(BaselineKind::Broadcast, "idle-bare").await?;
    let target = format!("/api/v1/ws?room={}", Uuid::nil());
    let theirs =
        measure_growth(&bare, |_| Endpoint { address: bare.address, target: target.clone(), token: String::new() })
            .await?;

    let how = format!(
        "{SOCKETS} sockets of {USERS} signed-in users, all idle. Resident memory of the server (RSS; PSS divides \
         pages shared with other processes) just after a start, with the sockets, and the difference for each."
    );
    let mut section = Section::new("Memory", how, &["", "lair", "broadcast baseline", "ratio"]);
    section.compare("idle RSS, MiB", mib(ours.before.rss), mib(theirs.before.rss));
    section.compare("idle PSS, MiB", mib(ours.before.pss), mib(theirs.before.pss));
    section.compare("RSS with the sockets, MiB", mib(ours.after.rss), mib(theirs.after.rss));
    section.compare("RSS per socket, KiB", ours.per_socket(|m| m.rss), theirs.per_socket(|m| m.rss));
    section.compare("PSS per socket, KiB", ours.per_socket(|m| m.pss), theirs.per_socket(|m| m.pss));
    section.target(Target::at_most("an idle signed-in socket", 20.0, ours.per_socket(|m| m.rss) * 1.024, " KB"));
    let idle = empty.rss.max(ours.before.rss) * 1.024 / 1_000.0;
    section.target(Target::at_most("idle memory of the whole server", 40.0, idle, " MB"));
    Ok(section)
}

struct Growth {
    before: Memory,
    after: Memory,
}

impl Growth {
    fn per_socket(&self, kind: impl Fn(&Memory) -> f64) -> f64 {
        (kind(&self.after) - kind(&self.before)) / crate::statistics::real(SOCKETS as u64)
    }
}

async fn measure_growth(server: &Process, endpoint: impl Fn(usize) -> Endpoint) -> Result<Growth> {
    sleep(WAIT_BEFORE_READING).await;
    let before = server.memory()?;
    let sockets = for_each(0..SOCKETS, async |number| Socket::open(&endpoint(number)).await).await?;
    sleep(WAIT_BEFORE_READING).await;
    let after = server.memory()?;
    drop(sockets);
    Ok(Growth { before, after })
}

fn mib(kib: f64) -> f64 {
    kib / 1_024.0
}

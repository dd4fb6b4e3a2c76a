//! Forty power cuts under load, on both databases. Every acknowledged message is stored once; all clients receive the same messages in
//! the same order, without gaps and duplicates.

use super::process::{Process, lair_command};
use crate::harness::{Socket, TestUser};
use protocol::message::Message;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{sync::watch, task::JoinSet, time::timeout};

const POWER_CUTS: u64 = 40;
/// Commands that a sender has in flight.
const IN_FLIGHT: usize = 8;

/// State shared by the senders, the receivers and the task that kills the server.
#[derive(Clone)]
struct SharedState {
    rooms: [String; 2],
    /// The last seq of each room at the beginning.
    heads: [i64; 2],
    /// How many times the server has been started.
    starts: watch::Receiver<u64>,
    acknowledged: Arc<watch::Sender<u64>>,
    done: Arc<AtomicBool>,
}

impl SharedState {
    /// Opens a socket; while the server is down, waits for the next start.
    async fn listen(&self, user: &TestUser, cursor: Option<&str>) -> Socket {
        loop {
            let start = *self.starts.borrow();
            if let Ok(socket) = Socket::try_open(user, cursor).await {
                return socket;
            }
            let mut starts = self.starts.clone();
            starts.wait_for(|now| *now > start).await.expect("the server starts again");
        }
    }
}

/// Sends until the test is done; returns the acknowledged messages by client id.
async fn send(shared: SharedState, user: TestUser) -> BTreeMap<String, Value> {
    let (mut acknowledged, mut number) = (BTreeMap::new(), 0);
    let mut socket = shared.listen(&user, None).await;
    while !shared.done.load(SeqCst) {
        let mut pending: BTreeSet<String> = BTreeSet::new();
        for _ in 0..IN_FLIGHT {
            number += 1;
            pending.insert(format!("{}-{number}", user.username));
        }
        while !pending.is_empty() {
            if send_pending(&shared, &mut socket, &mut pending, &mut acknowledged).await.is_err() {
                socket = shared.listen(&user, None).await;
            }
        }
    }
    acknowledged
}

/// Sends all pending messages, and removes the acknowledged ones; returns when the connection closes.
async fn send_pending(
    shared: &SharedState,
    socket: &mut Socket,
    pending: &mut BTreeSet<String>,
    acknowledged: &mut BTreeMap<String, Value>,
) -> Result<(), String> {
    use futures::SinkExt;
    let names: Vec<_> = pending.iter().cloned().collect();
    for (id, name) in names.iter().enumerate() {
        // A client id belongs to one room, also when it is sent again.
        let room = &shared.rooms[usize::from(name.as_bytes().last().is_some_and(|digit| digit % 2 == 0))];
        let command = json!({ "id": id, "type": "message.send", "room_id": room, "body": name, "client_id": name });
        let message = tokio_tungstenite::tungstenite::Message::text(command.to_string());
        socket.stream.send(message).await.map_err(|error| error.to_string())?;
    }
    while !pending.is_empty() {
        let frame = socket.next_or_close().await.map_err(|(_, reason)| reason)?;
        assert_ne!(frame["type"], "error", "{frame}");
        if frame["type"] == "ack" {
            let id = frame["id"].as_u64().and_then(|id| usize::try_from(id).ok()).expect("an id");
            let name = names[id].clone();
            assert!(pending.remove(&name), "acknowledged twice: {name}");
            shared.acknowledged.send_modify(|count| *count += 1);
            acknowledged.insert(name, frame["data"].clone());
        }
    }
    Ok(())
}

/// Receives all events from the beginning until each room is complete; returns the messages in the order received.
async fn receive(
    shared: SharedState,
    user: TestUser,
    cursor: String,
    mut ends: watch::Receiver<Option<[i64; 2]>>,
) -> Vec<Value> {
    let (mut received, mut cursor) = (Vec::<Value>::new(), cursor);
    let mut socket = shared.listen(&user, Some(&cursor)).await;
    let mut seqs: BTreeMap<String, i64> = shared.rooms.iter().cloned().zip(shared.heads).collect();
    loop {
        let complete =
            ends.borrow().is_some_and(|ends| shared.rooms.iter().zip(ends).all(|(room, end)| seqs[room] >= end));
        if complete {
            return received;
        }
        let frame = tokio::select! {
            frame = socket.next_or_close() => frame,
            _ = ends.changed() => continue,
        };
        let Ok(frame) = frame else {
            socket = shared.listen(&user, Some(&cursor)).await;
            assert_eq!(socket.hello["resumed"], true, "missed events are replayed");
            continue;
        };
        assert_ne!(frame["type"], "reset", "{frame}");
        let Some(next) = frame["cursor"].as_str() else { continue };
        if frame["type"] == "message.created" {
            assert!(position(next) > position(&cursor), "{next} is received after {cursor}");
            let (room, seq) = (frame["data"]["room_id"].as_str().expect("a room"), frame["data"]["seq"].as_i64());
            let last = seqs.get_mut(room).expect("a room of the test");
            assert_eq!(seq, Some(*last + 1), "a gap or a repeat in {room}");
            *last += 1;
            received.push(frame["data"].clone());
        }
        next.clone_into(&mut cursor);
    }
}

fn position(cursor: &str) -> i64 {
    cursor.split_once('.').and_then(|(_, position)| position.parse().ok()).expect("a cursor")
}

/// Kills the server repeatedly, each time after further messages were acknowledged, and starts it again.
async fn cut_power(
    shared: &SharedState,
    mut process: Process,
    (data, options): (&Path, &[&str]),
    starts: &watch::Sender<u64>,
) -> Process {
    let address = process.api.address.to_string();
    for cut in 1..=POWER_CUTS {
        let goal = *shared.acknowledged.borrow() + rand::random_range(1..120);
        shared.acknowledged.subscribe().wait_for(|count| *count >= goal).await.expect("the senders run");
        // At any point of a commit, not only just after an acknowledgement.
        tokio::time::sleep(Duration::from_micros(rand::random_range(0..5_000))).await;
        process.kill().await;
        process = Process::start_with(lair_command(data).args(options), data, &address).await;
        starts.send_replace(cut + 1);
    }
    process
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn forty_power_cuts_lose_and_duplicate_no_messages() {
    cut_power_under_load(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn forty_power_cuts_lose_and_duplicate_no_messages_on_postgresql() {
    let server = std::env::var("LAIR_TEST_POSTGRES")
        .expect("LAIR_TEST_POSTGRES names a PostgreSQL server for tests: `make test` starts one");
    let name = format!("crash_{}", rand::random::<u32>());
    let pool = sqlx_postgres::PgPool::connect(&server).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&pool).await.unwrap();
    pool.close().await;
    let (base, options) = server.split_once('?').unwrap();
    let (host, _) = base.rsplit_once('/').unwrap();
    cut_power_under_load(&["--database-url", &format!("{host}/{name}?{options}")]).await;
}

async fn cut_power_under_load(options: &[&str]) {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start_with(lair_command(data.path()).args(options), data.path(), "127.0.0.1:0").await;
    let mut users = Vec::new();
    for name in ["ada", "mara", "tomas", "yuki", "ingrid", "sam"] {
        users.push(TestUser::register(&process.api, name).await);
    }
    let rooms = [users[0].lobby().await, users[0].create_public_room("Kitchen").await];
    for user in &users[1..] {
        user.join(&rooms[1]).await;
    }
    let mut heads = [0; 2];
    for (room, head) in rooms.iter().zip(&mut heads) {
        // Lines about who joined.
        *head = users[0].get(&format!("/rooms/{room}")).expect(200).await["head"].as_i64().expect("a number");
    }
    let cursor = users[0].cursor().await;
    let (starts, started) = watch::channel(1);
    let (ended, ends) = watch::channel(None);
    let shared = SharedState {
        rooms: rooms.clone(),
        heads,
        starts: started,
        acknowledged: Arc::default(),
        done: Arc::default(),
    };

    let (mut senders, mut receivers) = (JoinSet::new(), JoinSet::new());
    for user in &users[..4] {
        senders.spawn(send(shared.clone(), user.clone()));
    }
    for user in &users[3..] {
        receivers.spawn(receive(shared.clone(), user.clone(), cursor.clone(), ends.clone()));
    }
    let all = async {
        let process = cut_power(&shared, process, (data.path(), options), &starts).await;
        shared.done.store(true, SeqCst);
        let acknowledged: BTreeMap<_, _> = senders.join_all().await.into_iter().flatten().collect();
        let mut stored = Vec::new();
        for room in &rooms {
            stored.push(history(&users[0], room).await);
        }
        let ends = [stored[0].len(), stored[1].len()].map(|length| i64::try_from(length).expect("a count"));
        ended.send_replace(Some(ends));
        (process, acknowledged, stored, receivers.join_all().await)
    };
    let (_process, acknowledged, stored, received) = timeout(Duration::from_mins(5), all).await.expect("in time");

    let message = |value: &Value| serde_json::from_value::<Message>(value.clone()).expect("a message");
    for ((room, stored), head) in rooms.iter().zip(&stored).zip(heads) {
        let seqs: Vec<_> = stored.iter().map(|message| message["seq"].as_i64().unwrap()).collect();
        assert_eq!(seqs, (1..=i64::try_from(stored.len()).unwrap()).collect::<Vec<_>>(), "a gap in {room}");
        for received_by_client in &received {
            let in_room = received_by_client.iter().filter(|message| message["room_id"] == room.as_str());
            assert_eq!(
                in_room.map(message).collect::<Vec<_>>(),
                stored.iter().map(message).filter(|message| message.seq > head).collect::<Vec<_>>(),
                "everyone receives the same messages in the same order"
            );
        }
    }
    let names: Vec<_> = stored.iter().flatten().map(|message| message["client_id"].as_str().unwrap()).collect();
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len(), "a message is stored twice");
    let by_name: BTreeMap<_, _> = names.iter().copied().zip(stored.iter().flatten()).collect();
    for (name, ack) in &acknowledged {
        let stored = by_name.get(name.as_str()).map(|message| (&message["id"], &message["seq"]));
        assert_eq!(stored, Some((&ack["message_id"], &ack["seq"])), "acknowledged, but not stored");
    }
    assert!(acknowledged.len() as u64 > POWER_CUTS, "{} messages", acknowledged.len());
}

/// All messages of a room, from the beginning.
pub async fn history(user: &TestUser, room: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), "cursor=a.0".to_owned());
    loop {
        let page = user.get(&format!("/rooms/{room}/messages?limit=200&{cursor}")).expect(200).await;
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("cursor={next}"),
            None => return all,
        }
    }
}

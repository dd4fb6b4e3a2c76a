//! The disk is full repeatedly, and once from the start. Writes meanwhile are rejected with a clear error; they succeed
//! again once there is space; every acknowledged message is stored once.

use super::{
    crash::history,
    disk::Disk,
    process::{LAIR_BINARY, Process, StartingProcess},
};
use crate::harness::{PASSWORD, Request, Response, TestUser, random_name};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::{process::Command, sync::watch, task::JoinSet, time::timeout};

const ROUNDS: usize = 4;
const SENDERS: usize = 6;
/// Messages acknowledged between two times with a full disk.
const MESSAGES_PER_ROUND: usize = 60;
/// Longer than anything takes; a test that waits this long has failed.
const TIMEOUT: Duration = Duration::from_mins(1);

/// State shared by the senders and the task that fills the disk.
#[derive(Clone)]
struct SharedState {
    lobby: String,
    acknowledged: Arc<watch::Sender<usize>>,
    refused: Arc<watch::Sender<usize>>,
    is_full: watch::Receiver<bool>,
    is_done: watch::Receiver<bool>,
}

/// Whether the response reports a full or failing disk; then it must have a `Retry-After` header.
fn is_refused(response: &Response) -> bool {
    let status = response.status.as_u16();
    assert!(matches!(status, 200 | 201 | 503 | 507), "{status}: {}", response.text);
    let is_refused = status >= 500;
    if is_refused {
        let seconds: u32 = response.header("retry-after").parse().expect("a retry-after header");
        assert!((1..=60).contains(&seconds), "{seconds}");
    }
    is_refused
}

/// Sends until the test is done, each message until it is acknowledged; returns the acknowledged ones by client id.
async fn send(shared: SharedState, user: TestUser) -> BTreeMap<String, Value> {
    let mut acknowledged = BTreeMap::new();
    let mut full = shared.is_full.clone();
    while !*shared.is_done.borrow() {
        let name = format!("{}-{}", user.username, acknowledged.len());
        let message = json!({ "body": name, "client_id": name });
        loop {
            let response = user.post(&format!("/rooms/{}/messages", shared.lobby), &message).send().await;
            if !is_refused(&response) {
                acknowledged.insert(name, response.json());
                shared.acknowledged.send_modify(|count| *count += 1);
                break;
            }
            if response.json()["code"] == "disk_full" {
                shared.refused.send_modify(|count| *count += 1);
            }
            // Retries once while the disk is full, and then waits for space.
            full.wait_for(|full| !full).await.expect("the sender of the state lives as long as the senders");
        }
    }
    acknowledged
}

/// Waits until a count has grown.
async fn wait_for_growth(count: &watch::Sender<usize>, by: usize) {
    let goal = *count.borrow() + by;
    timeout(TIMEOUT, count.subscribe().wait_for(|now| *now >= goal)).await.expect("in time").expect("the senders run");
}

/// Waits until the server has this readiness; it checks its disk once a second.
async fn wait_for_readiness(process: &Process, status: u16) -> Response {
    let changed = async {
        loop {
            if let Some(response) = find_readiness(process, status).await {
                return response;
            }
        }
    };
    timeout(TIMEOUT, changed).await.expect("in time")
}

/// The response to a readiness check, if it has this status.
async fn find_readiness(process: &Process, status: u16) -> Option<Response> {
    let response = Request::new(&process.api, "GET", "/ready").send().await;
    (response.status == status).then_some(response)
}

/// Fills the disk until this is the case. Once is not enough: the server may just empty its write-ahead log, which leaves
/// space for some more writes.
async fn fill_until<T>(disk: &Disk, mut find: impl AsyncFnMut() -> Option<T>) -> T {
    let found = async {
        loop {
            disk.fill();
            if let Some(found) = find().await {
                return found;
            }
        }
    };
    timeout(TIMEOUT, found).await.expect("in time")
}

/// All writes are rejected with the same error; reads still work.
async fn check_full_disk_behaviour(disk: &Disk, process: &Process, ada: &TestUser, lobby: &str) {
    let response = fill_until(disk, async || find_readiness(process, 503).await).await;
    let problem = response.json();
    assert_eq!(problem["code"], "busy", "{problem}");
    assert_eq!(
        (&problem["errors"][0]["field"], &problem["errors"][0]["code"]),
        (&json!("writes"), &json!("disk_full"))
    );
    assert!(is_refused(&response));
    Request::new(&process.api, "GET", "/health").expect(200).await;
    let login = json!({ "login": "ada", "password": PASSWORD });
    let refused = fill_until(disk, async || {
        let response = Request::new(&process.api, "POST", "/auth/login").json(&login).send().await;
        is_refused(&response).then_some(response)
    });
    let refused = refused.await;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (507, &json!("disk_full")), "{}", refused.text);
    let mut socket = ada.listen(None).await;
    let refused = fill_until(disk, async || {
        let send = json!({ "type": "message.send", "room_id": lobby, "body": "message during the full disk", "client_id": random_name() });
        let response = socket.request(send).await;
        (response["type"] == "error").then(|| response["error"].clone())
    });
    let refused = refused.await;
    assert_eq!(refused["code"], "disk_full", "{refused}");
    assert!(refused["retry_after"].as_u64().is_some(), "{refused}");
    ada.get(&format!("/rooms/{lobby}/messages")).expect(200).await;
}

async fn start(disk: &Disk, listen: &str) -> Process {
    Process::start_with(&mut disk.lair_command(), disk.data(), listen).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeatedly_full_disk_loses_and_duplicates_no_messages() {
    let disk = Disk::new(60).await;
    let mut process = start(&disk, "127.0.0.1:0").await;
    let ada = TestUser::register(&process.api, "ada").await;
    let lobby = ada.lobby().await;
    let (full, is_full) = watch::channel(false);
    let (done, is_done) = watch::channel(false);
    let shared = SharedState { lobby, acknowledged: Arc::default(), refused: Arc::default(), is_full, is_done };
    let mut senders = JoinSet::new();
    for number in 0..SENDERS {
        let user = TestUser::register(&process.api, &format!("sender{number}")).await;
        senders.spawn(send(shared.clone(), user));
    }
    for _ in 0..ROUNDS {
        wait_for_growth(&shared.acknowledged, MESSAGES_PER_ROUND).await;
        let refused_before = *shared.refused.borrow();
        full.send_replace(true);
        check_full_disk_behaviour(&disk, &process, &ada, &shared.lobby).await;
        let met_by_sender = async || {
            tokio::task::yield_now().await;
            (*shared.refused.borrow() > refused_before).then_some(())
        };
        fill_until(&disk, met_by_sender).await;
        disk.free();
        full.send_replace(false);
        wait_for_growth(&shared.acknowledged, MESSAGES_PER_ROUND).await;
        wait_for_readiness(&process, 200).await;
    }
    done.send_replace(true);
    let acknowledged: BTreeMap<_, _> = senders.join_all().await.into_iter().flatten().collect();
    let log_line = async { while !process.log.recv().await.expect("a log").contains("disk full") {} };
    timeout(TIMEOUT, log_line).await.expect("a log line about the full disk");
    let address = process.api.address.to_string();
    process.kill().await;
    let _process = start(&disk, &address).await;
    let stored = history(&ada, &shared.lobby).await;
    let names: Vec<_> = stored.iter().map(|message| message["client_id"].as_str().unwrap()).collect();
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len(), "a message is stored twice");
    let by_name: BTreeMap<_, _> = names.into_iter().zip(&stored).collect();
    for (name, message) in &acknowledged {
        assert_eq!(by_name.get(name.as_str()), Some(&message), "acknowledged, but not stored");
    }
    assert!(acknowledged.len() >= ROUNDS * MESSAGES_PER_ROUND * 2, "{}", acknowledged.len());
}

/// Sends a message until it is accepted.
async fn send_until_accepted(ada: &TestUser, lobby: &str, name: &str) {
    let message = json!({ "body": name, "client_id": name });
    let accepted = async { while is_refused(&ada.post(&format!("/rooms/{lobby}/messages"), &message).send().await) {} };
    timeout(TIMEOUT, accepted).await.expect("the message is accepted once there is space");
}

/// The log of the messages is several times as large as the disk, the messages are a small part of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_write_ahead_log_does_not_fill_a_small_disk() {
    let disk = Disk::new(8).await;
    let process = start(&disk, "127.0.0.1:0").await;
    let ada = TestUser::register(&process.api, "ada").await;
    let lobby = ada.lobby().await;
    for number in 0..600 {
        let message = json!({ "body": "short", "client_id": number.to_string() });
        let response = ada.post(&format!("/rooms/{lobby}/messages"), &message).send().await;
        assert_eq!(response.status.as_u16(), 201, "message {number}: {}", response.text);
    }
    wait_for_readiness(&process, 200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_started_on_a_full_disk_writes_once_there_is_space() {
    let disk = Disk::new(20).await;
    let process = start(&disk, "127.0.0.1:0").await;
    let ada = TestUser::register(&process.api, "ada").await;
    let lobby = ada.lobby().await;
    let address = process.api.address.to_string();
    // When killed, it leaves its write-ahead log, and the next start can read everything.
    process.kill().await;
    disk.fill();
    let process = start(&disk, &address).await;
    let message = json!({ "body": "too early", "client_id": "early" });
    let response = ada.post(&format!("/rooms/{lobby}/messages"), &message).send().await;
    assert_eq!((response.status.as_u16(), &response.json()["code"]), (507, &json!("disk_full")), "{}", response.text);
    wait_for_readiness(&process, 503).await;
    disk.free();
    send_until_accepted(&ada, &lobby, "killed").await;
    // After a graceful stop there is one file, and the next start needs space to create others.
    process.terminate().await;
    let mut process = process;
    process.child.wait().await.expect("it ends");
    disk.fill();
    let mut waiting = disk.lair_command();
    waiting.args(["--listen", &address, "--data"]).arg(disk.data());
    let mut waiting = StartingProcess::new(&mut waiting);
    waiting.wait_for_log("disk full").await;
    disk.free();
    let _process = waiting.wait_until_listening().await;
    send_until_accepted(&ada, &lobby, "stopped").await;
}

/// Limits the file size of a running process: writes beyond it fail.
async fn limit_file_size(process: &Process, size: &str) {
    let id = process.child.id().expect("it is running").to_string();
    let limited = Command::new("prlimit").args(["--pid", &id, &format!("--fsize={size}:")]).status().await;
    assert!(limited.expect("`prlimit` is missing: install util-linux").success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_resume_after_disk_errors() {
    let data = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.env_clear().current_dir(data.path()).kill_on_drop(true);
    // Without the signal, a file that cannot grow is an error like any other.
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", LAIR_BINARY]);
    let process = Process::start_with(&mut command, data.path(), "127.0.0.1:0").await;
    let ada = TestUser::register(&process.api, "ada").await;
    let lobby = ada.lobby().await;
    for round in 0..3 {
        send_until_accepted(&ada, &lobby, &format!("good-{round}")).await;
        limit_file_size(&process, "4096").await;
        let message = json!({ "body": "lost?", "client_id": format!("bad-{round}") });
        let response = ada.post(&format!("/rooms/{lobby}/messages"), &message).send().await;
        assert_eq!((response.status.as_u16(), &response.json()["code"]), (503, &json!("busy")), "{}", response.text);
        assert!(is_refused(&response));
        let problem = wait_for_readiness(&process, 503).await.json();
        assert_eq!(
            (&problem["errors"][0]["field"], &problem["errors"][0]["code"]),
            (&json!("writes"), &json!("unavailable"))
        );
        limit_file_size(&process, "unlimited").await;
        send_until_accepted(&ada, &lobby, &format!("good-again-{round}")).await;
        wait_for_readiness(&process, 200).await;
    }
    let stored = history(&ada, &lobby).await;
    let sent = stored.iter().filter(|message| message["kind"] == "text" && message["body"] != "lost?");
    assert_eq!(sent.count(), 6, "{stored:?}");
}

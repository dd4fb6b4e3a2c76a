//! The disk is full, again and again, and once from the start. Who writes meanwhile is told so; with space, writing goes on
//! by itself; what was acknowledged is there, once.

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
/// Messages acknowledged between two times without space.
const MESSAGES_PER_ROUND: usize = 60;
/// Longer than anything takes; a test that waits this long has failed.
const TIMEOUT: Duration = Duration::from_mins(1);

/// What the senders and the one who fills the disk know of each other.
#[derive(Clone)]
struct SharedState {
    lobby: String,
    acknowledged: Arc<watch::Sender<usize>>,
    refused: Arc<watch::Sender<usize>>,
    is_full: watch::Receiver<bool>,
    is_done: watch::Receiver<bool>,
}

/// Whether the answer says that the disk is full, or something is wrong with it, and when to come back.
fn is_refused(answer: &Response) -> bool {
    let status = answer.status.as_u16();
    assert!(matches!(status, 200 | 201 | 503 | 507), "{status}: {}", answer.text);
    let is_refused = status >= 500;
    if is_refused {
        let seconds: u32 = answer.header("retry-after").parse().expect("a retry-after header");
        assert!((1..=60).contains(&seconds), "{seconds}");
    }
    is_refused
}

/// Sends until it is over, each message until it is acknowledged; answers what was, by client id.
async fn send(stage: SharedState, person: TestUser) -> BTreeMap<String, Value> {
    let mut acknowledged = BTreeMap::new();
    let mut full = stage.is_full.clone();
    while !*stage.is_done.borrow() {
        let name = format!("{}-{}", person.username, acknowledged.len());
        let message = json!({ "body": name, "client_id": name });
        loop {
            let answer = person.post(&format!("/rooms/{}/messages", stage.lobby), &message).send().await;
            if !is_refused(&answer) {
                acknowledged.insert(name, answer.json());
                stage.acknowledged.send_modify(|count| *count += 1);
                break;
            }
            if answer.json()["code"] == "disk_full" {
                stage.refused.send_modify(|count| *count += 1);
            }
            // Tries once more while there is no space, and then until there is.
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

/// Waits until the server is ready, or is not; it looks once a second.
async fn wait_for_readiness(process: &Process, status: u16) -> Response {
    let looked = async {
        loop {
            let answer = Request::new(&process.api, "GET", "/ready").send().await;
            if answer.status == status {
                return answer;
            }
        }
    };
    timeout(TIMEOUT, looked).await.expect("in time")
}

/// Everything that wants to be written is refused in the same words; what only reads goes on. A little may be taken first:
/// what was given up before has left it room in the log.
async fn check_full_disk_behaviour(process: &Process, ada: &TestUser, lobby: &str) {
    let answer = wait_for_readiness(process, 503).await;
    let problem = answer.json();
    assert_eq!(problem["code"], "busy", "{problem}");
    assert_eq!(
        (&problem["errors"][0]["field"], &problem["errors"][0]["code"]),
        (&json!("writes"), &json!("disk_full"))
    );
    assert!(is_refused(&answer));
    Request::new(&process.api, "GET", "/health").expect(200).await;
    let login = json!({ "login": "ada", "password": PASSWORD });
    let refused = loop {
        let answer = Request::new(&process.api, "POST", "/auth/login").json(&login).send().await;
        if is_refused(&answer) {
            break answer;
        }
    };
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (507, &json!("disk_full")), "{}", refused.text);
    let mut socket = ada.listen(None).await;
    let refused = loop {
        let send = json!({ "type": "message.send", "room_id": lobby, "body": "message during the full disk", "client_id": random_name() });
        let answer = socket.request(send).await;
        if answer["type"] == "error" {
            break answer["error"].clone();
        }
    };
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
    let stage = SharedState { lobby, acknowledged: Arc::default(), refused: Arc::default(), is_full, is_done };
    let mut senders = JoinSet::new();
    for number in 0..SENDERS {
        let person = TestUser::register(&process.api, &format!("sender{number}")).await;
        senders.spawn(send(stage.clone(), person));
    }
    for _ in 0..ROUNDS {
        wait_for_growth(&stage.acknowledged, MESSAGES_PER_ROUND).await;
        full.send_replace(true);
        disk.fill();
        wait_for_growth(&stage.refused, 1).await;
        check_full_disk_behaviour(&process, &ada, &stage.lobby).await;
        disk.free();
        full.send_replace(false);
        wait_for_growth(&stage.acknowledged, MESSAGES_PER_ROUND).await;
        wait_for_readiness(&process, 200).await;
    }
    done.send_replace(true);
    let acknowledged: BTreeMap<_, _> = senders.join_all().await.into_iter().flatten().collect();
    let log_line = async { while !process.log.recv().await.expect("a log").contains("the disk is full") {} };
    timeout(TIMEOUT, log_line).await.expect("a log line about the full disk");
    let address = process.api.address.to_string();
    process.kill().await;
    let _process = start(&disk, &address).await;
    let stored = history(&ada, &stage.lobby).await;
    let names: Vec<_> = stored.iter().map(|message| message["client_id"].as_str().unwrap()).collect();
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len(), "a message is stored twice");
    let by_name: BTreeMap<_, _> = names.into_iter().zip(&stored).collect();
    for (name, message) in &acknowledged {
        assert_eq!(by_name.get(name.as_str()), Some(&message), "acknowledged, but not stored");
    }
    assert!(acknowledged.len() >= ROUNDS * MESSAGES_PER_ROUND * 2, "{}", acknowledged.len());
}

/// Says something until it is taken.
async fn send_until_accepted(ada: &TestUser, lobby: &str, name: &str) {
    let message = json!({ "body": name, "client_id": name });
    let accepted = async { while is_refused(&ada.post(&format!("/rooms/{lobby}/messages"), &message).send().await) {} };
    timeout(TIMEOUT, accepted).await.expect("the message is accepted once there is space");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_started_on_a_full_disk_writes_once_there_is_space() {
    let disk = Disk::new(20).await;
    let process = start(&disk, "127.0.0.1:0").await;
    let ada = TestUser::register(&process.api, "ada").await;
    let lobby = ada.lobby().await;
    let address = process.api.address.to_string();
    // Killed, it leaves its log behind, and the next start has all that it needs to read.
    process.kill().await;
    disk.fill();
    let process = start(&disk, &address).await;
    let message = json!({ "body": "too early", "client_id": "early" });
    let answer = ada.post(&format!("/rooms/{lobby}/messages"), &message).send().await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (507, &json!("disk_full")), "{}", answer.text);
    wait_for_readiness(&process, 503).await;
    disk.free();
    send_until_accepted(&ada, &lobby, "killed").await;
    // Stopped in order, it leaves one file, and the next start needs space for others beside it.
    process.terminate().await;
    let mut process = process;
    process.child.wait().await.expect("it ends");
    disk.fill();
    let mut waiting = disk.lair_command();
    waiting.args(["--listen", &address, "--data"]).arg(disk.data());
    let mut waiting = StartingProcess::new(&mut waiting);
    waiting.wait_for_log("the disk is full").await;
    disk.free();
    let _process = waiting.wait_until_listening().await;
    send_until_accepted(&ada, &lobby, "stopped").await;
}

/// Lets the files of a running process grow to this size at most: what it writes beyond that fails.
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
        let answer = ada.post(&format!("/rooms/{lobby}/messages"), &message).send().await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (503, &json!("busy")), "{}", answer.text);
        assert!(is_refused(&answer));
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
    assert_eq!(stored.iter().filter(|message| message["body"] != "lost?").count(), 6, "{stored:?}");
}

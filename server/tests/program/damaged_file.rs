//! After a crash, the database file is checked: damage is logged, and the server is not ready.

use super::process::Process;
use crate::harness::{Request, TestUser};
use serde_json::json;
use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::Path,
    time::Duration,
};
use tokio::time::timeout;

/// Longer than anything takes; a test that waits this long has failed.
const TIMEOUT: Duration = Duration::from_mins(1);
const PAGE_BYTES: usize = 4096;

/// Waits for a log line with one of these texts, and returns it.
async fn wait_for_log(process: &mut Process, texts: &[&str]) -> String {
    let found = async {
        loop {
            let line = process.log.recv().await.expect("more log lines");
            if texts.iter().any(|text| line.contains(text)) {
                return line;
            }
        }
    };
    timeout(TIMEOUT, found).await.expect("a log line about the file")
}

const INTACT: &str = "the database file is intact";
const DAMAGED: &str = "the database file is damaged";

/// Overwrites the pages of the file that contain a text.
fn damage_pages_with(data: &Path, text: &str) {
    let path = data.join("lair.db");
    let content = fs::read(&path).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    let contains = |page: &[u8]| page.windows(text.len()).any(|bytes| bytes == text.as_bytes());
    for (index, _) in content.chunks(PAGE_BYTES).enumerate().filter(|(_, page)| contains(page)) {
        file.write_all_at(&[0xff; PAGE_BYTES], (index * PAGE_BYTES) as u64).unwrap();
    }
}

#[tokio::test]
async fn a_damaged_file_is_noticed_after_a_crash() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Process::start(data.path(), "127.0.0.1:0").await;
    let address = process.api.address.to_string();
    let ada = TestUser::register(&process.api, "ada").await;
    let lobby = ada.lobby().await;
    ada.send_message(&lobby, &"the text on the page ".repeat(700)).await;
    process.terminate().await;
    process.child.wait().await.unwrap();

    // After a graceful stop there is nothing to check; the crash leaves the log of the second message.
    let process = Process::start(data.path(), &address).await;
    ada.send_message(&lobby, "before the crash").await;
    process.kill().await;
    let mut process = Process::start(data.path(), &address).await;
    wait_for_log(&mut process, &[INTACT]).await;
    Request::new(&process.api, "GET", "/ready").expect(200).await;
    process.kill().await;

    damage_pages_with(data.path(), "the text on the page ");
    let mut process = Process::start(data.path(), &address).await;
    let line = wait_for_log(&mut process, &[INTACT, DAMAGED]).await;
    assert!(line.contains(DAMAGED) && line.contains("ERROR") && line.contains("restore a backup"), "{line}");
    let problem = Request::new(&process.api, "GET", "/ready").expect_error("busy").await;
    assert_eq!((&problem["errors"][0]["field"], &problem["errors"][0]["code"]), (&json!("reads"), &json!("damaged")));
    assert!(problem["detail"].as_str().unwrap().contains("restore a backup"), "{problem}");
    // It stops as usual.
    process.terminate().await;
    assert!(timeout(Duration::from_secs(10), process.child.wait()).await.expect("in time").unwrap().success());
}

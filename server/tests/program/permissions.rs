//! Permissions of the data files.

use super::process::{LAIR_BINARY, Process, StartingProcess, lair_command};
use crate::harness::TestUser;
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use tokio::process::Command;

/// All files in a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// `lair`, started with a umask of 000.
fn command_with_open_umask(folder: &Path) -> Command {
    let mut command = Command::new("sh");
    command.env_clear().current_dir(folder).kill_on_drop(true);
    command.args(["-c", "umask 000; exec \"$0\" \"$@\"", LAIR_BINARY]);
    command
}

#[tokio::test]
async fn data_files_are_readable_only_by_the_server_account() {
    let outside = tempfile::tempdir().unwrap();
    let data = outside.path().join("deep/data");
    let process = Process::start_with(&mut command_with_open_umask(outside.path()), &data, "127.0.0.1:0").await;
    let ada = TestUser::register(&process.api, "ada").await;
    ada.send_message(&ada.lobby().await, "between us").await;
    let rotated = command_with_open_umask(outside.path())
        .args(["admin", "rotate-key", "--data"])
        .arg(&data)
        .status()
        .await
        .unwrap();
    assert!(rotated.success());
    // With its write-ahead log, as after a power cut.
    process.kill().await;
    assert_eq!((mode(&data), mode(data.parent().unwrap())), (0o700, 0o700));
    let data_files = files(&data);
    for name in ["lair.db", "lair.db-wal", "lair.db-shm", "jwt.key", "data.key"] {
        assert!(data_files.contains(&data.join(name)), "{name}: {data_files:?}");
    }
    for path in data_files {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn files_readable_by_others_are_restricted_and_reported() {
    let outside = tempfile::tempdir().unwrap();
    let (data, settings) = (outside.path().join("data"), outside.path().join("lair.toml"));
    Process::start_with(&mut lair_command(outside.path()), &data, "127.0.0.1:0").await.kill().await;
    fs::write(&settings, format!("jwt_secret = \"{}\"\n", "a".repeat(32))).unwrap();
    fs::write(data.join("lair.before-0001.db"), "a copy").unwrap();
    fs::write(data.join("notes.txt"), "the operator's own").unwrap();
    set_mode(&data, 0o755);
    let data_files = files(&data);
    for path in data_files.iter().chain([&settings]) {
        set_mode(path, 0o644);
    }
    let mut command = lair_command(outside.path());
    let mut starting = StartingProcess::new(command.args(["--listen", "127.0.0.1:0", "--data"]).arg(&data));
    starting.wait_for_log("can read the secrets in this file").await;
    starting.wait_for_log("can read the data folder").await;
    for _ in 1..data_files.len() {
        starting.wait_for_log("access removed").await;
    }
    let _process = starting.wait_until_listening().await;
    for path in data_files {
        let expected = if path.ends_with("notes.txt") { 0o644 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
    }
    // These belong to the operator.
    assert_eq!((mode(&data), mode(&settings)), (0o755, 0o644));
}

//! The command line.

use super::process::{LAIR_BINARY, Process, lair_command};
use crate::harness::{PASSWORD, Request};
use serde_json::json;
use std::{
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Output, Stdio},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

async fn run(command: &mut Command) -> (bool, String, String) {
    let Output { status, stdout, stderr } = command.output().await.expect(LAIR_BINARY);
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.success(), text(stdout), text(stderr))
}

#[tokio::test]
async fn the_help_text_names_every_setting() {
    let (good, manual, _) = run(lair_command(Path::new("/")).arg("--help")).await;
    assert!(good);
    for name in [
        "LAIR_LISTEN",
        "LAIR_DATA",
        "LAIR_DATABASE_URL",
        "LAIR_FEED_URL",
        "LAIR_JWT_SECRET",
        "LAIR_PUBLIC_URL",
        "LAIR_LOG",
    ] {
        assert!(manual.contains(name), "{name}");
    }
}

#[tokio::test]
async fn settings_come_from_the_file_then_variables_then_flags() {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("lair.toml"), "listen = \"127.0.0.1:1\"\nlog = \"json\"\ndata = \"here\"\n")
        .unwrap();
    let mut command = lair_command(data.path());
    command.env("LAIR_LISTEN", "127.0.0.1:2").env("LAIR_DATA", "there").env("LAIR_RATE_LIMITS", "off");
    command.env("LAIR_JWT_SECRET", "a".repeat(32)).args(["config", "print", "--listen", "127.0.0.1:3"]);
    let (good, printed, stderr) = run(&mut command).await;
    assert!(good, "{stderr}");
    for line in ["listen = \"127.0.0.1:3\"", "data = \"there\"", "log = \"json\"", "keep_events = \"2592000s\""] {
        assert!(printed.contains(line), "{line}: {printed}");
    }
    assert!(!printed.contains("aaaa"), "{printed}");
    std::fs::write(data.path().join("lair.toml"), printed.replace("jwt_secret", "# jwt_secret")).unwrap();
    assert!(run(lair_command(data.path()).args(["config", "check"])).await.0, "what is printed can be read");
}

#[tokio::test]
async fn invalid_settings_are_reported_with_name_and_fix() {
    let data = tempfile::tempdir().unwrap();
    let (good, _, stderr) = run(lair_command(data.path()).env("LAIR_LISTEN", "here").args(["config", "check"])).await;
    assert!(!good && stderr.contains("LAIR_LISTEN") && stderr.contains("127.0.0.1:3000"), "{stderr}");
    let (good, _, stderr) = run(lair_command(data.path()).env("LAIR_LOG", "xml")).await;
    assert!(!good && stderr.contains("LAIR_LOG") && stderr.contains("text or json"), "{stderr}");
    let (good, _, stderr) = run(lair_command(data.path()).args(["config", "check", "--config", "missing.toml"])).await;
    assert!(!good && stderr.contains("missing.toml"), "{stderr}");
    std::fs::write(data.path().join("lair.toml"), "lisen = \"x\"").unwrap();
    let (good, _, stderr) = run(lair_command(data.path()).args(["config", "check"])).await;
    assert!(!good && stderr.contains("lisen") && stderr.contains("listen"), "{stderr}");
}

#[tokio::test]
async fn a_port_in_use_is_reported_with_the_fix() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let process = Process::start(one.path(), "127.0.0.1:0").await;
    let address = process.api.address.to_string();
    let (good, _, stderr) = run(lair_command(other.path()).args(["--listen", &address])).await;
    assert!(!good && stderr.contains(&address) && stderr.contains("--listen"), "{stderr}");
}

#[tokio::test]
async fn the_openapi_document_is_printed() {
    let (good, printed, _) = run(lair_command(Path::new("/")).arg("openapi")).await;
    assert!(good);
    assert_eq!(printed.trim(), server::openapi::text().trim());
}

#[tokio::test]
async fn rotating_the_signing_key_twice_revokes_old_tokens() {
    let data = tempfile::tempdir().unwrap();
    let rotate = async |secret: Option<&str>| {
        let mut command = lair_command(data.path());
        command.args(["admin", "rotate-key", "--data", "."]);
        run(command.envs(secret.map(|secret| ("LAIR_JWT_SECRET", secret)))).await
    };
    let (good, _, stderr) = rotate(None).await;
    assert!(!good && stderr.contains("jwt.key") && stderr.contains("first start"), "{stderr}");
    let (good, _, stderr) = rotate(Some(&"s".repeat(32))).await;
    assert!(!good && stderr.contains("LAIR_JWT_SECRET=new,old"), "{stderr}");

    let request = |process: &Process, method: &str, path: &str| Request::new(&process.api, method, path);
    let mut process = Process::start(data.path(), "127.0.0.1:0").await;
    let ada = json!({ "username": "ada", "password": PASSWORD });
    let mut tokens = vec![request(&process, "POST", "/auth/register").json(&ada).expect(201).await];
    for _ in 0..2 {
        let (good, printed, stderr) = rotate(None).await;
        assert!(good && printed.contains("Rotated the signing key"), "{printed} {stderr}");
        process.kill().await;
        process = Process::start(data.path(), "127.0.0.1:0").await;
        let refresh = json!({ "refresh_token": tokens.last().unwrap()["refresh_token"] });
        tokens.push(request(&process, "POST", "/auth/refresh").json(&refresh).expect(200).await);
    }
    let access: Vec<_> = tokens.iter().map(|tokens| tokens["access_token"].as_str().unwrap()).collect();
    // The header of a token names the key that signed it.
    let mut heads: Vec<_> = access.iter().map(|token| token.split('.').next()).collect();
    heads.dedup();
    assert_eq!(heads.len(), 3);
    request(&process, "GET", "/sync").token(access[0]).expect_error("not_signed_in").await;
    for good in &access[1..] {
        request(&process, "GET", "/sync").token(good).expect(200).await;
    }
    let mode = std::fs::metadata(data.path().join("jwt.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[tokio::test]
async fn followers_are_listed_at_any_time_and_rebuilt_while_the_server_is_stopped() {
    let data = tempfile::tempdir().unwrap();
    let follower =
        async |args: &[&str]| run(lair_command(data.path()).arg("follower").args(args).args(["--data", "."])).await;
    let (good, _, stderr) = follower(&["list"]).await;
    assert!(!good && stderr.contains("cannot open the database"), "{stderr}");
    let process = Process::start(data.path(), "127.0.0.1:0").await;
    let (good, printed, stderr) = follower(&["list"]).await;
    assert!(good, "{stderr}");
    for name in ["The last event is", "event-retention: ", "message-retention: ", "clean-up: ", "session-expiry: "] {
        assert!(printed.contains(name), "{name}: {printed}");
    }
    let (good, _, stderr) = follower(&["rebuild", "clean-up"]).await;
    assert!(!good && stderr.contains("Another Lair server is already using") && stderr.contains("Stop it"), "{stderr}");
    process.kill().await;
    let (good, _, stderr) = follower(&["rebuild", "clean-up"]).await;
    assert!(!good && stderr.contains("nothing to rebuild"), "{stderr}");
    let (good, _, stderr) = follower(&["rebuild", "sweeper"]).await;
    assert!(!good && stderr.contains("no follower \"sweeper\"") && stderr.contains("clean-up"), "{stderr}");
    let (good, _, stderr) = follower(&["rebuild"]).await;
    assert!(!good && stderr.contains("NAME"), "{stderr}");
}

#[tokio::test]
async fn a_publicly_reachable_server_prints_the_setup_code_until_there_is_an_account() {
    let data = tempfile::tempdir().unwrap();
    let mut command = lair_command(data.path());
    command.args(["--listen", "0.0.0.0:0", "--data", "."]).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (mut code, mut port) = (None::<String>, None::<String>);
    while code.is_none() || port.is_none() {
        let line = lines.next_line().await.unwrap().expect("it runs");
        code = code.or(line.split_once("setup code ").map(|(_, code)| code.trim().to_owned()));
        port = port.or(line.split_once("listening on http://0.0.0.0:").map(|(_, port)| port.trim().to_owned()));
    }
    let api = crate::harness::server::ApiClient::new(format!("127.0.0.1:{}", port.unwrap()).parse().unwrap());
    let body =
        |code: &str| serde_json::json!({ "username": "ada", "password": crate::harness::PASSWORD, "setup_code": code });
    let register = |code: &str| crate::harness::Request::new(&api, "POST", "/auth/register").json(&body(code));
    register("wrong").expect_error("setup_code_required").await;
    register(&code.unwrap()).expect(201).await;
    child.kill().await.unwrap();

    let mut again = command.spawn().unwrap();
    let mut lines = BufReader::new(again.stdout.take().unwrap()).lines();
    loop {
        let line = lines.next_line().await.unwrap().expect("it runs");
        assert!(!line.contains("setup code"), "{line}");
        if line.contains("listening on") {
            break;
        }
    }
}

#[tokio::test]
async fn a_second_server_on_the_same_data_folder_is_refused_until_the_first_ends() {
    let data = tempfile::tempdir().unwrap();
    let first = Process::start(data.path(), "127.0.0.1:0").await;
    let second = lair_command(data.path()).args(["--listen", "127.0.0.1:0", "--data", "."]).output().await.unwrap();
    let stderr = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success() && stderr.contains("Another Lair server is already using"), "{stderr}");
    first.kill().await;
    Process::start(data.path(), "127.0.0.1:0").await.kill().await;
}

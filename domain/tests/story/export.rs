use crate::harness::{PASSWORD, TestApp};
use domain::Export;
use protocol::{
    command::{ConfirmPassword, Invite, InviteToRoom},
    error::Code,
    port::prelude::*,
    room::Visibility,
    session::Caller,
};
use serde_json::Value;
use std::io::{Cursor, Read};
use zip::ZipArchive;

on_both_databases! {
    an_export_contains_all_own_data_and_no_data_of_others
    an_export_excludes_messages_sent_after_its_start
    a_failed_export_ends_with_an_error
    an_export_requires_a_recent_password_and_runs_once_per_user
    unread_exports_do_not_block_other_exports
}

type Archive = ZipArchive<Cursor<Vec<u8>>>;

async fn read_archive(mut export: Export) -> Archive {
    let mut bytes = Vec::new();
    while let Some(piece) = export.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    ZipArchive::new(Cursor::new(bytes)).unwrap()
}

fn read_text(archive: &mut Archive, name: &str) -> String {
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn read_lines(archive: &mut Archive, name: &str) -> Vec<Value> {
    read_text(archive, name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn an_export_contains_all_own_data_and_no_data_of_others(app: TestApp) {
    let (ada, mara) = (app.create_user_named("ada", "Ada Lovelace").await, app.create_user("mara").await);
    let den = app.create_room(&ada, "../den", Visibility::Private).await;
    app.send_message(&ada, den.id, "mine \u{1F525}").await;
    let lobby = app.lobby(&ada).await;
    app.send_message(&mara, lobby.id, "a secret of Mara's").await;
    app.service.block_user(&ada, mara.user_id).await.unwrap();
    let command = InviteToRoom { user_id: mara.user_id, expires_in: None };
    let invitation = app.service.create_room_invitation(&ada, den.id, command).await.unwrap().value.id;
    app.service.decline_invitation(&mara, invitation).await.unwrap();
    let invite = Invite { role: None, max_uses: Some(3), days: None };
    app.service.create_account_invitation(&ada, invite, None).await.unwrap();
    let ada_is = "(select id from users where username = 'ada')";
    for sql in [
        "update users set email = 'ada@example.org', email_verified_at = 1 where username = 'ada'".into(),
        format!(
            "insert into one_time_links (user_id, kind, hash, email, created_at, expires_at) \
            select id, 'email', cast('x' as {BYTES}), 'new@example.org', 2, 3 from users where username = 'ada'",
            BYTES = app.blob_type()
        ),
        format!(
            "insert into second_factors (user_id, secret, created_at, confirmed_at, last_step) \
            values ({ada_is}, cast('y' as {BYTES}), 4, 5, 0)",
            BYTES = app.blob_type()
        ),
        format!(
            "insert into recovery_codes (user_id, hash, used_at) values ({ada_is}, cast('a' as {BYTES}), 6), \
            ({ada_is}, cast('b' as {BYTES}), null)",
            BYTES = app.blob_type()
        ),
    ] {
        app.execute(&sql).await;
    }
    let mut archive = read_archive(app.service.export(&ada).await.unwrap()).await;
    let mut names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    names.sort_unstable();
    let messages_file = format!("messages/{}.jsonl", den.id);
    assert_eq!(names[..5], ["README.txt", "account.json", "blocks.json", "invitations.jsonl", &messages_file]);
    let rest = ["notifications", "profile", "room_invitations", "rooms", "sessions", "settings", "sign_in"];
    assert!(names[5..].iter().zip(rest).all(|(name, rest)| name.starts_with(rest)) && names.len() == 12, "{names:?}");
    let dated = archive.by_name("README.txt").unwrap().last_modified().expect("a date");
    let now = app.clock.now().to_string();
    assert!(now.starts_with(&format!("{:04}-{:02}-", dated.year(), dated.month())), "{dated:?} {now}");
    let sign_in: Value = serde_json::from_str(&read_text(&mut archive, "sign_in.json")).unwrap();
    let time = |ms: i64| Value::from(protocol::time::Time(ms).to_string());
    for (name, expected) in [
        ("email", "ada@example.org".into()),
        ("email_verified_at", time(1)),
        ("pending_email", "new@example.org".into()),
        ("pending_email_until", time(3)),
        ("second_factor_since", time(5)),
        ("recovery_codes", 2.into()),
        ("recovery_codes_used_at", vec![time(6)].into()),
    ] {
        assert_eq!(sign_in[name], expected, "{name}");
    }
    assert_eq!(sign_in["known_devices_seen_at"].as_array().unwrap().len(), 1);
    let invitations = read_lines(&mut archive, "invitations.jsonl");
    assert_eq!((invitations.len(), &invitations[0]["max_uses"]), (1, &3.into()));
    let invited = read_lines(&mut archive, "room_invitations.jsonl");
    assert_eq!((invited.len(), &invited[0]["room_id"]), (1, &den.id.to_string().into()));
    // A declined invitation is shown as revoked, so that the export does not reveal who declined.
    assert_eq!((&invited[0]["user_id"], &invited[0]["status"]), (&mara.user_id.to_string().into(), &"revoked".into()));
    let account: Value = serde_json::from_str(&read_text(&mut archive, "account.json")).unwrap();
    assert_eq!((&account["username"], &account["display_name"]), (&"ada".into(), &"Ada Lovelace".into()));
    let messages = read_lines(&mut archive, &messages_file);
    assert_eq!((messages.len(), &messages[0]["body"]), (1, &"mine \u{1F525}".into()));
    let rooms = read_lines(&mut archive, "rooms.jsonl");
    assert_eq!(rooms.len(), 2);
    assert!(rooms.iter().any(|room| room["name"] == "../den" && room["role"] == "owner"));
    assert_eq!(read_lines(&mut archive, "sessions.jsonl").len(), 1);
    let blocks: Value = serde_json::from_str(&read_text(&mut archive, "blocks.json")).unwrap();
    assert_eq!(blocks[0]["username"], "mara");
    for name in names {
        let text = read_text(&mut archive, &name);
        assert!(!text.contains("secret of") && !text.contains("$argon2") && !text.contains("hash\""), "{name}: {text}");
    }
}

async fn an_export_excludes_messages_sent_after_its_start(app: TestApp) {
    let ada = app.create_user("ada").await;
    let lobby = app.lobby(&ada).await;
    for n in 0..600 {
        app.send_message(&ada, lobby.id, &format!("{n} {}", app.clock.id())).await;
    }
    let mut export = app.service.export(&ada).await.unwrap();
    let first = export.next().await.unwrap().unwrap();
    // The first chunk is there, so the rooms have been read; the rest is read after these messages were sent.
    for _ in 0..5 {
        app.send_message(&ada, lobby.id, "later").await;
    }
    let mut bytes = first.to_vec();
    while let Some(piece) = export.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let messages = read_lines(&mut archive, &format!("messages/{}.jsonl", lobby.id));
    let seqs: Vec<i64> = messages.iter().map(|message| message["seq"].as_i64().unwrap()).collect();
    assert_eq!(seqs, (lobby.head + 1..=lobby.head + 600).collect::<Vec<_>>(), "what Ada wrote, without room activity");
}

/// A user with so many messages that the export does not fit into the buffers and waits for its reader.
async fn create_user_with_history(app: &TestApp, name: &str) -> Caller {
    let caller = app.create_user(name).await;
    let lobby = app.lobby(&caller).await;
    for _ in 0..40 {
        let noise: String = (0..400).map(|_| app.clock.id().to_string()).collect();
        app.send_message(&caller, lobby.id, &noise).await;
    }
    caller
}

async fn a_failed_export_ends_with_an_error(app: TestApp) {
    let ada = app.create_user("ada").await;
    app.execute(
        "insert into notifications (id, user_id, notice, created_at) select id, id, '{', 0 from users where username = 'ada'",
    )
    .await;
    let mut export = app.service.export(&ada).await.unwrap();
    let mut last = None;
    while let Some(piece) = export.next().await {
        last = Some(piece);
    }
    assert!(last.unwrap().is_err());
}

async fn unread_exports_do_not_block_other_exports(app: TestApp) {
    let (ada, mara, yuki) = (
        create_user_with_history(&app, "ada").await,
        create_user_with_history(&app, "mara").await,
        create_user_with_history(&app, "yuki").await,
    );
    let mut unread = Vec::new();
    for user in [&ada, &mara] {
        let mut export = app.service.export(user).await.unwrap();
        export.next().await.unwrap().unwrap();
        unread.push(export);
    }
    read_archive(app.service.export(&yuki).await.unwrap()).await;
    for export in &mut unread {
        export.next().await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unread_export_does_not_block_the_sqlite_checkpoint() {
    let app = TestApp::sqlite().await;
    let ada = create_user_with_history(&app, "ada").await;
    let mut unread = app.service.export(&ada).await.unwrap();
    unread.next().await.unwrap().unwrap();
    create_user_with_history(&app, "mara").await;
    // 0 if the whole write-ahead log could be checkpointed.
    assert_eq!(app.count("pragma wal_checkpoint(truncate)").await, 0);
    unread.next().await.unwrap().unwrap();
}

async fn an_export_requires_a_recent_password_and_runs_once_per_user(app: TestApp) {
    let ada = create_user_with_history(&app, "ada").await;
    let one = app.service.export(&ada).await.unwrap();
    // One export at a time per user, although another one could run.
    assert_eq!(app.service.export(&ada).await.unwrap_err().code, Code::Busy);
    drop(one);
    let third = loop {
        if let Ok(third) = app.service.export(&ada).await {
            break third;
        }
        tokio::task::yield_now().await;
    };
    read_archive(third).await;
    app.clock.advance(16 * 60_000);
    assert_eq!(app.service.export(&ada).await.unwrap_err().code, Code::PasswordRequired);
    app.service.confirm_password(&ada, ConfirmPassword { password: PASSWORD.into() }).await.unwrap();
    read_archive(app.service.export(&ada).await.unwrap()).await;
}

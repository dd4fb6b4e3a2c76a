use crate::world::{PASSWORD, World};
use domain::Export;
use protocol::{
    command::ConfirmPassword,
    error::Code,
    port::{People, SignIns},
    room::Visibility,
    session::Caller,
};
use serde_json::Value;
use std::io::{Cursor, Read};
use zip::ZipArchive;

on_both_databases! {
    everything_about_me_and_nothing_of_others
    it_is_as_it_was_at_one_moment
    what_breaks_off_does_not_look_whole
    it_asks_for_the_password_and_for_patience
}

type Archive = ZipArchive<Cursor<Vec<u8>>>;

async fn whole(mut export: Export) -> Archive {
    let mut bytes = Vec::new();
    while let Some(piece) = export.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    ZipArchive::new(Cursor::new(bytes)).unwrap()
}

fn text(archive: &mut Archive, name: &str) -> String {
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn lines(archive: &mut Archive, name: &str) -> Vec<Value> {
    text(archive, name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn everything_about_me_and_nothing_of_others(w: World) {
    let (ada, mara) = (w.called("ada", "Ada Lovelace").await, w.person("mara").await);
    let den = w.room(&ada, "../den", Visibility::Private).await;
    w.say(&ada, den.id, "mine \u{1F525}").await;
    let lobby = w.lobby(&ada).await;
    w.say(&mara, lobby.id, "a secret of Mara's").await;
    w.service.block(&ada, mara.user_id).await.unwrap();
    let mut archive = whole(w.service.export(&ada).await.unwrap()).await;
    let mut names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    names.sort_unstable();
    let said = format!("messages/{}.jsonl", den.id);
    let rest = ["notifications.jsonl", "profile.json", "rooms.jsonl", "sessions.jsonl", "settings.json"];
    assert_eq!(names[..4], ["README.txt", "account.json", "blocks.json", &said]);
    assert_eq!(names[4..], rest);
    let account: Value = serde_json::from_str(&text(&mut archive, "account.json")).unwrap();
    assert_eq!((&account["username"], &account["display_name"]), (&"ada".into(), &"Ada Lovelace".into()));
    let messages = lines(&mut archive, &said);
    assert_eq!((messages.len(), &messages[0]["body"]), (1, &"mine \u{1F525}".into()));
    let rooms = lines(&mut archive, "rooms.jsonl");
    assert_eq!(rooms.len(), 2);
    assert!(rooms.iter().any(|room| room["name"] == "../den" && room["role"] == "owner"));
    assert_eq!(lines(&mut archive, "sessions.jsonl").len(), 1);
    let blocks: Value = serde_json::from_str(&text(&mut archive, "blocks.json")).unwrap();
    assert_eq!(blocks[0]["username"], "mara");
    for name in names {
        let text = text(&mut archive, &name);
        assert!(!text.contains("secret of") && !text.contains("$argon2") && !text.contains("hash\""), "{name}: {text}");
    }
}

async fn it_is_as_it_was_at_one_moment(w: World) {
    let ada = w.person("ada").await;
    let lobby = w.lobby(&ada).await;
    for n in 0..600 {
        w.say(&ada, lobby.id, &format!("{n} {}", w.clock.id())).await;
    }
    let mut export = w.service.export(&ada).await.unwrap();
    let first = export.next().await.unwrap().unwrap();
    // The first piece is there, so the moment is over; nobody reads on until all of this is said.
    for _ in 0..5 {
        w.say(&ada, lobby.id, "later").await;
    }
    let mut bytes = first.to_vec();
    while let Some(piece) = export.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let said = lines(&mut archive, &format!("messages/{}.jsonl", lobby.id));
    let seqs: Vec<i64> = said.iter().map(|message| message["seq"].as_i64().unwrap()).collect();
    assert_eq!(seqs, (1..=600).collect::<Vec<_>>());
}

/// Someone who said so much that nobody finishes writing it before somebody reads.
async fn talker(w: &World, name: &str) -> Caller {
    let caller = w.person(name).await;
    let lobby = w.lobby(&caller).await;
    for _ in 0..40 {
        let noise: String = (0..400).map(|_| w.clock.id().to_string()).collect();
        w.say(&caller, lobby.id, &noise).await;
    }
    caller
}

async fn what_breaks_off_does_not_look_whole(w: World) {
    let ada = w.person("ada").await;
    w.execute(
        "insert into notifications (id, user_id, notice, created_at) select id, id, '{', 0 from users where username = 'ada'",
    )
    .await;
    let mut export = w.service.export(&ada).await.unwrap();
    let mut last = None;
    while let Some(piece) = export.next().await {
        last = Some(piece);
    }
    assert!(last.unwrap().is_err());
}

async fn it_asks_for_the_password_and_for_patience(w: World) {
    let (ada, mara, yuki) = (talker(&w, "ada").await, talker(&w, "mara").await, w.person("yuki").await);
    let one = w.service.export(&ada).await.unwrap();
    // One at a time for each, though there is a turn left.
    assert_eq!(w.service.export(&ada).await.unwrap_err().code, Code::Busy);
    let other = w.service.export(&mara).await.unwrap();
    assert_eq!(w.service.export(&yuki).await.unwrap_err().code, Code::Busy);
    drop(one);
    whole(other).await;
    let third = loop {
        if let Ok(third) = w.service.export(&ada).await {
            break third;
        }
        tokio::task::yield_now().await;
    };
    whole(third).await;
    w.clock.advance(16 * 60_000);
    assert_eq!(w.service.export(&ada).await.unwrap_err().code, Code::PasswordNeeded);
    w.service.confirm_password(&ada, ConfirmPassword { password: PASSWORD.into() }).await.unwrap();
    whole(w.service.export(&ada).await.unwrap()).await;
}

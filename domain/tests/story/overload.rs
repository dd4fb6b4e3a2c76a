//! A full queue of the ledger: commands are refused, nothing of them is stored, and a retry succeeds.

use crate::{
    full_queue::{LedgerLock, fill},
    harness::{PASSWORD, TestApp, message_command, register_command},
};
use futures::future::join_all;
use protocol::{
    command::{CreateRoom, HistoryRange, Login},
    error::Code,
    id::ClientId,
    port::prelude::*,
    room::Visibility,
    session::Client,
};

on_both_databases! { a_full_queue_refuses_commands_and_stores_nothing_of_them }

async fn a_full_queue_refuses_commands_and_stores_nothing_of_them(app: TestApp) {
    let ada = app.create_user("ada").await;
    let lobby = app.lobby(&ada).await.id;
    let before = app.service.get_snapshot(&ada).await.unwrap().cursor;
    let lock = match &app.settings.database_url {
        Some(url) => LedgerLock::postgres(url).await,
        None => LedgerLock::sqlite(&app.settings.data_dir).await,
    };
    let waiting = fill(&app.service, &ada, lobby).await;
    let (client, key) = (Client::default(), || Some(ClientId("one".into())));
    let den = || CreateRoom { name: "den".into(), visibility: Visibility::Public, ..CreateRoom::default() };
    let message = message_command(&app.clock, "hello");
    let send = || app.service.send_message(&ada, lobby, message.clone());
    let register = || app.service.register_user(&client, register_command("mara"), key());
    let login = || Login { login: "mara".into(), password: PASSWORD.into(), totp: None };
    assert_eq!(send().await.unwrap_err().code, Code::Busy);
    assert_eq!(app.service.create_room(&ada, den(), key()).await.unwrap_err().code, Code::Busy);
    assert_eq!(register().await.unwrap_err().code, Code::Busy);
    lock.release().await;
    join_all(waiting).await;

    assert_eq!(app.service.get_snapshot(&ada).await.unwrap().cursor, before, "no event");
    let history = app.service.list_messages(&ada, lobby, HistoryRange::Latest, 50).await.unwrap();
    assert!(!history.items.iter().any(|message| message.kind.is_text()), "{history:?}");
    assert_eq!(app.service.login_user(&client, login()).await.unwrap_err().code, Code::WrongCredentials);

    assert!(send().await.unwrap().new);
    assert!(app.service.create_room(&ada, den(), key()).await.unwrap().new);
    assert!(register().await.unwrap().new);
    app.service.login_user(&client, login()).await.unwrap();
}

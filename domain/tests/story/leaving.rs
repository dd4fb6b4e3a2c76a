use crate::world::PASSWORD;
use crate::world::TestApp;
use crate::world::register_command;
use protocol::command::Deactivate;
use protocol::command::Login;
use protocol::error::Code;
use protocol::id::ClientId;
use protocol::port::prelude::*;
use protocol::session::Client;

on_both_databases! {
    deactivating_an_account_ends_all_its_sessions
    deactivation_is_revealed_only_with_the_correct_password
    the_last_administrator_cannot_deactivate_their_account
    the_last_two_administrators_cannot_deactivate_concurrently
}

fn deactivate_command(password: &str) -> Deactivate {
    Deactivate { password: password.into() }
}

async fn deactivating_an_account_ends_all_its_sessions(w: TestApp) {
    let ada = w.create_user("ada").await;
    let (here, there) = (w.register("mara").await, crate::leaving::log_in(&w, "mara").await.unwrap());
    let mara = w.service.authenticate(&here.access_token).await.unwrap();
    let lobby = w.lobby(&ada).await.id;
    w.send_message(&mara, lobby, "goodbye").await;
    let mut listener = w.service.subscribe(&mara, None).await.unwrap();
    for wrong in ["", "not the password", &"x".repeat(100_000)] {
        let error = w.service.deactivate(&mara, deactivate_command(wrong)).await.unwrap_err();
        assert_eq!((error.code, error.errors[0].field.as_str()), (Code::PasswordRequired, "password"));
    }
    w.service.deactivate(&mara, deactivate_command(PASSWORD)).await.unwrap();
    while listener.next(&mut Vec::new()).await.is_ok() {}
    for tokens in [&here, &there] {
        let is_signed_out = async || w.service.authenticate(&tokens.access_token).await.is_err();
        while !is_signed_out().await {
            tokio::task::yield_now().await;
        }
        let renewed = w.service.refresh(&Client::default(), &tokens.refresh_token, domain::ClientKind::Api).await;
        assert_eq!(renewed.unwrap_err().code, Code::InvalidRefreshToken);
    }
    let history = w.service.history(&ada, lobby, protocol::command::HistoryRange::Latest, 10).await.unwrap();
    assert_eq!(history.items[0].author.display_name, "mara");
    assert!(w.service.user(&ada, mara.user_id).await.unwrap().deactivated);
}

async fn log_in(w: &TestApp, name: &str) -> protocol::Result<protocol::session::Tokens> {
    w.service.login(&Client::default(), Login { login: name.into(), password: PASSWORD.into(), totp: None }).await
}

async fn deactivation_is_revealed_only_with_the_correct_password(w: TestApp) {
    w.create_user("ada").await;
    let key = Some(ClientId("once".into()));
    let made = w.service.register(&Client::default(), register_command("mara"), key.clone()).await.unwrap().value;
    let mara = w.service.authenticate(&made.access_token).await.unwrap();
    w.service.deactivate(&mara, deactivate_command(PASSWORD)).await.unwrap();
    let wrong = Login { login: "mara".into(), password: "not the password".into(), totp: None };
    let nobody = Login { login: "nobody".into(), ..wrong.clone() };
    let refusal = async |login| w.service.login(&Client::default(), login).await.unwrap_err();
    assert_eq!(refusal(wrong).await, refusal(nobody).await);
    assert_eq!(log_in(&w, "mara").await.unwrap_err().code, Code::Deactivated);
    let again = w.service.register(&Client::default(), register_command("mara"), key).await.unwrap_err();
    assert_eq!(again.code, Code::Deactivated);
}

async fn the_last_administrator_cannot_deactivate_their_account(w: TestApp) {
    let ada = w.create_user("ada").await;
    w.create_user("mara").await;
    assert_eq!(w.service.deactivate(&ada, deactivate_command(PASSWORD)).await.unwrap_err().code, Code::LastAdmin);
    log_in(&w, "ada").await.unwrap();
    w.execute("update users set role = 'admin' where username = 'mara'").await;
    w.service.deactivate(&ada, deactivate_command(PASSWORD)).await.unwrap();
    let mara = log_in(&w, "mara").await.unwrap();
    let mara = w.service.authenticate(&mara.access_token).await.unwrap();
    assert_eq!(w.service.deactivate(&mara, deactivate_command(PASSWORD)).await.unwrap_err().code, Code::LastAdmin);
}

async fn the_last_two_administrators_cannot_deactivate_concurrently(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    w.execute("update users set role = 'admin'").await;
    let other = if w.settings.database_url.is_some() { w.start_node().await } else { w.service.clone() };
    let (one, two) = tokio::join!(
        w.service.deactivate(&ada, deactivate_command(PASSWORD)),
        other.deactivate(&mara, deactivate_command(PASSWORD))
    );
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|left| **left).count(), 1);
}

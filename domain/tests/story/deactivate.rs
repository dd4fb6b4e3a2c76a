use crate::harness::{PASSWORD, TestApp, register_command};
use protocol::{
    command::{Deactivate, Login},
    error::Code,
    id::ClientId,
    port::prelude::*,
    session::Client,
};

on_both_databases! {
    deactivating_an_account_ends_all_its_sessions
    deactivation_is_revealed_only_with_the_correct_password
    the_last_administrator_cannot_deactivate_their_account
    the_last_two_administrators_cannot_deactivate_concurrently
}

fn deactivate_command(password: &str) -> Deactivate {
    Deactivate { password: password.into() }
}

async fn deactivating_an_account_ends_all_its_sessions(app: TestApp) {
    let ada = app.create_user("ada").await;
    let (here, there) = (app.register("mara").await, crate::deactivate::log_in(&app, "mara").await.unwrap());
    let mara = app.service.authenticate(&here.access_token).await.unwrap();
    let lobby = app.lobby(&ada).await.id;
    app.send_message(&mara, lobby, "goodbye").await;
    let mut listener = app.service.subscribe(&mara, None).await.unwrap();
    for wrong in ["", "not the password", &"x".repeat(100_000)] {
        let error = app.service.deactivate_user(&mara, deactivate_command(wrong)).await.unwrap_err();
        assert_eq!((error.code, error.errors[0].field.as_str()), (Code::PasswordRequired, "password"));
    }
    app.service.deactivate_user(&mara, deactivate_command(PASSWORD)).await.unwrap();
    while listener.next(&mut Vec::new()).await.is_ok() {}
    for tokens in [&here, &there] {
        let is_signed_out = async || app.service.authenticate(&tokens.access_token).await.is_err();
        while !is_signed_out().await {
            tokio::task::yield_now().await;
        }
        let refreshed = app.service.refresh(&Client::default(), &tokens.refresh_token, domain::ClientKind::Api).await;
        assert_eq!(refreshed.unwrap_err().code, Code::InvalidRefreshToken);
    }
    let history = app.service.list_messages(&ada, lobby, protocol::command::HistoryRange::Latest, 10).await.unwrap();
    assert_eq!(history.items.last().unwrap().author.display_name, "mara");
    assert!(app.service.get_user(&ada, mara.user_id).await.unwrap().deactivated);
}

async fn log_in(app: &TestApp, name: &str) -> protocol::Result<protocol::session::Tokens> {
    app.service
        .login_user(&Client::default(), Login { login: name.into(), password: PASSWORD.into(), totp: None })
        .await
}

async fn deactivation_is_revealed_only_with_the_correct_password(app: TestApp) {
    app.create_user("ada").await;
    let key = Some(ClientId("once".into()));
    let created =
        app.service.register_user(&Client::default(), register_command("mara"), key.clone()).await.unwrap().value;
    let mara = app.service.authenticate(&created.access_token).await.unwrap();
    app.service.deactivate_user(&mara, deactivate_command(PASSWORD)).await.unwrap();
    let wrong = Login { login: "mara".into(), password: "not the password".into(), totp: None };
    let unknown = Login { login: "nobody".into(), ..wrong.clone() };
    let refusal = async |login| app.service.login_user(&Client::default(), login).await.unwrap_err();
    assert_eq!(refusal(wrong).await, refusal(unknown).await);
    assert_eq!(log_in(&app, "mara").await.unwrap_err().code, Code::Deactivated);
    let again = app.service.register_user(&Client::default(), register_command("mara"), key).await.unwrap_err();
    assert_eq!(again.code, Code::Deactivated);
}

async fn the_last_administrator_cannot_deactivate_their_account(app: TestApp) {
    let ada = app.create_user("ada").await;
    app.create_user("mara").await;
    assert_eq!(
        app.service.deactivate_user(&ada, deactivate_command(PASSWORD)).await.unwrap_err().code,
        Code::LastAdmin
    );
    log_in(&app, "ada").await.unwrap();
    app.execute("update users set role = 'admin' where username = 'mara'").await;
    app.service.deactivate_user(&ada, deactivate_command(PASSWORD)).await.unwrap();
    let mara = log_in(&app, "mara").await.unwrap();
    let mara = app.service.authenticate(&mara.access_token).await.unwrap();
    assert_eq!(
        app.service.deactivate_user(&mara, deactivate_command(PASSWORD)).await.unwrap_err().code,
        Code::LastAdmin
    );
}

async fn the_last_two_administrators_cannot_deactivate_concurrently(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    app.execute("update users set role = 'admin'").await;
    let other = if app.settings.database_url.is_some() { app.start_node().await } else { app.service.clone() };
    let (one, two) = tokio::join!(
        app.service.deactivate_user(&ada, deactivate_command(PASSWORD)),
        other.deactivate_user(&mara, deactivate_command(PASSWORD))
    );
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|left| **left).count(), 1);
}

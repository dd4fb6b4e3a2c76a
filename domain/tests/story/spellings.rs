//! What people type to get in, as different keyboards and clipboards write it.

use crate::harness::{PASSWORD, TestApp, register_command};
use argon2::{Argon2, PasswordHasher};
use protocol::{
    Result,
    command::{ChangePassword, ConfirmPassword, Invite, Login, Register},
    credentials::{Config, Registration},
    error::Code,
    port::prelude::*,
    session::{Client, Tokens},
};

on_both_databases! {
    a_password_works_in_every_encoding
    a_password_hashed_as_it_was_typed_still_works_and_is_rehashed
    concurrent_logins_with_a_password_hashed_as_typed_all_succeed
    a_login_is_accepted_as_it_is_pasted
    the_code_of_a_link_is_read_as_it_is_copied
}

/// One password, composed as most keyboards do and decomposed as some do.
const COMPOSED: &str = "warme H\u{f6}hle mit Kamin \u{e9}t\u{e9} 김치";
const DECOMPOSED: &str = "warme Ho\u{308}hle mit\u{a0}Kamin e\u{301}te\u{301} \u{1100}\u{1175}\u{11b7}\u{110e}\u{1175}";

async fn log_in(app: &TestApp, login: &str, password: &str) -> Result<Tokens> {
    let command = Login { login: login.into(), password: password.into(), totp: None };
    app.service.login_user(&Client::default(), command).await
}

async fn register(app: &TestApp, username: &str, password: &str) -> Tokens {
    let command = Register { password: password.into(), ..register_command(username) };
    app.service.register_user(&Client::default(), command, None).await.unwrap().value
}

async fn a_password_works_in_every_encoding(app: TestApp) {
    register(&app, "ada", COMPOSED).await;
    register(&app, "mara", DECOMPOSED).await;
    for (name, password) in [("ada", DECOMPOSED), ("mara", COMPOSED), ("ada", COMPOSED), ("mara", DECOMPOSED)] {
        log_in(&app, name, password).await.unwrap();
    }
    assert_eq!(log_in(&app, "ada", &COMPOSED.to_uppercase()).await.unwrap_err().code, Code::WrongCredentials);
    let ada = app.service.authenticate(&log_in(&app, "ada", COMPOSED).await.unwrap().access_token).await.unwrap();
    app.service.confirm_password(&ada, ConfirmPassword { password: DECOMPOSED.into() }).await.unwrap();
    let new_password = "ein Sto\u{308}vchen fu\u{308}r Tee".to_owned();
    let change = ChangePassword { current_password: DECOMPOSED.into(), new_password };
    app.service.change_password(&ada, change).await.unwrap();
    log_in(&app, "ada", "ein St\u{f6}vchen f\u{fc}r Tee").await.unwrap();
    // Characters are counted as people see them.
    let short = Register { password: "e\u{301}".repeat(4), ..register_command("yuki") };
    let error = app.service.register_user(&Client::default(), short, None).await.unwrap_err();
    assert_eq!(error.errors[0].code, "too_short");
}

/// Stores the hash of a password as an earlier version did.
async fn store_hash_as_typed(app: &TestApp, password: &str) -> String {
    let hash = Argon2::default().hash_password(password.as_bytes()).unwrap().to_string();
    app.execute(&format!("update users set password_hash = '{hash}' where username = 'ada'")).await;
    hash
}

async fn a_password_hashed_as_it_was_typed_still_works_and_is_rehashed(app: TestApp) {
    let session = register(&app, "ada", COMPOSED).await;
    let ada = app.service.authenticate(&session.access_token).await.unwrap();
    store_hash_as_typed(&app, DECOMPOSED).await;
    assert_eq!(log_in(&app, "ada", COMPOSED).await.unwrap_err().code, Code::WrongCredentials);
    log_in(&app, "ada", DECOMPOSED).await.unwrap();
    // It was rehashed, so the other encoding works too from now on, and no session has ended.
    log_in(&app, "ada", COMPOSED).await.unwrap();
    app.service.authenticate(&session.access_token).await.unwrap();
    // The same where the password is confirmed or changed.
    store_hash_as_typed(&app, DECOMPOSED).await;
    app.service.confirm_password(&ada, ConfirmPassword { password: DECOMPOSED.into() }).await.unwrap();
    log_in(&app, "ada", COMPOSED).await.unwrap();
    store_hash_as_typed(&app, DECOMPOSED).await;
    let change = ChangePassword { current_password: DECOMPOSED.into(), new_password: "an ember in the hearth".into() };
    app.service.change_password(&ada, change).await.unwrap();
    log_in(&app, "ada", "an ember in the hearth").await.unwrap();
}

async fn concurrent_logins_with_a_password_hashed_as_typed_all_succeed(app: TestApp) {
    register(&app, "ada", COMPOSED).await;
    store_hash_as_typed(&app, DECOMPOSED).await;
    let (one, other) = tokio::join!(log_in(&app, "ada", DECOMPOSED), log_in(&app, "ada", DECOMPOSED));
    one.unwrap();
    other.unwrap();
}

async fn a_login_is_accepted_as_it_is_pasted(app: TestApp) {
    let command = Register { email: Some("ada@example.org".into()), ..register_command("ada") };
    app.service.register_user(&Client::default(), command, None).await.unwrap();
    let ada = app.service.authenticate(&app.login("ada").await.access_token).await.unwrap();
    for login in ["@ada", " @Ada\u{200b} ", "\u{feff}ada", "＠ada", "\u{2068}ada\u{2069}", "ada@example.org\u{200b}"] {
        log_in(&app, login, PASSWORD).await.unwrap();
    }
    for name in ["@ada", "ad\u{200b}a"] {
        assert_eq!(app.service.find_user(&ada, name).await.unwrap().id, ada.user_id, "{name:?}");
    }
    // However it is written, a login has the same counter of failures.
    for wrong in ["@ada", "ada\u{200b}", "ada"] {
        assert_eq!(log_in(&app, wrong, "wrong password").await.unwrap_err().code, Code::WrongCredentials);
    }
    assert_eq!(log_in(&app, "@ada", PASSWORD).await.unwrap_err().code, Code::RateLimited);
}

/// A code as it is copied: in capitals, broken, with blanks and invisible characters around it.
fn copied(code: &str) -> [String; 3] {
    let (one, other) = code.split_at(20);
    [code.to_uppercase(), format!(" {one} {other}\n"), format!("\u{200b}{one}\u{ad}{other}\u{feff}")]
}

async fn the_code_of_a_link_is_read_as_it_is_copied(app: TestApp) {
    let ada = app.create_user("ada").await;
    app.service.set_config(&ada, Config { registration: Registration::Invitation }).await.unwrap();
    let invite = Invite { role: None, max_uses: Some(10), days: None };
    let url = app.service.create_account_invitation(&ada, invite, None).await.unwrap().value.url.unwrap();
    let code = url.split_once("invitation=").unwrap().1;
    for (name, copied) in ["mara", "yuki", "tomas"].into_iter().zip(copied(code)) {
        assert!(app.service.find_invitation(&copied).await.unwrap().is_some(), "{copied:?}");
        let command = Register { invitation: Some(copied), ..register_command(name) };
        app.service.register_user(&Client::default(), command, None).await.unwrap();
    }
    let wrong = Register { invitation: Some(code.replace(['a', '1'], "2")), ..register_command("vera") };
    let error = app.service.register_user(&Client::default(), wrong, None).await.unwrap_err();
    assert_eq!(error.code, Code::InvalidInvitation);
}

//! Changing the password and the email address.

use crate::{
    harness::{PASSWORD, TestApp, register_command},
    smtp_server::SmtpServer,
};
use domain::{MailSettings, Service};
use protocol::{
    Result,
    command::{ChangePassword, ForgotPassword, Login, Register, ResetPassword, SetEmail, VerifyEmail},
    error::Code,
    event::Change,
    port::prelude::*,
    session::{Caller, Client, Tokens},
};
use std::sync::Arc;

on_both_databases! {
    changing_the_password_ends_all_other_sessions
    a_password_change_reports_all_field_errors_at_once
    without_smtp_an_email_belongs_to_the_first_user_who_sets_it
    with_smtp_an_email_belongs_to_the_user_who_verifies_it
    registering_a_taken_email_is_reported_only_to_its_mailbox
    changing_the_email_requires_the_password_and_verification
    changing_the_password_cancels_a_pending_email
    a_pending_email_can_be_cancelled
    an_ended_session_cannot_change_the_email
    a_changed_email_is_published_to_all_own_devices
    changing_the_password_forgets_known_devices
}

pub const NEW: &str = "an ember in the hearth";

/// Starts another node that sends its mail to this server.
pub async fn start_with_smtp(app: &mut TestApp, smtp: &SmtpServer) -> Arc<Service> {
    app.settings.mail = Some(MailSettings::new(&smtp.url, "Lair <lair@example.org>").unwrap());
    app.start_node().await
}

pub async fn log_in(service: &Service, login: &str, password: &str) -> Result<Tokens> {
    service.login_user(&Client::default(), Login { login: login.into(), password: password.into(), totp: None }).await
}

pub async fn authenticate(service: &Service, tokens: &Tokens) -> Caller {
    service.authenticate(&tokens.access_token).await.unwrap()
}

/// A user with a verified email address.
pub async fn create_verified_user(service: &Service, smtp: &SmtpServer, name: &str, email: &str) -> Caller {
    let command = Register { email: Some(email.into()), ..register_command(name) };
    let tokens = service.register_user(&Client::default(), command, None).await.unwrap().value;
    let token = smtp.wait_for(email, "Confirm your email address").await.token();
    service.verify_email(VerifyEmail { token }).await.unwrap();
    authenticate(service, &tokens).await
}

pub fn change(current: &str, new: &str) -> ChangePassword {
    ChangePassword { current_password: current.into(), new_password: new.into() }
}

pub fn reset(token: &str, new: &str) -> ResetPassword {
    ResetPassword { token: token.into(), new_password: new.into() }
}

pub fn forgot(login: &str) -> ForgotPassword {
    ForgotPassword { login: login.into() }
}

pub fn set_email_command(email: &str, password: &str) -> SetEmail {
    SetEmail { email: Some(email.into()), password: password.into() }
}

async fn changing_the_password_ends_all_other_sessions(app: TestApp) {
    let here = app.create_user("ada").await;
    let there = log_in(&app.service, "ada", PASSWORD).await.unwrap();
    let other = app.register("mara").await;
    app.service.change_password(&here, change(PASSWORD, NEW)).await.unwrap();
    assert_eq!(app.service.authenticate(&there.access_token).await.unwrap_err().code, Code::NotSignedIn);
    let refreshed = app.service.refresh(&Client::default(), &there.refresh_token, domain::ClientKind::Api).await;
    assert_eq!(refreshed.unwrap_err().code, Code::InvalidRefreshToken);
    app.service.me(&here).await.unwrap();
    app.service.authenticate(&other.access_token).await.unwrap();
    assert_eq!(log_in(&app.service, "ada", PASSWORD).await.unwrap_err().code, Code::WrongCredentials);
    log_in(&app.service, "ada", NEW).await.unwrap();
}

async fn a_password_change_reports_all_field_errors_at_once(app: TestApp) {
    let ada = app.create_user("ada").await;
    for (current, new, expected) in [
        ("not the password", "short", vec![("current_password", "wrong"), ("new_password", "too_short")]),
        ("not the password", "lair-chat", vec![("current_password", "wrong"), ("new_password", "too_weak")]),
        ("", NEW, vec![("current_password", "wrong")]),
        (PASSWORD, &"x".repeat(129), vec![("new_password", "too_long")]),
    ] {
        app.clock.advance(1_000);
        let error = app.service.change_password(&ada, change(current, new)).await.unwrap_err();
        let errors: Vec<_> = error.errors.iter().map(|e| (e.field.as_str(), e.code.as_str())).collect();
        let code = if expected[0].0 == "current_password" { Code::PasswordRequired } else { Code::Invalid };
        assert_eq!((error.code, errors), (code, expected));
    }
    log_in(&app.service, "ada", PASSWORD).await.unwrap();
}

async fn without_smtp_an_email_belongs_to_the_first_user_who_sets_it(app: TestApp) {
    let ada = app.create_user("ada").await;
    let mara = app.create_user("mara").await;
    let wrong =
        app.service.set_email(&ada, set_email_command("ada@example.org", "not the password")).await.unwrap_err();
    assert_eq!((wrong.errors[0].field.as_str(), wrong.errors[0].code.as_str()), ("password", "wrong"));
    let set = app.service.set_email(&ada, set_email_command("ada@example.org", PASSWORD)).await.unwrap();
    assert_eq!((set.email.as_deref(), set.verified, set.pending), (Some("ada@example.org"), false, None));
    let taken = app.service.set_email(&mara, set_email_command("ADA@example.org", PASSWORD)).await.unwrap_err();
    assert_eq!(taken.code, Code::EmailTaken);
    log_in(&app.service, "ADA@example.org", PASSWORD).await.unwrap();
    assert_eq!(app.service.send_verification(&ada).await.unwrap_err().code, Code::NoMail);
    let none = SetEmail { email: Some(" ".into()), password: PASSWORD.into() };
    assert_eq!(app.service.set_email(&ada, none).await.unwrap().email, None);
    app.service.set_email(&mara, set_email_command("ada@example.org", PASSWORD)).await.unwrap();
}

async fn with_smtp_an_email_belongs_to_the_user_who_verifies_it(mut app: TestApp) {
    let smtp = SmtpServer::start().await;
    let service = start_with_smtp(&mut app, &smtp).await;
    let command = Register { email: Some("Ada@Example.org".into()), ..register_command("ada") };
    let tokens = service.register_user(&Client::default(), command, None).await.unwrap().value;
    let ada = authenticate(&service, &tokens).await;
    let known = service.get_email(&ada).await.unwrap();
    assert_eq!((known.email.as_deref(), known.verified), (Some("Ada@Example.org"), false));
    assert_eq!(known.pending.as_deref(), Some("Ada@Example.org"));
    assert_eq!(log_in(&service, "ada@example.org", PASSWORD).await.unwrap_err().code, Code::WrongCredentials);
    let first = smtp.next_email().await;
    assert!(first.link().starts_with("https://chat.example.org/verify?token="));
    service.send_verification(&ada).await.unwrap();
    let second = smtp.next_email().await;
    let verify = async |token: String| service.verify_email(VerifyEmail { token }).await;
    assert_eq!(verify(first.token()).await.unwrap_err().code, Code::InvalidLink);
    app.clock.advance(25 * 60 * 60_000);
    assert_eq!(verify(second.token()).await.unwrap_err().code, Code::InvalidLink);
    service.send_verification(&ada).await.unwrap();
    let third = smtp.next_email().await.token();
    verify(third.clone()).await.unwrap();
    // Verifying again with the same link succeeds.
    verify(third).await.unwrap();
    let known = service.get_email(&ada).await.unwrap();
    assert_eq!((known.verified, known.pending), (true, None));
    log_in(&service, "ada@example.org", PASSWORD).await.unwrap();
}

async fn registering_a_taken_email_is_reported_only_to_its_mailbox(mut app: TestApp) {
    let smtp = SmtpServer::start().await;
    let service = start_with_smtp(&mut app, &smtp).await;
    // An address set before SMTP was configured, and never verified.
    let squatter = app.create_user("squatter").await;
    app.service.set_email(&squatter, set_email_command("mara@example.org", PASSWORD)).await.unwrap();
    let mara = create_verified_user(&service, &smtp, "mara", "mara@example.org").await;
    assert_eq!(log_in(&service, "mara@example.org", PASSWORD).await.unwrap().user.id, mara.user_id);
    // The new user does not learn that the address is taken; its owner is informed by email.
    let command = Register { email: Some("MARA@example.org".into()), ..register_command("mallory") };
    let tokens = service.register_user(&Client::default(), command, None).await.unwrap().value;
    let mallory = authenticate(&service, &tokens).await;
    let known = service.get_email(&mallory).await.unwrap();
    assert_eq!((known.email.as_deref(), known.verified), (Some("MARA@example.org"), false));
    let email = smtp.wait_for("mara@example.org", "You already have an account").await;
    assert!(email.body.contains("\"mara\""), "{}", email.body);
    // A stranger must not be able to put words into an email of this server.
    assert!(!email.body.contains("mallory"), "{}", email.body);
    assert!(!email.body.contains("token="), "{}", email.body);
    service.set_email(&mallory, set_email_command("stranger@example.org", PASSWORD)).await.unwrap();
    let email = smtp.wait_for("stranger@example.org", "Confirm your email address").await;
    assert!(email.body.contains("token=") && !email.body.contains("mallory"), "{}", email.body);
    assert_eq!(log_in(&service, "mara@example.org", PASSWORD).await.unwrap().user.id, mara.user_id);
    service.forgot_password(forgot("mara@example.org")).await.unwrap();
    let email = smtp.wait_for("mara@example.org", "Reset your password").await;
    assert!(email.body.contains("Hi mara"), "{}", email.body);
}

async fn changing_the_email_requires_the_password_and_verification(mut app: TestApp) {
    let smtp = SmtpServer::start().await;
    let service = start_with_smtp(&mut app, &smtp).await;
    let ada = create_verified_user(&service, &smtp, "ada", "old@example.org").await;
    let wrong = service.set_email(&ada, set_email_command("new@example.org", "not the password")).await.unwrap_err();
    assert_eq!(wrong.errors[0].field, "password");
    let set = service.set_email(&ada, set_email_command("new@example.org", PASSWORD)).await.unwrap();
    assert_eq!((set.email.as_deref(), set.verified), (Some("old@example.org"), true));
    assert_eq!(set.pending.as_deref(), Some("new@example.org"));
    log_in(&service, "old@example.org", PASSWORD).await.unwrap();
    let token = smtp.wait_for("new@example.org", "Confirm your email address").await.token();
    service.forgot_password(forgot("ada")).await.unwrap();
    let to_the_old = smtp.wait_for("old@example.org", "Reset your password").await.token();
    service.verify_email(VerifyEmail { token }).await.unwrap();
    smtp.wait_for("old@example.org", "Your email address was changed").await;
    assert_eq!(service.check_reset(&to_the_old).await.unwrap_err().code, Code::InvalidLink);
    log_in(&service, "new@example.org", PASSWORD).await.unwrap();
    assert_eq!(log_in(&service, "old@example.org", PASSWORD).await.unwrap_err().code, Code::WrongCredentials);
    assert_eq!(service.me(&ada).await.unwrap().email.as_deref(), Some("new@example.org"));
    let none = SetEmail { email: None, password: PASSWORD.into() };
    assert_eq!(service.set_email(&ada, none).await.unwrap().email, None);
    smtp.wait_for("new@example.org", "Your email address was changed").await;
}

async fn changing_the_password_cancels_a_pending_email(mut app: TestApp) {
    let smtp = SmtpServer::start().await;
    let service = start_with_smtp(&mut app, &smtp).await;
    let ada = create_verified_user(&service, &smtp, "ada", "ada@example.org").await;
    let set_pending_email = async |name: &str, caller: &Caller, password: &str| {
        let email = format!("{name}@evil.example");
        service.set_email(caller, set_email_command(&email, password)).await.unwrap();
        smtp.wait_for(&email, "Confirm your email address").await.token()
    };
    let token = set_pending_email("one", &ada, PASSWORD).await;
    service.change_password(&ada, change(PASSWORD, NEW)).await.unwrap();
    assert_eq!(service.get_email(&ada).await.unwrap().pending, None);
    assert_eq!(service.verify_email(VerifyEmail { token }).await.unwrap_err().code, Code::InvalidLink);
    let token = set_pending_email("two", &ada, NEW).await;
    service.forgot_password(forgot("ada")).await.unwrap();
    let link = smtp.wait_for("ada@example.org", "Reset your password").await.token();
    service.reset_password(reset(&link, PASSWORD)).await.unwrap();
    assert_eq!(service.verify_email(VerifyEmail { token }).await.unwrap_err().code, Code::InvalidLink);
    let here = authenticate(&service, &log_in(&service, "ada", PASSWORD).await.unwrap()).await;
    assert_eq!(service.get_email(&here).await.unwrap().email.as_deref(), Some("ada@example.org"));
}

async fn a_pending_email_can_be_cancelled(mut app: TestApp) {
    let smtp = SmtpServer::start().await;
    let service = start_with_smtp(&mut app, &smtp).await;
    let ada = create_verified_user(&service, &smtp, "ada", "ada@example.org").await;
    service.set_email(&ada, set_email_command("wrong@example.org", PASSWORD)).await.unwrap();
    let token = smtp.wait_for("wrong@example.org", "Confirm your email address").await.token();
    let known = service.set_email(&ada, set_email_command("ada@example.org", PASSWORD)).await.unwrap();
    assert_eq!((known.email.as_deref(), known.verified, known.pending), (Some("ada@example.org"), true, None));
    assert_eq!(service.verify_email(VerifyEmail { token }).await.unwrap_err().code, Code::InvalidLink);
}

async fn an_ended_session_cannot_change_the_email(mut app: TestApp) {
    let smtp = SmtpServer::start().await;
    let ada = app.create_user("ada").await;
    let other = app.create_user("other").await;
    // These callers were authenticated before their sessions ended.
    app.service.logout_user(&ada).await.unwrap();
    app.service.logout_user(&other).await.unwrap();
    let evil = || set_email_command("ada@evil.example", PASSWORD);
    assert_eq!(app.service.set_email(&ada, evil()).await.unwrap_err().code, Code::NotSignedIn);
    let service = start_with_smtp(&mut app, &smtp).await;
    assert_eq!(service.set_email(&ada, evil()).await.unwrap_err().code, Code::NotSignedIn);
    app.execute("update users set email = 'ada@evil.example' where username = 'ada'").await;
    assert_eq!(service.send_verification(&ada).await.unwrap_err().code, Code::NotSignedIn);
    assert_eq!(service.create_reset_link(&ada, other.user_id).await.unwrap_err().code, Code::PasswordRequired);
    app.execute("update users set email_verified_at = 1").await;
    assert_eq!(service.set_email(&ada, evil()).await.unwrap_err().code, Code::NotSignedIn);
    assert_eq!(app.count("select count(*) from one_time_links").await, 0);
}

async fn a_changed_email_is_published_to_all_own_devices(mut app: TestApp) {
    let smtp = SmtpServer::start().await;
    let ada = app.create_user("ada").await;
    let published_email = async |service: &Service, from| {
        let events = service.poll_events(&ada, from, 0).await.unwrap().items;
        events.into_iter().find_map(|event| match event.change {
            Change::UserUpdated(user) => user.email,
            _ => None,
        })
    };
    let from = app.service.get_snapshot(&ada).await.unwrap().cursor;
    app.service.set_email(&ada, set_email_command("ada@example.org", PASSWORD)).await.unwrap();
    assert_eq!(published_email(&app.service, from).await.as_deref(), Some("ada@example.org"));
    let service = start_with_smtp(&mut app, &smtp).await;
    service.set_email(&ada, set_email_command("new@example.org", PASSWORD)).await.unwrap();
    let token = smtp.wait_for("new@example.org", "Confirm your email address").await.token();
    let from = service.get_snapshot(&ada).await.unwrap().cursor;
    service.verify_email(VerifyEmail { token }).await.unwrap();
    assert_eq!(published_email(&service, from).await.as_deref(), Some("new@example.org"));
}

async fn changing_the_password_forgets_known_devices(app: TestApp) {
    let ada = app.create_user("ada").await;
    let count = async || app.count("select count(*) from notifications where notice like '%new_sign_in%'").await;
    app.service.change_password(&ada, change(PASSWORD, NEW)).await.unwrap();
    assert_eq!(app.count("select count(*) from known_devices").await, 0);
    let before = count().await;
    log_in(&app.service, "ada", NEW).await.unwrap();
    assert_eq!(count().await, before + 1);
}

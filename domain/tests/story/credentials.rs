//! Passwords and addresses: changed by who can prove who they are, and set anew by who reads their mail.

use crate::post_office::SmtpServer;
use crate::world::PASSWORD;
use crate::world::TestApp;
use crate::world::register_command;
use domain::MailSettings;
use domain::Service;
use protocol::Result;
use protocol::command::ChangePassword;
use protocol::command::ConfirmPassword;
use protocol::command::ForgotPassword;
use protocol::command::Login;
use protocol::command::Register;
use protocol::command::ResetPassword;
use protocol::command::SetEmail;
use protocol::command::VerifyEmail;
use protocol::error::Code;
use protocol::event::Change;
use protocol::port::prelude::*;
use protocol::session::Access;
use protocol::session::Caller;
use protocol::session::Client;
use protocol::session::Tokens;
use std::sync::Arc;

on_both_databases! {
    changing_the_password_ends_all_other_sessions
    a_password_change_reports_all_field_errors_at_once
    a_forgotten_password_is_reset_by_mail
    a_reset_link_works_once_expires_and_is_replaced_by_the_next
    a_reset_link_used_twice_concurrently_works_once
    an_administrator_creates_a_reset_link
    creating_a_reset_link_requires_a_session_and_a_recent_password
    without_smtp_an_email_belongs_to_the_first_user_who_sets_it
    with_smtp_an_email_belongs_to_the_user_who_verifies_it
    registering_a_taken_email_is_reported_only_to_its_mailbox
    changing_the_email_requires_the_password_and_verification
    changing_the_password_cancels_a_pending_email
    a_pending_email_can_be_cancelled
    an_ended_session_cannot_change_the_email
    a_reset_link_is_valid_only_for_the_email_it_was_sent_to
    a_changed_email_is_published_to_all_own_devices
    changing_the_password_forgets_known_devices
}

const NEW: &str = "an ember in the hearth";

/// The service again, with a mail server.
pub async fn start_with_smtp(w: &mut TestApp, office: &SmtpServer) -> Arc<Service> {
    w.settings.mail = Some(MailSettings::new(&office.url, "Lair <lair@example.org>").unwrap());
    w.start_node().await
}

async fn log_in(service: &Service, login: &str, password: &str) -> Result<Tokens> {
    service.login(&Client::default(), Login { login: login.into(), password: password.into(), totp: None }).await
}

pub async fn authenticate(service: &Service, tokens: &Tokens) -> Caller {
    service.authenticate(&tokens.access_token).await.unwrap()
}

/// Someone with an address that is verified.
pub async fn create_verified_user(service: &Service, office: &SmtpServer, name: &str, email: &str) -> Caller {
    let command = Register { email: Some(email.into()), ..register_command(name) };
    let tokens = service.register(&Client::default(), command, None).await.unwrap().value;
    let token = office.wait_for(email, "Confirm your e-mail address").await.token();
    service.verify_email(VerifyEmail { token }).await.unwrap();
    authenticate(service, &tokens).await
}

fn change(current: &str, new: &str) -> ChangePassword {
    ChangePassword { current_password: current.into(), new_password: new.into() }
}

fn reset(token: &str, new: &str) -> ResetPassword {
    ResetPassword { token: token.into(), new_password: new.into() }
}

pub fn forgot(login: &str) -> ForgotPassword {
    ForgotPassword { login: login.into() }
}

pub fn set_email_command(email: &str, password: &str) -> SetEmail {
    SetEmail { email: Some(email.into()), password: password.into() }
}

async fn changing_the_password_ends_all_other_sessions(w: TestApp) {
    let here = w.create_user("ada").await;
    let there = log_in(&w.service, "ada", PASSWORD).await.unwrap();
    let other = w.register("mara").await;
    w.service.change_password(&here, change(PASSWORD, NEW)).await.unwrap();
    assert_eq!(w.service.authenticate(&there.access_token).await.unwrap_err().code, Code::NotSignedIn);
    let renewed = w.service.refresh(&Client::default(), &there.refresh_token, domain::ClientKind::Api).await;
    assert_eq!(renewed.unwrap_err().code, Code::InvalidRefreshToken);
    w.service.me(&here).await.unwrap();
    w.service.authenticate(&other.access_token).await.unwrap();
    assert_eq!(log_in(&w.service, "ada", PASSWORD).await.unwrap_err().code, Code::WrongCredentials);
    log_in(&w.service, "ada", NEW).await.unwrap();
}

async fn a_password_change_reports_all_field_errors_at_once(w: TestApp) {
    let ada = w.create_user("ada").await;
    for (current, new, expected) in [
        ("not the password", "short", vec![("current_password", "wrong"), ("new_password", "too_short")]),
        ("not the password", "lair-chat", vec![("current_password", "wrong"), ("new_password", "too_weak")]),
        ("", NEW, vec![("current_password", "wrong")]),
        (PASSWORD, &"x".repeat(129), vec![("new_password", "too_long")]),
    ] {
        w.clock.advance(1_000);
        let error = w.service.change_password(&ada, change(current, new)).await.unwrap_err();
        let errors: Vec<_> = error.errors.iter().map(|e| (e.field.as_str(), e.code.as_str())).collect();
        let code = if expected[0].0 == "current_password" { Code::PasswordRequired } else { Code::Invalid };
        assert_eq!((error.code, errors), (code, expected));
    }
    log_in(&w.service, "ada", PASSWORD).await.unwrap();
}

async fn a_forgotten_password_is_reset_by_mail(mut w: TestApp) {
    let office = SmtpServer::start().await;
    let service = start_with_smtp(&mut w, &office).await;
    create_verified_user(&service, &office, "ada", "ada@example.org").await;
    let here = log_in(&service, "ada", PASSWORD).await.unwrap();
    // Nobody, somebody without an address, and somebody: all are answered alike.
    w.register("mara").await;
    for login in ["nobody", "mara", "nobody@example.org", "", &"x".repeat(10_000), " Ada@Example.org "] {
        service.forgot_password(forgot(login)).await.unwrap();
    }
    let letter = office.next_email().await;
    assert_eq!((letter.from.as_str(), &letter.to[..]), ("lair@example.org", &["ada@example.org".to_owned()][..]));
    assert_eq!(letter.header("Subject"), "Set a new password");
    assert_eq!(letter.header("To"), "ada@example.org");
    assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
    assert!(letter.header("Message-ID").ends_with("@example.org>"));
    assert!(letter.link().starts_with("https://chat.example.org/reset?token="), "{}", letter.link());
    let token = letter.token();
    // To look at it uses up nothing, as programs that scan mail do.
    for _ in 0..3 {
        service.check_reset(&token).await.unwrap();
    }
    let weak = service.reset_password(reset(&token, "ada@example.org")).await.unwrap_err();
    assert_eq!((weak.errors[0].field.as_str(), weak.errors[0].code.as_str()), ("new_password", "too_weak"));
    service.reset_password(reset(&token, NEW)).await.unwrap();
    assert_eq!(service.authenticate(&here.access_token).await.unwrap_err().code, Code::NotSignedIn);
    assert_eq!(log_in(&service, "ada", PASSWORD).await.unwrap_err().code, Code::WrongCredentials);
    log_in(&service, "ada", NEW).await.unwrap();
    assert_eq!(office.next_email().await.header("Subject"), "Your password was changed");
    assert_eq!(service.reset_password(reset(&token, NEW)).await.unwrap_err().code, Code::InvalidLink);
}

async fn a_reset_link_works_once_expires_and_is_replaced_by_the_next(mut w: TestApp) {
    let office = SmtpServer::start().await;
    let service = start_with_smtp(&mut w, &office).await;
    create_verified_user(&service, &office, "ada", "ada@example.org").await;
    let ask = async || {
        service.forgot_password(forgot("ada")).await.unwrap();
        office.wait_for("ada@example.org", "Set a new password").await.token()
    };
    let (old, new) = (ask().await, ask().await);
    assert_eq!(service.reset_password(reset(&old, NEW)).await.unwrap_err().code, Code::InvalidLink);
    w.clock.advance(59 * 60_000);
    service.check_reset(&new).await.unwrap();
    w.clock.advance(2 * 60_000);
    assert_eq!(service.check_reset(&new).await.unwrap_err().code, Code::InvalidLink);
    assert_eq!(service.reset_password(reset(&new, NEW)).await.unwrap_err().code, Code::InvalidLink);
    for nonsense in ["", "x", "\0", &"0".repeat(64), &"f".repeat(100_000)] {
        assert_eq!(service.reset_password(reset(nonsense, NEW)).await.unwrap_err().code, Code::InvalidLink);
        let verify = VerifyEmail { token: nonsense.into() };
        assert_eq!(service.verify_email(verify).await.unwrap_err().code, Code::InvalidLink);
    }
    // A link of one kind does nothing of the other.
    let token = ask().await;
    assert_eq!(service.verify_email(VerifyEmail { token: token.clone() }).await.unwrap_err().code, Code::InvalidLink);
    // Whoever knows the password again needs no link.
    let here = authenticate(&service, &log_in(&service, "ada", PASSWORD).await.unwrap()).await;
    service.change_password(&here, change(PASSWORD, NEW)).await.unwrap();
    assert_eq!(service.check_reset(&token).await.unwrap_err().code, Code::InvalidLink);
}

async fn a_reset_link_used_twice_concurrently_works_once(w: TestApp) {
    let ada = w.create_user("ada").await;
    let mara = w.create_user("mara").await;
    let url = w.service.create_reset_link(&ada, mara.user_id).await.unwrap().url;
    let token = url.split_once("token=").unwrap().1;
    let other = if w.settings.database_url.is_some() { w.start_node().await } else { w.service.clone() };
    let (a, b) = tokio::join!(
        w.service.reset_password(reset(token, NEW)),
        other.reset_password(reset(token, "a fox beside the fire"))
    );
    assert_eq!([&a, &b].iter().filter(|done| done.is_ok()).count(), 1, "{a:?} {b:?}");
}

async fn an_administrator_creates_a_reset_link(w: TestApp) {
    let ada = w.create_user("ada").await;
    let mara = w.create_user("mara").await;
    assert!(!w.service.sends_mail());
    assert_eq!(w.service.forgot_password(forgot("mara")).await.unwrap_err().code, Code::NoMail);
    assert_eq!(w.service.create_reset_link(&mara, ada.user_id).await.unwrap_err().code, Code::Forbidden);
    let link = w.service.create_reset_link(&ada, mara.user_id).await.unwrap();
    assert!(link.url.starts_with("https://chat.example.org/reset?token=") && !format!("{link:?}").contains("token"));
    let token = link.url.split_once("token=").unwrap().1;
    w.service.reset_password(reset(token, NEW)).await.unwrap();
    log_in(&w.service, "mara", NEW).await.unwrap();
    let nobody = protocol::id::UserId(w.clock.id());
    assert_eq!(w.service.create_reset_link(&ada, nobody).await.unwrap_err().code, Code::NotFound);
}

async fn creating_a_reset_link_requires_a_session_and_a_recent_password(w: TestApp) {
    let ada = w.create_user("ada").await;
    let token = Caller { access: Access::Admin, ..ada };
    assert_eq!(w.service.create_reset_link(&token, ada.user_id).await.unwrap_err().code, Code::Forbidden);
    w.clock.advance(16 * 60_000);
    assert_eq!(w.service.create_reset_link(&ada, ada.user_id).await.unwrap_err().code, Code::PasswordRequired);
    w.service.confirm_password(&ada, ConfirmPassword { password: PASSWORD.into() }).await.unwrap();
    w.service.create_reset_link(&ada, ada.user_id).await.unwrap();
}

async fn without_smtp_an_email_belongs_to_the_first_user_who_sets_it(w: TestApp) {
    let ada = w.create_user("ada").await;
    let mara = w.create_user("mara").await;
    let wrong = w.service.set_email(&ada, set_email_command("ada@example.org", "not the password")).await.unwrap_err();
    assert_eq!((wrong.errors[0].field.as_str(), wrong.errors[0].code.as_str()), ("password", "wrong"));
    let set = w.service.set_email(&ada, set_email_command("ada@example.org", PASSWORD)).await.unwrap();
    assert_eq!((set.email.as_deref(), set.verified, set.pending), (Some("ada@example.org"), false, None));
    let taken = w.service.set_email(&mara, set_email_command("ADA@example.org", PASSWORD)).await.unwrap_err();
    assert_eq!(taken.code, Code::EmailTaken);
    log_in(&w.service, "ADA@example.org", PASSWORD).await.unwrap();
    assert_eq!(w.service.resend_verification(&ada).await.unwrap_err().code, Code::NoMail);
    let none = SetEmail { email: Some(" ".into()), password: PASSWORD.into() };
    assert_eq!(w.service.set_email(&ada, none).await.unwrap().email, None);
    w.service.set_email(&mara, set_email_command("ada@example.org", PASSWORD)).await.unwrap();
}

async fn with_smtp_an_email_belongs_to_the_user_who_verifies_it(mut w: TestApp) {
    let office = SmtpServer::start().await;
    let service = start_with_smtp(&mut w, &office).await;
    let command = Register { email: Some("Ada@Example.org".into()), ..register_command("ada") };
    let tokens = service.register(&Client::default(), command, None).await.unwrap().value;
    let ada = authenticate(&service, &tokens).await;
    let known = service.email(&ada).await.unwrap();
    assert_eq!((known.email.as_deref(), known.verified), (Some("Ada@Example.org"), false));
    assert_eq!(known.pending.as_deref(), Some("Ada@Example.org"));
    assert_eq!(log_in(&service, "ada@example.org", PASSWORD).await.unwrap_err().code, Code::WrongCredentials);
    let first = office.next_email().await;
    assert!(first.link().starts_with("https://chat.example.org/verify?token="));
    service.resend_verification(&ada).await.unwrap();
    let second = office.next_email().await;
    let verify = async |token: String| service.verify_email(VerifyEmail { token }).await;
    assert_eq!(verify(first.token()).await.unwrap_err().code, Code::InvalidLink);
    w.clock.advance(25 * 60 * 60_000);
    assert_eq!(verify(second.token()).await.unwrap_err().code, Code::InvalidLink);
    service.resend_verification(&ada).await.unwrap();
    let third = office.next_email().await.token();
    verify(third.clone()).await.unwrap();
    // A second press of the button finds everything as it should be.
    verify(third).await.unwrap();
    let known = service.email(&ada).await.unwrap();
    assert_eq!((known.verified, known.pending), (true, None));
    log_in(&service, "ada@example.org", PASSWORD).await.unwrap();
}

async fn registering_a_taken_email_is_reported_only_to_its_mailbox(mut w: TestApp) {
    let office = SmtpServer::start().await;
    let service = start_with_smtp(&mut w, &office).await;
    // Named before there was mail, and never verified.
    let squatter = w.create_user("squatter").await;
    w.service.set_email(&squatter, set_email_command("mara@example.org", PASSWORD)).await.unwrap();
    let mara = create_verified_user(&service, &office, "mara", "mara@example.org").await;
    assert_eq!(log_in(&service, "mara@example.org", PASSWORD).await.unwrap().user.id, mara.user_id);
    // Whoever names it now learns nothing; whoever reads it, does.
    let command = Register { email: Some("MARA@example.org".into()), ..register_command("mallory") };
    let tokens = service.register(&Client::default(), command, None).await.unwrap().value;
    let mallory = authenticate(&service, &tokens).await;
    let known = service.email(&mallory).await.unwrap();
    assert_eq!((known.email.as_deref(), known.verified), (Some("MARA@example.org"), false));
    let letter = office.wait_for("mara@example.org", "You already have an account").await;
    assert!(letter.body.contains("\"mara\"") && letter.body.contains("\"mallory\""), "{}", letter.body);
    assert!(!letter.body.contains("token="), "{}", letter.body);
    assert_eq!(log_in(&service, "mara@example.org", PASSWORD).await.unwrap().user.id, mara.user_id);
    service.forgot_password(forgot("mara@example.org")).await.unwrap();
    let letter = office.wait_for("mara@example.org", "Set a new password").await;
    assert!(letter.body.contains("Hello mara"), "{}", letter.body);
}

async fn changing_the_email_requires_the_password_and_verification(mut w: TestApp) {
    let office = SmtpServer::start().await;
    let service = start_with_smtp(&mut w, &office).await;
    let ada = create_verified_user(&service, &office, "ada", "old@example.org").await;
    let wrong = service.set_email(&ada, set_email_command("new@example.org", "not the password")).await.unwrap_err();
    assert_eq!(wrong.errors[0].field, "password");
    let set = service.set_email(&ada, set_email_command("new@example.org", PASSWORD)).await.unwrap();
    assert_eq!((set.email.as_deref(), set.verified), (Some("old@example.org"), true));
    assert_eq!(set.pending.as_deref(), Some("new@example.org"));
    log_in(&service, "old@example.org", PASSWORD).await.unwrap();
    let token = office.wait_for("new@example.org", "Confirm your e-mail address").await.token();
    service.forgot_password(forgot("ada")).await.unwrap();
    let to_the_old = office.wait_for("old@example.org", "Set a new password").await.token();
    service.verify_email(VerifyEmail { token }).await.unwrap();
    office.wait_for("old@example.org", "Your e-mail address was changed").await;
    assert_eq!(service.check_reset(&to_the_old).await.unwrap_err().code, Code::InvalidLink);
    log_in(&service, "new@example.org", PASSWORD).await.unwrap();
    assert_eq!(log_in(&service, "old@example.org", PASSWORD).await.unwrap_err().code, Code::WrongCredentials);
    assert_eq!(service.me(&ada).await.unwrap().email.as_deref(), Some("new@example.org"));
    let none = SetEmail { email: None, password: PASSWORD.into() };
    assert_eq!(service.set_email(&ada, none).await.unwrap().email, None);
    office.wait_for("new@example.org", "Your e-mail address was changed").await;
}

async fn changing_the_password_cancels_a_pending_email(mut w: TestApp) {
    let office = SmtpServer::start().await;
    let service = start_with_smtp(&mut w, &office).await;
    let ada = create_verified_user(&service, &office, "ada", "ada@example.org").await;
    let set_pending_email = async |name: &str, caller: &Caller, password: &str| {
        let theirs = format!("{name}@evil.example");
        service.set_email(caller, set_email_command(&theirs, password)).await.unwrap();
        office.wait_for(&theirs, "Confirm your e-mail address").await.token()
    };
    let token = set_pending_email("one", &ada, PASSWORD).await;
    service.change_password(&ada, change(PASSWORD, NEW)).await.unwrap();
    assert_eq!(service.email(&ada).await.unwrap().pending, None);
    assert_eq!(service.verify_email(VerifyEmail { token }).await.unwrap_err().code, Code::InvalidLink);
    let token = set_pending_email("two", &ada, NEW).await;
    service.forgot_password(forgot("ada")).await.unwrap();
    let link = office.wait_for("ada@example.org", "Set a new password").await.token();
    service.reset_password(reset(&link, PASSWORD)).await.unwrap();
    assert_eq!(service.verify_email(VerifyEmail { token }).await.unwrap_err().code, Code::InvalidLink);
    let here = authenticate(&service, &log_in(&service, "ada", PASSWORD).await.unwrap()).await;
    assert_eq!(service.email(&here).await.unwrap().email.as_deref(), Some("ada@example.org"));
}

async fn a_pending_email_can_be_cancelled(mut w: TestApp) {
    let office = SmtpServer::start().await;
    let service = start_with_smtp(&mut w, &office).await;
    let ada = create_verified_user(&service, &office, "ada", "ada@example.org").await;
    service.set_email(&ada, set_email_command("wrong@example.org", PASSWORD)).await.unwrap();
    let token = office.wait_for("wrong@example.org", "Confirm your e-mail address").await.token();
    let known = service.set_email(&ada, set_email_command("ada@example.org", PASSWORD)).await.unwrap();
    assert_eq!((known.email.as_deref(), known.verified, known.pending), (Some("ada@example.org"), true, None));
    assert_eq!(service.verify_email(VerifyEmail { token }).await.unwrap_err().code, Code::InvalidLink);
}

async fn an_ended_session_cannot_change_the_email(mut w: TestApp) {
    let office = SmtpServer::start().await;
    let ada = w.create_user("ada").await;
    let other = w.create_user("other").await;
    // They were let in a moment before their sessions ended.
    w.service.logout(&ada).await.unwrap();
    w.service.logout(&other).await.unwrap();
    let evil = || set_email_command("ada@evil.example", PASSWORD);
    assert_eq!(w.service.set_email(&ada, evil()).await.unwrap_err().code, Code::NotSignedIn);
    let service = start_with_smtp(&mut w, &office).await;
    assert_eq!(service.set_email(&ada, evil()).await.unwrap_err().code, Code::NotSignedIn);
    w.execute("update users set email = 'ada@evil.example' where username = 'ada'").await;
    assert_eq!(service.resend_verification(&ada).await.unwrap_err().code, Code::NotSignedIn);
    assert_eq!(service.create_reset_link(&ada, other.user_id).await.unwrap_err().code, Code::PasswordRequired);
    w.execute("update users set email_verified_at = 1").await;
    assert_eq!(service.set_email(&ada, evil()).await.unwrap_err().code, Code::NotSignedIn);
    assert_eq!(w.count("select count(*) from one_time_links").await, 0);
}

async fn a_reset_link_is_valid_only_for_the_email_it_was_sent_to(mut w: TestApp) {
    let office = SmtpServer::start().await;
    let service = start_with_smtp(&mut w, &office).await;
    create_verified_user(&service, &office, "ada", "ada@example.org").await;
    service.forgot_password(forgot("ada")).await.unwrap();
    let token = office.wait_for("ada@example.org", "Set a new password").await.token();
    // As if the link had been made while the address changed.
    w.execute("update users set email = 'other@example.org'").await;
    assert_eq!(service.check_reset(&token).await.unwrap_err().code, Code::InvalidLink);
    assert_eq!(service.reset_password(reset(&token, NEW)).await.unwrap_err().code, Code::InvalidLink);
    w.execute("update users set email = 'ada@example.org'").await;
    service.reset_password(reset(&token, NEW)).await.unwrap();
}

async fn a_changed_email_is_published_to_all_own_devices(mut w: TestApp) {
    let office = SmtpServer::start().await;
    let ada = w.create_user("ada").await;
    let published_email = async |service: &Service, from| {
        let events = service.events(&ada, from, 0).await.unwrap().items;
        events.into_iter().find_map(|event| match event.change {
            Change::UserUpdated(user) => user.email,
            _ => None,
        })
    };
    let from = w.service.snapshot(&ada).await.unwrap().cursor;
    w.service.set_email(&ada, set_email_command("ada@example.org", PASSWORD)).await.unwrap();
    assert_eq!(published_email(&w.service, from).await.as_deref(), Some("ada@example.org"));
    let service = start_with_smtp(&mut w, &office).await;
    service.set_email(&ada, set_email_command("new@example.org", PASSWORD)).await.unwrap();
    let token = office.wait_for("new@example.org", "Confirm your e-mail address").await.token();
    let from = service.snapshot(&ada).await.unwrap().cursor;
    service.verify_email(VerifyEmail { token }).await.unwrap();
    assert_eq!(published_email(&service, from).await.as_deref(), Some("new@example.org"));
}

async fn changing_the_password_forgets_known_devices(w: TestApp) {
    let ada = w.create_user("ada").await;
    let count = async || w.count("select count(*) from notifications where notice like '%new_sign_in%'").await;
    w.service.change_password(&ada, change(PASSWORD, NEW)).await.unwrap();
    assert_eq!(w.count("select count(*) from known_devices").await, 0);
    let before = count().await;
    log_in(&w.service, "ada", NEW).await.unwrap();
    assert_eq!(count().await, before + 1);
}

//! Letters on their way: neither strangers nor a mail server that is slow keep them from others.

use crate::credentials::authenticate;
use crate::credentials::create_verified_user;
use crate::credentials::forgot;
use crate::credentials::set_email_command;
use crate::credentials::start_with_smtp;
use crate::post_office::Behaviour;
use crate::post_office::SmtpServer;
use crate::world::PASSWORD;
use crate::world::TestApp;
use crate::world::register_command;
use protocol::command::Register;
use protocol::command::VerifyEmail;
use protocol::error::Code;
use protocol::port::prelude::*;
use protocol::session::Client;
use std::time::Instant;

on_both_databases! {
    password_reset_mails_are_limited_per_mailbox
    verification_mails_do_not_use_up_the_quota_of_reset_mails
    a_verification_mail_over_quota_keeps_the_previous_link_valid
    a_rejected_mail_is_retried
    an_unresponsive_smtp_server_does_not_block_requests
    deferred_mails_do_not_block_others
    an_unverified_email_receives_no_reset_link
}

async fn password_reset_mails_are_limited_per_mailbox(mut w: TestApp) {
    let office = SmtpServer::start().await;
    let service = start_with_smtp(&mut w, &office).await;
    create_verified_user(&service, &office, "ada", "ada@example.org").await;
    create_verified_user(&service, &office, "mara", "mara@example.org").await;
    for _ in 0..20 {
        service.forgot_password(forgot("ada")).await.unwrap();
    }
    // The letters that verify the address are counted apart.
    for _ in 0..5 {
        office.wait_for("ada@example.org", "Set a new password").await;
    }
    service.forgot_password(forgot("mara")).await.unwrap();
    assert_eq!(office.next_email().await.to, ["mara@example.org"]);
}

async fn verification_mails_do_not_use_up_the_quota_of_reset_mails(mut w: TestApp) {
    let office = SmtpServer::start().await;
    let service = start_with_smtp(&mut w, &office).await;
    create_verified_user(&service, &office, "ada", "ada@example.org").await;
    let mallory = w.create_user("mallory").await;
    for n in 0..8 {
        let tried = service.set_email(&mallory, set_email_command("Ada@example.org", PASSWORD)).await;
        assert_eq!(tried.is_ok(), n < 4, "{n} {tried:?}");
    }
    service.forgot_password(forgot("ada")).await.unwrap();
    office.wait_for("ada@example.org", "Set a new password").await;
}

async fn a_verification_mail_over_quota_keeps_the_previous_link_valid(mut w: TestApp) {
    let office = SmtpServer::start().await;
    let service = start_with_smtp(&mut w, &office).await;
    let command = Register { email: Some("ada@example.org".into()), ..register_command("ada") };
    let tokens = service.register(&Client::default(), command, None).await.unwrap().value;
    let ada = authenticate(&service, &tokens).await;
    let mut last = office.next_email().await.token();
    for _ in 0..4 {
        service.resend_verification(&ada).await.unwrap();
        last = office.next_email().await.token();
    }
    assert_eq!(service.resend_verification(&ada).await.unwrap_err().code, Code::Busy);
    service.verify_email(VerifyEmail { token: last }).await.unwrap();
}

async fn a_rejected_mail_is_retried(mut w: TestApp) {
    let office = SmtpServer::start_with(Behaviour::RejectFirst(1)).await;
    let service = start_with_smtp(&mut w, &office).await;
    create_verified_user(&service, &office, "ada", "ada@example.org").await;
    assert!(office.connection_count() >= 2);
}

async fn an_unresponsive_smtp_server_does_not_block_requests(mut w: TestApp) {
    let office = SmtpServer::start_with(Behaviour::HangFirst(1)).await;
    let service = start_with_smtp(&mut w, &office).await;
    let command = Register { email: Some("ada@example.org".into()), ..register_command("ada") };
    let begun = Instant::now();
    let tokens = service.register(&Client::default(), command, None).await.unwrap().value;
    service.resend_verification(&authenticate(&service, &tokens).await).await.unwrap();
    assert!(begun.elapsed().as_secs() < 5);
    // The others go past it.
    office.wait_for("ada@example.org", "Confirm your e-mail address").await;
}

async fn deferred_mails_do_not_block_others(mut w: TestApp) {
    let office = SmtpServer::start().await;
    let ada = w.create_user("ada").await;
    let service = start_with_smtp(&mut w, &office).await;
    for n in 0..20 {
        service.set_email(&ada, set_email_command(&format!("{n}@later.example"), PASSWORD)).await.unwrap();
    }
    service.set_email(&ada, set_email_command("ada@example.org", PASSWORD)).await.unwrap();
    office.wait_for("ada@example.org", "Confirm your e-mail address").await;
}

async fn an_unverified_email_receives_no_reset_link(mut w: TestApp) {
    let office = SmtpServer::start().await;
    let mara = w.create_user("mara").await;
    w.service.set_email(&mara, set_email_command("mistyped@example.org", PASSWORD)).await.unwrap();
    let service = start_with_smtp(&mut w, &office).await;
    for login in ["mara", "mistyped@example.org"] {
        service.forgot_password(forgot(login)).await.unwrap();
    }
    create_verified_user(&service, &office, "ada", "ada@example.org").await;
    service.forgot_password(forgot("ada")).await.unwrap();
    let letter = office.next_email().await;
    assert_eq!(
        (letter.to, w.count("select count(*) from one_time_links where kind = 'reset'").await),
        (vec!["ada@example.org".into()], 1)
    );
}

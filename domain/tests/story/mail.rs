//! Mail delivery: quotas, retries, and slow or failing SMTP servers.

use crate::{
    credentials::{authenticate, create_verified_user, forgot, set_email_command, start_with_smtp},
    harness::{PASSWORD, TestApp, register_command},
    smtp_server::{Behaviour, SmtpServer},
};
use protocol::{
    command::{Register, VerifyEmail},
    error::Code,
    port::prelude::*,
    session::Client,
};
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

async fn password_reset_mails_are_limited_per_mailbox(mut app: TestApp) {
    let smtp = SmtpServer::start().await;
    let service = start_with_smtp(&mut app, &smtp).await;
    create_verified_user(&service, &smtp, "ada", "ada@example.org").await;
    create_verified_user(&service, &smtp, "mara", "mara@example.org").await;
    for _ in 0..20 {
        service.forgot_password(forgot("ada")).await.unwrap();
    }
    // Verification emails have their own quota.
    for _ in 0..5 {
        smtp.wait_for("ada@example.org", "Reset your password").await;
    }
    service.forgot_password(forgot("mara")).await.unwrap();
    assert_eq!(smtp.next_email().await.to, ["mara@example.org"]);
}

async fn verification_mails_do_not_use_up_the_quota_of_reset_mails(mut app: TestApp) {
    let smtp = SmtpServer::start().await;
    let service = start_with_smtp(&mut app, &smtp).await;
    create_verified_user(&service, &smtp, "ada", "ada@example.org").await;
    let mallory = app.create_user("mallory").await;
    for n in 0..8 {
        let tried = service.set_email(&mallory, set_email_command("Ada@example.org", PASSWORD)).await;
        assert_eq!(tried.is_ok(), n < 4, "{n} {tried:?}");
    }
    service.forgot_password(forgot("ada")).await.unwrap();
    smtp.wait_for("ada@example.org", "Reset your password").await;
}

async fn a_verification_mail_over_quota_keeps_the_previous_link_valid(mut app: TestApp) {
    let smtp = SmtpServer::start().await;
    let service = start_with_smtp(&mut app, &smtp).await;
    let command = Register { email: Some("ada@example.org".into()), ..register_command("ada") };
    let tokens = service.register_user(&Client::default(), command, None).await.unwrap().value;
    let ada = authenticate(&service, &tokens).await;
    let mut last = smtp.next_email().await.token();
    for _ in 0..4 {
        service.send_verification(&ada).await.unwrap();
        last = smtp.next_email().await.token();
    }
    assert_eq!(service.send_verification(&ada).await.unwrap_err().code, Code::Busy);
    service.verify_email(VerifyEmail { token: last }).await.unwrap();
}

async fn a_rejected_mail_is_retried(mut app: TestApp) {
    let smtp = SmtpServer::start_with(Behaviour::RejectFirst(1)).await;
    let service = start_with_smtp(&mut app, &smtp).await;
    create_verified_user(&service, &smtp, "ada", "ada@example.org").await;
    assert!(smtp.connection_count() >= 2);
}

async fn an_unresponsive_smtp_server_does_not_block_requests(mut app: TestApp) {
    let smtp = SmtpServer::start_with(Behaviour::HangFirst(1)).await;
    let service = start_with_smtp(&mut app, &smtp).await;
    let command = Register { email: Some("ada@example.org".into()), ..register_command("ada") };
    let started = Instant::now();
    let tokens = service.register_user(&Client::default(), command, None).await.unwrap().value;
    service.send_verification(&authenticate(&service, &tokens).await).await.unwrap();
    assert!(started.elapsed().as_secs() < 5);
    // Emails to other addresses are delivered meanwhile.
    smtp.wait_for("ada@example.org", "Confirm your email address").await;
}

async fn deferred_mails_do_not_block_others(mut app: TestApp) {
    let smtp = SmtpServer::start().await;
    let ada = app.create_user("ada").await;
    let service = start_with_smtp(&mut app, &smtp).await;
    for n in 0..20 {
        service.set_email(&ada, set_email_command(&format!("{n}@later.example"), PASSWORD)).await.unwrap();
    }
    service.set_email(&ada, set_email_command("ada@example.org", PASSWORD)).await.unwrap();
    smtp.wait_for("ada@example.org", "Confirm your email address").await;
}

async fn an_unverified_email_receives_no_reset_link(mut app: TestApp) {
    let smtp = SmtpServer::start().await;
    let mara = app.create_user("mara").await;
    app.service.set_email(&mara, set_email_command("mistyped@example.org", PASSWORD)).await.unwrap();
    let service = start_with_smtp(&mut app, &smtp).await;
    for login in ["mara", "mistyped@example.org"] {
        service.forgot_password(forgot(login)).await.unwrap();
    }
    create_verified_user(&service, &smtp, "ada", "ada@example.org").await;
    service.forgot_password(forgot("ada")).await.unwrap();
    let email = smtp.next_email().await;
    assert_eq!(
        (email.to, app.count("select count(*) from one_time_links where kind = 'reset'").await),
        (vec!["ada@example.org".into()], 1)
    );
}

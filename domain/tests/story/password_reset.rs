//! Password reset by an emailed link or by a link that an administrator creates.

use crate::{
    credentials::{NEW, authenticate, change, create_verified_user, forgot, log_in, reset, start_with_smtp},
    harness::{PASSWORD, TestApp},
    smtp_server::SmtpServer,
};
use protocol::{
    command::{ConfirmPassword, VerifyEmail},
    error::Code,
    port::prelude::*,
    session::{Access, Caller},
};

on_both_databases! {
    a_forgotten_password_is_reset_by_mail
    a_reset_link_works_once_expires_and_is_replaced_by_the_next
    a_reset_link_used_twice_concurrently_works_once
    an_administrator_creates_a_reset_link
    creating_a_reset_link_requires_a_session_and_a_recent_password
    a_reset_link_is_valid_only_for_the_email_it_was_sent_to
}

async fn a_forgotten_password_is_reset_by_mail(mut app: TestApp) {
    let smtp = SmtpServer::start().await;
    let service = start_with_smtp(&mut app, &smtp).await;
    create_verified_user(&service, &smtp, "ada", "ada@example.org").await;
    let here = log_in(&service, "ada", PASSWORD).await.unwrap();
    // An unknown user, a user without an address and a user with one get the same response.
    app.register("mara").await;
    for login in ["nobody", "mara", "nobody@example.org", "", &"x".repeat(10_000), " Ada@Example.org "] {
        service.forgot_password(forgot(login)).await.unwrap();
    }
    let email = smtp.next_email().await;
    assert_eq!((email.from.as_str(), &email.to[..]), ("lair@example.org", &["ada@example.org".to_owned()][..]));
    assert_eq!(email.header("Subject"), "Reset your password");
    assert_eq!(email.header("To"), "ada@example.org");
    assert_eq!(email.header("Auto-Submitted"), "auto-generated");
    assert!(email.header("Message-ID").ends_with("@example.org>"));
    assert!(email.link().starts_with("https://chat.example.org/reset?token="), "{}", email.link());
    let token = email.token();
    // Opening the link does not consume it, since mail scanners open links.
    for _ in 0..3 {
        service.check_reset(&token).await.unwrap();
    }
    let weak = service.reset_password(reset(&token, "ada@example.org")).await.unwrap_err();
    assert_eq!((weak.errors[0].field.as_str(), weak.errors[0].code.as_str()), ("new_password", "too_weak"));
    service.reset_password(reset(&token, NEW)).await.unwrap();
    assert_eq!(service.authenticate(&here.access_token).await.unwrap_err().code, Code::NotSignedIn);
    assert_eq!(log_in(&service, "ada", PASSWORD).await.unwrap_err().code, Code::WrongCredentials);
    log_in(&service, "ada", NEW).await.unwrap();
    assert_eq!(smtp.next_email().await.header("Subject"), "Your password was changed");
    assert_eq!(service.reset_password(reset(&token, NEW)).await.unwrap_err().code, Code::InvalidLink);
}

async fn a_reset_link_works_once_expires_and_is_replaced_by_the_next(mut app: TestApp) {
    let smtp = SmtpServer::start().await;
    let service = start_with_smtp(&mut app, &smtp).await;
    create_verified_user(&service, &smtp, "ada", "ada@example.org").await;
    let request_link = async || {
        service.forgot_password(forgot("ada")).await.unwrap();
        smtp.wait_for("ada@example.org", "Reset your password").await.token()
    };
    let (old, new) = (request_link().await, request_link().await);
    assert_eq!(service.reset_password(reset(&old, NEW)).await.unwrap_err().code, Code::InvalidLink);
    app.clock.advance(59 * 60_000);
    service.check_reset(&new).await.unwrap();
    app.clock.advance(2 * 60_000);
    assert_eq!(service.check_reset(&new).await.unwrap_err().code, Code::InvalidLink);
    assert_eq!(service.reset_password(reset(&new, NEW)).await.unwrap_err().code, Code::InvalidLink);
    for nonsense in ["", "x", "\0", &"0".repeat(64), &"f".repeat(100_000)] {
        assert_eq!(service.reset_password(reset(nonsense, NEW)).await.unwrap_err().code, Code::InvalidLink);
        let verify = VerifyEmail { token: nonsense.into() };
        assert_eq!(service.verify_email(verify).await.unwrap_err().code, Code::InvalidLink);
    }
    // A reset link does not verify an address.
    let token = request_link().await;
    assert_eq!(service.verify_email(VerifyEmail { token: token.clone() }).await.unwrap_err().code, Code::InvalidLink);
    // Changing the password revokes the link.
    let here = authenticate(&service, &log_in(&service, "ada", PASSWORD).await.unwrap()).await;
    service.change_password(&here, change(PASSWORD, NEW)).await.unwrap();
    assert_eq!(service.check_reset(&token).await.unwrap_err().code, Code::InvalidLink);
}

async fn a_reset_link_used_twice_concurrently_works_once(app: TestApp) {
    let ada = app.create_user("ada").await;
    let mara = app.create_user("mara").await;
    let url = app.service.create_reset_link(&ada, mara.user_id).await.unwrap().url;
    let token = url.split_once("token=").unwrap().1;
    let other = if app.settings.database_url.is_some() { app.start_node().await } else { app.service.clone() };
    let (a, b) = tokio::join!(
        app.service.reset_password(reset(token, NEW)),
        other.reset_password(reset(token, "a fox beside the fire"))
    );
    assert_eq!([&a, &b].iter().filter(|done| done.is_ok()).count(), 1, "{a:?} {b:?}");
}

async fn an_administrator_creates_a_reset_link(app: TestApp) {
    let ada = app.create_user("ada").await;
    let mara = app.create_user("mara").await;
    assert!(!app.service.sends_mail());
    assert_eq!(app.service.forgot_password(forgot("mara")).await.unwrap_err().code, Code::NoMail);
    assert_eq!(app.service.create_reset_link(&mara, ada.user_id).await.unwrap_err().code, Code::Forbidden);
    let link = app.service.create_reset_link(&ada, mara.user_id).await.unwrap();
    assert!(link.url.starts_with("https://chat.example.org/reset?token=") && !format!("{link:?}").contains("token"));
    let token = link.url.split_once("token=").unwrap().1;
    app.service.reset_password(reset(token, NEW)).await.unwrap();
    log_in(&app.service, "mara", NEW).await.unwrap();
    let unknown = protocol::id::UserId(app.clock.id());
    assert_eq!(app.service.create_reset_link(&ada, unknown).await.unwrap_err().code, Code::NotFound);
}

async fn creating_a_reset_link_requires_a_session_and_a_recent_password(app: TestApp) {
    let ada = app.create_user("ada").await;
    let token = Caller { access: Access::Admin, ..ada };
    assert_eq!(app.service.create_reset_link(&token, ada.user_id).await.unwrap_err().code, Code::Forbidden);
    app.clock.advance(16 * 60_000);
    assert_eq!(app.service.create_reset_link(&ada, ada.user_id).await.unwrap_err().code, Code::PasswordRequired);
    app.service.confirm_password(&ada, ConfirmPassword { password: PASSWORD.into() }).await.unwrap();
    app.service.create_reset_link(&ada, ada.user_id).await.unwrap();
}

async fn a_reset_link_is_valid_only_for_the_email_it_was_sent_to(mut app: TestApp) {
    let smtp = SmtpServer::start().await;
    let service = start_with_smtp(&mut app, &smtp).await;
    create_verified_user(&service, &smtp, "ada", "ada@example.org").await;
    service.forgot_password(forgot("ada")).await.unwrap();
    let token = smtp.wait_for("ada@example.org", "Reset your password").await.token();
    // As if the link had been created while the address changed.
    app.execute("update users set email = 'other@example.org'").await;
    assert_eq!(service.check_reset(&token).await.unwrap_err().code, Code::InvalidLink);
    assert_eq!(service.reset_password(reset(&token, NEW)).await.unwrap_err().code, Code::InvalidLink);
    app.execute("update users set email = 'ada@example.org'").await;
    service.reset_password(reset(&token, NEW)).await.unwrap();
}

use crate::harness::PASSWORD;
use crate::harness::TestApp;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use protocol::command::ConfirmFactor;
use protocol::command::Login;
use protocol::error::Code;
use protocol::page::PageQuery;
use protocol::port::prelude::*;
use protocol::session::Access;
use protocol::session::Caller;
use protocol::session::Client;
use protocol::session::LoginStep;
use protocol::session::Tokens;
use sha1::Sha1;

on_both_databases! {
    a_second_factor_is_required_once_confirmed
    a_totp_code_works_once
    guessing_codes_is_throttled_without_affecting_open_sessions
    each_recovery_code_works_once
    of_two_concurrent_confirmations_one_succeeds
    the_second_login_step_requires_the_first
    removing_the_second_factor_requires_a_recent_password
    an_administrator_can_remove_a_lost_second_factor
}

/// The code that an authenticator app shows, independently implemented (RFC 6238).
fn totp_code(secret: &str, app: &TestApp, steps: i64) -> String {
    let value = |c: u8| if c.is_ascii_digit() { c - b'2' + 26 } else { c - b'A' };
    let bits: Vec<_> = secret.bytes().map(|c| format!("{:05b}", value(c))).collect();
    let bits = bits.concat();
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect();
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(&bytes).unwrap();
    mac.update(&(app.clock.now().0 / 30_000 + steps).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 15);
    let word = u32::from_be_bytes(digest[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

async fn log_in(app: &TestApp, totp: Option<&str>) -> Result<Tokens, Code> {
    let command = Login { login: "ada".into(), password: PASSWORD.into(), totp: totp.map(Into::into) };
    app.service.login_user(&Client::default(), command).await.map_err(|error| error.code)
}

/// A code of six digits that is not currently valid.
fn wrong_code(secret: &str, app: &TestApp) -> String {
    let valid: Vec<_> = (-2..=2).map(|steps| totp_code(secret, app, steps)).collect();
    (0..10).map(|n| format!("{n:06}")).find(|code| !valid.contains(code)).unwrap()
}

/// Enables a second factor, and advances the clock so that the next code is a new one.
async fn enable_second_factor(app: &TestApp, ada: &Caller) -> (String, Vec<String>) {
    let setup = app.service.begin_second_factor(ada).await.unwrap();
    let code = ConfirmFactor { code: totp_code(&setup.secret, app, 0) };
    let codes = app.service.confirm_second_factor(ada, code).await.unwrap().codes;
    app.clock.advance(60_000);
    (setup.secret, codes)
}

async fn a_second_factor_is_required_once_confirmed(app: TestApp) {
    let ada = app.create_user("ada").await;
    assert!(!app.service.get_second_factor(&ada).await.unwrap().enabled);
    let nothing = ConfirmFactor { code: "123456".into() };
    assert_eq!(app.service.confirm_second_factor(&ada, nothing).await.err().unwrap().code, Code::NotFound);
    let first = app.service.begin_second_factor(&ada).await.unwrap();
    let setup = app.service.begin_second_factor(&ada).await.unwrap();
    assert_ne!(first.secret, setup.secret);
    assert!(setup.otpauth_url.contains(&setup.secret) && setup.qr_svg.contains("<svg"), "{}", setup.otpauth_url);
    assert_eq!(app.service.get_pending_second_factor(&ada).await.unwrap().unwrap().secret, setup.secret);
    log_in(&app, None).await.unwrap();
    for bad in [wrong_code(&setup.secret, &app), totp_code(&first.secret, &app, 0), "words".into(), String::new()] {
        let error = app.service.confirm_second_factor(&ada, ConfirmFactor { code: bad }).await.err().unwrap();
        assert_eq!((error.code, error.errors[0].field.as_str()), (Code::Invalid, "code"));
    }
    let code = totp_code(&setup.secret, &app, 0);
    let with_spaces = ConfirmFactor { code: format!(" {} {} ", &code[..3], &code[3..]) };
    let codes = app.service.confirm_second_factor(&ada, with_spaces).await.unwrap().codes;
    assert_eq!(codes.len(), 10);
    let state = app.service.get_second_factor(&ada).await.unwrap();
    assert!(state.enabled && state.recovery_codes_left == 10);
    assert!(app.service.get_pending_second_factor(&ada).await.unwrap().is_none());
    assert_eq!(app.service.begin_second_factor(&ada).await.err().unwrap().code, Code::FactorExists);
    assert_eq!(log_in(&app, None).await.unwrap_err(), Code::TotpRequired);
    assert_eq!(log_in(&app, Some(" ")).await.unwrap_err(), Code::TotpRequired);
    // With a wrong password, the response does not reveal that there is a second factor.
    let command = Login { login: "ada".into(), password: "wrong password".into(), totp: None };
    assert_eq!(app.service.login_user(&Client::default(), command).await.unwrap_err().code, Code::WrongCredentials);
    let notifications =
        app.service.list_notifications(&ada, PageQuery { limit: 10, cursor: None }).await.unwrap().items;
    assert!(notifications.iter().any(|one| one.kind == "second_factor_changed"), "{notifications:?}");
}

async fn a_totp_code_works_once(app: TestApp) {
    let ada = app.create_user("ada").await;
    let setup = app.service.begin_second_factor(&ada).await.unwrap();
    let code = totp_code(&setup.secret, &app, 0);
    app.service.confirm_second_factor(&ada, ConfirmFactor { code: code.clone() }).await.unwrap();
    assert_eq!(log_in(&app, Some(&code)).await.unwrap_err(), Code::WrongTotp);
    app.clock.advance(60_000);
    let next = totp_code(&setup.secret, &app, 0);
    log_in(&app, Some(&next)).await.unwrap();
    assert_eq!(log_in(&app, Some(&next)).await.unwrap_err(), Code::WrongTotp);
    // An older code that was not used is invalid as well.
    let before = totp_code(&setup.secret, &app, -1);
    assert_eq!(log_in(&app, Some(&before)).await.unwrap_err(), Code::WrongTotp);
    // Of two concurrent logins with one code, one succeeds.
    app.clock.advance(60_000);
    let code = totp_code(&setup.secret, &app, 0);
    let other = if app.settings.database_url.is_some() { app.start_node().await } else { app.service.clone() };
    let command = || Login { login: "ada".into(), password: PASSWORD.into(), totp: Some(code.clone()) };
    let client = Client::default();
    let (a, b) = tokio::join!(app.service.login_user(&client, command()), other.login_user(&client, command()));
    assert_eq!([a.is_ok(), b.is_ok()].iter().filter(|ok| **ok).count(), 1);
}

async fn guessing_codes_is_throttled_without_affecting_open_sessions(app: TestApp) {
    let ada = app.create_user("ada").await;
    let (secret, recovery) = enable_second_factor(&app, &ada).await;
    let guess = wrong_code(&secret, &app);
    for _ in 0..5 {
        assert_eq!(log_in(&app, Some(&guess)).await.unwrap_err(), Code::WrongTotp);
    }
    let right = totp_code(&secret, &app, 0);
    assert_eq!(log_in(&app, Some(&right)).await.unwrap_err(), Code::RateLimited);
    app.service.me(&ada).await.unwrap();
    // A recovery code works while codes are throttled.
    log_in(&app, Some(&recovery[0])).await.unwrap();
    let (mut refused, mut checked) = (0, 0);
    for _ in 0..60 {
        app.clock.advance(30_000);
        match log_in(&app, Some(&wrong_code(&secret, &app))).await.unwrap_err() {
            Code::RateLimited => refused += 1,
            _ => checked += 1,
        }
    }
    assert!(checked <= 20 && refused >= 40, "{checked} {refused}");
    app.clock.advance(61 * 60_000);
    log_in(&app, Some(&totp_code(&secret, &app, 0))).await.unwrap();
}

async fn each_recovery_code_works_once(app: TestApp) {
    let ada = app.create_user("ada").await;
    let (_, codes) = enable_second_factor(&app, &ada).await;
    let lowercase = codes[0].to_lowercase().replace('-', " ");
    log_in(&app, Some(&lowercase)).await.unwrap();
    assert_eq!(log_in(&app, Some(&codes[0])).await.unwrap_err(), Code::WrongTotp);
    assert_eq!(app.service.get_second_factor(&ada).await.unwrap().recovery_codes_left, 9);
    let notifications =
        app.service.list_notifications(&ada, PageQuery { limit: 10, cursor: None }).await.unwrap().items;
    assert!(notifications[0].text.contains("recovery code"), "{:?}", notifications[0]);
    let new = app.service.renew_recovery_codes(&ada).await.unwrap().codes;
    assert_eq!(log_in(&app, Some(&codes[1])).await.unwrap_err(), Code::WrongTotp);
    log_in(&app, Some(&new[1])).await.unwrap();
}

async fn the_second_login_step_requires_the_first(app: TestApp) {
    let ada = app.create_user("ada").await;
    let client = Client::default();
    let command = || Login { login: "ada".into(), password: PASSWORD.into(), totp: None };
    assert!(matches!(app.service.start_login(&client, command()).await, Ok(LoginStep::Done(_))));
    let (secret, _) = enable_second_factor(&app, &ada).await;
    let Ok(LoginStep::TotpRequired(step)) = app.service.start_login(&client, command()).await else {
        panic!("no step")
    };
    // The step token proves the password, but is not an access token.
    assert_eq!(app.service.authenticate(&step).await.unwrap_err().code, Code::NotSignedIn);
    let finish = async |step: &str, code: &str| {
        app.service.finish_login(&client, step, code.into()).await.map_err(|error| error.code)
    };
    let access = app
        .service
        .authenticate(&finish(&step, &totp_code(&secret, &app, 0)).await.unwrap().access_token)
        .await
        .unwrap();
    assert_eq!(access.user_id, ada.user_id);
    assert_eq!(finish(&step, "").await.unwrap_err(), Code::TotpRequired);
    assert_eq!(finish(&step, &wrong_code(&secret, &app)).await.unwrap_err(), Code::WrongTotp);
    app.clock.advance(60_000);
    let code = totp_code(&secret, &app, 0);
    let session = app.register("mara").await.access_token;
    for forged in ["", "x", &step[..step.len() - 2], &session] {
        assert_eq!(finish(forged, &code).await.unwrap_err(), Code::WrongCredentials, "{forged}");
    }
    app.clock.advance(5 * 60_000);
    assert_eq!(finish(&step, &totp_code(&secret, &app, 0)).await.unwrap_err(), Code::WrongCredentials);
}

async fn removing_the_second_factor_requires_a_recent_password(app: TestApp) {
    let ada = app.create_user("ada").await;
    enable_second_factor(&app, &ada).await;
    app.clock.advance(15 * 60_000);
    for refused in [
        app.service.remove_second_factor(&ada).await.err(),
        app.service.renew_recovery_codes(&ada).await.err(),
        app.service.begin_second_factor(&ada).await.err(),
    ] {
        assert_eq!(refused.unwrap().code, Code::PasswordRequired);
    }
    let password = protocol::command::ConfirmPassword { password: PASSWORD.into() };
    app.service.confirm_password(&ada, password).await.unwrap();
    app.service.remove_second_factor(&ada).await.unwrap();
    log_in(&app, None).await.unwrap();
    let state = app.service.get_second_factor(&ada).await.unwrap();
    assert!(!state.enabled && state.recovery_codes_left == 0);
    assert_eq!(app.service.renew_recovery_codes(&ada).await.err().unwrap().code, Code::NotFound);
}

async fn an_administrator_can_remove_a_lost_second_factor(app: TestApp) {
    let admin = app.create_user("admin").await;
    let ada = app.create_user("ada").await;
    enable_second_factor(&app, &ada).await;
    assert_eq!(log_in(&app, None).await.unwrap_err(), Code::TotpRequired);
    assert!(app.service.get_account(&admin, ada.user_id).await.unwrap().second_factor);
    assert_eq!(app.service.remove_account_second_factor(&ada, admin.user_id).await.unwrap_err().code, Code::Forbidden);
    let token = Caller { access: Access::Admin, ..admin };
    assert_eq!(app.service.remove_account_second_factor(&token, ada.user_id).await.unwrap_err().code, Code::Forbidden);
    app.service.remove_account_second_factor(&admin, ada.user_id).await.unwrap();
    app.service.remove_account_second_factor(&admin, ada.user_id).await.unwrap();
    log_in(&app, None).await.unwrap();
    assert!(!app.service.get_account(&admin, ada.user_id).await.unwrap().second_factor);
    let page = PageQuery { limit: 10, cursor: None };
    let notifications = app.service.list_notifications(&ada, page).await.unwrap().items;
    let count = notifications.iter().filter(|one| one.data["change"] == "removed_by_admin").count();
    assert_eq!(count, 1, "{notifications:?}");
    app.clock.advance(16 * 60_000);
    assert_eq!(
        app.service.remove_account_second_factor(&admin, ada.user_id).await.unwrap_err().code,
        Code::PasswordRequired
    );
}

async fn of_two_concurrent_confirmations_one_succeeds(app: TestApp) {
    let ada = app.create_user("ada").await;
    let other = if app.settings.database_url.is_some() { app.start_node().await } else { app.service.clone() };
    for _ in 0..10 {
        let setup = app.service.begin_second_factor(&ada).await.unwrap();
        let code = || ConfirmFactor { code: totp_code(&setup.secret, &app, 0) };
        let (one, two) =
            tokio::join!(app.service.confirm_second_factor(&ada, code()), other.confirm_second_factor(&ada, code()));
        let codes: Vec<_> = [&one, &two].into_iter().filter_map(|done| done.as_ref().ok()).collect();
        assert_eq!(codes.len(), 1, "{:?}", [one.as_ref().err(), two.as_ref().err()]);
        assert_eq!(app.count("select count(*) from recovery_codes").await, 10);
        // The recovery codes of the successful confirmation are the valid ones.
        app.clock.advance(60_000);
        log_in(&app, Some(&codes[0].codes[0])).await.unwrap();
        app.service.remove_second_factor(&ada).await.unwrap();
        app.clock.advance(30_000);
        app.execute("update sessions set authenticated_at = 9000000000000").await;
    }
    assert_eq!(app.deadlocks().await, 0);
}

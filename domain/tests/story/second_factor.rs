use crate::world::PASSWORD;
use crate::world::TestApp;
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

/// What an authenticator app shows, by a second hand.
fn totp_code(secret: &str, w: &TestApp, steps: i64) -> String {
    let value = |c: u8| if c.is_ascii_digit() { c - b'2' + 26 } else { c - b'A' };
    let bits: Vec<_> = secret.bytes().map(|c| format!("{:05b}", value(c))).collect();
    let bits = bits.concat();
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect();
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(&bytes).unwrap();
    mac.update(&(w.clock.now().0 / 30_000 + steps).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let place = usize::from(digest[19] & 15);
    let word = u32::from_be_bytes(digest[place..place + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

async fn log_in(w: &TestApp, totp: Option<&str>) -> Result<Tokens, Code> {
    let command = Login { login: "ada".into(), password: PASSWORD.into(), totp: totp.map(Into::into) };
    w.service.login(&Client::default(), command).await.map_err(|error| error.code)
}

/// A code of six digits that is not one of now.
fn wrong_code(secret: &str, w: &TestApp) -> String {
    let near: Vec<_> = (-2..=2).map(|steps| totp_code(secret, w, steps)).collect();
    (0..10).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).unwrap()
}

/// Sets one up, and puts the clock forward so that the next code is a new one.
async fn enable_second_factor(w: &TestApp, ada: &Caller) -> (String, Vec<String>) {
    let setup = w.service.begin_factor(ada).await.unwrap();
    let code = ConfirmFactor { code: totp_code(&setup.secret, w, 0) };
    let codes = w.service.confirm_factor(ada, code).await.unwrap().codes;
    w.clock.advance(60_000);
    (setup.secret, codes)
}

async fn a_second_factor_is_required_once_confirmed(w: TestApp) {
    let ada = w.create_user("ada").await;
    assert!(!w.service.second_factor(&ada).await.unwrap().enabled);
    let nothing = ConfirmFactor { code: "123456".into() };
    assert_eq!(w.service.confirm_factor(&ada, nothing).await.err().unwrap().code, Code::NotFound);
    let first = w.service.begin_factor(&ada).await.unwrap();
    let setup = w.service.begin_factor(&ada).await.unwrap();
    assert_ne!(first.secret, setup.secret);
    assert!(setup.otpauth_url.contains(&setup.secret) && setup.qr_svg.contains("<svg"), "{}", setup.otpauth_url);
    assert_eq!(w.service.pending_factor(&ada).await.unwrap().unwrap().secret, setup.secret);
    log_in(&w, None).await.unwrap();
    for bad in [wrong_code(&setup.secret, &w), totp_code(&first.secret, &w, 0), "words".into(), String::new()] {
        let error = w.service.confirm_factor(&ada, ConfirmFactor { code: bad }).await.err().unwrap();
        assert_eq!((error.code, error.errors[0].field.as_str()), (Code::Invalid, "code"));
    }
    let code = totp_code(&setup.secret, &w, 0);
    let spaced = ConfirmFactor { code: format!(" {} {} ", &code[..3], &code[3..]) };
    let codes = w.service.confirm_factor(&ada, spaced).await.unwrap().codes;
    assert_eq!(codes.len(), 10);
    let state = w.service.second_factor(&ada).await.unwrap();
    assert!(state.enabled && state.recovery_codes_left == 10);
    assert!(w.service.pending_factor(&ada).await.unwrap().is_none());
    assert_eq!(w.service.begin_factor(&ada).await.err().unwrap().code, Code::FactorExists);
    assert_eq!(log_in(&w, None).await.unwrap_err(), Code::TotpRequired);
    assert_eq!(log_in(&w, Some(" ")).await.unwrap_err(), Code::TotpRequired);
    // Who does not know the password is not told that there is a second factor.
    let command = Login { login: "ada".into(), password: "wrong password".into(), totp: None };
    assert_eq!(w.service.login(&Client::default(), command).await.unwrap_err().code, Code::WrongCredentials);
    let notifications = w.service.notifications(&ada, PageQuery { limit: 10, cursor: None }).await.unwrap().items;
    assert!(notifications.iter().any(|one| one.kind == "second_factor_changed"), "{notifications:?}");
}

async fn a_totp_code_works_once(w: TestApp) {
    let ada = w.create_user("ada").await;
    let setup = w.service.begin_factor(&ada).await.unwrap();
    let code = totp_code(&setup.secret, &w, 0);
    w.service.confirm_factor(&ada, ConfirmFactor { code: code.clone() }).await.unwrap();
    assert_eq!(log_in(&w, Some(&code)).await.unwrap_err(), Code::WrongTotp);
    w.clock.advance(60_000);
    let next = totp_code(&setup.secret, &w, 0);
    log_in(&w, Some(&next)).await.unwrap();
    assert_eq!(log_in(&w, Some(&next)).await.unwrap_err(), Code::WrongTotp);
    // An older one that was not used is void as well.
    let before = totp_code(&setup.secret, &w, -1);
    assert_eq!(log_in(&w, Some(&before)).await.unwrap_err(), Code::WrongTotp);
    // Two at once: one is in.
    w.clock.advance(60_000);
    let code = totp_code(&setup.secret, &w, 0);
    let other = if w.settings.database_url.is_some() { w.start_node().await } else { w.service.clone() };
    let command = || Login { login: "ada".into(), password: PASSWORD.into(), totp: Some(code.clone()) };
    let client = Client::default();
    let (a, b) = tokio::join!(w.service.login(&client, command()), other.login(&client, command()));
    assert_eq!([a.is_ok(), b.is_ok()].iter().filter(|ok| **ok).count(), 1);
}

async fn guessing_codes_is_throttled_without_affecting_open_sessions(w: TestApp) {
    let ada = w.create_user("ada").await;
    let (secret, recovery) = enable_second_factor(&w, &ada).await;
    let guess = wrong_code(&secret, &w);
    for _ in 0..5 {
        assert_eq!(log_in(&w, Some(&guess)).await.unwrap_err(), Code::WrongTotp);
    }
    let right = totp_code(&secret, &w, 0);
    assert_eq!(log_in(&w, Some(&right)).await.unwrap_err(), Code::RateLimited);
    w.service.me(&ada).await.unwrap();
    // The owner has a way in all the while.
    log_in(&w, Some(&recovery[0])).await.unwrap();
    let (mut refused, mut tried) = (0, 0);
    for _ in 0..60 {
        w.clock.advance(30_000);
        match log_in(&w, Some(&wrong_code(&secret, &w))).await.unwrap_err() {
            Code::RateLimited => refused += 1,
            _ => tried += 1,
        }
    }
    assert!(tried <= 20 && refused >= 40, "{tried} {refused}");
    w.clock.advance(61 * 60_000);
    log_in(&w, Some(&totp_code(&secret, &w, 0))).await.unwrap();
}

async fn each_recovery_code_works_once(w: TestApp) {
    let ada = w.create_user("ada").await;
    let (_, codes) = enable_second_factor(&w, &ada).await;
    let sloppy = codes[0].to_lowercase().replace('-', " ");
    log_in(&w, Some(&sloppy)).await.unwrap();
    assert_eq!(log_in(&w, Some(&codes[0])).await.unwrap_err(), Code::WrongTotp);
    assert_eq!(w.service.second_factor(&ada).await.unwrap().recovery_codes_left, 9);
    let notifications = w.service.notifications(&ada, PageQuery { limit: 10, cursor: None }).await.unwrap().items;
    assert!(notifications[0].text.contains("recovery code"), "{:?}", notifications[0]);
    let new = w.service.renew_recovery_codes(&ada).await.unwrap().codes;
    assert_eq!(log_in(&w, Some(&codes[1])).await.unwrap_err(), Code::WrongTotp);
    log_in(&w, Some(&new[1])).await.unwrap();
}

async fn the_second_login_step_requires_the_first(w: TestApp) {
    let ada = w.create_user("ada").await;
    let client = Client::default();
    let command = || Login { login: "ada".into(), password: PASSWORD.into(), totp: None };
    assert!(matches!(w.service.begin_login(&client, command()).await, Ok(LoginStep::Done(_))));
    let (secret, _) = enable_second_factor(&w, &ada).await;
    let Ok(LoginStep::TotpRequired(step)) = w.service.begin_login(&client, command()).await else { panic!("no step") };
    // It proves the password, and is no sign-in.
    assert_eq!(w.service.authenticate(&step).await.unwrap_err().code, Code::NotSignedIn);
    let finish = async |step: &str, code: &str| {
        w.service.finish_login(&client, step, code.into()).await.map_err(|error| error.code)
    };
    let access =
        w.service.authenticate(&finish(&step, &totp_code(&secret, &w, 0)).await.unwrap().access_token).await.unwrap();
    assert_eq!(access.user_id, ada.user_id);
    assert_eq!(finish(&step, "").await.unwrap_err(), Code::TotpRequired);
    assert_eq!(finish(&step, &wrong_code(&secret, &w)).await.unwrap_err(), Code::WrongTotp);
    w.clock.advance(60_000);
    let code = totp_code(&secret, &w, 0);
    let session = w.register("mara").await.access_token;
    for forged in ["", "x", &step[..step.len() - 2], &session] {
        assert_eq!(finish(forged, &code).await.unwrap_err(), Code::WrongCredentials, "{forged}");
    }
    w.clock.advance(5 * 60_000);
    assert_eq!(finish(&step, &totp_code(&secret, &w, 0)).await.unwrap_err(), Code::WrongCredentials);
}

async fn removing_the_second_factor_requires_a_recent_password(w: TestApp) {
    let ada = w.create_user("ada").await;
    enable_second_factor(&w, &ada).await;
    w.clock.advance(15 * 60_000);
    for refused in [
        w.service.remove_factor(&ada).await.err(),
        w.service.renew_recovery_codes(&ada).await.err(),
        w.service.begin_factor(&ada).await.err(),
    ] {
        assert_eq!(refused.unwrap().code, Code::PasswordRequired);
    }
    let password = protocol::command::ConfirmPassword { password: PASSWORD.into() };
    w.service.confirm_password(&ada, password).await.unwrap();
    w.service.remove_factor(&ada).await.unwrap();
    log_in(&w, None).await.unwrap();
    let state = w.service.second_factor(&ada).await.unwrap();
    assert!(!state.enabled && state.recovery_codes_left == 0);
    assert_eq!(w.service.renew_recovery_codes(&ada).await.err().unwrap().code, Code::NotFound);
}

async fn an_administrator_can_remove_a_lost_second_factor(w: TestApp) {
    let admin = w.create_user("keeper").await;
    let ada = w.create_user("ada").await;
    enable_second_factor(&w, &ada).await;
    assert_eq!(log_in(&w, None).await.unwrap_err(), Code::TotpRequired);
    assert!(w.service.account(&admin, ada.user_id).await.unwrap().second_factor);
    assert_eq!(w.service.remove_factor_of(&ada, admin.user_id).await.unwrap_err().code, Code::Forbidden);
    let token = Caller { access: Access::Admin, ..admin };
    assert_eq!(w.service.remove_factor_of(&token, ada.user_id).await.unwrap_err().code, Code::Forbidden);
    w.service.remove_factor_of(&admin, ada.user_id).await.unwrap();
    w.service.remove_factor_of(&admin, ada.user_id).await.unwrap();
    log_in(&w, None).await.unwrap();
    assert!(!w.service.account(&admin, ada.user_id).await.unwrap().second_factor);
    let page = PageQuery { limit: 10, cursor: None };
    let notifications = w.service.notifications(&ada, page).await.unwrap().items;
    let count = notifications.iter().filter(|one| one.data["change"] == "removed_by_admin").count();
    assert_eq!(count, 1, "{notifications:?}");
    w.clock.advance(16 * 60_000);
    assert_eq!(w.service.remove_factor_of(&admin, ada.user_id).await.unwrap_err().code, Code::PasswordRequired);
}

async fn of_two_concurrent_confirmations_one_succeeds(w: TestApp) {
    let ada = w.create_user("ada").await;
    let other = if w.settings.database_url.is_some() { w.start_node().await } else { w.service.clone() };
    for _ in 0..10 {
        let setup = w.service.begin_factor(&ada).await.unwrap();
        let code = || ConfirmFactor { code: totp_code(&setup.secret, &w, 0) };
        let (one, two) = tokio::join!(w.service.confirm_factor(&ada, code()), other.confirm_factor(&ada, code()));
        let codes: Vec<_> = [&one, &two].into_iter().filter_map(|done| done.as_ref().ok()).collect();
        assert_eq!(codes.len(), 1, "{:?}", [one.as_ref().err(), two.as_ref().err()]);
        assert_eq!(w.count("select count(*) from recovery_codes").await, 10);
        // Those of the one who was told so are the ones that count.
        w.clock.advance(60_000);
        log_in(&w, Some(&codes[0].codes[0])).await.unwrap();
        w.service.remove_factor(&ada).await.unwrap();
        w.clock.advance(30_000);
        w.execute("update sessions set authenticated_at = 9000000000000").await;
    }
    assert_eq!(w.deadlocks().await, 0);
}

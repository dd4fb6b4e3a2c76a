use crate::harness::{PASSWORD, TestApp};
use domain::{Service, ServiceOptions};
use hmac::{Hmac, KeyInit, Mac};
use protocol::{
    command::{ConfirmFactor, CreateToken, Login, ProveFactor},
    error::Code,
    page::PageQuery,
    port::prelude::*,
    session::{Access, Caller, Client, LoginStep, Scope, Tokens},
};
use sha1::Sha1;

on_both_databases! {
    a_second_factor_is_required_once_confirmed
    a_totp_code_works_once
    guessing_codes_is_throttled_without_affecting_open_sessions
    each_recovery_code_works_once
    of_two_concurrent_confirmations_one_succeeds
    the_second_login_step_requires_the_first
    removing_the_second_factor_requires_a_recent_password_and_a_code
    a_code_that_was_used_or_guessed_does_not_remove_the_second_factor
    turning_it_on_can_end_the_other_sessions
    secrets_are_sealed_and_those_of_an_earlier_version_too
    the_server_does_not_start_with_another_data_key
    recovery_codes_of_an_earlier_version_still_work
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

fn confirm(code: String) -> ConfirmFactor {
    ConfirmFactor { code, end_other_sessions: false }
}

fn prove(code: impl Into<String>) -> ProveFactor {
    ProveFactor { code: code.into() }
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
    let code = confirm(totp_code(&setup.secret, app, 0));
    let codes = app.service.confirm_second_factor(ada, code).await.unwrap().codes;
    app.clock.advance(60_000);
    (setup.secret, codes)
}

async fn a_second_factor_is_required_once_confirmed(app: TestApp) {
    let ada = app.create_user("ada").await;
    assert!(!app.service.get_second_factor(&ada).await.unwrap().enabled);
    let nothing = confirm("123456".into());
    assert_eq!(app.service.confirm_second_factor(&ada, nothing).await.err().unwrap().code, Code::NotFound);
    let first = app.service.begin_second_factor(&ada).await.unwrap();
    let setup = app.service.begin_second_factor(&ada).await.unwrap();
    assert_ne!(first.secret, setup.secret);
    assert!(
        setup.otpauth_url.starts_with("otpauth://totp/Lair%20Chat:ada%40chat.example.org?"),
        "{}",
        setup.otpauth_url
    );
    assert!(setup.otpauth_url.contains(&setup.secret) && setup.qr_svg.contains("<svg"), "{}", setup.otpauth_url);
    assert_eq!(app.service.get_pending_second_factor(&ada).await.unwrap().unwrap().secret, setup.secret);
    log_in(&app, None).await.unwrap();
    for bad in [wrong_code(&setup.secret, &app), totp_code(&first.secret, &app, 0), "words".into(), String::new()] {
        let error = app.service.confirm_second_factor(&ada, confirm(bad)).await.err().unwrap();
        assert_eq!((error.code, error.errors[0].field.as_str()), (Code::Invalid, "code"));
    }
    let code = totp_code(&setup.secret, &app, 0);
    // As a Japanese keyboard writes it.
    let wide = |digit: char| char::from_u32(u32::from(digit) + 0xfee0).unwrap();
    let code: String = code.chars().map(wide).collect();
    let (one, other) = code.split_at(3 * '０'.len_utf8());
    let with_spaces = confirm(format!(" {one}\u{3000}{other}\u{200b}"));
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
    app.service.confirm_second_factor(&ada, confirm(code.clone())).await.unwrap();
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
    let lowercase = codes[0].to_lowercase().replace('-', "ー").replace('a', "ａ").replace('2', "２");
    log_in(&app, Some(&lowercase)).await.unwrap();
    assert_eq!(log_in(&app, Some(&codes[0])).await.unwrap_err(), Code::WrongTotp);
    assert_eq!(app.service.get_second_factor(&ada).await.unwrap().recovery_codes_left, 9);
    let notifications =
        app.service.list_notifications(&ada, PageQuery { limit: 10, cursor: None }).await.unwrap().items;
    assert!(notifications[0].text.contains("recovery code"), "{:?}", notifications[0]);
    let new = app.service.renew_recovery_codes(&ada, prove(&codes[2])).await.unwrap().codes;
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

async fn removing_the_second_factor_requires_a_recent_password_and_a_code(app: TestApp) {
    let ada = app.create_user("ada").await;
    let (secret, _) = enable_second_factor(&app, &ada).await;
    app.clock.advance(15 * 60_000);
    let code = totp_code(&secret, &app, 0);
    for refused in [
        app.service.remove_second_factor(&ada, prove(&code)).await.err(),
        app.service.renew_recovery_codes(&ada, prove(&code)).await.err(),
        app.service.begin_second_factor(&ada).await.err(),
    ] {
        assert_eq!(refused.unwrap().code, Code::PasswordRequired);
    }
    let password = protocol::command::ConfirmPassword { password: PASSWORD.into() };
    app.service.confirm_password(&ada, password).await.unwrap();
    app.service.remove_second_factor(&ada, prove(&code)).await.unwrap();
    log_in(&app, None).await.unwrap();
    let state = app.service.get_second_factor(&ada).await.unwrap();
    assert!(!state.enabled && state.recovery_codes_left == 0);
    assert_eq!(app.service.renew_recovery_codes(&ada, prove(code)).await.err().unwrap().code, Code::NotFound);
    // Without a second factor there is nothing to prove.
    app.service.begin_second_factor(&ada).await.unwrap();
    app.service.remove_second_factor(&ada, prove("")).await.unwrap();
    assert!(app.service.get_pending_second_factor(&ada).await.unwrap().is_none());
}

async fn a_code_that_was_used_or_guessed_does_not_remove_the_second_factor(app: TestApp) {
    let ada = app.create_user("ada").await;
    let (secret, codes) = enable_second_factor(&app, &ada).await;
    let used = totp_code(&secret, &app, 0);
    log_in(&app, Some(&used)).await.unwrap();
    for (code, expected) in [("", "required"), (" ", "required"), (&used, "invalid"), ("nonsense", "invalid")] {
        for error in [
            app.service.remove_second_factor(&ada, prove(code)).await.err().unwrap(),
            app.service.renew_recovery_codes(&ada, prove(code)).await.err().unwrap(),
        ] {
            let field = &error.errors[0];
            assert_eq!((error.code, field.field.as_str(), field.code.as_str()), (Code::Invalid, "code", expected));
        }
    }
    let state = app.service.get_second_factor(&ada).await.unwrap();
    assert!(state.enabled && state.recovery_codes_left == 10);
    // Guesses here and at sign-in are counted together.
    for _ in 0..5 {
        let guess = wrong_code(&secret, &app);
        if app.service.remove_second_factor(&ada, prove(guess)).await.unwrap_err().code == Code::RateLimited {
            break;
        }
    }
    app.clock.advance(30_000);
    assert_eq!(log_in(&app, Some(&totp_code(&secret, &app, 0))).await.unwrap_err(), Code::RateLimited);
    app.service.remove_second_factor(&ada, prove(&codes[0])).await.unwrap();
    log_in(&app, None).await.unwrap();
}

async fn turning_it_on_can_end_the_other_sessions(app: TestApp) {
    let ada = app.create_user("ada").await;
    let other = app.login("ada").await;
    let token = CreateToken { label: "a script".into(), scope: Scope::Read, expires_at: None };
    let token = app.service.create_token(&ada, token, None).await.unwrap().value.token.unwrap();
    for (end_other_sessions, remain) in [(false, true), (true, false)] {
        let setup = app.service.begin_second_factor(&ada).await.unwrap();
        let command = ConfirmFactor { code: totp_code(&setup.secret, &app, 0), end_other_sessions };
        let codes = app.service.confirm_second_factor(&ada, command).await.unwrap().codes;
        assert_eq!(app.service.authenticate(&other.access_token).await.is_ok(), remain);
        app.service.me(&ada).await.unwrap();
        app.service.authenticate(&token).await.unwrap();
        app.service.remove_second_factor(&ada, prove(&codes[0])).await.unwrap();
    }
    let own = app.service.list_sessions(&ada, PageQuery { limit: 10, cursor: None }).await.unwrap().items;
    assert_eq!(own.iter().map(|session| session.id).collect::<Vec<_>>(), [ada.session_id]);
}

async fn secrets_are_sealed_and_those_of_an_earlier_version_too(app: TestApp) {
    let ada = app.create_user("ada").await;
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    enable_second_factor(&app, &ada).await;
    assert_eq!(app.count("select count(*) from second_factors where length(secret) = 61").await, 1);
    // 12345678901234567890
    let hex = "3132333435363738393031323334353637383930";
    let literal = if app.settings.database_url.is_some() { format!("'\\x{hex}'") } else { format!("x'{hex}'") };
    app.execute(&format!("update second_factors set secret = {literal}")).await;
    app.service.stop().await;
    let service = app.start_node().await;
    assert_eq!(app.count("select count(*) from second_factors where length(secret) = 61").await, 1);
    let command = |code| Login { login: "ada".into(), password: PASSWORD.into(), totp: Some(code) };
    service.login_user(&Client::default(), command(totp_code(secret, &app, 0))).await.unwrap();
    let key = app.settings.data_dir.join("data.key");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(key).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

async fn the_server_does_not_start_with_another_data_key(app: TestApp) {
    let start =
        async |settings| Service::start_at(settings, app.clock.clone()).await.err().map(|error| error.to_string());
    let other =
        ServiceOptions { data_key: Some("another secret of the tests, as long".into()), ..app.settings.clone() };
    // Also before anything is sealed: a second node would seal with its own key.
    let error = start(other.clone()).await.expect("an error");
    assert!(error.starts_with("data-key:"), "{error}");
    let ada = app.create_user("ada").await;
    let (secret, _) = enable_second_factor(&app, &ada).await;
    app.service.stop().await;
    let error = start(other).await.expect("an error");
    assert!(error.starts_with("data-key:") && error.contains("data.key"), "{error}");
    let path = app.settings.data_dir.join("data.key");
    let key = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let error = start(app.settings.clone()).await.expect("an error");
    assert!(error.contains("is missing") && !path.exists(), "{error}");
    // With the key from the backup, the codes work again; also as a setting, for other nodes.
    let given = ServiceOptions { data_key: Some(String::from_utf8(key).unwrap()), ..app.settings.clone() };
    let service = Service::start_at(given, app.clock.clone()).await.unwrap();
    let command = Login { login: "ada".into(), password: PASSWORD.into(), totp: Some(totp_code(&secret, &app, 0)) };
    service.login_user(&Client::default(), command).await.unwrap();
    assert!(!path.exists());
}

async fn recovery_codes_of_an_earlier_version_still_work(app: TestApp) {
    let ada = app.create_user("ada").await;
    let (_, codes) = enable_second_factor(&app, &ada).await;
    let bits: Vec<_> = codes.iter().map(|code| code.replace('-', "").len() * 5).collect();
    assert!(bits.iter().all(|bits| *bits >= 112), "{bits:?}");
    // SHA-256 of ABCDEFGHIJKLMNOP, 80 bits.
    let hash = "e7e8b89c2721d290cc5f55425491ecd6831355e91063f20b39c22f9ec6a71f91";
    let literal = if app.settings.database_url.is_some() { format!("'\\x{hash}'") } else { format!("x'{hash}'") };
    app.execute(&format!("insert into recovery_codes (user_id, hash) select id, {literal} from users")).await;
    log_in(&app, Some("abcd-efgh-ijkl-mnop")).await.unwrap();
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
        let code = || confirm(totp_code(&setup.secret, &app, 0));
        let (one, two) =
            tokio::join!(app.service.confirm_second_factor(&ada, code()), other.confirm_second_factor(&ada, code()));
        let codes: Vec<_> = [&one, &two].into_iter().filter_map(|done| done.as_ref().ok()).collect();
        assert_eq!(codes.len(), 1, "{:?}", [one.as_ref().err(), two.as_ref().err()]);
        assert_eq!(app.count("select count(*) from recovery_codes").await, 10);
        // The recovery codes of the successful confirmation are the valid ones.
        app.clock.advance(60_000);
        log_in(&app, Some(&codes[0].codes[0])).await.unwrap();
        app.service.remove_second_factor(&ada, prove(&codes[0].codes[1])).await.unwrap();
        app.clock.advance(30_000);
        app.execute("update sessions set authenticated_at = 9000000000000").await;
    }
    assert_eq!(app.deadlocks().await, 0);
}

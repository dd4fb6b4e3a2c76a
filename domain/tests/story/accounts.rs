use crate::harness::{PASSWORD, TestApp, register_command, texts};
use domain::{ClientKind, CloseReason, Service};
use protocol::{
    command::{Login, Register},
    error::Code,
    id::ClientId,
    port::prelude::*,
    session::Client,
    user::Role,
};

on_both_databases! {
    the_first_account_is_an_administrator
    the_first_account_of_a_public_server_requires_the_setup_code
    usernames_and_emails_are_unique_regardless_of_case
    usernames_are_unique_across_unicode_spellings
    a_weak_password_is_rejected_together_with_all_other_field_errors
    concurrent_registrations_of_one_username_create_one_account
    a_repeated_registration_creates_no_second_account
    repeated_registrations_count_as_password_attempts
    a_registration_can_be_repeated_for_ten_minutes_only
    login_accepts_username_or_email
    tokens_and_sessions_expire
    logout_ends_the_session_everywhere_at_once
    failed_logins_increase_the_wait
    a_clock_that_is_set_back_does_not_extend_the_wait
    failed_logins_do_not_lock_out_known_networks
    failed_logins_do_not_lock_out_a_known_device
    failed_logins_of_unknown_usernames_are_throttled_alike
    throttling_a_username_does_not_reveal_its_email
    password_confirmation_is_throttled
}

fn login(name: &str, password: &str) -> Login {
    Login { login: name.into(), password: password.into(), totp: None }
}

async fn the_first_account_is_an_administrator(app: TestApp) {
    assert!(!app.service.has_accounts().await.unwrap());
    assert_eq!(app.register("ada").await.user.role, Role::Admin);
    assert_eq!(app.register("mara").await.user.role, Role::Member);
    assert!(app.service.has_accounts().await.unwrap());
}

async fn the_first_account_of_a_public_server_requires_the_setup_code(mut app: TestApp) {
    app.settings.setup_code = Some("warm-hearth".into());
    let service: std::sync::Arc<Service> = app.start_node().await;
    let code = |code: Option<&str>| Register { setup_code: code.map(Into::into), ..register_command("ada") };
    for wrong in [None, Some("cold-hearth"), Some("")] {
        let error = service.register_user(&Client::default(), code(wrong), None).await.unwrap_err();
        assert_eq!(error.code, Code::SetupCodeRequired);
    }
    service.register_user(&Client::default(), code(Some("warm-hearth")), None).await.unwrap();
    service.register_user(&Client::default(), register_command("mara"), None).await.unwrap();
}

async fn usernames_and_emails_are_unique_regardless_of_case(app: TestApp) {
    app.register("Tomás").await;
    let error = app.service.register_user(&Client::default(), register_command("tomÁs"), None).await.unwrap_err();
    assert_eq!((error.code, error.errors[0].field.as_str()), (Code::UsernameTaken, "username"));
    let with_address = |name| Register { email: Some("Hi@Example.org".into()), ..register_command(name) };
    app.service.register_user(&Client::default(), with_address("mara"), None).await.unwrap();
    let error = app.service.register_user(&Client::default(), with_address("yuki"), None).await.unwrap_err();
    assert_eq!(error.code, Code::EmailTaken);
    assert_eq!(
        app.service.login_user(&Client::default(), login("yuki", PASSWORD)).await.unwrap_err().code,
        Code::WrongCredentials
    );
}

async fn usernames_are_unique_across_unicode_spellings(app: TestApp) {
    app.register("ﬁnn_straße").await;
    for same in ["FINN_STRASSE", "ｆｉｎｎ_strasse", "fInn_Straße"] {
        let error = app.service.register_user(&Client::default(), register_command(same), None).await.unwrap_err();
        assert_eq!(error.code, Code::UsernameTaken, "{same}");
        app.service.login_user(&Client::default(), login(same, PASSWORD)).await.unwrap();
    }
    app.register("toma\u{301}s").await;
    assert_eq!(
        app.service.login_user(&Client::default(), login("TOMÁS", PASSWORD)).await.unwrap().user.username,
        "tomás"
    );
}

async fn a_weak_password_is_rejected_together_with_all_other_field_errors(app: TestApp) {
    let weak = |username: &str, password: &str| Register { password: password.into(), ..register_command(username) };
    let field_errors = async |command| {
        let error = app.service.register_user(&Client::default(), command, None).await.unwrap_err();
        error.errors.into_iter().map(|error| (error.field, error.code)).collect::<Vec<_>>()
    };
    let pair = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    assert_eq!(field_errors(weak("mara", "password1234")).await, [pair("password", "too_weak")]);
    assert_eq!(field_errors(weak("mara.okafor", "Mara.Okafor1")).await, [pair("password", "too_weak")]);
    assert_eq!(
        field_errors(weak("m", "lair-chat")).await,
        [pair("username", "too_short"), pair("password", "too_weak")]
    );
    assert_eq!(field_errors(weak("mara", "short")).await, [pair("password", "too_short")]);
}

async fn concurrent_registrations_of_one_username_create_one_account(app: TestApp) {
    let client = Client::default();
    let other = if app.settings.database_url.is_some() { app.start_node().await } else { app.service.clone() };
    let (a, b) = tokio::join!(
        app.service.register_user(&client, register_command("ada"), None),
        other.register_user(&client, register_command("Ada"), None)
    );
    assert_eq!([a.is_ok(), b.is_ok()].iter().filter(|ok| **ok).count(), 1);
    assert_eq!(a.err().or(b.err()).unwrap().code, Code::UsernameTaken);
}

async fn a_repeated_registration_creates_no_second_account(app: TestApp) {
    let key = Some(ClientId("first-try".into()));
    let first = app.service.register_user(&Client::default(), register_command("ada"), key.clone()).await.unwrap();
    let again = app.service.register_user(&Client::default(), register_command("ada"), key.clone()).await.unwrap();
    assert!(first.new && !again.new);
    assert_eq!(first.value.user.id, again.value.user.id);
    let guess = Register { password: "not the password".into(), ..register_command("ada") };
    assert_eq!(app.service.register_user(&Client::default(), guess, key).await.unwrap_err().code, Code::UsernameTaken);
}

async fn repeated_registrations_count_as_password_attempts(app: TestApp) {
    let repeat = async |password: &str| {
        let command = Register { password: password.into(), ..register_command("ada") };
        app.service.register_user(&client_from("192.0.2.1"), command, Some(ClientId("first".into()))).await
    };
    repeat(PASSWORD).await.unwrap();
    for _ in 0..3 {
        assert_eq!(repeat("a wrong one of mine").await.unwrap_err().code, Code::UsernameTaken);
    }
    assert_eq!(repeat(PASSWORD).await.unwrap_err().code, Code::RateLimited);
    // Registrations and logins count as attempts together.
    let signed_in = app.service.login_user(&client_from("192.0.2.1"), login("ada", PASSWORD)).await;
    assert_eq!(signed_in.unwrap_err().code, Code::RateLimited);
    app.clock.advance(1_000);
    assert!(!repeat(PASSWORD).await.unwrap().new);
}

async fn a_registration_can_be_repeated_for_ten_minutes_only(app: TestApp) {
    let repeat = async |password: &str| {
        let command = Register { password: password.into(), ..register_command("ada") };
        app.service.register_user(&client_from("192.0.2.1"), command, Some(ClientId("first".into()))).await
    };
    repeat(PASSWORD).await.unwrap();
    app.clock.advance(9 * 60_000);
    assert!(!repeat(PASSWORD).await.unwrap().new);
    app.clock.advance(60_000);
    // After that, the username is taken whatever the password is, and nothing is counted.
    for password in [PASSWORD, "a wrong one of mine", PASSWORD, "a wrong one of mine", PASSWORD, PASSWORD] {
        assert_eq!(repeat(password).await.unwrap_err().code, Code::UsernameTaken);
    }
    app.service.login_user(&client_from("192.0.2.1"), login("ada", PASSWORD)).await.unwrap();
}

async fn login_accepts_username_or_email(app: TestApp) {
    let command = Register { email: Some("ada@example.org".into()), ..register_command("Ada") };
    app.service.register_user(&Client::default(), command, None).await.unwrap();
    for name in ["ada", "ADA", " Ada@example.org "] {
        app.service.login_user(&Client::default(), login(name, PASSWORD)).await.unwrap();
    }
    for (name, password) in [("ada", "wrong password"), ("nobody", PASSWORD), ("ada", &"x".repeat(100_000)), ("", "")] {
        let error = app.service.login_user(&Client::default(), login(name, password)).await.unwrap_err();
        assert_eq!(error.code, Code::WrongCredentials);
    }
}

async fn tokens_and_sessions_expire(app: TestApp) {
    let tokens = app.register("ada").await;
    app.clock.advance(14 * 60_000);
    app.service.authenticate(&tokens.access_token).await.unwrap();
    app.clock.advance(2 * 60_000);
    assert_eq!(app.service.authenticate(&tokens.access_token).await.unwrap_err().code, Code::NotSignedIn);
    app.clock.advance(31 * 24 * 60 * 60_000);
    let error = app.service.refresh(&Client::default(), &tokens.refresh_token, ClientKind::Api).await.unwrap_err();
    assert_eq!(error.code, Code::InvalidRefreshToken);
}

async fn logout_ends_the_session_everywhere_at_once(app: TestApp) {
    let tokens = app.register("ada").await;
    let caller = app.service.authenticate(&tokens.access_token).await.unwrap();
    let mut listener = app.service.subscribe(&caller, None).await.unwrap();
    app.service.logout_user(&caller).await.unwrap();
    assert_eq!(app.service.authenticate(&tokens.access_token).await.unwrap_err().code, Code::NotSignedIn);
    let mut frames = Vec::new();
    let closed = loop {
        if let Err(closed) = listener.next(&mut frames).await {
            break closed;
        }
    };
    assert_eq!(closed, CloseReason::SessionEnded);
    let last_frame = texts(&frames).pop().unwrap();
    assert!(last_frame.contains("session.ended"), "{last_frame}");
    assert!(app.service.subscribe(&caller, None).await.is_err());
}

fn client_from(ip: &str) -> Client {
    Client { ip: ip.into(), ..Client::default() }
}

async fn failed_logins_increase_the_wait(app: TestApp) {
    app.register("ada").await;
    let attempt =
        async |password: &str| app.service.login_user(&client_from("192.0.2.1"), login("ada", password)).await;
    for _ in 0..3 {
        assert_eq!(attempt("a wrong one").await.unwrap_err().code, Code::WrongCredentials);
    }
    for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
        let error = attempt(PASSWORD).await.unwrap_err();
        assert_eq!((error.code, error.retry_after), (Code::RateLimited, Some(wait)));
        // An attempt made too early does not extend the wait.
        assert_eq!(attempt("a wrong one").await.unwrap_err().retry_after, Some(wait));
        app.clock.advance(i64::from(wait) * 1000);
        assert_eq!(attempt("a wrong one").await.unwrap_err().code, Code::WrongCredentials);
    }
    app.clock.advance(60_000);
    attempt(PASSWORD).await.unwrap();
    assert_eq!(attempt("a wrong one").await.unwrap_err().code, Code::WrongCredentials);
    attempt(PASSWORD).await.unwrap();
}

async fn a_clock_that_is_set_back_does_not_extend_the_wait(app: TestApp) {
    app.register("ada").await;
    let attempt =
        async |password: &str| app.service.login_user(&client_from("192.0.2.1"), login("ada", password)).await;
    for _ in 0..6 {
        assert_eq!(attempt("a wrong one").await.unwrap_err().code, Code::WrongCredentials);
        app.clock.advance(16_000);
    }
    assert_eq!(attempt("a wrong one").await.unwrap_err().code, Code::WrongCredentials);
    app.clock.set_back(2 * 60 * 60_000);
    let error = attempt(PASSWORD).await.unwrap_err();
    assert_eq!((error.code, error.retry_after), (Code::RateLimited, Some(16)));
    app.clock.advance(16_000);
    attempt(PASSWORD).await.unwrap();
}

async fn failed_logins_do_not_lock_out_known_networks(app: TestApp) {
    let mara = Register { email: Some("mara@example.org".into()), ..register_command("mara") };
    app.service.register_user(&client_from("2001:db8:1:2::1"), mara, None).await.unwrap();
    // Sixty addresses, each within its free attempts.
    for machine in 1..=60 {
        let guess =
            app.service.login_user(&client_from(&format!("192.0.2.{machine}")), login("mara", "a wrong one")).await;
        let code = if machine <= 50 { Code::WrongCredentials } else { Code::RateLimited };
        assert_eq!(guess.unwrap_err().code, code, "{machine}");
    }
    // From a known network, here the whole /64, Mara can still log in.
    app.service.login_user(&client_from("2001:db8:1:2::77"), login("MARA", PASSWORD)).await.unwrap();
    let stranger = app.service.login_user(&client_from("198.51.100.7"), login("mara", PASSWORD)).await.unwrap_err();
    assert_eq!((stranger.code, stranger.retry_after), (Code::RateLimited, Some(1)));
    app.clock.advance(1_000);
    app.service.login_user(&client_from("198.51.100.7"), login("mara", PASSWORD)).await.unwrap();
}

async fn failed_logins_do_not_lock_out_a_known_device(app: TestApp) {
    let browser = |device: &str| Client { device_cookie: Some(device.into()), ..client_from("192.0.2.1") };
    let known = async |name| {
        let mara = Register { email: Some(format!("{name}@example.org")), ..register_command(name) };
        app.service.register_user(&browser(""), mara, None).await.unwrap().value.device_cookie.unwrap()
    };
    let (mara_device, mallory_device) = (known("mara").await, known("mallory").await);
    let log_in =
        async |device: &str, name, password| app.service.login_user(&browser(device), login(name, password)).await;
    let refused = async |device: &str, name| log_in(device, name, PASSWORD).await.unwrap_err().code;
    // Mallory guesses continuously from the same address.
    for _ in 0..20 {
        for name in ["mara", "mara@example.org"] {
            assert!(log_in(&mallory_device, name, "a wrong one").await.is_err());
        }
        app.clock.advance(1_000);
    }
    for device in ["", &mallory_device, "0123456789abcdef0123456789abcdef", "nonsense"] {
        assert_eq!(refused(device, "mara").await, Code::RateLimited, "{device}");
    }
    for name in ["mara", "mara@example.org"] {
        log_in(&mara_device, name, PASSWORD).await.unwrap();
        // Mara's login does not reset Mallory's attempts.
        assert_eq!(refused(&mallory_device, name).await, Code::RateLimited);
    }
    // A client without a device cookie is throttled, because its user agent can be forged.
    assert_eq!(
        app.service.login_user(&client_from("192.0.2.1"), login("mara", PASSWORD)).await.unwrap_err().code,
        Code::RateLimited
    );
    // Guesses from Mara's own browser are throttled too, for username and email together.
    for name in ["mara", "mara@example.org", "mara"] {
        assert_eq!(log_in(&mara_device, name, "a wrong one").await.unwrap_err().code, Code::WrongCredentials);
    }
    assert_eq!(refused(&mara_device, "mara").await, Code::RateLimited);
    app.clock.advance(1_000);
    log_in(&mara_device, "mara", PASSWORD).await.unwrap();
}

async fn throttling_a_username_does_not_reveal_its_email(app: TestApp) {
    for (name, email) in [("ada", "ada@example.org"), ("mara", "mara@example.org")] {
        let command = Register { email: Some(email.into()), ..register_command(name) };
        app.service.register_user(&client_from("198.51.100.7"), command, None).await.unwrap();
    }
    // From many addresses, until unknown networks are throttled.
    for machine in 0..60 {
        drop(app.service.login_user(&client_from(&format!("192.0.2.{machine}")), login("ada", "a wrong one")).await);
    }
    assert_eq!(
        app.service.login_user(&client_from("203.0.113.1"), login("ada", "a wrong one")).await.unwrap_err().code,
        Code::RateLimited
    );
    for address in ["ada@example.org", "mara@example.org", "nobody@example.org"] {
        for machine in ["192.0.2.1", "203.0.113.1"] {
            let error = app.service.login_user(&client_from(machine), login(address, "a wrong one")).await.unwrap_err();
            assert_eq!((error.code, error.retry_after), (Code::WrongCredentials, None), "{address}");
        }
    }
}

async fn failed_logins_of_unknown_usernames_are_throttled_alike(app: TestApp) {
    app.register("ada").await;
    let mut outcomes = Vec::new();
    for name in ["ada", "nobody"] {
        let mut errors = Vec::new();
        for machine in 0..60 {
            for _ in 0..2 {
                let guess = app
                    .service
                    .login_user(&client_from(&format!("192.0.2.{}", machine / 2)), login(name, "wrong one"))
                    .await;
                let error = guess.unwrap_err();
                errors.push((error.code, error.detail, error.retry_after));
            }
        }
        outcomes.push(errors);
    }
    assert_eq!(outcomes[0], outcomes[1]);
}

async fn password_confirmation_is_throttled(app: TestApp) {
    let ada = app.create_user("ada").await;
    let confirm = async |password: &str| {
        let command = protocol::command::ConfirmPassword { password: password.into() };
        protocol::port::Auth::confirm_password(&*app.service, &ada, command).await
    };
    for _ in 0..3 {
        assert_eq!(confirm("a wrong one").await.unwrap_err().code, Code::PasswordRequired);
    }
    assert_eq!(confirm(PASSWORD).await.unwrap_err().code, Code::RateLimited);
    // Logging in to another session is not affected.
    app.service.login_user(&Client::default(), login("ada", PASSWORD)).await.unwrap();
    app.clock.advance(1_000);
    confirm(PASSWORD).await.unwrap();
}

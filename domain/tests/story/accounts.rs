use crate::world::{PASSWORD, World, sign_up};
use domain::{Closed, Holder, Service};
use protocol::{
    command::{Login, Register},
    error::Code,
    id::ClientId,
    port::prelude::*,
    session::Client,
    user::Role,
};

on_both_databases! {
    the_first_account_runs_the_service
    the_first_account_of_a_public_server_needs_the_code
    names_are_unique_whatever_their_case
    names_are_unique_whatever_their_spelling
    a_weak_password_is_refused_with_advice_beside_all_else_that_is_wrong
    two_people_who_want_one_name_at_once_do_not_both_get_it
    a_repeated_sign_up_makes_no_second_account
    a_repeated_sign_up_is_no_place_to_guess_from
    a_sign_up_is_repeated_for_some_minutes_only
    one_signs_in_by_name_or_address
    tokens_and_sessions_expire
    signing_out_is_immediate_everywhere
    who_guesses_waits_longer_and_longer
    who_guesses_at_a_name_keeps_only_themselves_out
    a_known_browser_comes_in_however_much_is_guessed_beside_it
    a_name_that_nobody_has_is_guessed_at_no_faster
    a_refusal_at_a_name_does_not_tell_whose_address_it_is
    a_stolen_session_is_no_place_to_guess_from
}

fn login(name: &str, password: &str) -> Login {
    Login { login: name.into(), password: password.into(), totp: None }
}

async fn the_first_account_runs_the_service(w: World) {
    assert!(!w.service.has_accounts().await.unwrap());
    assert_eq!(w.sign_up("ada").await.user.role, Role::Admin);
    assert_eq!(w.sign_up("mara").await.user.role, Role::Member);
    assert!(w.service.has_accounts().await.unwrap());
}

async fn the_first_account_of_a_public_server_needs_the_code(mut w: World) {
    w.settings.setup_code = Some("warm-hearth".into());
    let service: std::sync::Arc<Service> = w.another().await;
    let code = |code: Option<&str>| Register { setup_code: code.map(Into::into), ..sign_up("ada") };
    for wrong in [None, Some("cold-hearth"), Some("")] {
        let error = service.register(&Client::default(), code(wrong), None).await.unwrap_err();
        assert_eq!(error.code, Code::SetupCodeNeeded);
    }
    service.register(&Client::default(), code(Some("warm-hearth")), None).await.unwrap();
    service.register(&Client::default(), sign_up("mara"), None).await.unwrap();
}

async fn names_are_unique_whatever_their_case(w: World) {
    w.sign_up("Tomás").await;
    let error = w.service.register(&Client::default(), sign_up("tomÁs"), None).await.unwrap_err();
    assert_eq!((error.code, error.errors[0].field.as_str()), (Code::UsernameTaken, "username"));
    let with_address = |name| Register { email: Some("Hi@Example.org".into()), ..sign_up(name) };
    w.service.register(&Client::default(), with_address("mara"), None).await.unwrap();
    let error = w.service.register(&Client::default(), with_address("yuki"), None).await.unwrap_err();
    assert_eq!(error.code, Code::EmailTaken);
    assert_eq!(
        w.service.login(&Client::default(), login("yuki", PASSWORD)).await.unwrap_err().code,
        Code::WrongCredentials
    );
}

async fn names_are_unique_whatever_their_spelling(w: World) {
    w.sign_up("ﬁnn_straße").await;
    for same in ["FINN_STRASSE", "ｆｉｎｎ_strasse", "fInn_Straße"] {
        let error = w.service.register(&Client::default(), sign_up(same), None).await.unwrap_err();
        assert_eq!(error.code, Code::UsernameTaken, "{same}");
        w.service.login(&Client::default(), login(same, PASSWORD)).await.unwrap();
    }
    w.sign_up("toma\u{301}s").await;
    assert_eq!(w.service.login(&Client::default(), login("TOMÁS", PASSWORD)).await.unwrap().user.username, "tomás");
}

async fn a_weak_password_is_refused_with_advice_beside_all_else_that_is_wrong(w: World) {
    let weak = |username: &str, password: &str| Register { password: password.into(), ..sign_up(username) };
    let told = async |command| {
        let error = w.service.register(&Client::default(), command, None).await.unwrap_err();
        error.errors.into_iter().map(|error| (error.field, error.code)).collect::<Vec<_>>()
    };
    let pair = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    assert_eq!(told(weak("mara", "password1234")).await, [pair("password", "too_weak")]);
    assert_eq!(told(weak("mara.okafor", "Mara.Okafor1")).await, [pair("password", "too_weak")]);
    assert_eq!(told(weak("m", "lair-chat")).await, [pair("username", "too_short"), pair("password", "too_weak")]);
    assert_eq!(told(weak("mara", "short")).await, [pair("password", "too_short")]);
}

async fn two_people_who_want_one_name_at_once_do_not_both_get_it(w: World) {
    let client = Client::default();
    let other = if w.settings.database_url.is_some() { w.another().await } else { w.service.clone() };
    let (a, b) =
        tokio::join!(w.service.register(&client, sign_up("ada"), None), other.register(&client, sign_up("Ada"), None));
    assert_eq!([a.is_ok(), b.is_ok()].iter().filter(|ok| **ok).count(), 1);
    assert_eq!(a.err().or(b.err()).unwrap().code, Code::UsernameTaken);
}

async fn a_repeated_sign_up_makes_no_second_account(w: World) {
    let key = Some(ClientId("first-try".into()));
    let first = w.service.register(&Client::default(), sign_up("ada"), key.clone()).await.unwrap();
    let again = w.service.register(&Client::default(), sign_up("ada"), key.clone()).await.unwrap();
    assert!(first.new && !again.new);
    assert_eq!(first.thing.user.id, again.thing.user.id);
    let guess = Register { password: "not the password".into(), ..sign_up("ada") };
    assert_eq!(w.service.register(&Client::default(), guess, key).await.unwrap_err().code, Code::UsernameTaken);
}

async fn a_repeated_sign_up_is_no_place_to_guess_from(w: World) {
    let repeat = async |password: &str| {
        let command = Register { password: password.into(), ..sign_up("ada") };
        w.service.register(&from("192.0.2.1"), command, Some(ClientId("first".into()))).await
    };
    repeat(PASSWORD).await.unwrap();
    for _ in 0..3 {
        assert_eq!(repeat("a wrong one of mine").await.unwrap_err().code, Code::UsernameTaken);
    }
    assert_eq!(repeat(PASSWORD).await.unwrap_err().code, Code::RateLimited);
    // It is one count, whichever way the guesses come.
    let signed_in = w.service.login(&from("192.0.2.1"), login("ada", PASSWORD)).await;
    assert_eq!(signed_in.unwrap_err().code, Code::RateLimited);
    w.clock.advance(1_000);
    assert!(!repeat(PASSWORD).await.unwrap().new);
}

async fn a_sign_up_is_repeated_for_some_minutes_only(w: World) {
    let repeat = async |password: &str| {
        let command = Register { password: password.into(), ..sign_up("ada") };
        w.service.register(&from("192.0.2.1"), command, Some(ClientId("first".into()))).await
    };
    repeat(PASSWORD).await.unwrap();
    w.clock.advance(9 * 60_000);
    assert!(!repeat(PASSWORD).await.unwrap().new);
    w.clock.advance(60_000);
    // Then it is a name that is taken, whatever comes with it, and nothing that is counted.
    for password in [PASSWORD, "a wrong one of mine", PASSWORD, "a wrong one of mine", PASSWORD, PASSWORD] {
        assert_eq!(repeat(password).await.unwrap_err().code, Code::UsernameTaken);
    }
    w.service.login(&from("192.0.2.1"), login("ada", PASSWORD)).await.unwrap();
}

async fn one_signs_in_by_name_or_address(w: World) {
    let command = Register { email: Some("ada@example.org".into()), ..sign_up("Ada") };
    w.service.register(&Client::default(), command, None).await.unwrap();
    for name in ["ada", "ADA", " Ada@example.org "] {
        w.service.login(&Client::default(), login(name, PASSWORD)).await.unwrap();
    }
    for (name, password) in [("ada", "wrong password"), ("nobody", PASSWORD), ("ada", &"x".repeat(100_000)), ("", "")] {
        let error = w.service.login(&Client::default(), login(name, password)).await.unwrap_err();
        assert_eq!(error.code, Code::WrongCredentials);
    }
}

async fn tokens_and_sessions_expire(w: World) {
    let tokens = w.sign_up("ada").await;
    w.clock.advance(14 * 60_000);
    w.service.authenticate(&tokens.access_token).await.unwrap();
    w.clock.advance(2 * 60_000);
    assert_eq!(w.service.authenticate(&tokens.access_token).await.unwrap_err().code, Code::NotSignedIn);
    w.clock.advance(31 * 24 * 60 * 60_000);
    let error = w.service.refresh(&Client::default(), &tokens.refresh_token, Holder::Api).await.unwrap_err();
    assert_eq!(error.code, Code::InvalidRefreshToken);
}

async fn signing_out_is_immediate_everywhere(w: World) {
    let tokens = w.sign_up("ada").await;
    let caller = w.service.authenticate(&tokens.access_token).await.unwrap();
    let mut listener = w.service.listen(&caller, None).await.unwrap();
    w.service.logout(&caller).await.unwrap();
    assert_eq!(w.service.authenticate(&tokens.access_token).await.unwrap_err().code, Code::NotSignedIn);
    let mut frames = Vec::new();
    let closed = loop {
        if let Err(closed) = listener.next(&mut frames).await {
            break closed;
        }
    };
    assert_eq!(closed, Closed::SessionEnded);
    let told = String::from_utf8(frames.last().unwrap().to_vec()).unwrap();
    assert!(told.contains("session.ended"), "{told}");
    assert!(w.service.listen(&caller, None).await.is_err());
}

fn from(ip: &str) -> Client {
    Client { ip: ip.into(), ..Client::default() }
}

async fn who_guesses_waits_longer_and_longer(w: World) {
    w.sign_up("ada").await;
    let attempt = async |password: &str| w.service.login(&from("192.0.2.1"), login("ada", password)).await;
    for _ in 0..3 {
        assert_eq!(attempt("a wrong one").await.unwrap_err().code, Code::WrongCredentials);
    }
    for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
        let error = attempt(PASSWORD).await.unwrap_err();
        assert_eq!((error.code, error.retry_after), (Code::RateLimited, Some(wait)));
        // Asking too soon does not make it longer.
        assert_eq!(attempt("a wrong one").await.unwrap_err().retry_after, Some(wait));
        w.clock.advance(i64::from(wait) * 1000);
        assert_eq!(attempt("a wrong one").await.unwrap_err().code, Code::WrongCredentials);
    }
    w.clock.advance(60_000);
    attempt(PASSWORD).await.unwrap();
    assert_eq!(attempt("a wrong one").await.unwrap_err().code, Code::WrongCredentials);
    attempt(PASSWORD).await.unwrap();
}

async fn who_guesses_at_a_name_keeps_only_themselves_out(w: World) {
    let mara = Register { email: Some("mara@example.org".into()), ..sign_up("mara") };
    w.service.register(&from("2001:db8:1:2::1"), mara, None).await.unwrap();
    // Sixty machines, each of them within what is free.
    for machine in 1..=60 {
        let guess = w.service.login(&from(&format!("192.0.2.{machine}")), login("mara", "a wrong one")).await;
        let code = if machine <= 50 { Code::WrongCredentials } else { Code::RateLimited };
        assert_eq!(guess.unwrap_err().code, code, "{machine}");
    }
    // From where she has signed in before, nothing has changed; the whole /64 is hers.
    w.service.login(&from("2001:db8:1:2::77"), login("MARA", PASSWORD)).await.unwrap();
    let stranger = w.service.login(&from("198.51.100.7"), login("mara", PASSWORD)).await.unwrap_err();
    assert_eq!((stranger.code, stranger.retry_after), (Code::RateLimited, Some(1)));
    w.clock.advance(1_000);
    w.service.login(&from("198.51.100.7"), login("mara", PASSWORD)).await.unwrap();
}

async fn a_known_browser_comes_in_however_much_is_guessed_beside_it(w: World) {
    let browser = |device: &str| Client { device: Some(device.into()), ..from("192.0.2.1") };
    let known = async |name| {
        let mara = Register { email: Some(format!("{name}@example.org")), ..sign_up(name) };
        w.service.register(&browser(""), mara, None).await.unwrap().thing.device.unwrap()
    };
    let (hers, theirs) = (known("mara").await, known("mallory").await);
    let enter = async |device: &str, name, password| w.service.login(&browser(device), login(name, password)).await;
    let refused = async |device: &str, name| enter(device, name, PASSWORD).await.unwrap_err().code;
    // Mallory, behind the same address, never stops.
    for _ in 0..20 {
        for name in ["mara", "mara@example.org"] {
            assert!(enter(&theirs, name, "a wrong one").await.is_err());
        }
        w.clock.advance(1_000);
    }
    for device in ["", &theirs, "0123456789abcdef0123456789abcdef", "nonsense"] {
        assert_eq!(refused(device, "mara").await, Code::RateLimited, "{device}");
    }
    for name in ["mara", "mara@example.org"] {
        enter(&hers, name, PASSWORD).await.unwrap();
        // That she came in is no new start for Mallory.
        assert_eq!(refused(&theirs, name).await, Code::RateLimited);
    }
    // A program says of itself what anyone can say.
    assert_eq!(w.service.login(&from("192.0.2.1"), login("mara", PASSWORD)).await.unwrap_err().code, Code::RateLimited);
    // Her browser is no place to guess from either, by neither name.
    for name in ["mara", "mara@example.org", "mara"] {
        assert_eq!(enter(&hers, name, "a wrong one").await.unwrap_err().code, Code::WrongCredentials);
    }
    assert_eq!(refused(&hers, "mara").await, Code::RateLimited);
    w.clock.advance(1_000);
    enter(&hers, "mara", PASSWORD).await.unwrap();
}

async fn a_refusal_at_a_name_does_not_tell_whose_address_it_is(w: World) {
    for (name, email) in [("ada", "ada@example.org"), ("mara", "mara@example.org")] {
        let command = Register { email: Some(email.into()), ..sign_up(name) };
        w.service.register(&from("198.51.100.7"), command, None).await.unwrap();
    }
    // From many machines, until strangers have to wait.
    for machine in 0..60 {
        drop(w.service.login(&from(&format!("192.0.2.{machine}")), login("ada", "a wrong one")).await);
    }
    assert_eq!(
        w.service.login(&from("203.0.113.1"), login("ada", "a wrong one")).await.unwrap_err().code,
        Code::RateLimited
    );
    for address in ["ada@example.org", "mara@example.org", "nobody@example.org"] {
        for machine in ["192.0.2.1", "203.0.113.1"] {
            let told = w.service.login(&from(machine), login(address, "a wrong one")).await.unwrap_err();
            assert_eq!((told.code, told.retry_after), (Code::WrongCredentials, None), "{address}");
        }
    }
}

async fn a_name_that_nobody_has_is_guessed_at_no_faster(w: World) {
    w.sign_up("ada").await;
    let mut told = Vec::new();
    for name in ["ada", "nobody"] {
        let mut answers = Vec::new();
        for machine in 0..60 {
            for _ in 0..2 {
                let guess = w.service.login(&from(&format!("192.0.2.{}", machine / 2)), login(name, "wrong one")).await;
                let error = guess.unwrap_err();
                answers.push((error.code, error.detail, error.retry_after));
            }
        }
        told.push(answers);
    }
    assert_eq!(told[0], told[1]);
}

async fn a_stolen_session_is_no_place_to_guess_from(w: World) {
    let ada = w.person("ada").await;
    let confirm = async |password: &str| {
        let command = protocol::command::ConfirmPassword { password: password.into() };
        protocol::port::Auth::confirm_password(&*w.service, &ada, command).await
    };
    for _ in 0..3 {
        assert_eq!(confirm("a wrong one").await.unwrap_err().code, Code::PasswordNeeded);
    }
    assert_eq!(confirm(PASSWORD).await.unwrap_err().code, Code::RateLimited);
    // Her own sign-in, in another session, is not touched.
    w.service.login(&Client::default(), login("ada", PASSWORD)).await.unwrap();
    w.clock.advance(1_000);
    confirm(PASSWORD).await.unwrap();
}

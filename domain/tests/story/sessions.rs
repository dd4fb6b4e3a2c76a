use crate::harness::{TestApp, register_command, texts};
use domain::{ClientKind, CloseReason, Service};
use protocol::{
    command::{ConfirmFactor, CreateToken, Login, ProveFactor, RenameSession},
    error::Code,
    id::SessionId,
    page::PageQuery,
    port::prelude::*,
    session::{Caller, Client, Scope, Session, Tokens},
};
use std::sync::Arc;

on_both_databases! {
    sessions_are_listed_with_device_and_browser
    a_session_can_be_renamed_and_reset
    ending_a_session_closes_its_sockets_on_all_nodes
    all_other_sessions_can_be_ended_at_once
    a_session_ends_when_idle_or_at_its_maximum_lifetime
    expired_sessions_end_and_are_purged_later
    a_login_from_a_new_device_notifies_the_user
    a_planted_device_cookie_is_not_accepted
    a_session_beyond_the_limit_ends_the_oldest
    a_session_beyond_the_limit_ends_idle_ones_first
    requests_in_progress_of_an_ended_session_are_rejected
    sessions_without_a_stored_device_are_described_by_user_agent
}

const DAY: i64 = 24 * 60 * 60_000;
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn login(name: &str) -> Login {
    Login { login: name.into(), password: crate::harness::PASSWORD.into(), totp: None }
}

fn client_from(ip: &str, user_agent: &str, device: Option<&str>) -> Client {
    Client { ip: ip.into(), user_agent: user_agent.into(), device_cookie: device.map(Into::into) }
}

async fn list_sessions(service: &Arc<Service>, caller: &Caller) -> Vec<Session> {
    service.list_sessions(caller, PageQuery { limit: 200, cursor: None }).await.unwrap().items
}

async fn authenticate(app: &TestApp, tokens: &Tokens) -> Caller {
    app.service.authenticate(&tokens.access_token).await.unwrap()
}

async fn sessions_are_listed_with_device_and_browser(app: TestApp) {
    let ada = app.create_user("ada").await;
    app.create_user("mara").await;
    app.service.login_user(&client_from("192.0.2.1", FIREFOX, None), login("ada")).await.unwrap();
    let all = list_sessions(&app.service, &ada).await;
    assert_eq!(all.len(), 2);
    let newest = &all[0];
    assert_eq!((newest.device.as_str(), newest.browser.as_str(), newest.current), ("Linux", "Firefox", false));
    assert_eq!((newest.label.as_str(), newest.ip.as_str()), ("Firefox on Linux", "192.0.2.1"));
    assert!(all[1].current && all[1].id == ada.session_id);
    assert_eq!(app.service.get_current_session(&ada).await.unwrap(), all[1]);
    let first = app.service.list_sessions(&ada, PageQuery { limit: 1, cursor: None }).await.unwrap();
    let rest = app.service.list_sessions(&ada, PageQuery { limit: 1, cursor: first.next_cursor }).await.unwrap();
    assert_eq!([first.items, rest.items].concat(), all);
    assert_eq!(rest.next_cursor, None);
    let stats = app.service.get_session_stats(&ada).await.unwrap();
    assert_eq!((stats.active, stats.by_device.len(), stats.by_day.len()), (2, 2, 1));
    assert_eq!(stats.by_day[0].sessions, 2);
}

async fn a_session_can_be_renamed_and_reset(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let name = async |caller: &Caller, id: SessionId, label: &str| {
        app.service.rename_session(caller, id, RenameSession { label: label.into() }).await
    };
    let named = name(&ada, ada.session_id, " The kitchen table ").await.unwrap();
    assert_eq!(named.label, "The kitchen table");
    assert_eq!(name(&ada, ada.session_id, "").await.unwrap().label, "Unknown app on unknown device");
    for bad in ["x".repeat(65).as_str(), "a\u{202E}b", "a\nb"] {
        assert_eq!(name(&ada, ada.session_id, bad).await.unwrap_err().code, Code::Invalid, "{bad}");
    }
    assert_eq!(name(&mara, ada.session_id, "mine").await.unwrap_err().code, Code::NotFound);
}

async fn ending_a_session_closes_its_sockets_on_all_nodes(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let other = app.login("ada").await;
    let node = if app.settings.database_url.is_some() { app.start_node().await } else { app.service.clone() };
    let phone = node.authenticate(&other.access_token).await.unwrap();
    let mut listener = node.subscribe(&phone, None).await.unwrap();
    assert_eq!(app.service.end_session(&mara, phone.session_id).await.unwrap_err().code, Code::NotFound);
    app.service.end_session(&ada, phone.session_id).await.unwrap();
    let mut frames = Vec::new();
    let closed = tokio::time::timeout(std::time::Duration::from_secs(1), async {
        loop {
            if let Err(closed) = listener.next(&mut frames).await {
                break closed;
            }
        }
    });
    assert_eq!(closed.await.expect("within a second"), CloseReason::SessionEnded);
    assert_eq!(node.authenticate(&other.access_token).await.unwrap_err().code, Code::NotSignedIn);
    let error = node.refresh(&Client::default(), &other.refresh_token, ClientKind::Browser).await.unwrap_err();
    assert_eq!(error.code, Code::InvalidRefreshToken);
    assert_eq!(app.service.end_session(&ada, phone.session_id).await.unwrap_err().code, Code::NotFound);
    assert_eq!(list_sessions(&app.service, &ada).await.len(), 1);
}

async fn all_other_sessions_can_be_ended_at_once(app: TestApp) {
    let ada = app.create_user("ada").await;
    let mara = app.create_user("mara").await;
    for _ in 0..3 {
        app.login("ada").await;
    }
    app.service.end_other_sessions(&ada).await.unwrap();
    assert_eq!(list_sessions(&app.service, &ada).await.len(), 1);
    assert_eq!(list_sessions(&app.service, &mara).await.len(), 1);
    app.service.me(&ada).await.unwrap();
}

async fn a_session_ends_when_idle_or_at_its_maximum_lifetime(app: TestApp) {
    let mut tokens = app.register("ada").await;
    let refresh = async |tokens: &Tokens| match app
        .service
        .refresh(&Client::default(), &tokens.refresh_token, ClientKind::Api)
        .await
    {
        Ok(domain::Refreshed::Pair(pair)) => Ok(*pair),
        Ok(_) => panic!("the response is one for a browser"),
        Err(error) => Err(error.code),
    };
    for _ in 0..6 {
        app.clock.advance(29 * DAY);
        tokens = refresh(&tokens).await.unwrap();
    }
    // Used continuously, but still limited to the maximum lifetime of 180 days.
    let ada = authenticate(&app, &tokens).await;
    let expires = list_sessions(&app.service, &ada).await[0].expires_at;
    assert!(expires <= app.clock.now().plus(6 * DAY + 60_000), "{expires}");
    app.clock.advance(7 * DAY);
    assert_eq!(refresh(&tokens).await.unwrap_err(), Code::InvalidRefreshToken);
    let idle = app.login("ada").await;
    app.clock.advance(31 * DAY);
    assert_eq!(refresh(&idle).await.unwrap_err(), Code::InvalidRefreshToken);
}

async fn expired_sessions_end_and_are_purged_later(app: TestApp) {
    let tokens = app.register("ada").await;
    let ada = authenticate(&app, &tokens).await;
    let began = list_sessions(&app.service, &ada).await[0].last_seen_at;
    app.clock.advance(10 * 60_000);
    authenticate(&app, &tokens).await;
    app.service.run_session_maintenance().await.unwrap();
    let seen = list_sessions(&app.service, &ada).await[0].last_seen_at;
    assert!(seen >= began.plus(10 * 60_000), "{seen}");
    let mut listener = app.service.subscribe(&ada, None).await.unwrap();
    app.clock.advance(31 * DAY);
    app.service.run_session_maintenance().await.unwrap();
    let mut frames = Vec::new();
    while listener.next(&mut frames).await.is_ok() {}
    let last_frame = texts(&frames).pop().unwrap();
    assert!(last_frame.contains("session.ended"), "{last_frame}");
    let again = app.login("ada").await;
    let again = authenticate(&app, &again).await;
    assert_eq!(app.service.get_session_stats(&again).await.unwrap().active, 1);
    app.service.run_session_maintenance().await.unwrap();
    app.clock.advance(29 * DAY);
    app.service.run_session_maintenance().await.unwrap();
    app.clock.advance(DAY + 60_000);
    app.service.run_session_maintenance().await.unwrap();
    let newest = app.login("ada").await;
    assert_eq!(list_sessions(&app.service, &authenticate(&app, &newest).await).await.len(), 1);
}

async fn count_new_login_notifications(app: &TestApp, caller: &Caller) -> usize {
    let page = PageQuery { limit: 200, cursor: None };
    let all = app.service.list_notifications(caller, page).await.unwrap().items;
    all.iter().filter(|one| one.kind == "new_sign_in").count()
}

async fn a_login_from_a_new_device_notifies_the_user(app: TestApp) {
    let home = client_from("192.0.2.1", FIREFOX, Some(""));
    let tokens = app.service.register_user(&home, register_command("ada"), None).await.unwrap().value;
    let ada = authenticate(&app, &tokens).await;
    let cookie = tokens.device_cookie.expect("a browser gets a device cookie");
    assert_eq!(count_new_login_notifications(&app, &ada).await, 0);
    let known = client_from("198.51.100.1", FIREFOX, Some(&cookie));
    assert_eq!(app.service.login_user(&known, login("ada")).await.unwrap().device_cookie, None);
    assert_eq!(count_new_login_notifications(&app, &ada).await, 0);
    let unknown = app.service.login_user(&home, login("ada")).await.unwrap();
    assert_eq!(count_new_login_notifications(&app, &ada).await, 1);
    assert!(unknown.device_cookie.is_some_and(|other| other != cookie));
    // A client without cookies is recognised by its user agent and network.
    let script = |ip| client_from(ip, "curl/8.5.0", None);
    for (ip, expected) in [("203.0.113.5", 2), ("203.0.113.5", 2), ("203.0.113.77", 3)] {
        app.service.login_user(&script(ip), login("ada")).await.unwrap();
        assert_eq!(count_new_login_notifications(&app, &ada).await, expected, "{ip}");
    }
    // Two users may share a browser.
    let mara = app.service.register_user(&known, register_command("mara"), None).await.unwrap().value;
    let both = mara.device_cookie.clone().expect("a device cookie for her");
    let shared = client_from("192.0.2.1", FIREFOX, Some(&both));
    app.service.login_user(&shared, login("ada")).await.unwrap();
    app.service.login_user(&shared, login("mara")).await.unwrap();
    assert_eq!(
        (
            count_new_login_notifications(&app, &ada).await,
            count_new_login_notifications(&app, &authenticate(&app, &mara).await).await
        ),
        (3, 0)
    );
}

async fn a_planted_device_cookie_is_not_accepted(app: TestApp) {
    let planted = "0123456789abcdef0123456789abcdef";
    let victim = client_from("192.0.2.1", FIREFOX, Some(planted));
    let tokens = app.service.register_user(&victim, register_command("ada"), None).await.unwrap().value;
    let ada = authenticate(&app, &tokens).await;
    assert!(!tokens.device_cookie.unwrap().starts_with(planted));
    app.service.login_user(&victim, login("ada")).await.unwrap();
    assert_eq!(count_new_login_notifications(&app, &ada).await, 1);
    for invalid in ["x", "....", &"a".repeat(10_000), "0123456789ABCDEF0123456789abcdeg"] {
        app.service.login_user(&client_from("192.0.2.1", FIREFOX, Some(invalid)), login("ada")).await.unwrap();
    }
}

async fn a_session_beyond_the_limit_ends_the_oldest(app: TestApp) {
    let ada = app.create_user("ada").await;
    let mara = app.create_user("mara").await;
    let service = app.start_node().await;
    for _ in 1..protocol::limits::SESSIONS_PER_USER {
        app.login("ada").await;
    }
    assert_eq!(list_sessions(&app.service, &ada).await.len(), protocol::limits::SESSIONS_PER_USER);
    let newest = authenticate(&app, &app.login("ada").await).await;
    let all = list_sessions(&app.service, &newest).await;
    assert_eq!(all.len(), protocol::limits::SESSIONS_PER_USER);
    assert!(all[0].id == newest.session_id && all.iter().all(|session| session.id != ada.session_id));
    assert_eq!(service.end_session(&newest, ada.session_id).await.unwrap_err().code, Code::NotFound);
    assert_eq!(list_sessions(&app.service, &mara).await.len(), 1);
}

async fn a_session_beyond_the_limit_ends_idle_ones_first(app: TestApp) {
    let browser = app.register("ada").await;
    let ada = authenticate(&app, &browser).await;
    let script = app.login("ada").await;
    for _ in 2..protocol::limits::SESSIONS_PER_USER {
        app.login("ada").await;
    }
    app.clock.advance(5 * 60_000);
    authenticate(&app, &browser).await;
    app.service.run_session_maintenance().await.unwrap();
    app.login("ada").await;
    let all = list_sessions(&app.service, &ada).await;
    assert_eq!(all.len(), protocol::limits::SESSIONS_PER_USER);
    assert!(all.iter().any(|one| one.id == ada.session_id) && all.iter().all(|one| one.id != script.session_id));
}

async fn requests_in_progress_of_an_ended_session_are_rejected(app: TestApp) {
    let ada = app.create_user("ada").await;
    let attacker = authenticate(&app, &app.login("ada").await).await;
    let token = || CreateToken { label: "a script".into(), scope: Scope::Read, expires_at: None };
    app.service.begin_second_factor(&attacker).await.unwrap();
    // A request that was authenticated before its session ended continues with that caller.
    app.service.end_session(&ada, attacker.session_id).await.unwrap();
    let sql = "update sessions set authenticated_at = 9000000000000";
    app.execute(sql).await;
    for error in [
        app.service.create_token(&attacker, token(), None).await.err(),
        app.service.begin_second_factor(&attacker).await.err(),
        app.service.renew_recovery_codes(&attacker, ProveFactor { code: "123456".into() }).await.err(),
        app.service.remove_second_factor(&attacker, ProveFactor { code: "123456".into() }).await.err(),
    ] {
        let code = error.map(|error| error.code);
        assert!(matches!(code, Some(Code::NotSignedIn | Code::PasswordRequired)), "{code:?}");
    }
    let confirm = ConfirmFactor { code: "123456".into(), end_other_sessions: false };
    assert_eq!(
        app.service.confirm_second_factor(&attacker, confirm).await.err().map(|error| error.code),
        Some(Code::NotSignedIn)
    );
    app.service.create_token(&ada, token(), None).await.unwrap();
}

async fn sessions_without_a_stored_device_are_described_by_user_agent(app: TestApp) {
    let ada = app.create_user("ada").await;
    for _ in 0..2 {
        app.service.login_user(&client_from("192.0.2.1", FIREFOX, None), login("ada")).await.unwrap();
    }
    app.execute(
        "update sessions set device = '', browser = '' where id = (select id from sessions order by id desc limit 1)",
    )
    .await;
    let newest = list_sessions(&app.service, &ada).await.remove(0);
    assert_eq!((newest.device.as_str(), newest.browser.as_str()), ("Linux", "Firefox"));
    assert_eq!(newest.label, "Firefox on Linux");
    let stats = app.service.get_session_stats(&ada).await.unwrap();
    assert_eq!((stats.by_device.len(), stats.by_device[0].sessions), (2, 2), "{stats:?}");
}

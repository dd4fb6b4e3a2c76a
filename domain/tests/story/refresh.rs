//! Rotation of refresh tokens.

use crate::harness::TestApp;
use domain::{ClientKind, Refreshed, Service};
use protocol::{
    error::Code,
    page::PageQuery,
    port::prelude::*,
    session::{Client, Tokens},
};

on_both_databases! {
    a_refresh_token_works_once
    concurrent_refreshes_of_two_tabs_are_not_reuse
    a_browser_that_loses_a_refresh_response_stays_signed_in
    a_stolen_refresh_token_is_detected_when_both_sides_refresh
    a_session_keeps_its_newest_refresh_tokens
    refreshes_are_limited_so_that_reuse_stays_detectable
    two_nodes_do_not_both_accept_the_previous_token
    refreshing_and_ending_a_session_concurrently_does_not_deadlock
}

async fn a_refresh_token_works_once(app: TestApp) {
    let first = app.register("ada").await;
    let refresh = async |token: &str| app.service.refresh(&Client::default(), token, ClientKind::Api).await;
    let Ok(Refreshed::Pair(second)) = refresh(&first.refresh_token).await else { panic!("no new pair") };
    assert_eq!(second.session_id, first.session_id);
    app.service.authenticate(&second.access_token).await.unwrap();
    assert_eq!(refresh("never issued").await.unwrap_err().code, Code::InvalidRefreshToken);
    app.service.authenticate(&second.access_token).await.unwrap();
    assert_eq!(refresh(&first.refresh_token).await.unwrap_err().code, Code::InvalidRefreshToken);
    assert_eq!(app.service.authenticate(&second.access_token).await.unwrap_err().code, Code::NotSignedIn);
    assert_eq!(refresh(&second.refresh_token).await.unwrap_err().code, Code::InvalidRefreshToken);
}

async fn concurrent_refreshes_of_two_tabs_are_not_reuse(app: TestApp) {
    let first = app.register("ada").await;
    let refresh = async || app.service.refresh(&Client::default(), &first.refresh_token, ClientKind::Browser).await;
    assert!(matches!(refresh().await, Ok(Refreshed::Pair(_))));
    let Ok(Refreshed::Access(token, _)) = refresh().await else { panic!("the second tab was refused") };
    app.service.authenticate(&token).await.unwrap();
    app.clock.advance(31_000);
    // Unlike a browser, an API client must store the new token before it continues, so this is reuse.
    let program = app.service.refresh(&Client::default(), &first.refresh_token, ClientKind::Api).await;
    assert_eq!(program.unwrap_err().code, Code::InvalidRefreshToken);
    assert_eq!(app.service.authenticate(&token).await.unwrap_err().code, Code::NotSignedIn);
}

/// Refreshes as a browser does.
async fn refresh_as_browser(service: &Service, token: &str) -> Result<Tokens, Code> {
    match service.refresh(&Client::default(), token, ClientKind::Browser).await {
        Ok(Refreshed::Pair(pair)) => Ok(*pair),
        Ok(Refreshed::Access(..)) => panic!("treated as a concurrent refresh of another tab"),
        Err(error) => Err(error.code),
    }
}

async fn has_reuse_notification(app: &TestApp) -> bool {
    let again = app.service.authenticate(&app.login("ada").await.access_token).await.unwrap();
    let notifications =
        app.service.list_notifications(&again, PageQuery { limit: 50, cursor: None }).await.unwrap().items;
    notifications.iter().any(|one| one.kind == "session_reuse")
}

async fn a_browser_that_loses_a_refresh_response_stays_signed_in(app: TestApp) {
    let first = app.register("ada").await;
    refresh_as_browser(&app.service, &first.refresh_token).await.unwrap();
    for _ in 0..2 {
        app.clock.advance(16 * 60_000);
        refresh_as_browser(&app.service, &first.refresh_token).await.unwrap();
        // Another tab refreshes at the same time.
        let other = app.service.refresh(&Client::default(), &first.refresh_token, ClientKind::Browser).await;
        assert!(matches!(other, Ok(Refreshed::Access(..))));
    }
    app.clock.advance(16 * 60_000);
    let second = refresh_as_browser(&app.service, &first.refresh_token).await.unwrap();
    app.clock.advance(16 * 60_000);
    let third = refresh_as_browser(&app.service, &second.refresh_token).await.unwrap();
    assert!(!has_reuse_notification(&app).await);
    // Once the successor was used, the first token is reused.
    assert_eq!(refresh_as_browser(&app.service, &first.refresh_token).await.unwrap_err(), Code::InvalidRefreshToken);
    assert_eq!(refresh_as_browser(&app.service, &third.refresh_token).await.unwrap_err(), Code::InvalidRefreshToken);
    assert!(has_reuse_notification(&app).await);
}

async fn a_stolen_refresh_token_is_detected_when_both_sides_refresh(app: TestApp) {
    for owner_is_first in [true, false] {
        let stolen = if owner_is_first { app.register("ada").await } else { app.login("ada").await };
        let owner = refresh_as_browser(&app.service, &stolen.refresh_token).await.unwrap();
        app.clock.advance(60_000);
        let attacker = refresh_as_browser(&app.service, &stolen.refresh_token).await.unwrap();
        app.clock.advance(60_000);
        let (next, other) = if owner_is_first { (owner, attacker) } else { (attacker, owner) };
        let refreshed = refresh_as_browser(&app.service, &next.refresh_token).await;
        if owner_is_first {
            assert_eq!(refreshed.unwrap_err(), Code::InvalidRefreshToken);
        } else {
            assert_eq!(refreshed.unwrap().session_id, stolen.session_id);
        }
        assert_eq!(
            refresh_as_browser(&app.service, &other.refresh_token).await.unwrap_err(),
            Code::InvalidRefreshToken
        );
        assert_eq!(app.service.authenticate(&next.access_token).await.unwrap_err().code, Code::NotSignedIn);
        assert!(has_reuse_notification(&app).await);
    }
}

async fn a_session_keeps_its_newest_refresh_tokens(app: TestApp) {
    let mut tokens = vec![app.register("ada").await.refresh_token];
    for _ in 0..450 {
        app.clock.advance(15 * 60_000);
        tokens.push(refresh_as_browser(&app.service, tokens.last().unwrap()).await.unwrap().refresh_token);
    }
    let stored = app.count("select count(*) from refresh_tokens").await;
    assert_eq!(stored, 401, "400 used tokens, the last of them, and the valid one");
    // An old token that is no longer stored is only rejected; one that is stored ends the session, however old.
    assert_eq!(refresh_as_browser(&app.service, &tokens[48]).await.unwrap_err(), Code::InvalidRefreshToken);
    tokens.push(refresh_as_browser(&app.service, &tokens[450]).await.unwrap().refresh_token);
    assert_eq!(refresh_as_browser(&app.service, &tokens[52]).await.unwrap_err(), Code::InvalidRefreshToken);
    assert_eq!(refresh_as_browser(&app.service, &tokens[451]).await.unwrap_err(), Code::InvalidRefreshToken);
    assert!(has_reuse_notification(&app).await);
}

async fn refreshes_are_limited_so_that_reuse_stays_detectable(app: TestApp) {
    let stolen = app.register("ada").await.refresh_token;
    // A response was lost, or an attacker was quicker: one of the two successors is invalid.
    let owner = refresh_as_browser(&app.service, &stolen).await.unwrap().refresh_token;
    app.clock.advance(31_000);
    let mut attacker = refresh_as_browser(&app.service, &stolen).await.unwrap().refresh_token;
    let refused = loop {
        app.clock.advance(1_000);
        match refresh_as_browser(&app.service, &attacker).await {
            Ok(pair) => attacker = pair.refresh_token,
            Err(code) => break code,
        }
    };
    assert_eq!(refused, Code::RateLimited);
    assert!(app.count("select count(*) from refresh_tokens").await <= 401);
    // The owner refreshes within 15 minutes, as browsers do: the reuse is still detected.
    assert_eq!(refresh_as_browser(&app.service, &owner).await.unwrap_err(), Code::InvalidRefreshToken);
    assert_eq!(refresh_as_browser(&app.service, &attacker).await.unwrap_err(), Code::InvalidRefreshToken);
    assert!(has_reuse_notification(&app).await);
}

async fn two_nodes_do_not_both_accept_the_previous_token(app: TestApp) {
    let first = app.register("ada").await;
    let other = if app.settings.database_url.is_some() { app.start_node().await } else { app.service.clone() };
    refresh_as_browser(&app.service, &first.refresh_token).await.unwrap();
    for _ in 0..20 {
        app.clock.advance(60_000);
        let refresh = async |service: &Service| {
            service.refresh(&Client::default(), &first.refresh_token, ClientKind::Browser).await.unwrap()
        };
        let (one, two) = tokio::join!(refresh(&app.service), refresh(&other));
        let pairs = [one, two].iter().filter(|refreshed| matches!(refreshed, Refreshed::Pair(_))).count();
        assert_eq!(pairs, 1);
    }
    let unused = app.count("select count(*) from refresh_tokens where replaced_at is null").await;
    assert_eq!(unused, 1);
}

async fn refreshing_and_ending_a_session_concurrently_does_not_deadlock(app: TestApp) {
    let ada = app.create_user("ada").await;
    let other = if app.settings.database_url.is_some() { app.start_node().await } else { app.service.clone() };
    for n in 0..20 {
        let tokens = app.login("ada").await;
        let client = Client::default();
        let refreshed = app.service.refresh(&client, &tokens.refresh_token, ClientKind::Browser);
        if n % 2 == 0 {
            let (_, ended) = tokio::join!(refreshed, other.end_session(&ada, tokens.session_id));
            ended.unwrap();
        } else {
            let (_, ended) = tokio::join!(refreshed, other.end_other_sessions(&ada));
            ended.unwrap();
        }
        let again = app.service.refresh(&Client::default(), &tokens.refresh_token, ClientKind::Browser).await;
        assert_eq!(again.unwrap_err().code, Code::InvalidRefreshToken);
    }
    assert_eq!(app.deadlocks().await, 0);
}

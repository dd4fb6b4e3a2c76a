//! Refresh tokens: each is exchanged for the next.

use crate::world::TestApp;
use domain::ClientKind;
use domain::Refreshed;
use domain::Service;
use protocol::error::Code;
use protocol::page::PageQuery;
use protocol::port::prelude::*;
use protocol::session::Client;
use protocol::session::Tokens;

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

async fn a_refresh_token_works_once(w: TestApp) {
    let first = w.register("ada").await;
    let refresh = async |token: &str| w.service.refresh(&Client::default(), token, ClientKind::Api).await;
    let Ok(Refreshed::Pair(second)) = refresh(&first.refresh_token).await else { panic!("no new pair") };
    assert_eq!(second.session_id, first.session_id);
    w.service.authenticate(&second.access_token).await.unwrap();
    assert_eq!(refresh("never made").await.unwrap_err().code, Code::InvalidRefreshToken);
    w.service.authenticate(&second.access_token).await.unwrap();
    assert_eq!(refresh(&first.refresh_token).await.unwrap_err().code, Code::InvalidRefreshToken);
    assert_eq!(w.service.authenticate(&second.access_token).await.unwrap_err().code, Code::NotSignedIn);
    assert_eq!(refresh(&second.refresh_token).await.unwrap_err().code, Code::InvalidRefreshToken);
}

async fn concurrent_refreshes_of_two_tabs_are_not_reuse(w: TestApp) {
    let first = w.register("ada").await;
    let refresh = async || w.service.refresh(&Client::default(), &first.refresh_token, ClientKind::Browser).await;
    assert!(matches!(refresh().await, Ok(Refreshed::Pair(_))));
    let Ok(Refreshed::Access(token, _)) = refresh().await else { panic!("the second tab was refused") };
    w.service.authenticate(&token).await.unwrap();
    w.clock.advance(31_000);
    // The first answer may have been lost; a program keeps it before it goes on.
    let program = w.service.refresh(&Client::default(), &first.refresh_token, ClientKind::Api).await;
    assert_eq!(program.unwrap_err().code, Code::InvalidRefreshToken);
    assert_eq!(w.service.authenticate(&token).await.unwrap_err().code, Code::NotSignedIn);
}

/// A browser renews.
async fn refresh_as_browser(service: &Service, token: &str) -> Result<Tokens, Code> {
    match service.refresh(&Client::default(), token, ClientKind::Browser).await {
        Ok(Refreshed::Pair(pair)) => Ok(*pair),
        Ok(Refreshed::Access(..)) => panic!("treated as a concurrent refresh of another tab"),
        Err(error) => Err(error.code),
    }
}

async fn has_reuse_notification(w: &TestApp) -> bool {
    let again = w.service.authenticate(&w.login("ada").await.access_token).await.unwrap();
    let notifications = w.service.notifications(&again, PageQuery { limit: 50, cursor: None }).await.unwrap().items;
    notifications.iter().any(|one| one.kind == "session_reuse")
}

async fn a_browser_that_loses_a_refresh_response_stays_signed_in(w: TestApp) {
    let first = w.register("ada").await;
    refresh_as_browser(&w.service, &first.refresh_token).await.unwrap();
    for _ in 0..2 {
        w.clock.advance(16 * 60_000);
        refresh_as_browser(&w.service, &first.refresh_token).await.unwrap();
        // Its other tab asks at the same time.
        let other = w.service.refresh(&Client::default(), &first.refresh_token, ClientKind::Browser).await;
        assert!(matches!(other, Ok(Refreshed::Access(..))));
    }
    w.clock.advance(16 * 60_000);
    let second = refresh_as_browser(&w.service, &first.refresh_token).await.unwrap();
    w.clock.advance(16 * 60_000);
    let third = refresh_as_browser(&w.service, &second.refresh_token).await.unwrap();
    assert!(!has_reuse_notification(&w).await);
    // From then on the first is an old one.
    assert_eq!(refresh_as_browser(&w.service, &first.refresh_token).await.unwrap_err(), Code::InvalidRefreshToken);
    assert_eq!(refresh_as_browser(&w.service, &third.refresh_token).await.unwrap_err(), Code::InvalidRefreshToken);
    assert!(has_reuse_notification(&w).await);
}

async fn a_stolen_refresh_token_is_detected_when_both_sides_refresh(w: TestApp) {
    for owner_is_first in [true, false] {
        let stolen = if owner_is_first { w.register("ada").await } else { w.login("ada").await };
        let owner = refresh_as_browser(&w.service, &stolen.refresh_token).await.unwrap();
        w.clock.advance(60_000);
        let thief = refresh_as_browser(&w.service, &stolen.refresh_token).await.unwrap();
        w.clock.advance(60_000);
        let (next, other) = if owner_is_first { (owner, thief) } else { (thief, owner) };
        let renewed = refresh_as_browser(&w.service, &next.refresh_token).await;
        if owner_is_first {
            assert_eq!(renewed.unwrap_err(), Code::InvalidRefreshToken);
        } else {
            assert_eq!(renewed.unwrap().session_id, stolen.session_id);
        }
        assert_eq!(refresh_as_browser(&w.service, &other.refresh_token).await.unwrap_err(), Code::InvalidRefreshToken);
        assert_eq!(w.service.authenticate(&next.access_token).await.unwrap_err().code, Code::NotSignedIn);
        assert!(has_reuse_notification(&w).await);
    }
}

async fn a_session_keeps_its_newest_refresh_tokens(w: TestApp) {
    let mut tokens = vec![w.register("ada").await.refresh_token];
    for _ in 0..450 {
        w.clock.advance(15 * 60_000);
        tokens.push(refresh_as_browser(&w.service, tokens.last().unwrap()).await.unwrap().refresh_token);
    }
    let kept = w.count("select count(*) from refresh_tokens").await;
    assert_eq!(kept, 401, "400 used tokens, the last of them, and the valid one");
    // One that is forgotten ends nothing; one that is kept ends the session, however old.
    assert_eq!(refresh_as_browser(&w.service, &tokens[48]).await.unwrap_err(), Code::InvalidRefreshToken);
    tokens.push(refresh_as_browser(&w.service, &tokens[450]).await.unwrap().refresh_token);
    assert_eq!(refresh_as_browser(&w.service, &tokens[52]).await.unwrap_err(), Code::InvalidRefreshToken);
    assert_eq!(refresh_as_browser(&w.service, &tokens[451]).await.unwrap_err(), Code::InvalidRefreshToken);
    assert!(has_reuse_notification(&w).await);
}

async fn refreshes_are_limited_so_that_reuse_stays_detectable(w: TestApp) {
    let stolen = w.register("ada").await.refresh_token;
    // The owner has lost an answer, or a thief was quicker: one token is void.
    let owner = refresh_as_browser(&w.service, &stolen).await.unwrap().refresh_token;
    w.clock.advance(31_000);
    let mut thief = refresh_as_browser(&w.service, &stolen).await.unwrap().refresh_token;
    let refused = loop {
        w.clock.advance(1_000);
        match refresh_as_browser(&w.service, &thief).await {
            Ok(pair) => thief = pair.refresh_token,
            Err(code) => break code,
        }
    };
    assert_eq!(refused, Code::RateLimited);
    assert!(w.count("select count(*) from refresh_tokens").await <= 401);
    // The owner comes back within the quarter of an hour in which their browser renews: it is still known what that means.
    assert_eq!(refresh_as_browser(&w.service, &owner).await.unwrap_err(), Code::InvalidRefreshToken);
    assert_eq!(refresh_as_browser(&w.service, &thief).await.unwrap_err(), Code::InvalidRefreshToken);
    assert!(has_reuse_notification(&w).await);
}

async fn two_nodes_do_not_both_accept_the_previous_token(w: TestApp) {
    let first = w.register("ada").await;
    let other = if w.settings.database_url.is_some() { w.start_node().await } else { w.service.clone() };
    refresh_as_browser(&w.service, &first.refresh_token).await.unwrap();
    for _ in 0..20 {
        w.clock.advance(60_000);
        let refresh = async |service: &Service| {
            service.refresh(&Client::default(), &first.refresh_token, ClientKind::Browser).await.unwrap()
        };
        let (one, two) = tokio::join!(refresh(&w.service), refresh(&other));
        let pairs = [one, two].iter().filter(|renewed| matches!(renewed, Refreshed::Pair(_))).count();
        assert_eq!(pairs, 1);
    }
    let unused = w.count("select count(*) from refresh_tokens where replaced_at is null").await;
    assert_eq!(unused, 1);
}

async fn refreshing_and_ending_a_session_concurrently_does_not_deadlock(w: TestApp) {
    let ada = w.create_user("ada").await;
    let other = if w.settings.database_url.is_some() { w.start_node().await } else { w.service.clone() };
    for n in 0..20 {
        let tokens = w.login("ada").await;
        let client = Client::default();
        let renewed = w.service.refresh(&client, &tokens.refresh_token, ClientKind::Browser);
        if n % 2 == 0 {
            let (_, ended) = tokio::join!(renewed, other.end_session(&ada, tokens.session_id));
            ended.unwrap();
        } else {
            let (_, ended) = tokio::join!(renewed, other.end_other_sessions(&ada));
            ended.unwrap();
        }
        let again = w.service.refresh(&Client::default(), &tokens.refresh_token, ClientKind::Browser).await;
        assert_eq!(again.unwrap_err().code, Code::InvalidRefreshToken);
    }
    assert_eq!(w.deadlocks().await, 0);
}

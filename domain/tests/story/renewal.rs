//! Refresh tokens: each is exchanged for the next.

use crate::world::World;
use domain::{Holder, Renewed, Service};
use protocol::{
    error::Code,
    page::PageQuery,
    port::prelude::*,
    session::{Client, Tokens},
};

on_both_databases! {
    a_refresh_token_is_good_once
    a_browser_with_two_tabs_is_not_a_thief
    a_browser_that_loses_an_answer_stays_signed_in
    a_thief_is_noticed_when_the_owner_renews_too
    a_session_keeps_its_newest_tokens
    nobody_renews_so_often_that_a_theft_is_forgotten
    two_nodes_do_not_both_take_a_token_again
    to_renew_and_to_end_at_once_do_not_wait_for_each_other
}

async fn a_refresh_token_is_good_once(w: World) {
    let first = w.sign_up("ada").await;
    let refresh = async |token: &str| w.service.refresh(&Client::default(), token, Holder::Api).await;
    let Ok(Renewed::Pair(second)) = refresh(&first.refresh_token).await else { panic!("no new pair") };
    assert_eq!(second.session_id, first.session_id);
    w.service.authenticate(&second.access_token).await.unwrap();
    assert_eq!(refresh("never made").await.unwrap_err().code, Code::InvalidRefreshToken);
    w.service.authenticate(&second.access_token).await.unwrap();
    assert_eq!(refresh(&first.refresh_token).await.unwrap_err().code, Code::InvalidRefreshToken);
    assert_eq!(w.service.authenticate(&second.access_token).await.unwrap_err().code, Code::NotSignedIn);
    assert_eq!(refresh(&second.refresh_token).await.unwrap_err().code, Code::InvalidRefreshToken);
}

async fn a_browser_with_two_tabs_is_not_a_thief(w: World) {
    let first = w.sign_up("ada").await;
    let refresh = async || w.service.refresh(&Client::default(), &first.refresh_token, Holder::Browser).await;
    assert!(matches!(refresh().await, Ok(Renewed::Pair(_))));
    let Ok(Renewed::Access(token, _)) = refresh().await else { panic!("the second tab was refused") };
    w.service.authenticate(&token).await.unwrap();
    w.clock.advance(31_000);
    // The first answer may have been lost; a program keeps it before it goes on.
    let program = w.service.refresh(&Client::default(), &first.refresh_token, Holder::Api).await;
    assert_eq!(program.unwrap_err().code, Code::InvalidRefreshToken);
    assert_eq!(w.service.authenticate(&token).await.unwrap_err().code, Code::NotSignedIn);
}

/// A browser renews.
async fn renew(service: &Service, token: &str) -> Result<Tokens, Code> {
    match service.refresh(&Client::default(), token, Holder::Browser).await {
        Ok(Renewed::Pair(pair)) => Ok(*pair),
        Ok(Renewed::Access(..)) => panic!("as if by another tab"),
        Err(error) => Err(error.code),
    }
}

async fn warned_of_theft(w: &World) -> bool {
    let again = w.service.authenticate(&w.sign_in("ada").await.access_token).await.unwrap();
    let told = w.service.notifications(&again, PageQuery { limit: 50, cursor: None }).await.unwrap().items;
    told.iter().any(|one| one.kind == "session_reuse")
}

async fn a_browser_that_loses_an_answer_stays_signed_in(w: World) {
    let first = w.sign_up("ada").await;
    renew(&w.service, &first.refresh_token).await.unwrap();
    for _ in 0..2 {
        w.clock.advance(16 * 60_000);
        renew(&w.service, &first.refresh_token).await.unwrap();
        // Its other tab asks at the same time.
        let other = w.service.refresh(&Client::default(), &first.refresh_token, Holder::Browser).await;
        assert!(matches!(other, Ok(Renewed::Access(..))));
    }
    w.clock.advance(16 * 60_000);
    let second = renew(&w.service, &first.refresh_token).await.unwrap();
    w.clock.advance(16 * 60_000);
    let third = renew(&w.service, &second.refresh_token).await.unwrap();
    assert!(!warned_of_theft(&w).await);
    // From then on the first is an old one.
    assert_eq!(renew(&w.service, &first.refresh_token).await.unwrap_err(), Code::InvalidRefreshToken);
    assert_eq!(renew(&w.service, &third.refresh_token).await.unwrap_err(), Code::InvalidRefreshToken);
    assert!(warned_of_theft(&w).await);
}

async fn a_thief_is_noticed_when_the_owner_renews_too(w: World) {
    for owner_is_first in [true, false] {
        let stolen = if owner_is_first { w.sign_up("ada").await } else { w.sign_in("ada").await };
        let owner = renew(&w.service, &stolen.refresh_token).await.unwrap();
        w.clock.advance(60_000);
        let thief = renew(&w.service, &stolen.refresh_token).await.unwrap();
        w.clock.advance(60_000);
        let (next, other) = if owner_is_first { (owner, thief) } else { (thief, owner) };
        let renewed = renew(&w.service, &next.refresh_token).await;
        if owner_is_first {
            assert_eq!(renewed.unwrap_err(), Code::InvalidRefreshToken);
        } else {
            assert_eq!(renewed.unwrap().session_id, stolen.session_id);
        }
        assert_eq!(renew(&w.service, &other.refresh_token).await.unwrap_err(), Code::InvalidRefreshToken);
        assert_eq!(w.service.authenticate(&next.access_token).await.unwrap_err().code, Code::NotSignedIn);
        assert!(warned_of_theft(&w).await);
    }
}

async fn a_session_keeps_its_newest_tokens(w: World) {
    let mut tokens = vec![w.sign_up("ada").await.refresh_token];
    for _ in 0..450 {
        w.clock.advance(15 * 60_000);
        tokens.push(renew(&w.service, tokens.last().unwrap()).await.unwrap().refresh_token);
    }
    let kept = w.count("select count(*) from refresh_tokens").await;
    assert_eq!(kept, 401, "400 that are used up, the last of these, and the one that is good");
    // One that is forgotten ends nothing; one that is kept ends the session, however old.
    assert_eq!(renew(&w.service, &tokens[48]).await.unwrap_err(), Code::InvalidRefreshToken);
    tokens.push(renew(&w.service, &tokens[450]).await.unwrap().refresh_token);
    assert_eq!(renew(&w.service, &tokens[52]).await.unwrap_err(), Code::InvalidRefreshToken);
    assert_eq!(renew(&w.service, &tokens[451]).await.unwrap_err(), Code::InvalidRefreshToken);
    assert!(warned_of_theft(&w).await);
}

async fn nobody_renews_so_often_that_a_theft_is_forgotten(w: World) {
    let stolen = w.sign_up("ada").await.refresh_token;
    // The owner has lost an answer, or a thief was quicker: one token is void.
    let owner = renew(&w.service, &stolen).await.unwrap().refresh_token;
    w.clock.advance(31_000);
    let mut thief = renew(&w.service, &stolen).await.unwrap().refresh_token;
    let refused = loop {
        w.clock.advance(1_000);
        match renew(&w.service, &thief).await {
            Ok(pair) => thief = pair.refresh_token,
            Err(code) => break code,
        }
    };
    assert_eq!(refused, Code::RateLimited);
    assert!(w.count("select count(*) from refresh_tokens").await <= 401);
    // The owner comes back within the quarter of an hour in which their browser renews: it is still known what that means.
    assert_eq!(renew(&w.service, &owner).await.unwrap_err(), Code::InvalidRefreshToken);
    assert_eq!(renew(&w.service, &thief).await.unwrap_err(), Code::InvalidRefreshToken);
    assert!(warned_of_theft(&w).await);
}

async fn two_nodes_do_not_both_take_a_token_again(w: World) {
    let first = w.sign_up("ada").await;
    let other = if w.settings.database_url.is_some() { w.another().await } else { w.service.clone() };
    renew(&w.service, &first.refresh_token).await.unwrap();
    for _ in 0..20 {
        w.clock.advance(60_000);
        let take = async |service: &Service| {
            service.refresh(&Client::default(), &first.refresh_token, Holder::Browser).await.unwrap()
        };
        let (one, two) = tokio::join!(take(&w.service), take(&other));
        let pairs = [one, two].iter().filter(|renewed| matches!(renewed, Renewed::Pair(_))).count();
        assert_eq!(pairs, 1);
    }
    let unused = w.count("select count(*) from refresh_tokens where replaced_at is null").await;
    assert_eq!(unused, 1);
}

async fn to_renew_and_to_end_at_once_do_not_wait_for_each_other(w: World) {
    let ada = w.person("ada").await;
    let other = if w.settings.database_url.is_some() { w.another().await } else { w.service.clone() };
    for n in 0..20 {
        let tokens = w.sign_in("ada").await;
        let client = Client::default();
        let renewed = w.service.refresh(&client, &tokens.refresh_token, Holder::Browser);
        if n % 2 == 0 {
            let (_, ended) = tokio::join!(renewed, other.end_session(&ada, tokens.session_id));
            ended.unwrap();
        } else {
            let (_, ended) = tokio::join!(renewed, other.end_other_sessions(&ada));
            ended.unwrap();
        }
        let again = w.service.refresh(&Client::default(), &tokens.refresh_token, Holder::Browser).await;
        assert_eq!(again.unwrap_err().code, Code::InvalidRefreshToken);
    }
    assert_eq!(w.deadlocks().await, 0);
}

//! Who can make an account.

use crate::world::{World, sign_up};
use domain::Service;
use protocol::{
    Result,
    account::AccountStatus,
    command::{Invite, Register, SetAccountStatus, SetRole},
    credentials::{AccountInvitation, Config, Registration},
    error::Code,
    id::ClientId,
    page::PageQuery,
    port::prelude::*,
    session::{Caller, Client, Tokens},
    user::Role,
};

on_both_databases! {
    a_change_of_who_can_come_holds_on_every_node_at_once
    the_first_account_can_always_be_made
    an_invitation_lets_as_many_in_as_it_says
    an_invitation_that_two_follow_at_once_lets_one_in
    an_invitation_ends_and_is_taken_back
    an_invitation_that_is_asked_for_twice_is_one
    invitations_that_expired_long_ago_are_forgotten
    only_those_who_may_invite
    an_invitation_does_not_outlive_its_makers_office
}

async fn come(service: &Service, name: &str, url: Option<&str>) -> Result<Tokens> {
    let invitation = url.map(|url| url.split_once("invitation=").unwrap().1.to_owned());
    let command = Register { invitation, ..sign_up(name) };
    service.register(&Client::default(), command, None).await.map(|made| made.thing)
}

async fn set(service: &Service, ada: &Caller, registration: Registration) {
    service.set_config(ada, Config { registration }).await.unwrap();
}

const ONE: Invite = Invite { role: None, max_uses: None, days: None };

async fn invite(service: &Service, ada: &Caller, command: Invite) -> AccountInvitation {
    service.invite(ada, command, None).await.unwrap().thing
}

async fn a_change_of_who_can_come_holds_on_every_node_at_once(w: World) {
    let ada = w.person("ada").await;
    let other = w.another().await;
    assert_eq!(other.registration().await.unwrap(), Registration::Open);
    set(&w.service, &ada, Registration::Closed).await;
    assert_eq!(other.registration().await.unwrap(), Registration::Closed);
    assert_eq!(come(&other, "mara", None).await.unwrap_err().code, Code::RegistrationClosed);
    let url = invite(&w.service, &ada, ONE).await.url.unwrap();
    assert_eq!(come(&other, "mara", Some(&url)).await.unwrap_err().code, Code::RegistrationClosed);
    set(&w.service, &ada, Registration::Invitation).await;
    let error = come(&other, "mara", None).await.unwrap_err();
    assert_eq!((error.code, error.errors[0].field.as_str()), (Code::InvitationNeeded, "invitation"));
    come(&other, "mara", Some(&url)).await.unwrap();
    set(&w.service, &ada, Registration::Open).await;
    come(&other, "yuki", None).await.unwrap();
}

async fn the_first_account_can_always_be_made(mut w: World) {
    w.settings.registration = Registration::Closed;
    let service = w.another().await;
    assert_eq!(service.registration().await.unwrap(), Registration::Closed);
    assert_eq!(come(&service, "ada", None).await.unwrap().user.role, Role::Admin);
    assert_eq!(come(&service, "mara", None).await.unwrap_err().code, Code::RegistrationClosed);
}

async fn an_invitation_lets_as_many_in_as_it_says(w: World) {
    let ada = w.person("ada").await;
    set(&w.service, &ada, Registration::Invitation).await;
    let guests = invite(&w.service, &ada, Invite { role: Some(Role::Guest), max_uses: Some(2), days: Some(1) }).await;
    let url = guests.url.unwrap();
    let code = url.strip_prefix("https://chat.example.org/sign-up?invitation=").unwrap();
    let told = w.service.find_invitation(code).await.unwrap().unwrap();
    assert_eq!((told.by.as_str(), told.role), ("ada", Role::Guest));
    assert_eq!(come(&w.service, "mara", Some(&url)).await.unwrap().user.role, Role::Guest);
    // What fails uses up nothing.
    assert_eq!(come(&w.service, "Mara", Some(&url)).await.unwrap_err().code, Code::UsernameTaken);
    come(&w.service, "tomas", Some(&url)).await.unwrap();
    let error = come(&w.service, "yuki", Some(&url)).await.unwrap_err();
    assert_eq!((error.code, error.errors[0].field.as_str()), (Code::InvalidInvitation, "invitation"));
    assert_eq!(w.service.find_invitation(code).await.unwrap(), None);
    let all = w.service.invitations(&ada, PageQuery { limit: 50, cursor: None }).await.unwrap().items;
    assert_eq!((all.len(), all[0].uses, all[0].max_uses, all[0].url.as_deref()), (1, 2, 2, None));
    assert_eq!(all[0].created_by.username, "ada");
    for nonsense in ["invitation=", "invitation=x", &format!("invitation={}", "0".repeat(64))] {
        let code = come(&w.service, "yuki", Some(nonsense)).await.unwrap_err().code;
        assert!(matches!(code, Code::InvalidInvitation | Code::InvitationNeeded), "{nonsense}");
    }
}

async fn an_invitation_that_two_follow_at_once_lets_one_in(w: World) {
    let ada = w.person("ada").await;
    set(&w.service, &ada, Registration::Invitation).await;
    let url = invite(&w.service, &ada, ONE).await.url.unwrap();
    let other = if w.settings.database_url.is_some() { w.another().await } else { w.service.clone() };
    let (a, b) = tokio::join!(come(&w.service, "mara", Some(&url)), come(&other, "yuki", Some(&url)));
    assert_eq!([&a, &b].iter().filter(|done| done.is_ok()).count(), 1);
    assert_eq!(a.err().or(b.err()).unwrap().code, Code::InvalidInvitation);
}

async fn an_invitation_ends_and_is_taken_back(w: World) {
    let ada = w.person("ada").await;
    let day = invite(&w.service, &ada, Invite { days: Some(1), ..ONE }).await;
    let week = invite(&w.service, &ada, ONE).await;
    w.clock.advance(25 * 60 * 60_000);
    let come_with = async |invitation: &AccountInvitation| {
        come(&w.service, "mara", invitation.url.as_deref()).await.map(|_| ()).map_err(|error| error.code)
    };
    assert_eq!(come_with(&day).await, Err(Code::InvalidInvitation));
    w.service.withdraw_invitation(&ada, week.id).await.unwrap();
    assert_eq!(w.service.withdraw_invitation(&ada, week.id).await.unwrap_err().code, Code::NotFound);
    assert_eq!(come_with(&week).await, Err(Code::InvalidInvitation));
    come(&w.service, "mara", None).await.unwrap();
}

async fn an_invitation_that_is_asked_for_twice_is_one(w: World) {
    let ada = w.person("ada").await;
    let ask = async || w.service.invite(&ada, ONE, Some(ClientId("k".into()))).await.unwrap();
    let (first, again) = (ask().await, ask().await);
    assert!(first.new && !again.new);
    assert_eq!(first.thing.id, again.thing.id);
    // The first link may be lost: it is kept nowhere.
    assert_eq!(come(&w.service, "mara", first.thing.url.as_deref()).await.unwrap_err().code, Code::InvalidInvitation);
    come(&w.service, "mara", again.thing.url.as_deref()).await.unwrap();
}

async fn invitations_that_expired_long_ago_are_forgotten(w: World) {
    const DAY: i64 = 24 * 60 * 60_000;
    let ada = w.sign_up("ada").await;
    let ada = w.service.authenticate(&ada.access_token).await.unwrap();
    invite(&w.service, &ada, Invite { days: Some(1), ..ONE }).await;
    w.clock.advance(20 * DAY);
    let recent = invite(&w.service, &ada, Invite { days: Some(1), ..ONE }).await;
    w.clock.advance(12 * DAY);
    let restarted = w.another().await;
    let listed = async || {
        let page = restarted.invitations(&ada, PageQuery { limit: 50, cursor: None }).await.unwrap();
        page.items.into_iter().map(|invitation| invitation.id).collect::<Vec<_>>()
    };
    while listed().await.len() > 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(listed().await, [recent.id]);
}

async fn only_those_who_may_invite(w: World) {
    let ada = w.person("ada").await;
    let mara = w.person("mara").await;
    let made = invite(&w.service, &ada, ONE).await;
    let page = PageQuery { limit: 50, cursor: None };
    for error in [
        w.service.invite(&mara, ONE, None).await.err(),
        w.service.invitations(&mara, page).await.err(),
        w.service.withdraw_invitation(&mara, made.id).await.err(),
        w.service.config(&mara).await.err(),
        w.service.set_config(&mara, Config::default()).await.err(),
    ] {
        assert_eq!(error.unwrap().code, Code::Forbidden);
    }
    let wrong = Invite { role: Some(Role::Admin), max_uses: Some(0), days: Some(366) };
    let error = w.service.invite(&ada, wrong, None).await.unwrap_err();
    let fields: Vec<_> = error.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["role", "max_uses", "days"]);
}

async fn an_invitation_does_not_outlive_its_makers_office(w: World) {
    let ada = w.person("ada").await;
    set(&w.service, &ada, Registration::Invitation).await;
    let own = invite(&w.service, &ada, ONE).await.url;
    let mut urls = Vec::new();
    for (n, lost) in [Some(Role::Member), Some(Role::Guest), None, Some(Role::Admin)].into_iter().enumerate() {
        let way_in = invite(&w.service, &ada, ONE).await.url;
        let tokens = come(&w.service, &format!("keeper{n}"), way_in.as_deref()).await.unwrap();
        w.service.set_role(&ada, tokens.user.id, SetRole { role: Role::Moderator }).await.unwrap();
        let keeper = w.service.authenticate(&tokens.access_token).await.unwrap();
        urls.push(invite(&w.service, &keeper, ONE).await.url);
        if let Some(role) = lost {
            w.service.set_role(&ada, keeper.user_id, SetRole { role }).await.unwrap();
        } else {
            let status = SetAccountStatus { status: AccountStatus::Deactivated };
            w.service.set_account_status(&ada, keeper.user_id, status).await.unwrap();
        }
    }
    for (n, url) in urls[..3].iter().enumerate() {
        let error = come(&w.service, &format!("late{n}"), url.as_deref()).await.unwrap_err();
        assert_eq!(error.code, Code::InvalidInvitation);
    }
    come(&w.service, "mara", urls[3].as_deref()).await.unwrap();
    come(&w.service, "yuki", own.as_deref()).await.unwrap();
}

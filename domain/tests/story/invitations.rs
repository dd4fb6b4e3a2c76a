//! Registration policies and account invitations.

use crate::harness::{TestApp, register_command};
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
    a_changed_registration_policy_applies_on_all_nodes_at_once
    the_first_account_can_register_despite_a_closed_policy
    an_invitation_can_be_redeemed_max_uses_times
    an_invitation_redeemed_twice_concurrently_admits_one_user
    expired_and_revoked_invitations_are_rejected
    creating_an_invitation_twice_with_one_key_creates_one
    invitations_that_expired_long_ago_are_purged
    managing_invitations_requires_permission
    invitations_are_deleted_when_their_creator_loses_the_permission
}

async fn register(service: &Service, name: &str, url: Option<&str>) -> Result<Tokens> {
    let invitation = url.map(|url| url.split_once("invitation=").unwrap().1.to_owned());
    let command = Register { invitation, ..register_command(name) };
    service.register_user(&Client::default(), command, None).await.map(|created| created.value)
}

async fn set_registration(service: &Service, ada: &Caller, registration: Registration) {
    service.set_config(ada, Config { registration }).await.unwrap();
}

const DEFAULT_INVITE: Invite = Invite { role: None, max_uses: None, days: None };

async fn invite(service: &Service, ada: &Caller, command: Invite) -> AccountInvitation {
    service.create_account_invitation(ada, command, None).await.unwrap().value
}

async fn a_changed_registration_policy_applies_on_all_nodes_at_once(app: TestApp) {
    let ada = app.create_user("ada").await;
    let other = app.start_node().await;
    assert_eq!(other.registration().await.unwrap(), Registration::Open);
    set_registration(&app.service, &ada, Registration::Closed).await;
    assert_eq!(other.registration().await.unwrap(), Registration::Closed);
    assert_eq!(register(&other, "mara", None).await.unwrap_err().code, Code::RegistrationClosed);
    let url = invite(&app.service, &ada, DEFAULT_INVITE).await.url.unwrap();
    assert_eq!(register(&other, "mara", Some(&url)).await.unwrap_err().code, Code::RegistrationClosed);
    set_registration(&app.service, &ada, Registration::Invitation).await;
    let error = register(&other, "mara", None).await.unwrap_err();
    assert_eq!((error.code, error.errors[0].field.as_str()), (Code::InvitationRequired, "invitation"));
    register(&other, "mara", Some(&url)).await.unwrap();
    set_registration(&app.service, &ada, Registration::Open).await;
    register(&other, "yuki", None).await.unwrap();
}

async fn the_first_account_can_register_despite_a_closed_policy(mut app: TestApp) {
    app.settings.registration = Registration::Closed;
    let service = app.start_node().await;
    assert_eq!(service.registration().await.unwrap(), Registration::Closed);
    assert_eq!(register(&service, "ada", None).await.unwrap().user.role, Role::Admin);
    assert_eq!(register(&service, "mara", None).await.unwrap_err().code, Code::RegistrationClosed);
}

async fn an_invitation_can_be_redeemed_max_uses_times(app: TestApp) {
    let ada = app.create_user("ada").await;
    set_registration(&app.service, &ada, Registration::Invitation).await;
    let guests = invite(&app.service, &ada, Invite { role: Some(Role::Guest), max_uses: Some(2), days: Some(1) }).await;
    let url = guests.url.unwrap();
    let code = url.strip_prefix("https://chat.example.org/sign-up?invitation=").unwrap();
    let invitation = app.service.find_invitation(code).await.unwrap().unwrap();
    assert_eq!((invitation.invited_by.as_str(), invitation.role), ("ada", Role::Guest));
    assert_eq!(register(&app.service, "mara", Some(&url)).await.unwrap().user.role, Role::Guest);
    // A failed registration does not use up the invitation.
    assert_eq!(register(&app.service, "Mara", Some(&url)).await.unwrap_err().code, Code::UsernameTaken);
    register(&app.service, "tomas", Some(&url)).await.unwrap();
    let error = register(&app.service, "yuki", Some(&url)).await.unwrap_err();
    assert_eq!((error.code, error.errors[0].field.as_str()), (Code::InvalidInvitation, "invitation"));
    assert_eq!(app.service.find_invitation(code).await.unwrap(), None);
    let all = app.service.list_account_invitations(&ada, PageQuery { limit: 50, cursor: None }).await.unwrap().items;
    assert_eq!((all.len(), all[0].uses, all[0].max_uses, all[0].url.as_deref()), (1, 2, 2, None));
    assert_eq!(all[0].created_by.username, "ada");
    for nonsense in ["invitation=", "invitation=x", &format!("invitation={}", "0".repeat(64))] {
        let code = register(&app.service, "yuki", Some(nonsense)).await.unwrap_err().code;
        assert!(matches!(code, Code::InvalidInvitation | Code::InvitationRequired), "{nonsense}");
    }
}

async fn an_invitation_redeemed_twice_concurrently_admits_one_user(app: TestApp) {
    let ada = app.create_user("ada").await;
    set_registration(&app.service, &ada, Registration::Invitation).await;
    let url = invite(&app.service, &ada, DEFAULT_INVITE).await.url.unwrap();
    let other = if app.settings.database_url.is_some() { app.start_node().await } else { app.service.clone() };
    let (a, b) = tokio::join!(register(&app.service, "mara", Some(&url)), register(&other, "yuki", Some(&url)));
    assert_eq!([&a, &b].iter().filter(|done| done.is_ok()).count(), 1);
    assert_eq!(a.err().or(b.err()).unwrap().code, Code::InvalidInvitation);
}

async fn expired_and_revoked_invitations_are_rejected(app: TestApp) {
    let ada = app.create_user("ada").await;
    let day = invite(&app.service, &ada, Invite { days: Some(1), ..DEFAULT_INVITE }).await;
    let week = invite(&app.service, &ada, DEFAULT_INVITE).await;
    app.clock.advance(25 * 60 * 60_000);
    let register_with = async |invitation: &AccountInvitation| {
        register(&app.service, "mara", invitation.url.as_deref()).await.map(|_| ()).map_err(|error| error.code)
    };
    assert_eq!(register_with(&day).await, Err(Code::InvalidInvitation));
    app.service.revoke_account_invitation(&ada, week.id).await.unwrap();
    assert_eq!(app.service.revoke_account_invitation(&ada, week.id).await.unwrap_err().code, Code::NotFound);
    assert_eq!(register_with(&week).await, Err(Code::InvalidInvitation));
    register(&app.service, "mara", None).await.unwrap();
}

async fn creating_an_invitation_twice_with_one_key_creates_one(app: TestApp) {
    let ada = app.create_user("ada").await;
    let request =
        async || app.service.create_account_invitation(&ada, DEFAULT_INVITE, Some(ClientId("k".into()))).await.unwrap();
    let (first, again) = (request().await, request().await);
    assert!(first.new && !again.new);
    assert_eq!(first.value.id, again.value.id);
    // The first link becomes invalid, because its secret is not stored.
    assert_eq!(
        register(&app.service, "mara", first.value.url.as_deref()).await.unwrap_err().code,
        Code::InvalidInvitation
    );
    register(&app.service, "mara", again.value.url.as_deref()).await.unwrap();
}

async fn invitations_that_expired_long_ago_are_purged(app: TestApp) {
    const DAY: i64 = 24 * 60 * 60_000;
    let ada = app.register("ada").await;
    let ada = app.service.authenticate(&ada.access_token).await.unwrap();
    invite(&app.service, &ada, Invite { days: Some(1), ..DEFAULT_INVITE }).await;
    app.clock.advance(20 * DAY);
    let recent = invite(&app.service, &ada, Invite { days: Some(1), ..DEFAULT_INVITE }).await;
    app.clock.advance(12 * DAY);
    let restarted = app.start_node().await;
    let listed = async || {
        let page = restarted.list_account_invitations(&ada, PageQuery { limit: 50, cursor: None }).await.unwrap();
        page.items.into_iter().map(|invitation| invitation.id).collect::<Vec<_>>()
    };
    while listed().await.len() > 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(listed().await, [recent.id]);
}

async fn managing_invitations_requires_permission(app: TestApp) {
    let ada = app.create_user("ada").await;
    let mara = app.create_user("mara").await;
    let created = invite(&app.service, &ada, DEFAULT_INVITE).await;
    let page = PageQuery { limit: 50, cursor: None };
    for error in [
        app.service.create_account_invitation(&mara, DEFAULT_INVITE, None).await.err(),
        app.service.list_account_invitations(&mara, page).await.err(),
        app.service.revoke_account_invitation(&mara, created.id).await.err(),
        app.service.get_config(&mara).await.err(),
        app.service.set_config(&mara, Config::default()).await.err(),
    ] {
        assert_eq!(error.unwrap().code, Code::Forbidden);
    }
    let wrong = Invite { role: Some(Role::Admin), max_uses: Some(0), days: Some(366) };
    let error = app.service.create_account_invitation(&ada, wrong, None).await.unwrap_err();
    let fields: Vec<_> = error.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["role", "max_uses", "days"]);
}

async fn invitations_are_deleted_when_their_creator_loses_the_permission(app: TestApp) {
    let ada = app.create_user("ada").await;
    set_registration(&app.service, &ada, Registration::Invitation).await;
    let own = invite(&app.service, &ada, DEFAULT_INVITE).await.url;
    let mut urls = Vec::new();
    for (n, lost) in [Some(Role::Member), Some(Role::Guest), None, Some(Role::Admin)].into_iter().enumerate() {
        let invite_url = invite(&app.service, &ada, DEFAULT_INVITE).await.url;
        let tokens = register(&app.service, &format!("invited{n}"), invite_url.as_deref()).await.unwrap();
        app.service.set_role(&ada, tokens.user.id, SetRole { role: Role::Moderator }).await.unwrap();
        let moderator = app.service.authenticate(&tokens.access_token).await.unwrap();
        urls.push(invite(&app.service, &moderator, DEFAULT_INVITE).await.url);
        if let Some(role) = lost {
            app.service.set_role(&ada, moderator.user_id, SetRole { role }).await.unwrap();
        } else {
            let status = SetAccountStatus { status: AccountStatus::Deactivated };
            app.service.set_account_status(&ada, moderator.user_id, status).await.unwrap();
        }
    }
    for (n, url) in urls[..3].iter().enumerate() {
        let error = register(&app.service, &format!("late{n}"), url.as_deref()).await.unwrap_err();
        assert_eq!(error.code, Code::InvalidInvitation);
    }
    register(&app.service, "mara", urls[3].as_deref()).await.unwrap();
    register(&app.service, "yuki", own.as_deref()).await.unwrap();
}

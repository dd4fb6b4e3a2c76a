use crate::harness::{PASSWORD, TestApp};
use protocol::{
    Error,
    account::AccountStatus,
    command::{ConfirmPassword, CreateToken, Invite, SetAccountStatus, SetRole},
    credentials::{Config, Registration},
    error::Code,
    id::UserId,
    port::prelude::*,
    session::{Access, Caller, Scope},
    user::Role,
};

on_both_databases! {
    sensitive_acts_require_a_recent_password_in_a_session
    an_access_token_performs_sensitive_acts_within_its_scope
    a_request_in_progress_of_a_demoted_administrator_is_refused
    a_request_in_progress_of_a_deactivated_moderator_is_refused
}

const CLOSED: Config = Config { registration: Registration::Closed };

fn role(role: Role) -> SetRole {
    SetRole { role }
}

/// Every sensitive act at another account, and whether an access token may perform it; each can be repeated.
async fn sensitive_acts(app: &TestApp, caller: &Caller, other: UserId) -> Vec<(&'static str, bool, Option<Error>)> {
    let service = &app.service;
    let status = |status| SetAccountStatus { status };
    vec![
        ("role", false, service.set_role(caller, other, role(Role::Guest)).await.err()),
        ("reset link", false, service.create_reset_link(caller, other).await.err()),
        ("second factor", false, service.remove_account_second_factor(caller, other).await.err()),
        ("sessions", true, service.end_account_sessions(caller, other).await.err()),
        ("deactivate", true, service.set_account_status(caller, other, status(AccountStatus::Deactivated)).await.err()),
        ("reactivate", true, service.set_account_status(caller, other, status(AccountStatus::Active)).await.err()),
        ("configuration", true, service.set_config(caller, CLOSED).await.err()),
    ]
}

async fn sensitive_acts_require_a_recent_password_in_a_session(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    for (act, _, error) in sensitive_acts(&app, &ada, mara.user_id).await {
        assert!(error.is_none(), "{act}: {error:?}");
    }
    app.service.set_config(&ada, Config::default()).await.unwrap();
    app.clock.advance(15 * 60_000);
    for (act, _, error) in sensitive_acts(&app, &ada, mara.user_id).await {
        assert_eq!(error.map(|error| error.code), Some(Code::PasswordRequired), "{act}");
    }
    assert_eq!(app.service.get_config(&ada).await.unwrap(), Config::default());
    app.service.confirm_password(&ada, ConfirmPassword { password: PASSWORD.into() }).await.unwrap();
    for (act, _, error) in sensitive_acts(&app, &ada, mara.user_id).await {
        assert!(error.is_none(), "{act}: {error:?}");
    }
}

async fn an_access_token_performs_sensitive_acts_within_its_scope(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let token = CreateToken { label: "a script".into(), scope: Scope::Admin, expires_at: None };
    let token = app.service.create_token(&ada, token, None).await.unwrap().value.token.unwrap();
    app.clock.advance(16 * 60_000);
    let program = app.service.authenticate(&token).await.unwrap();
    assert_eq!(program.access, Access::Admin);
    for (act, by_token, error) in sensitive_acts(&app, &program, mara.user_id).await {
        assert_eq!(error.map(|error| error.code), (!by_token).then_some(Code::Forbidden), "{act}");
    }
}

/// The caller of a request that was authenticated before their rights ended.
async fn check_refused(app: &TestApp, caller: &Caller, other: UserId, code: Code) {
    for (act, _, error) in sensitive_acts(app, caller, other).await {
        assert_eq!(error.map(|error| error.code), Some(code), "{act}");
    }
    let invite = Invite { role: None, max_uses: None, days: None };
    let error = app.service.create_account_invitation(caller, invite, None).await.err();
    assert_eq!(error.map(|error| error.code), Some(code));
}

async fn a_request_in_progress_of_a_demoted_administrator_is_refused(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let yuki = app.create_user("yuki").await;
    app.service.set_role(&ada, mara.user_id, role(Role::Admin)).await.unwrap();
    let mara = Caller { role: Role::Admin, ..mara };
    app.service.set_role(&mara, yuki.user_id, role(Role::Guest)).await.unwrap();
    app.service.set_role(&ada, mara.user_id, role(Role::Member)).await.unwrap();
    check_refused(&app, &mara, yuki.user_id, Code::Forbidden).await;
    assert_eq!(app.service.get_config(&ada).await.unwrap(), Config::default());
    assert_eq!(app.service.get_account(&ada, yuki.user_id).await.unwrap().status, AccountStatus::Active);
}

async fn a_request_in_progress_of_a_deactivated_moderator_is_refused(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let yuki = app.create_user("yuki").await;
    app.service.set_role(&ada, mara.user_id, role(Role::Admin)).await.unwrap();
    let mara = Caller { role: Role::Admin, access: Access::Admin, ..mara };
    let deactivate = SetAccountStatus { status: AccountStatus::Deactivated };
    app.service.set_account_status(&ada, mara.user_id, deactivate).await.unwrap();
    // As a token, so that the password is not asked for first.
    let error = app.service.end_account_sessions(&mara, yuki.user_id).await.unwrap_err();
    assert_eq!(error.code, Code::NotSignedIn);
    app.service.me(&yuki).await.unwrap();
}

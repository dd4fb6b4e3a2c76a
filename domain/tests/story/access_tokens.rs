use crate::harness::{TestApp, message_command};
use domain::{ClientKind, CloseReason};
use protocol::{
    command::{ConfirmPassword, CreateToken, ProveFactor, RenameSession},
    error::Code,
    id::ClientId,
    page::PageQuery,
    port::prelude::*,
    session::{AccessToken, Caller, Client, Scope},
};

on_both_databases! {
    an_access_token_acts_for_its_user_within_its_scope
    an_access_token_is_not_a_session
    an_access_token_ends_when_deleted_or_expired
    creating_an_access_token_twice_with_one_key_creates_one
    creating_an_access_token_requires_a_recent_password_and_a_label
}

fn command(label: &str, scope: Scope) -> CreateToken {
    CreateToken { label: label.into(), scope, expires_at: None }
}

async fn create_token(app: &TestApp, caller: &Caller, scope: Scope) -> AccessToken {
    app.service.create_token(caller, command("a script", scope), None).await.unwrap().value
}

async fn authenticate(app: &TestApp, token: &AccessToken) -> Caller {
    app.service.authenticate(token.token.as_deref().unwrap()).await.unwrap()
}

async fn an_access_token_acts_for_its_user_within_its_scope(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let lobby = app.lobby(&ada).await.id;
    for (scope, may_write) in [(Scope::Read, false), (Scope::Write, true), (Scope::Admin, true)] {
        let token = create_token(&app, &ada, scope).await;
        assert!(token.token.as_ref().unwrap().starts_with("lair_"));
        let program = authenticate(&app, &token).await;
        assert_eq!((program.user_id, program.role), (ada.user_id, ada.role));
        app.service.me(&program).await.unwrap();
        let sent = app.service.send_message(&program, lobby, message_command(&app.clock, "hello")).await;
        assert_eq!(sent.err().map(|error| error.code), (!may_write).then_some(Code::Forbidden), "{scope:?}");
        // No access token can manage credentials.
        let refused = [
            app.service.create_token(&program, command("more", Scope::Read), None).await.err(),
            app.service.end_other_sessions(&program).await.err(),
            app.service.end_session(&program, ada.session_id).await.err(),
            app.service.begin_second_factor(&program).await.err(),
            app.service.remove_second_factor(&program, ProveFactor { code: String::new() }).await.err(),
            app.service.check_recent_password(&program).await.err(),
            app.service.rename_session(&program, ada.session_id, RenameSession { label: "x".into() }).await.err(),
            app.service.delete_token(&program, token.id).await.err(),
        ];
        for error in refused {
            assert_eq!(error.map(|error| error.code), Some(Code::Forbidden));
        }
    }
    assert_eq!(
        app.service.create_token(&mara, command("more than I may", Scope::Admin), None).await.unwrap_err().code,
        Code::Forbidden
    );
}

async fn an_access_token_is_not_a_session(app: TestApp) {
    let ada = app.create_user("ada").await;
    let token = create_token(&app, &ada, Scope::Write).await;
    let secret = token.token.clone().unwrap();
    let sessions = app.service.list_sessions(&ada, PageQuery { limit: 200, cursor: None }).await.unwrap().items;
    assert!(sessions.iter().all(|session| session.id != token.id));
    assert_eq!(app.service.end_session(&ada, token.id).await.unwrap_err().code, Code::NotFound);
    assert_eq!(
        app.service.get_current_session(&authenticate(&app, &token).await).await.unwrap_err().code,
        Code::NotFound
    );
    let error = app.service.refresh(&Client::default(), &secret, ClientKind::Browser).await.unwrap_err();
    assert_eq!(error.code, Code::InvalidRefreshToken);
    app.service.end_other_sessions(&ada).await.unwrap();
    app.service.get_room(&authenticate(&app, &token).await, app.lobby(&ada).await.id).await.unwrap();
    for invalid in ["lair_", "lair_x", &secret[..secret.len() - 1], &format!("{secret}0"), &secret.to_uppercase()] {
        assert_eq!(app.service.authenticate(invalid).await.unwrap_err().code, Code::NotSignedIn, "{invalid}");
    }
}

async fn an_access_token_ends_when_deleted_or_expired(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let token = create_token(&app, &ada, Scope::Write).await;
    let program = authenticate(&app, &token).await;
    let mut listener = app.service.subscribe(&program, None).await.unwrap();
    assert_eq!(app.service.delete_token(&mara, token.id).await.unwrap_err().code, Code::NotFound);
    assert_eq!(app.service.delete_token(&ada, ada.session_id).await.unwrap_err().code, Code::NotFound);
    app.service.delete_token(&ada, token.id).await.unwrap();
    let mut frames = Vec::new();
    let closed = loop {
        if let Err(closed) = listener.next(&mut frames).await {
            break closed;
        }
    };
    assert_eq!(closed, CloseReason::SessionEnded);
    let secret = token.token.unwrap();
    assert_eq!(app.service.authenticate(&secret).await.unwrap_err().code, Code::NotSignedIn);
    let week = app.clock.now().plus(7 * 24 * 60 * 60_000);
    let short = CreateToken { expires_at: Some(week), ..command("a week", Scope::Read) };
    let short = app.service.create_token(&ada, short, None).await.unwrap().value;
    assert_eq!(short.expires_at, Some(week));
    let program = authenticate(&app, &short).await;
    app.clock.advance(60_000);
    authenticate(&app, &short).await;
    app.service.run_session_maintenance().await.unwrap();
    let listed = app.service.list_tokens(&program).await.unwrap().items;
    assert!(listed[0].last_used_at.is_some() && listed[0].expires_at == Some(week), "{listed:?}");
    assert_eq!((listed.len(), &listed[0].token), (1, &None));
    app.clock.advance(7 * 24 * 60 * 60_000);
    let error = app.service.authenticate(&short.token.unwrap()).await.unwrap_err();
    assert_eq!(error.code, Code::NotSignedIn);
    assert_eq!(app.service.list_tokens(&ada).await.unwrap().items.len(), 0);
}

async fn creating_an_access_token_twice_with_one_key_creates_one(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let create = async |caller: &Caller, key: &str| {
        let key = Some(ClientId(key.into()));
        app.service.create_token(caller, command("a script", Scope::Read), key).await
    };
    let first = create(&ada, "mine").await.unwrap();
    let again = create(&ada, "mine").await.unwrap();
    assert!(first.new && !again.new);
    // The secret is shown once and remains valid.
    assert_eq!((again.value.id, again.value.token), (first.value.id, None));
    authenticate(&app, &first.value).await;
    let others = [create(&ada, "another").await.unwrap(), create(&mara, "mine").await.unwrap()];
    assert!(others.iter().all(|created| created.new && created.value.token.is_some()));
    assert_eq!(app.service.list_tokens(&ada).await.unwrap().items.len(), 2);
    assert_eq!(create(&ada, "no such\nkey").await.unwrap_err().code, Code::Invalid);
    // A late repeat does not restore a deleted token.
    app.service.delete_token(&ada, first.value.id).await.unwrap();
    assert_eq!(create(&ada, "mine").await.unwrap_err().code, Code::NotFound);
    assert_eq!(app.service.list_tokens(&ada).await.unwrap().items.len(), 1);
}

async fn creating_an_access_token_requires_a_recent_password_and_a_label(app: TestApp) {
    let ada = app.create_user("ada").await;
    for (label, expires_at) in [("", None), ("x", Some(app.clock.now()))] {
        let bad = CreateToken { expires_at, ..command(label, Scope::Read) };
        assert_eq!(app.service.create_token(&ada, bad, None).await.unwrap_err().code, Code::Invalid);
    }
    app.clock.advance(16 * 60_000);
    let error = app.service.create_token(&ada, command("x", Scope::Read), None).await.unwrap_err();
    assert_eq!(error.code, Code::PasswordRequired);
    let password = ConfirmPassword { password: crate::harness::PASSWORD.into() };
    app.service.confirm_password(&ada, password).await.unwrap();
    create_token(&app, &ada, Scope::Read).await;
    let notifications =
        app.service.list_notifications(&ada, PageQuery { limit: 10, cursor: None }).await.unwrap().items;
    assert_eq!(notifications[0].kind, "token_created");
    for _ in 1..50 {
        create_token(&app, &ada, Scope::Read).await;
    }
    let error = app.service.create_token(&ada, command("one more", Scope::Read), None).await.unwrap_err();
    assert_eq!(error.code, Code::TooMany);
}

//! PostgreSQL outages and errors: no command is applied twice, and requests fail fast.

use crate::{
    harness::{PASSWORD, TestApp, message_command, register_command},
    postgres_proxy::PostgresProxy,
};
use domain::{ClientKind, Refreshed, Service};
use protocol::{
    command::{CreateRoom, Invite, Login},
    error::Code,
    port::prelude::*,
    room::Visibility,
    session::Client,
};
use sqlx_postgres::PgPool;
use std::{sync::Arc, time::Duration};

/// A node that reaches its database through a proxy.
async fn start_proxied_node(app: &mut TestApp) -> (PostgresProxy, Arc<Service>) {
    let (proxy, url) = PostgresProxy::start(app.settings.database_url.as_deref().unwrap()).await;
    app.settings.database_url = Some(url);
    (proxy, app.start_node().await)
}

/// A direct connection to the database.
async fn connect_database(app: &TestApp) -> PgPool {
    PgPool::connect(app.settings.database_url.as_deref().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_response_is_lost_is_applied_once() {
    let mut app = TestApp::postgres().await;
    let (proxy, node) = start_proxied_node(&mut app).await;
    let client = Client::default();
    let first = node.register_user(&client, register_command("ada"), None).await.unwrap().value;
    let ada = node.authenticate(&first.access_token).await.unwrap();

    proxy.drop_next_commit_response();
    let Ok(Refreshed::Pair(second)) = node.refresh(&client, &first.refresh_token, ClientKind::Api).await else {
        panic!("the session was ended")
    };
    assert!(proxy.has_dropped_response());
    assert!(matches!(node.refresh(&client, &second.refresh_token, ClientKind::Api).await, Ok(Refreshed::Pair(_))));

    proxy.drop_next_commit_response();
    node.login_user(&client, Login { login: "ada".into(), password: PASSWORD.into(), totp: None }).await.unwrap();
    assert!(proxy.has_dropped_response());

    proxy.drop_next_commit_response();
    node.register_user(&client, register_command("mara"), None).await.unwrap();
    assert!(proxy.has_dropped_response());

    let den = CreateRoom { name: "den".into(), visibility: Visibility::Private, ..CreateRoom::default() };
    proxy.drop_next_commit_response();
    let den = node.create_room(&ada, den, None).await.unwrap().value;
    assert!(proxy.has_dropped_response());

    proxy.drop_next_commit_response();
    assert!(node.send_message(&ada, den.id, message_command(&app.clock, "hello")).await.unwrap().new);
    assert!(proxy.has_dropped_response());
    let invite = Invite { role: None, max_uses: None, days: None };
    let invited = node.create_account_invitation(&ada, invite, None).await.unwrap().value;
    proxy.drop_next_commit_response();
    node.revoke_account_invitation(&ada, invited.id).await.unwrap();
    assert!(proxy.has_dropped_response());
    assert_eq!(node.revoke_account_invitation(&ada, invited.id).await.unwrap_err().code, Code::NotFound);

    let snapshot = node.get_snapshot(&ada).await.unwrap();
    assert_eq!(snapshot.rooms.len(), 2, "the Lobby and one den: {:?}", snapshot.rooms);
    let session_count: i64 = sqlx::query_scalar("select count(*) from sessions where user_id = $1")
        .bind(ada.user_id.0)
        .fetch_one(&connect_database(&app).await)
        .await
        .unwrap();
    assert_eq!(session_count, 2, "one session of the registration and one of the login");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_always_fails_does_not_affect_others_in_its_batch() {
    let app = TestApp::postgres().await;
    let tokens = app.register("ada").await;
    let ada = app.service.authenticate(&tokens.access_token).await.unwrap();
    let lobby = app.lobby(&ada).await.id;
    let taken = "create function taken() returns trigger as $$ begin raise unique_violation; end $$ language plpgsql; \
        create trigger taken before update on sessions for each row execute function taken()";
    let database = connect_database(&app).await;
    sqlx::raw_sql(taken).execute(&database).await.unwrap();
    // While the ledger waits for its counter, all other commands queue for one batch.
    let mut service_lock = database.begin().await.unwrap();
    sqlx::query("select 1 from service for update").execute(&mut *service_lock).await.unwrap();
    let lock_waiters_query =
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let mut messages =
        (0..50).map(|n| app.service.send_message(&ada, lobby, message_command(&app.clock, &n.to_string())));
    let first = messages.next().unwrap();
    let sends = futures::future::join_all(messages);
    let logout = app.service.logout_user(&ada);
    let release = async {
        while sqlx::query_scalar::<_, i64>(lock_waiters_query).fetch_one(&database).await.unwrap() == 0 {}
        let mut queued = Box::pin(futures::future::join(sends, logout));
        assert!(futures::poll!(&mut queued).is_pending());
        service_lock.commit().await.unwrap();
        queued.await
    };
    let (first, (sent, logged_out)) = tokio::join!(first, release);
    first.unwrap();
    assert_eq!(logged_out.unwrap_err().code, Code::Internal);
    for sent in sent {
        sent.unwrap();
    }
    // The session stays valid until the database accepts the logout.
    app.service.authenticate(&tokens.access_token).await.unwrap();
    sqlx::raw_sql("drop trigger taken on sessions").execute(&database).await.unwrap();
    app.service.logout_user(&ada).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_readiness_check_does_not_wait_for_locks_of_other_nodes() {
    let app = TestApp::postgres().await;
    let database = connect_database(&app).await;
    let mut service_lock = database.begin().await.unwrap();
    sqlx::query("select 1 from service for update").execute(&mut *service_lock).await.unwrap();
    app.service.check_ready().await.unwrap();
    service_lock.rollback().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_or_failing_disk_is_not_reported_as_an_internal_error() {
    let app = TestApp::postgres().await;
    let ada = app.create_user("ada").await;
    let lobby = app.lobby(&ada).await.id;
    let database = connect_database(&app).await;
    for (error, code) in [("disk_full", Code::DiskFull), ("io_error", Code::Busy), ("out_of_memory", Code::Busy)] {
        let broken = format!(
            "create function broken() returns trigger as $$ begin raise {error}; end $$ language plpgsql; \
            create trigger broken before insert on messages for each row execute function broken()"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(broken)).execute(&database).await.unwrap();
        let refused = app.service.send_message(&ada, lobby, message_command(&app.clock, error)).await.unwrap_err();
        assert_eq!((refused.code, refused.retry_after.is_some()), (code, code == Code::DiskFull), "{error}");
        sqlx::raw_sql("drop function broken cascade").execute(&database).await.unwrap();
        app.send_message(&ada, lobby, error).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_fail_fast_while_the_database_is_down() {
    /// Far below the minute that two attempts of everything would take.
    const FAIL_FAST_WITHIN: Duration = Duration::from_secs(15);
    let mut app = TestApp::postgres().await;
    let (proxy, node) = start_proxied_node(&mut app).await;
    let ada = app.create_user("ada").await;
    let lobby = app.lobby(&ada).await.id;
    node.send_message(&ada, lobby, message_command(&app.clock, "hello")).await.unwrap();
    proxy.stop().await;
    let requests = async {
        tokio::join!(
            node.send_message(&ada, lobby, message_command(&app.clock, "hello?")),
            node.get_room(&ada, lobby),
            node.get_snapshot(&ada)
        )
    };
    let (sent, room, snapshot) = tokio::time::timeout(FAIL_FAST_WITHIN, requests).await.unwrap();
    assert_eq!(sent.unwrap_err().code, Code::Busy);
    assert_eq!(room.unwrap_err().code, Code::Busy);
    assert_eq!(snapshot.unwrap_err().code, Code::Busy);
    tokio::time::timeout(FAIL_FAST_WITHIN, node.stop()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_connections_are_replaced() {
    let app = TestApp::postgres().await;
    let ada = app.create_user("ada").await;
    let lobby = app.lobby(&ada).await.id;
    let kill = "select pg_terminate_backend(pid) from pg_stat_activity \
        where datname = current_database() and pid <> pg_backend_pid()";
    sqlx::raw_sql(kill).execute(&connect_database(&app).await).await.unwrap();
    app.send_message(&ada, lobby, "does anybody hear me?").await;
    // Each broken connection fails at most one read.
    let mut tries = 0;
    while let Err(error) = app.service.get_room(&ada, lobby).await {
        assert_eq!(error.code, Code::Busy);
        tries += 1;
        assert!(tries < 20);
    }
}

//! PostgreSQL goes away, or refuses: nothing happens twice, and nobody is kept waiting.

use crate::{
    wire::Wire,
    world::{PASSWORD, World, sign_up, words},
};
use domain::{Holder, Renewed, Service};
use protocol::{
    command::{CreateRoom, Invite, Login},
    error::Code,
    port::prelude::*,
    room::Visibility,
    session::Client,
};
use sqlx_postgres::PgPool;
use std::{sync::Arc, time::Duration};

/// A node that reaches its database by a wire.
async fn by_wire(w: &mut World) -> (Wire, Arc<Service>) {
    let (wire, url) = Wire::to(w.settings.database_url.as_deref().unwrap()).await;
    w.settings.database_url = Some(url);
    (wire, w.another().await)
}

/// The database itself.
async fn database(w: &World) -> PgPool {
    PgPool::connect(w.settings.database_url.as_deref().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_happens_once() {
    let mut w = World::postgres().await;
    let (wire, node) = by_wire(&mut w).await;
    let client = Client::default();
    let first = node.register(&client, sign_up("ada"), None).await.unwrap().thing;
    let ada = node.authenticate(&first.access_token).await.unwrap();

    wire.lose_the_answer_to_a_commit();
    let Ok(Renewed::Pair(second)) = node.refresh(&client, &first.refresh_token, Holder::Api).await else {
        panic!("the session was ended")
    };
    assert!(wire.has_lost_it());
    assert!(matches!(node.refresh(&client, &second.refresh_token, Holder::Api).await, Ok(Renewed::Pair(_))));

    wire.lose_the_answer_to_a_commit();
    node.login(&client, Login { login: "ada".into(), password: PASSWORD.into(), totp: None }).await.unwrap();
    assert!(wire.has_lost_it());

    wire.lose_the_answer_to_a_commit();
    node.register(&client, sign_up("mara"), None).await.unwrap();
    assert!(wire.has_lost_it());

    let den = CreateRoom {
        name: "den".into(),
        visibility: Visibility::Private,
        topic: String::new(),
        description: String::new(),
    };
    wire.lose_the_answer_to_a_commit();
    let den = node.create_room(&ada, den, None).await.unwrap().thing;
    assert!(wire.has_lost_it());

    wire.lose_the_answer_to_a_commit();
    assert!(node.send(&ada, den.id, words(&w.clock, "hello")).await.unwrap().new);
    assert!(wire.has_lost_it());
    let invite = Invite { role: None, max_uses: None, days: None };
    let invited = node.invite(&ada, invite, None).await.unwrap().thing;
    wire.lose_the_answer_to_a_commit();
    node.withdraw_invitation(&ada, invited.id).await.unwrap();
    assert!(wire.has_lost_it());
    assert_eq!(node.withdraw_invitation(&ada, invited.id).await.unwrap_err().code, Code::NotFound);

    let snapshot = node.snapshot(&ada).await.unwrap();
    assert_eq!(snapshot.rooms.len(), 2, "the Lobby and one den: {:?}", snapshot.rooms);
    let mine: i64 = sqlx::query_scalar("select count(*) from sessions where user_id = $1")
        .bind(ada.user_id.0)
        .fetch_one(&database(&w).await)
        .await
        .unwrap();
    assert_eq!(mine, 2, "signed up, and in once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_the_database_always_refuses_harms_no_other() {
    let w = World::postgres().await;
    let tokens = w.sign_up("ada").await;
    let ada = w.service.authenticate(&tokens.access_token).await.unwrap();
    let lobby = w.lobby(&ada).await.id;
    let taken = "create function taken() returns trigger as $$ begin raise unique_violation; end $$ language plpgsql; \
        create trigger taken before update on sessions for each row execute function taken()";
    let database = database(&w).await;
    sqlx::raw_sql(taken).execute(&database).await.unwrap();
    // While the ledger waits for its counter, all others queue for one batch.
    let mut holding = database.begin().await.unwrap();
    sqlx::query("select 1 from service for update").execute(&mut *holding).await.unwrap();
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let mut say = (0..50).map(|n| w.service.send(&ada, lobby, words(&w.clock, &n.to_string())));
    let first = say.next().unwrap();
    let sends = futures::future::join_all(say);
    let logout = w.service.logout(&ada);
    let release = async {
        while sqlx::query_scalar::<_, i64>(waits).fetch_one(&database).await.unwrap() == 0 {}
        let mut queued = Box::pin(futures::future::join(sends, logout));
        assert!(futures::poll!(&mut queued).is_pending());
        holding.commit().await.unwrap();
        queued.await
    };
    let (first, (sent, logged_out)) = tokio::join!(first, release);
    first.unwrap();
    assert_eq!(logged_out.unwrap_err().code, Code::Internal);
    for sent in sent {
        sent.unwrap();
    }
    // The session goes on, until the database lets it end.
    w.service.authenticate(&tokens.access_token).await.unwrap();
    sqlx::raw_sql("drop trigger taken on sessions").execute(&database).await.unwrap();
    w.service.logout(&ada).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_of_readiness_waits_for_no_command_of_another_node() {
    let w = World::postgres().await;
    let database = database(&w).await;
    let mut holding = database.begin().await.unwrap();
    sqlx::query("select 1 from service for update").execute(&mut *holding).await.unwrap();
    w.service.ready().await.unwrap();
    holding.rollback().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_has_no_space_or_a_bad_disk_is_told_apart_from_our_mistakes() {
    let w = World::postgres().await;
    let ada = w.person("ada").await;
    let lobby = w.lobby(&ada).await.id;
    let database = database(&w).await;
    for (error, code) in [("disk_full", Code::DiskFull), ("io_error", Code::Busy), ("out_of_memory", Code::Busy)] {
        let broken = format!(
            "create function broken() returns trigger as $$ begin raise {error}; end $$ language plpgsql; \
            create trigger broken before insert on messages for each row execute function broken()"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(broken)).execute(&database).await.unwrap();
        let refused = w.service.send(&ada, lobby, words(&w.clock, error)).await.unwrap_err();
        assert_eq!((refused.code, refused.retry_after.is_some()), (code, code == Code::DiskFull), "{error}");
        sqlx::raw_sql("drop function broken cascade").execute(&database).await.unwrap();
        w.say(&ada, lobby, error).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_while_the_database_is_away_is_told_so_soon() {
    /// Far from the minute that it would take to try everything twice.
    const SOON: Duration = Duration::from_secs(15);
    let mut w = World::postgres().await;
    let (wire, node) = by_wire(&mut w).await;
    let ada = w.person("ada").await;
    let lobby = w.lobby(&ada).await.id;
    node.send(&ada, lobby, words(&w.clock, "hello")).await.unwrap();
    wire.cut().await;
    let asked = async {
        tokio::join!(node.send(&ada, lobby, words(&w.clock, "hello?")), node.room(&ada, lobby), node.snapshot(&ada))
    };
    let (sent, room, snapshot) = tokio::time::timeout(SOON, asked).await.unwrap();
    assert_eq!(sent.unwrap_err().code, Code::Busy);
    assert_eq!(room.unwrap_err().code, Code::Busy);
    assert_eq!(snapshot.unwrap_err().code, Code::Busy);
    tokio::time::timeout(SOON, node.stop()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_broke_are_replaced() {
    let w = World::postgres().await;
    let ada = w.person("ada").await;
    let lobby = w.lobby(&ada).await.id;
    let kill = "select pg_terminate_backend(pid) from pg_stat_activity \
        where datname = current_database() and pid <> pg_backend_pid()";
    sqlx::raw_sql(kill).execute(&database(&w).await).await.unwrap();
    w.say(&ada, lobby, "does anybody hear me?").await;
    // Each broken connection costs a reader at most one try.
    let mut tries = 0;
    while let Err(error) = w.service.room(&ada, lobby).await {
        assert_eq!(error.code, Code::Busy);
        tries += 1;
        assert!(tries < 20);
    }
}

//! Several nodes on one PostgreSQL lock rows in the same order, so they do not deadlock.

use crate::harness::{TestApp, message_command};
use protocol::{
    command::{SetDefaultRooms, UpdateProfile},
    port::prelude::*,
    room::Visibility,
};
use sqlx_postgres::PgPool;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_batch_locks_rooms_in_the_same_order() {
    let app = TestApp::postgres().await;
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let first = app.create_room(&ada, "First", Visibility::Public).await.id;
    let second = app.create_room(&mara, "Second", Visibility::Public).await.id;
    let database = PgPool::connect(app.settings.database_url.as_deref().unwrap()).await.unwrap();
    let wait_for_lock = async || {
        let count = "select count(*) from pg_stat_activity \
            where datname = current_database() and wait_event_type = 'Lock'";
        while sqlx::query_scalar::<_, i64>(count).fetch_one(&database).await.unwrap() == 0 {}
    };
    // Another node holds the lock of the first room, and will lock the second.
    let mut other = database.begin().await.unwrap();
    sqlx::query("select 1 from stream_heads where room_id = $1 for update")
        .bind(first.0)
        .execute(&mut *other)
        .await
        .unwrap();
    // While the ledger waits for its counter, the other commands queue for one batch.
    let mut counter = database.begin().await.unwrap();
    sqlx::query("select 1 from service for update").execute(&mut *counter).await.unwrap();
    let lobby = app.lobby(&ada).await.id;
    let first_send = tokio::spawn({
        let (service, command) = (app.service.clone(), message_command(&app.clock, "hello"));
        async move { service.send_message(&ada, lobby, command).await }
    });
    wait_for_lock().await;
    let sent = app.service.send_message(&mara, second, message_command(&app.clock, "hello"));
    let name = UpdateProfile { display_name: Some("Ada Lovelace".into()), ..UpdateProfile::default() };
    let renamed = app.service.update_profile(&ada, name);
    let mut queued = Box::pin(futures::future::join(sent, renamed));
    assert!(futures::poll!(&mut queued).is_pending());
    counter.commit().await.unwrap();
    first_send.await.unwrap().unwrap();
    wait_for_lock().await;
    let free = sqlx::query("select 1 from stream_heads where room_id = $1 for update nowait").bind(second.0);
    free.execute(&mut *other).await.expect("the second room is not locked before the first");
    other.commit().await.unwrap();
    let (sent, renamed) = queued.await;
    assert_eq!((sent.unwrap().new, renamed.unwrap().display_name.as_str()), (true, "Ada Lovelace"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registration_locks_the_default_rooms() {
    let app = TestApp::postgres().await;
    let ada = app.create_user("ada").await;
    let den = app.create_room(&ada, "den", Visibility::Public).await.id;
    app.service.set_default_rooms(&ada, SetDefaultRooms { room_ids: vec![den] }).await.unwrap();
    let database = PgPool::connect(app.settings.database_url.as_deref().unwrap()).await.unwrap();
    // Another node stores a message of the room.
    let mut other = database.begin().await.unwrap();
    let lock = sqlx::query("select 1 from stream_heads where room_id = $1 for update").bind(den.0);
    lock.execute(&mut *other).await.unwrap();
    let count = "select count(*) from pg_stat_activity \
        where datname = current_database() and wait_event_type = 'Lock'";
    let wait_for_lock = async { while sqlx::query_scalar::<_, i64>(count).fetch_one(&database).await.unwrap() == 0 {} };
    let mut registration = Box::pin(app.register("mara"));
    tokio::select! {
        _ = &mut registration => panic!("the room is not locked"),
        () = wait_for_lock => {}
    }
    other.commit().await.unwrap();
    registration.await;
    assert_eq!(app.service.get_room(&ada, den).await.unwrap().member_count, 2);
}

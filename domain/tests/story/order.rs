//! Many nodes on one PostgreSQL: none of them waits for another that waits for it.

use crate::world::TestApp;
use crate::world::message_command;
use protocol::command::UpdateProfile;
use protocol::port::prelude::*;
use protocol::room::Visibility;
use sqlx_postgres::PgPool;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_batch_locks_rooms_in_the_same_order() {
    let w = TestApp::postgres().await;
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let first = w.create_room(&ada, "First", Visibility::Public).await.id;
    let second = w.create_room(&mara, "Second", Visibility::Public).await.id;
    let database = PgPool::connect(w.settings.database_url.as_deref().unwrap()).await.unwrap();
    let wait_for_lock = async || {
        let count = "select count(*) from pg_stat_activity \
            where datname = current_database() and wait_event_type = 'Lock'";
        while sqlx::query_scalar::<_, i64>(count).fetch_one(&database).await.unwrap() == 0 {}
    };
    // Another node has the first room, and is about to want the second.
    let mut other = database.begin().await.unwrap();
    sqlx::query("select 1 from stream_heads where room_id = $1 for update")
        .bind(first.0)
        .execute(&mut *other)
        .await
        .unwrap();
    // While the ledger waits for its counter, the others queue for one batch.
    let mut counter = database.begin().await.unwrap();
    sqlx::query("select 1 from service for update").execute(&mut *counter).await.unwrap();
    let lobby = w.lobby(&ada).await.id;
    let first_send = tokio::spawn({
        let (service, words) = (w.service.clone(), message_command(&w.clock, "hello"));
        async move { service.send(&ada, lobby, words).await }
    });
    wait_for_lock().await;
    let sent = w.service.send(&mara, second, message_command(&w.clock, "hello"));
    let name = UpdateProfile { display_name: Some("Ada Lovelace".into()), ..UpdateProfile::default() };
    let renamed = w.service.update_profile(&ada, name);
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

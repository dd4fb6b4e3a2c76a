use super::LIST;
use crate::store::{Backend, Store};
use sqlx::AssertSqlSafe;

#[tokio::test]
async fn a_page_of_members_is_one_range_of_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), None).await.unwrap();
    let Backend::Sqlite(pool) = &store.read else { panic!("another database") };
    let explain = AssertSqlSafe(format!("explain query plan {LIST}"));
    let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(pool).await.unwrap();
    let steps: Vec<_> = plan.into_iter().map(|(.., step)| step).collect();
    assert!(steps[0].contains("members_name (room_id=? AND username_key>?)"), "{steps:?}");
    assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:?}");
    store.close().await;
}

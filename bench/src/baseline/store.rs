//! One table of messages in `SQLite`, as durable as lair's and as simple as possible.

use anyhow::Result;
use protocol::message::Message;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use sqlx_sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use std::{path::Path, sync::Arc};

/// Rows per insert; few sizes, so that each statement is prepared once.
const ROWS: [usize; 4] = [128, 32, 8, 1];

/// The one writer.
pub struct Store {
    connection: SqliteConnection,
    inserts: [Arc<str>; ROWS.len()],
}

impl Store {
    /// Opens a new database in the folder.
    pub async fn open(folder: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(folder.join("baseline.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // As in `domain::store`: both sides of the comparison have the same cache and the same checkpoints.
            .pragma("cache_size", "-16384")
            .pragma("wal_autocheckpoint", "16000");
        let mut connection = options.connect().await?;
        let table = "create table if not exists messages (
            room_id blob not null, seq integer not null, id blob not null, author blob not null,
            client_id text not null, body text not null, html text not null, sent_at integer not null,
            primary key (room_id, seq)) strict, without rowid";
        sqlx::query(table).execute(&mut connection).await?;
        Ok(Self { connection, inserts: ROWS.map(insert) })
    }

    /// Stores all of them, durably, in one transaction.
    pub async fn commit(&mut self, messages: &[Message]) -> Result<()> {
        let mut transaction = self.connection.begin().await?;
        let mut rest = messages;
        for (rows, insert) in ROWS.into_iter().zip(&self.inserts) {
            while let Some((chunk, after)) = rest.split_at_checked(rows) {
                rest = after;
                let mut query = sqlx::query(AssertSqlSafe(Arc::clone(insert)));
                for message in chunk {
                    query = query
                        .bind(message.room_id.0)
                        .bind(message.seq)
                        .bind(message.id.0)
                        .bind(message.author.id.0)
                        .bind(&message.client_id.0)
                        .bind(&message.body)
                        .bind(&message.html)
                        .bind(message.sent_at.0);
                }
                query.execute(&mut *transaction).await?;
            }
        }
        Ok(transaction.commit().await?)
    }
}

fn insert(rows: usize) -> Arc<str> {
    let row = "(?, ?, ?, ?, ?, ?, ?, ?)";
    let columns = "room_id, seq, id, author, client_id, body, html, sent_at";
    format!("insert into messages ({columns}) values {}", vec![row; rows].join(", ")).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::{connection::SentMessage, frame};
    use protocol::id::{ClientId, RoomId};
    use uuid::Uuid;

    #[tokio::test]
    async fn a_batch_of_any_size_is_stored_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path()).await.unwrap();
        let sent = SentMessage {
            from: 1,
            id: 1,
            room_id: RoomId(Uuid::nil()),
            body: "Good morning".into(),
            client_id: ClientId("a".into()),
        };
        let messages: Vec<_> = (1..=300).map(|seq| frame::message(&sent, frame::new_id(), seq)).collect();
        store.commit(&messages[..1]).await.unwrap();
        store.commit(&messages[1..]).await.unwrap();
        let stored: (i64, i64) =
            sqlx::query_as("select count(*), max(seq) from messages").fetch_one(&mut store.connection).await.unwrap();
        assert_eq!(stored, (300, 300));
    }
}

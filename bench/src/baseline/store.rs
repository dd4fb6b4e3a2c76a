//! One table of messages in `SQLite`, as durable as lair's and as simple as possible: the C library of lair's own build, used
//! by the thread that owns the connection.

use anyhow::Result;
use protocol::message::Message;
use rusqlite::{Connection, params};
use std::path::Path;

const INSERT: &str = "insert into messages (room_id, seq, id, author, client_id, body, html, sent_at) \
    values (?, ?, ?, ?, ?, ?, ?, ?)";

/// The one writer.
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens a new database in the folder.
    pub fn open(folder: &Path) -> Result<Self> {
        let connection = Connection::open(folder.join("baseline.db"))?;
        // As in `domain::store`: both sides of the comparison have the same cache and the same checkpoints.
        connection.execute_batch(
            "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;
             pragma cache_size = -16384; pragma wal_autocheckpoint = 16000;
             create table if not exists messages (
                room_id blob not null, seq integer not null, id blob not null, author blob not null,
                client_id text not null, body text not null, html text not null, sent_at integer not null,
                primary key (room_id, seq)) strict, without rowid",
        )?;
        Ok(Self { connection })
    }

    /// Stores all of them, durably, in one transaction.
    pub fn commit(&mut self, messages: &[Message]) -> Result<()> {
        let transaction = self.connection.transaction()?;
        let mut insert = transaction.prepare_cached(INSERT)?;
        for message in messages {
            insert.execute(params![
                message.room_id.0.as_bytes(),
                message.seq,
                message.id.0.as_bytes(),
                message.author.id.0.as_bytes(),
                message.client_id.0,
                message.body,
                message.html,
                message.sent_at.0,
            ])?;
        }
        drop(insert);
        Ok(transaction.commit()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::{connection::SentMessage, frame};
    use protocol::id::{ClientId, RoomId};
    use uuid::Uuid;

    #[test]
    fn a_batch_of_any_size_is_stored_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path()).unwrap();
        let sent = SentMessage {
            from: 1,
            id: 1,
            room_id: RoomId(Uuid::nil()),
            body: "Good morning".into(),
            client_id: ClientId("a".into()),
        };
        let messages: Vec<_> = (1..=300).map(|seq| frame::message(&sent, frame::new_id(), seq)).collect();
        store.commit(&messages[..1]).unwrap();
        store.commit(&messages[1..]).unwrap();
        let count = "select count(*), max(seq) from messages";
        let stored = store.connection.query_row(count, [], |row| Ok((row.get(0)?, row.get(1)?)));
        assert_eq!(stored, Ok((300_i64, 300_i64)));
    }
}

//! The page server: each request reads the rows of a room with one query, and the response is the page around them. The
//! compression is that of lair's own pages.

use anyhow::{Context as _, Result};
use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use protocol::id::RoomId;
use rusqlite::{Connection, OpenFlags, params};
use std::{
    path::Path as FilePath,
    sync::{Arc, Mutex, PoisonError},
};
use tower_http::{CompressionLevel, compression::CompressionLayer};

/// The level at which lair compresses its pages.
const COMPRESSION: CompressionLevel = CompressionLevel::Precise(4);
const FILE: &str = "pages.db";

/// A page, in the parts that it is stored in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What precedes the rows.
    pub head: String,
    /// The markup of each message, in order.
    pub rows: Vec<String>,
    /// What follows the rows.
    pub tail: String,
}

impl Page {
    /// Cuts a page of lair before each message and after the last.
    pub fn cut(html: &str) -> Option<Self> {
        const ROW: &str = "<article";
        const END: &str = "</article>";
        let (first, end) = (html.find(ROW)?, html.rfind(END)? + END.len());
        let rows = html[first..end].split(ROW).skip(1).map(|row| format!("{ROW}{row}")).collect();
        Some(Self { head: html[..first].to_owned(), rows, tail: html[end..].to_owned() })
    }

    /// Stores the page in a new database in the folder, for a server that is started on it.
    pub fn store(&self, folder: &FilePath, room: RoomId) -> Result<()> {
        let mut connection = Connection::open(folder.join(FILE))?;
        connection.execute_batch(
            "pragma journal_mode = wal;
             create table pages (head text not null, tail text not null) strict;
             create table messages (room_id blob not null, seq integer not null, html text not null,
                primary key (room_id, seq)) strict, without rowid",
        )?;
        let transaction = connection.transaction()?;
        transaction.execute("insert into pages (head, tail) values (?, ?)", params![self.head, self.tail])?;
        for (seq, row) in (1_i64..).zip(&self.rows) {
            let insert = "insert into messages (room_id, seq, html) values (?, ?, ?)";
            transaction.execute(insert, params![room.0.as_bytes(), seq, row])?;
        }
        Ok(transaction.commit()?)
    }
}

/// The page around the rows, and connections that are not in use.
struct Pages {
    folder: std::path::PathBuf,
    head: String,
    tail: String,
    idle: Mutex<Vec<Connection>>,
}

/// The routes of a page server.
pub fn router(folder: &FilePath) -> Result<Router> {
    let connection = open(folder)?;
    let (head, tail) = connection
        .query_row("select head, tail from pages", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .context("no page in the database")?;
    let pages = Pages { folder: folder.to_owned(), head, tail, idle: Mutex::new(vec![connection]) };
    let page = Router::new()
        .route("/rooms/{id}", get(show))
        .layer(CompressionLayer::new().quality(COMPRESSION))
        .with_state(Arc::new(pages));
    Ok(page.route("/api/v1/ready", get(async || "ready")))
}

async fn show(State(pages): State<Arc<Pages>>, Path(room): Path<RoomId>) -> Response {
    match pages.render(room) {
        Ok(page) => ([(header::CACHE_CONTROL, "no-store")], Html(page)).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

impl Pages {
    fn render(&self, room: RoomId) -> Result<String> {
        const LIST: &str = "select html from messages where room_id = ? order by seq desc limit 50";
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = idle().pop().map_or_else(|| open(&self.folder), Ok)?;
        let mut list = connection.prepare_cached(LIST)?;
        let rows = list.query_map([room.0.as_bytes()], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
        drop(list);
        idle().push(connection);
        let size = self.head.len() + rows.iter().map(String::len).sum::<usize>() + self.tail.len();
        let mut page = String::with_capacity(size);
        page.push_str(&self.head);
        rows.iter().rev().for_each(|row| page.push_str(row));
        page.push_str(&self.tail);
        Ok(page)
    }
}

fn open(folder: &FilePath) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(folder.join(FILE), flags)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_page_is_the_one_that_was_stored() {
        let html = "<body><p>Today</p><article>one</article><p>New</p><article>two</article></body>";
        let page = Page::cut(html).unwrap();
        assert_eq!(page.rows.len(), 2);
        let (folder, room) = (tempfile::tempdir().unwrap(), RoomId(Uuid::from_u128(7)));
        page.store(folder.path(), room).unwrap();
        let connection = open(folder.path()).unwrap();
        let Page { head, tail, .. } = page;
        let pages = Pages { folder: folder.path().to_owned(), head, tail, idle: Mutex::new(vec![connection]) };
        assert_eq!(pages.render(room).unwrap(), html);
    }
}

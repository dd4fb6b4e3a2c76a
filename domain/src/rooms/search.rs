//! Search for rooms by name and topic.

use crate::{
    Service,
    error::DbResultExt,
    paging::{decode_cursor, encode_cursor},
    store::{
        self, Store,
        room_search::{FoundRoomRow, MAX_WORDS, RoomCursor},
    },
    users::search::normalise::{search_key, words},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::SearchRooms,
    error::Code,
    limits,
    page::Page,
    permissions::Permission,
    port::RoomSearch,
    room::{Room, RoomSort},
    session::Caller,
};
use uuid::Uuid;

#[async_trait]
impl RoomSearch for Service {
    async fn search_rooms(&self, caller: &Caller, command: SearchRooms) -> Result<Page<Room>> {
        Permission::Read.check(caller)?;
        let query = limits::user_query(&command.query)?;
        let limit = limits::page_size(command.limit)?;
        let after = match command.cursor.as_deref() {
            Some(cursor) => decode_cursor(cursor)?,
            None => start(command.sort),
        };
        if sort_of(&after) != command.sort {
            let detail = "This cursor is of another order. Pass the sort of the previous page.";
            return Err(Error::new(Code::InvalidCursor, detail));
        }
        let key = search_key(&query);
        let mut words = words(&key);
        if words.is_empty() && !query.is_empty() {
            return Ok(Page { items: Vec::new(), next_cursor: None });
        }
        // The longest words exclude most.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.truncate(MAX_WORDS);
        let is_guest = !Permission::FindRooms.is_granted_to(caller.role);
        let user = (caller.user_id, is_guest);
        let rows = store::room_search::list(&self.store.read, user, &words, &after, limit + 1).await;
        Ok(page(rows.or_internal()?, command.sort, limit as usize))
    }
}

fn page(mut rows: Vec<FoundRoomRow>, sort: RoomSort, limit: usize) -> Page<Room> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| more).map(|last| encode_cursor(&cursor_at(last, sort)));
    Page { items: rows.into_iter().map(|row| row.room.room()).collect(), next_cursor }
}

/// The cursor before the first room.
fn start(sort: RoomSort) -> RoomCursor {
    match sort {
        RoomSort::Name => RoomCursor::Name(String::new(), Uuid::nil()),
        RoomSort::Activity => RoomCursor::Activity(i64::MAX, Uuid::max()),
        RoomSort::Members => RoomCursor::Members(i64::MAX, Uuid::max()),
    }
}

fn sort_of(cursor: &RoomCursor) -> RoomSort {
    match cursor {
        RoomCursor::Name(..) => RoomSort::Name,
        RoomCursor::Activity(..) => RoomSort::Activity,
        RoomCursor::Members(..) => RoomSort::Members,
    }
}

fn cursor_at(row: &FoundRoomRow, sort: RoomSort) -> RoomCursor {
    let id = row.room.id.0;
    match sort {
        RoomSort::Name => RoomCursor::Name(row.name_key.clone(), id),
        RoomSort::Activity => RoomCursor::Activity(row.active_at.0, id),
        RoomSort::Members => RoomCursor::Members(row.room.member_count, id),
    }
}

/// The words of a room's name and topic, as they are stored to be searched.
pub fn search_text(name: &str, topic: &str) -> String {
    let (name, topic) = (search_key(name), search_key(topic));
    let mut all = words(&name);
    all.extend(words(&topic));
    all.join(" ")
}

/// Computes the search text of rooms that have none: they were created by an earlier version.
pub async fn index_rooms(store: &Store) -> sqlx::Result<()> {
    const BATCH: i64 = 500;
    loop {
        let mut tx = store.begin().await?;
        let rooms = store::room_search::list_unindexed(&mut tx, BATCH).await?;
        for (id, name, topic) in &rooms {
            store::room_search::set_search_text(&mut tx, *id, &search_text(name, topic)).await?;
        }
        tx.commit().await?;
        if rooms.is_empty() {
            return Ok(());
        }
    }
}

//! The directory of many users, and the members of a room in which they all are.

use super::{Answer, page};
use crate::{lair::ServerProcess, scenario::pages::sign_in};
use anyhow::Result;
use protocol::id::RoomId;
use reqwest::Method;
use rusqlite::{Connection, params};
use std::path::Path;
use uuid::Uuid;

/// Users in the directory, and members of the room.
pub const USERS: usize = 20_000;
/// Members on a page.
pub const PAGE: usize = 50;

const FIRST_NAMES: [&str; 8] = ["Ada", "Bela", "Chidi", "Dalia", "Emre", "Freya", "Goran", "Hana"];

/// What they cost.
pub struct People {
    pub directory: Answer,
    pub members: Answer,
}

pub async fn measure(lair: &mut ServerProcess, rounds: usize) -> Result<People> {
    let room = lair.create_room("Everyone", &[0]).await?;
    lair.restart_after(|database| insert_users(database, room)).await?;
    let browser = sign_in(lair, 1).await?;
    let path = format!("/api/v1/rooms/{room}/members?limit={PAGE}");
    let members = || lair.rest.request(Method::GET, &path).bearer_auth(&lair.users[0].token);
    Ok(People {
        directory: Answer::measure(lair, "the first page of people", rounds, || page(&browser, lair, "/people"))
            .await?,
        members: Answer::measure(lair, "the first page of members", rounds, members).await?,
    })
}

/// Inserts users with the words they are found by, and makes them members of the room. Registering them would take a
/// password hash each.
fn insert_users(database: &Path, room: RoomId) -> Result<()> {
    let mut connection = Connection::open(database)?;
    let transaction = connection.transaction()?;
    // All other columns as those of the room's owner.
    transaction.execute_batch(
        "create temp table person as select * from users where id = (select user_id from members limit 1);
         create temp table membership as select * from members limit 1;",
    )?;
    let mut name = transaction.prepare(
        "update person set id = ?1, username = ?2, username_key = ?2, lookalike_key = ?2, display_name = ?3, \
         email = null, email_key = null, role = 'member'",
    )?;
    let mut join =
        transaction.prepare("update membership set room_id = ?1, user_id = ?2, role = 'member', username_key = ?3")?;
    let mut word = transaction.prepare(
        "insert into search_words (kind, word, name_key, user_id) values (?1, ?2, ?3, ?4) on conflict do nothing",
    )?;
    for number in 0..USERS {
        let (id, username) = (Uuid::new_v4(), format!("person-{number:05}"));
        let first = FIRST_NAMES[number % FIRST_NAMES.len()];
        let key = format!("{} {number:05}", first.to_lowercase());
        name.execute(params![id.as_bytes(), username, format!("{first} {number:05}")])?;
        transaction.execute("insert into users select * from person", [])?;
        join.execute(params![room.0.as_bytes(), id.as_bytes(), username])?;
        transaction.execute("insert into members select * from membership", [])?;
        for (kind, text) in std::iter::once((0, username.as_str())).chain(key.split(' ').map(|word| (1, word))) {
            word.execute(params![kind, text, key, id.as_bytes()])?;
        }
    }
    drop((name, join, word));
    transaction.execute(
        "update rooms set member_count = (select count(*) from members where room_id = ?1) where id = ?1",
        params![room.0.as_bytes()],
    )?;
    Ok(transaction.commit()?)
}

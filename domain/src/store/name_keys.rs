//! Names, and their lookup keys.

use crate::store::{Backend, Db, Tx, on};
use sqlx::FromRow;
use uuid::Uuid;

/// A column with names.
#[derive(Clone, Copy, Debug)]
pub enum Column {
    Username,
    Email,
    Room,
}

/// A name as entered, and its key.
#[derive(FromRow)]
pub struct StoredName {
    pub id: Uuid,
    pub text: String,
    pub key: String,
}

/// Version of the rule that created the keys.
pub async fn find_name_key_version(db: &Db) -> sqlx::Result<i64> {
    on!(db, pool => sqlx::query_scalar("select name_key_version from service where id = 1").fetch_one(pool).await)
}

pub async fn set_name_key_version(db: &Db, version: i64) -> sqlx::Result<()> {
    const SET: &str = "update service set name_key_version = $1 where id = 1";
    on!(db, pool => sqlx::query(SET).bind(version).execute(pool).await.map(|_| ()))
}

/// Prevents other nodes from changing names until the commit.
pub async fn lock(tx: &mut Tx, column: Column) -> sqlx::Result<()> {
    let lock = match column {
        Column::Username | Column::Email => "lock table users in share row exclusive mode",
        Column::Room => "lock table rooms in share row exclusive mode",
    };
    match tx {
        Backend::Sqlite(_) => Ok(()),
        Backend::Postgres(tx) => sqlx::query(lock).execute(&mut **tx).await.map(|_| ()),
    }
}

/// A batch of names after an id, oldest first.
pub async fn list(tx: &mut Tx, column: Column, after: Uuid, limit: i64) -> sqlx::Result<Vec<StoredName>> {
    let list = match column {
        Column::Username => {
            "select id, username as text, username_key as key from users where id > $1 order by id limit $2"
        }
        Column::Email => {
            "select id, email as text, email_key as key from users \
             where id > $1 and email is not null and email_key is not null order by id limit $2"
        }
        Column::Room => "select id, name as text, name_key as key from rooms where id > $1 order by id limit $2",
    };
    on!(tx, tx => sqlx::query_as(list).bind(after).bind(limit).fetch_all(&mut **tx).await)
}

/// Sets the key of a name; false when another name has it.
pub async fn update_key(tx: &mut Tx, column: Column, id: Uuid, key: &str) -> sqlx::Result<bool> {
    let set = match column {
        Column::Username => {
            "update users set username_key = $2 where id = $1 \
             and not exists (select 1 from users o where o.username_key = $2)"
        }
        Column::Email => {
            "update users set email_key = $2 where id = $1 \
             and not exists (select 1 from users o where o.email_key = $2)"
        }
        Column::Room => {
            "update rooms set name_key = $2 where id = $1 and (visibility <> 'public' \
             or not exists (select 1 from rooms o where o.name_key = $2 and o.visibility = 'public'))"
        }
    };
    let rows = on!(&mut *tx, tx => sqlx::query(set).bind(id).bind(key).execute(&mut **tx).await?.rows_affected());
    if rows > 0 && matches!(column, Column::Username) {
        const COPY: &str = "update members set username_key = $2 where user_id = $1 and left_at is null";
        on!(tx, tx => sqlx::query(COPY).bind(id).bind(key).execute(&mut **tx).await.map(|_| ()))?;
    }
    Ok(rows > 0)
}

/// Sets the lookalike key of a name; false when another name has it.
pub async fn set_lookalike_key(tx: &mut Tx, column: Column, id: Uuid, key: &str) -> sqlx::Result<bool> {
    let set = match column {
        Column::Username => {
            "update users set lookalike_key = $2 where id = $1 \
             and not exists (select 1 from users o where o.lookalike_key = $2 and o.id <> $1)"
        }
        Column::Room => {
            "update rooms set lookalike_key = $2 where id = $1 and (visibility <> 'public' or not exists \
             (select 1 from rooms o where o.lookalike_key = $2 and o.visibility = 'public' and o.id <> $1))"
        }
        Column::Email => return Ok(true),
    };
    let rows = on!(tx, tx => sqlx::query(set).bind(id).bind(key).execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

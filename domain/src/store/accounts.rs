//! Accounts, as listed for administrators.

use crate::store::{Db, Sql, Tx, on, users::avatar_link};
use protocol::{
    account::{Account, AccountFilter, AccountStatus},
    id::UserId,
    time::Time,
    user::Role,
};
use sqlx::FromRow;

#[derive(FromRow)]
pub struct AccountRow {
    id: UserId,
    username: String,
    display_name: String,
    avatar: Option<String>,
    role: Role,
    email: Option<String>,
    second_factor: bool,
    created_at: Time,
    deactivated_at: Option<Time>,
    last_seen_at: Option<Time>,
}

impl AccountRow {
    pub fn account(self) -> Account {
        Account {
            id: self.id,
            username: self.username,
            display_name: self.display_name,
            avatar_url: avatar_link(self.avatar.as_deref()),
            role: self.role,
            status: if self.deactivated_at.is_some() { AccountStatus::Deactivated } else { AccountStatus::Active },
            email: self.email,
            second_factor: self.second_factor,
            created_at: self.created_at,
            last_seen_at: self.last_seen_at,
        }
    }
}

macro_rules! select_account {
    ($rest:literal) => {
        concat!(
            "select u.id, u.username, u.display_name, u.avatar, u.role, u.email, u.created_at, u.deactivated_at, \
             exists (select 1 from second_factors f where f.user_id = u.id and f.confirmed_at is not null) \
             as second_factor, (select max(s.last_seen_at) from sessions s where s.user_id = u.id) as last_seen_at from users u ",
            $rest
        )
    };
}

pub async fn find(db: &Db, id: UserId) -> sqlx::Result<Option<AccountRow>> {
    const FIND: &str = select_account!("where u.id = $1");
    on!(db, pool => sqlx::query_as(FIND).bind(id).fetch_optional(pool).await)
}

pub async fn find_in(tx: &mut Tx, id: UserId) -> sqlx::Result<Option<AccountRow>> {
    const FIND: &str = select_account!("where u.id = $1");
    on!(tx, tx => sqlx::query_as(FIND).bind(id).fetch_optional(&mut **tx).await)
}

/// Search text: as a prefix of a username or address, and normalised as in the search index.
pub struct AccountSearch<'a> {
    pub filter: &'a AccountFilter,
    pub key: &'a str,
    pub word: &'a str,
}

/// A page of accounts by username, after the cursor. The search text is compared with every account: few callers use
/// this, and rarely.
pub async fn list(
    db: &Db,
    search: &AccountSearch<'_>,
    after: Option<UserId>,
    limit: u32,
) -> sqlx::Result<Vec<AccountRow>> {
    const LIST: Sql = Sql {
        sqlite: select_account!(
            "where ($3 = '' or u.role = $3) and ($4 = '' or ($4 = 'active') = (u.deactivated_at is null)) \
             and ($5 = '' or substr(u.username_key, 1, length($5)) = $5 or substr(u.email_key, 1, length($5)) = $5 \
             or lower(substr(u.email, 1, length($5))) = $5 or ($6 <> '' and exists (select 1 from search_words w where w.user_id = u.id \
             and substr(w.word, 1, length($6)) = $6))) \
             and ($2 = 0 or u.username_key > (select username_key from users where id = $1)) \
             order by u.username_key limit $7"
        ),
        postgres: select_account!(
            "where ($3::text = '' or u.role = $3) \
             and ($4::text = '' or ($4 = 'active') = (u.deactivated_at is null)) \
             and ($5::text = '' or starts_with(u.username_key, $5) or starts_with(u.email_key, $5) \
             or starts_with(lower(u.email), $5) or ($6::text <> '' and exists (select 1 from search_words w where w.user_id = u.id and starts_with(w.word, $6)))) \
             and ($2::bigint = 0 or u.username_key > (select username_key from users where id = $1)) \
             order by u.username_key limit $7"
        ),
    };
    let filter = search.filter;
    on!(db, pool => sqlx::query_as(LIST.on(db))
        .bind(after.unwrap_or(UserId(uuid::Uuid::nil()))).bind(i64::from(after.is_some()))
        .bind(filter.role.map_or("", Role::as_str)).bind(filter.status.map_or("", AccountStatus::as_str))
        .bind(search.key).bind(search.word).bind(i64::from(limit))
        .fetch_all(pool).await)
}

pub async fn update_role(tx: &mut Tx, id: UserId, role: Role) -> sqlx::Result<()> {
    const UPDATE: &str = "update users set role = $2 where id = $1";
    on!(tx, tx => sqlx::query(UPDATE).bind(id).bind(role).execute(&mut **tx).await.map(|_| ()))
}

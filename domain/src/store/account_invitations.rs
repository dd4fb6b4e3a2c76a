//! Account invitations, by the hash of their codes.

use crate::{
    idempotency::IdempotencyKey,
    store::{Db, Tx, on, users::AuthorRow},
};
use protocol::{
    credentials::AccountInvitation,
    id::{AccountInvitationId, ClientId, UserId},
    time::Time,
    user::Role,
};
use sqlx::FromRow;

#[derive(Clone, Debug, FromRow)]
pub struct InvitationRow {
    pub id: AccountInvitationId,
    pub role: Role,
    pub uses: i64,
    pub max_uses: i64,
    #[sqlx(flatten)]
    pub creator: AuthorRow,
    pub created_at: Time,
    pub expires_at: Time,
}

impl InvitationRow {
    /// Converts the row to the API's invitation.
    pub fn invitation(self) -> AccountInvitation {
        let count = |number: i64| u32::try_from(number).unwrap_or_default();
        AccountInvitation {
            id: self.id,
            role: self.role,
            uses: count(self.uses),
            max_uses: count(self.max_uses),
            created_by: self.creator.author(),
            created_at: self.created_at,
            expires_at: self.expires_at,
            url: None,
        }
    }

    /// Whether an account can be registered with it.
    pub fn is_valid(&self, now: Time) -> bool {
        self.uses < self.max_uses && self.expires_at > now
    }
}

macro_rules! find {
    ($which:literal) => {
        concat!(
            "select i.id, i.role, i.uses, i.max_uses, i.created_at, i.expires_at, \
             i.created_by as user_id, u.username, u.display_name, u.avatar \
             from account_invitations i join users u on u.id = i.created_by ",
            $which
        )
    };
}

pub struct NewInvitation<'a> {
    pub id: AccountInvitationId,
    pub hash: &'a [u8],
    pub role: Role,
    pub max_uses: i64,
    pub created_by: UserId,
    pub key: Option<&'a IdempotencyKey>,
    pub created_at: Time,
    pub expires_at: Time,
}

pub async fn create(tx: &mut Tx, new: &NewInvitation<'_>) -> sqlx::Result<()> {
    const CREATE: &str = "insert into account_invitations \
        (id, hash, role, uses, max_uses, created_by, client_key, request_hash, created_at, expires_at) \
        values ($1, $2, $3, 0, $4, $5, $6, $7, $8, $9)";
    on!(tx, tx => sqlx::query(CREATE).bind(new.id).bind(new.hash).bind(new.role).bind(new.max_uses)
        .bind(new.created_by).bind(new.key.map(|key| &key.key)).bind(new.key.map(|key| key.request_hash)).bind(new.created_at).bind(new.expires_at)
        .execute(&mut **tx).await.map(|_| ()))
}

/// Whether an invitation with this id exists.
pub async fn exists(tx: &mut Tx, id: AccountInvitationId) -> sqlx::Result<bool> {
    const FIND: &str = "select 1 from account_invitations where id = $1";
    on!(tx, tx => Ok(sqlx::query(FIND).bind(id).fetch_optional(&mut **tx).await?.is_some()))
}

/// The invitation created under this idempotency key, and the hash of that request.
pub async fn find_duplicate(
    tx: &mut Tx,
    created_by: UserId,
    key: &ClientId,
) -> sqlx::Result<Option<(AccountInvitationId, Option<i64>)>> {
    const FIND: &str = "select id, request_hash from account_invitations where created_by = $1 and client_key = $2";
    on!(tx, tx => sqlx::query_as(FIND).bind(created_by).bind(key).fetch_optional(&mut **tx).await)
}

/// Sets the hash of a new code.
pub async fn set_hash(tx: &mut Tx, id: AccountInvitationId, hash: &[u8]) -> sqlx::Result<()> {
    const SET: &str = "update account_invitations set hash = $2 where id = $1";
    on!(tx, tx => sqlx::query(SET).bind(id).bind(hash).execute(&mut **tx).await.map(|_| ()))
}

/// A page of invitations created before one, newest first: ids are ordered by time.
pub async fn list(db: &Db, before: AccountInvitationId, limit: u32) -> sqlx::Result<Vec<InvitationRow>> {
    const LIST: &str = find!("where i.id < $1 order by i.id desc limit $2");
    on!(db, pool => sqlx::query_as(LIST).bind(before).bind(i64::from(limit)).fetch_all(pool).await)
}

pub async fn find(db: &Db, hash: &[u8]) -> sqlx::Result<Option<InvitationRow>> {
    const FIND: &str = find!("where i.hash = $1");
    on!(db, pool => sqlx::query_as(FIND).bind(hash).fetch_optional(pool).await)
}

/// Redeems an invitation once; returns its role, or `None` when it is no longer valid.
pub async fn redeem(tx: &mut Tx, hash: &[u8], at: Time) -> sqlx::Result<Option<Role>> {
    const REDEEM: &str = "update account_invitations set uses = uses + 1 \
        where hash = $1 and uses < max_uses and expires_at > $2 returning role";
    on!(tx, tx => sqlx::query_scalar(REDEEM).bind(hash).bind(at).fetch_optional(&mut **tx).await)
}

/// Purges a batch of those that expired before a time; returns how many.
pub async fn purge(tx: &mut Tx, before: Time, limit: i64) -> sqlx::Result<i64> {
    const PURGE: &str = "delete from account_invitations where id in \
        (select id from account_invitations where expires_at < $1 order by expires_at limit $2)";
    let rows = on!(tx, tx => sqlx::query(PURGE).bind(before).bind(limit).execute(&mut **tx).await?.rows_affected());
    Ok(i64::try_from(rows).unwrap_or(limit))
}

/// Deletes the invitations of a user who may no longer invite.
pub async fn delete_by_creator(tx: &mut Tx, creator: UserId) -> sqlx::Result<()> {
    const DELETE: &str = "delete from account_invitations where created_by = $1";
    on!(tx, tx => sqlx::query(DELETE).bind(creator).execute(&mut **tx).await.map(|_| ()))
}

/// Deletes an invitation; false when it did not exist.
pub async fn delete(tx: &mut Tx, id: AccountInvitationId) -> sqlx::Result<bool> {
    const DELETE: &str = "delete from account_invitations where id = $1";
    let rows = on!(tx, tx => sqlx::query(DELETE).bind(id).execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

//! Finding users.

pub mod avatars;
mod blocks;
pub mod presence;
mod profile_page;
pub mod profiles;
pub mod rekey_names;
pub mod room_invitations;
pub mod search;

use crate::{
    Service,
    error::DbResultExt,
    paging::{decode_cursor, encode_cursor},
    store::{self, users::UserRow},
    users::{
        presence::CHUNK,
        profile_page::local_time,
        search::{Search, query::Query},
    },
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::SearchUsers,
    id::UserId,
    limits,
    page::{Page, PageQuery},
    permissions::Permission,
    port::Users,
    session::Caller,
    user::{Presence, User},
    user_profile::UserProfile,
};
use std::collections::HashMap;

#[async_trait]
impl Users for Service {
    async fn me(&self, caller: &Caller) -> Result<User> {
        Permission::Read.check(caller)?;
        Ok(self.find_user_row(caller.user_id).await?.into_self(&self.view_context()))
    }

    async fn get_user(&self, caller: &Caller, id: UserId) -> Result<User> {
        Permission::Read.check(caller)?;
        let row = store::users::find(&self.store.read, id).await.or_internal()?;
        Ok(self.require_visible_user(caller, row).await?.into_public(&self.view_context()))
    }

    async fn find_user(&self, caller: &Caller, username: &str) -> Result<User> {
        Permission::Read.check(caller)?;
        let row = store::users::find_by_username(&self.store.read, &limits::login_key(username)).await.or_internal()?;
        Ok(self.require_visible_user(caller, row).await?.into_public(&self.view_context()))
    }

    async fn search_users(&self, caller: &Caller, command: SearchUsers) -> Result<Page<User>> {
        Permission::Read.check(caller)?;
        let query = limits::user_query(&command.query)?;
        let limit = limits::page_size(command.limit)?;
        let cursor = command.cursor.as_deref().map(decode_cursor).transpose()?;
        let shared_with = (!Permission::FindUsers.is_granted_to(caller.role)).then_some(caller.user_id);
        let search = Search { db: &self.store.read, query: Query::new(&query), shared_with };
        let (found, next) = search.find_page(cursor, limit as usize).await.or_internal()?;
        Ok(Page { items: self.list_users_in_order(&found).await?, next_cursor: next.as_ref().map(encode_cursor) })
    }

    async fn user_profile(&self, caller: &Caller, username: &str) -> Result<UserProfile> {
        Permission::Read.check(caller)?;
        let row = store::users::find_by_username(&self.store.read, &limits::login_key(username)).await.or_internal()?;
        let row = self.require_visible_user(caller, row).await?;
        let (id, now) = (row.id, self.clock.now());
        let (profile, own) = (self.find_profile(id, now).await?, self.find_profile(caller.user_id, now).await?);
        let local_time = profile.time_zone.as_deref().and_then(|zone| local_time(now, zone, own.time_zone.as_deref()));
        let shared_rooms = store::rooms::list_shared(&self.store.read, caller.user_id, id).await.or_internal()?;
        let blocked = store::blocks::list(&self.store.read, caller.user_id).await.or_internal()?.contains(&id);
        Ok(UserProfile { user: row.into_public(&self.view_context()), profile, local_time, shared_rooms, blocked })
    }

    async fn list_online(&self, caller: &Caller, page: PageQuery) -> Result<Page<User>> {
        Permission::Read.check(caller)?;
        let mut after = crate::paging::parse_cursor(page.cursor.as_deref())?.map(UserId);
        let mut online = Vec::new();
        while online.len() <= page.limit as usize {
            let connected = self.hub.presences_after(after, CHUNK);
            let mut ids: Vec<_> = connected.into_iter().map(|(user, _)| user).collect();
            let Some(last) = ids.last() else { break };
            after = Some(*last);
            if !Permission::FindUsers.is_granted_to(caller.role) {
                ids = store::shared_rooms::list_sharing(&self.store.read, caller.user_id, &ids).await.or_internal()?;
                ids.sort_unstable();
            }
            let users = self.list_users_in_order(&ids).await?;
            online.extend(users.into_iter().filter(|user| user.presence == Presence::Online));
        }
        Ok(crate::paging::page_from_rows(online, page.limit, |user: &User| user.id.to_string()))
    }
}

impl Service {
    /// Fails unless the caller may see the user: a guest sees only users with whom they share a room.
    pub(crate) async fn require_visible_user(&self, caller: &Caller, row: Option<UserRow>) -> Result<UserRow> {
        // Also queried for a user that does not exist, so that the response time does not reveal to a guest which names
        // exist.
        let id = row.as_ref().map_or(UserId(uuid::Uuid::nil()), |row| row.id);
        let is_visible = Permission::FindUsers.is_granted_to(caller.role)
            || id == caller.user_id
            || store::shared_rooms::shares_room(&self.store.read, caller.user_id, id).await.or_internal()?;
        row.filter(|_| is_visible).ok_or_else(|| Error::not_found("user"))
    }

    /// Loads these users, in this order.
    pub(crate) async fn list_users_in_order(&self, ids: &[UserId]) -> Result<Vec<User>> {
        let rows = store::users::find_many(&self.store.read, ids).await.or_internal()?;
        let mut users: HashMap<UserId, _> = rows.into_iter().map(|row| (row.id, row)).collect();
        let view = self.view_context();
        Ok(ids.iter().filter_map(|id| Some(users.remove(id)?.into_public(&view))).collect())
    }
}

//! Finding people.

mod about;
mod blocks;
pub mod fold;
pub mod names;
mod search;
mod typed;
mod typos;

use crate::{
    Service,
    fault::OrBroken,
    presence::CHUNK,
    rights::Right,
    store::{self, users::UserRow},
};
use about::local_time;
use async_trait::async_trait;
use protocol::{
    Error, Result,
    about::About,
    command::FindPeople,
    error::Code,
    id::UserId,
    limits,
    page::{Page, PageQuery},
    port::Users,
    session::Caller,
    user::{Presence, User},
};
use search::{Place, Search};
use std::collections::HashMap;
use typed::Typed;

#[async_trait]
impl Users for Service {
    async fn me(&self, caller: &Caller) -> Result<User> {
        Right::Look.check(caller)?;
        Ok(self.find_user(caller.user_id).await?.own(&self.sight()))
    }

    async fn user(&self, caller: &Caller, id: UserId) -> Result<User> {
        Right::Look.check(caller)?;
        let row = store::users::find(&self.store.read, id).await.or_broken()?;
        Ok(self.visible_person(caller, row).await?.public(&self.sight()))
    }

    async fn user_named(&self, caller: &Caller, username: &str) -> Result<User> {
        Right::Look.check(caller)?;
        let row = store::users::find_named(&self.store.read, &limits::fold(username)).await.or_broken()?;
        Ok(self.visible_person(caller, row).await?.public(&self.sight()))
    }

    async fn find_people(&self, caller: &Caller, command: FindPeople) -> Result<Page<User>> {
        Right::Look.check(caller)?;
        let query = limits::people_query(&command.query)?;
        let limit = limits::page_size(command.limit)?;
        let place = command.cursor.as_deref().map(read_place).transpose()?;
        let shared_with = (!Right::FindPeople.is_of(caller.role)).then_some(caller.user_id);
        let search = Search { db: &self.store.read, typed: Typed::new(&query), shared_with };
        let (found, next) = search.page(place, limit as usize).await.or_broken()?;
        Ok(Page { items: self.people_in_order(&found).await?, next_cursor: next.as_ref().map(write_place) })
    }

    async fn about(&self, caller: &Caller, username: &str) -> Result<About> {
        Right::Look.check(caller)?;
        let row = store::users::find_named(&self.store.read, &limits::fold(username)).await.or_broken()?;
        let row = self.visible_person(caller, row).await?;
        let (id, now) = (row.id, self.clock.now());
        let (profile, own) = (self.profile_of(id, now).await?, self.profile_of(caller.user_id, now).await?);
        let clock = profile.time_zone.as_deref().and_then(|zone| local_time(now, zone, own.time_zone.as_deref()));
        let rooms = store::rooms::list_shared(&self.store.read, caller.user_id, id).await.or_broken()?;
        let blocked = store::blocks::list(&self.store.read, caller.user_id).await.or_broken()?.contains(&id);
        Ok(About { user: row.public(&self.sight()), profile, clock, rooms, blocked })
    }

    async fn people_online(&self, caller: &Caller, page: PageQuery) -> Result<Page<User>> {
        Right::Look.check(caller)?;
        let mut after = crate::rooms::parse_cursor(page.cursor.as_deref())?.map(UserId);
        let mut here = Vec::new();
        while here.len() <= page.limit as usize {
            let mut ids = self.hub.everyone_after(after, CHUNK);
            let Some(last) = ids.last() else { break };
            after = Some(*last);
            if !Right::FindPeople.is_of(caller.role) {
                ids = store::members::list_sharing(&self.store.read, caller.user_id, &ids).await.or_broken()?;
                ids.sort_unstable();
            }
            let people = self.people_in_order(&ids).await?;
            here.extend(people.into_iter().filter(|user| user.presence == Presence::Online));
        }
        Ok(crate::rooms::cut(here, page.limit, |user: &User| user.id.to_string()))
    }
}

impl Service {
    /// A person whom the caller may know of: a guest knows those with whom they share a room.
    pub(crate) async fn visible_person(&self, caller: &Caller, row: Option<UserRow>) -> Result<UserRow> {
        // Asked for nobody too, so that the time does not tell a guest which names there are.
        let id = row.as_ref().map_or(UserId(uuid::Uuid::nil()), |row| row.id);
        let may = Right::FindPeople.is_of(caller.role)
            || id == caller.user_id
            || store::members::share_room(&self.store.read, caller.user_id, id).await.or_broken()?;
        row.filter(|_| may).ok_or_else(|| Error::not_found("person"))
    }

    /// These people, in this order.
    pub(crate) async fn people_in_order(&self, ids: &[UserId]) -> Result<Vec<User>> {
        let rows = store::users::list(&self.store.read, ids).await.or_broken()?;
        let mut people: HashMap<UserId, _> = rows.into_iter().map(|row| (row.id, row)).collect();
        let sight = self.sight();
        Ok(ids.iter().filter_map(|id| Some(people.remove(id)?.public(&sight))).collect())
    }
}

/// A place as clients pass it back: opaque, and of characters that need no escaping.
fn write_place(place: &Place) -> String {
    crate::tokens::hex(&serde_json::to_vec(place).unwrap_or_default())
}

fn read_place(text: &str) -> Result<Place> {
    let invalid = || Error::new(Code::InvalidCursor, "Pass the next_cursor of the page before, as it came.");
    let pairs = text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    let json: Vec<u8> = pairs.collect::<Option<_>>().ok_or_else(invalid)?;
    // What it says is asked of the database as it is; written by us, it never has a NUL.
    let text = std::str::from_utf8(&json).ok().filter(|text| !text.contains(r"\u0000"));
    text.and_then(|text| serde_json::from_str(text).ok()).ok_or_else(invalid)
}

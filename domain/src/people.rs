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
    fault::{Fault, OrBroken},
    leaving,
    ledger::{Log, Write},
    rights::Right,
    store::{self, Tx, users::UserRow},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    about::About,
    command::{Deactivate, FindPeople},
    error::Code,
    id::{RoomId, UserId},
    limits,
    page::{Page, PageQuery},
    port::People,
    session::Caller,
    user::User,
};
use search::{Place, Search};
use std::collections::HashMap;
use typed::Typed;

#[async_trait]
impl People for Service {
    async fn find_people(&self, caller: &Caller, command: FindPeople) -> Result<Page<User>> {
        Right::Look.check(caller)?;
        self.search_people(caller, &command).await
    }
    async fn about(&self, caller: &Caller, username: &str) -> Result<About> {
        Right::Look.check(caller)?;
        self.look_at(caller, username).await
    }
    async fn people_online(&self, caller: &Caller, page: PageQuery) -> Result<Page<User>> {
        Right::Look.check(caller)?;
        self.list_online(caller, page).await
    }
    async fn block(&self, caller: &Caller, id: UserId) -> Result<()> {
        Right::ChangeOwn.check(caller)?;
        self.keep_away(caller, id).await
    }
    async fn unblock(&self, caller: &Caller, id: UserId) -> Result<()> {
        Right::ChangeOwn.check(caller)?;
        self.let_near(caller, id).await
    }
    async fn blocked(&self, caller: &Caller, page: PageQuery) -> Result<Page<User>> {
        Right::Look.check(caller)?;
        self.list_blocked(caller, page).await
    }
    async fn deactivate(&self, caller: &Caller, command: Deactivate) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.leave_service(caller, command).await
    }
}

impl Service {
    async fn search_people(&self, caller: &Caller, command: &FindPeople) -> Result<Page<User>> {
        let query = limits::people_query(&command.query)?;
        let limit = limits::page_size(command.limit)?;
        let place = command.cursor.as_deref().map(read_place).transpose()?;
        let shared_with = (!Right::FindPeople.is_of(caller.role)).then_some(caller.user_id);
        let search = Search { db: &self.store.read, typed: Typed::new(&query), shared_with };
        let (found, next) = search.page(place, limit as usize).await.or_broken()?;
        Ok(Page { items: self.people_in_order(&found).await?, next_cursor: next.as_ref().map(write_place) })
    }

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

    async fn leave_service(&self, caller: &Caller, command: Deactivate) -> Result<()> {
        self.prove(caller, command.password).await?;
        self.ledger.write(Leave { user: caller.user_id, lobby: self.lobby }).await?;
        // The events tell the other nodes; here it is over before the answer.
        self.sessions.end(caller.session_id);
        self.hand_over_the_rest(caller.user_id).await;
        Ok(())
    }
}

struct Leave {
    user: UserId,
    lobby: RoomId,
}

#[async_trait]
impl Write for Leave {
    type Done = ();

    fn room(&self) -> Option<RoomId> {
        Some(self.lobby)
    }

    /// Their rooms are handed over.
    fn speaker(&self) -> Option<UserId> {
        Some(self.user)
    }

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        leaving::deactivate(tx, log, self.lobby, self.user).await.map(|_| ())
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

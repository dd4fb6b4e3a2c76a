//! Keeping people away. Nobody can tell who does.

use crate::{
    Service,
    fault::{Fault, OrBroken},
    ledger::{Log, Write},
    rights::Right,
    rooms::invitations,
    store::{self, Tx, room_invitations::Which},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    error::Code,
    event::{Block, Change},
    id::UserId,
    limits,
    page::{Page, PageQuery},
    port::Blocks,
    room_invitation::InvitationStatus,
    session::Caller,
    user::User,
};

#[async_trait]
impl Blocks for Service {
    async fn block(&self, caller: &Caller, id: UserId) -> Result<()> {
        Right::ChangeOwn.check(caller)?;
        let row = store::users::find(&self.store.read, id).await.or_broken()?;
        let row = self.visible_person(caller, row).await?;
        if row.id == caller.user_id {
            return Err(Error::new(Code::Invalid, "You cannot block yourself."));
        }
        self.ledger.write(KeepAway { user: caller.user_id, blocked: id }).await
    }

    async fn unblock(&self, caller: &Caller, id: UserId) -> Result<()> {
        Right::ChangeOwn.check(caller)?;
        // Who was kept away can be let near even if they are not seen any more.
        if !store::blocks::list(&self.store.read, caller.user_id).await.or_broken()?.contains(&id) {
            let row = store::users::find(&self.store.read, id).await.or_broken()?;
            self.visible_person(caller, row).await?;
        }
        self.ledger.write(LetNear { user: caller.user_id, blocked: id }).await
    }

    async fn blocked(&self, caller: &Caller, page: PageQuery) -> Result<Page<User>> {
        Right::Look.check(caller)?;
        let after = crate::rooms::parse_cursor(page.cursor.as_deref())?.map(UserId);
        let mut ids = store::blocks::list(&self.store.read, caller.user_id).await.or_broken()?;
        ids.retain(|id| after.is_none_or(|after| *id > after));
        let ids = crate::rooms::cut(ids, page.limit, ToString::to_string);
        let mut people = self.people_in_order(&ids.items).await?;
        if !Right::FindPeople.is_of(caller.role) {
            // Whom a guest does not see any more, they do not watch from here.
            let seen = store::members::list_sharing(&self.store.read, caller.user_id, &ids.items).await.or_broken()?;
            for person in people.iter_mut().filter(|person| !seen.contains(&person.id)) {
                person.hide_doings();
            }
        }
        Ok(Page { items: people, next_cursor: ids.next_cursor })
    }
}

struct KeepAway {
    user: UserId,
    blocked: UserId,
}

#[async_trait]
impl Write for KeepAway {
    type Done = ();

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        let already = store::blocks::list_in(tx, self.user).await?;
        if already.len() >= limits::BLOCKED && !already.contains(&self.blocked) {
            let detail = format!("You can block at most {} people. Unblock someone first.", limits::BLOCKED);
            return Err(Error::new(Code::Invalid, detail).into());
        }
        if store::blocks::create(tx, self.user, self.blocked, log.at).await? {
            let theirs = Which::Between(self.user, self.blocked);
            invitations::close(tx, log, theirs, InvitationStatus::Declined).await?;
            log.tell(self.user, self.blocked.0, Change::BlockAdded(Block { user_id: self.blocked }));
        }
        Ok(())
    }
}

struct LetNear {
    user: UserId,
    blocked: UserId,
}

#[async_trait]
impl Write for LetNear {
    type Done = ();

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        if store::blocks::delete(tx, self.user, self.blocked).await? {
            log.tell(self.user, self.blocked.0, Change::BlockRemoved(Block { user_id: self.blocked }));
        }
        Ok(())
    }
}

//! Blocking users. Users cannot find out who blocks them.

use crate::{
    Service,
    error::{CommandError, DbResultExt},
    events::ledger::{Command, CommandContext},
    store::{self, Tx, room_invitations::InvitationFilter},
    users::room_invitations,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    error::Code,
    event::{Block, Change},
    id::UserId,
    limits,
    page::{Page, PageQuery},
    permissions::Permission,
    port::Blocks,
    room_invitation::InvitationStatus,
    session::Caller,
    user::User,
};

#[async_trait]
impl Blocks for Service {
    async fn block_user(&self, caller: &Caller, id: UserId) -> Result<()> {
        Permission::EditOwn.check(caller)?;
        let row = store::users::find(&self.store.read, id).await.or_internal()?;
        let row = self.require_visible_user(caller, row).await?;
        if row.id == caller.user_id {
            return Err(Error::new(Code::Invalid, "You can't block yourself."));
        }
        self.ledger.write(caller, BlockUser { user: caller.user_id, blocked: id }).await
    }

    async fn unblock_user(&self, caller: &Caller, id: UserId) -> Result<()> {
        Permission::EditOwn.check(caller)?;
        // A blocked user can be unblocked even if the caller can no longer see them.
        if !store::blocks::list(&self.store.read, caller.user_id).await.or_internal()?.contains(&id) {
            let row = store::users::find(&self.store.read, id).await.or_internal()?;
            self.require_visible_user(caller, row).await?;
        }
        self.ledger.write(caller, UnblockUser { user: caller.user_id, blocked: id }).await
    }

    async fn list_blocked(&self, caller: &Caller, page: PageQuery) -> Result<Page<User>> {
        Permission::Read.check(caller)?;
        let after = crate::paging::parse_cursor(page.cursor.as_deref())?.map(UserId);
        let mut ids = store::blocks::list(&self.store.read, caller.user_id).await.or_internal()?;
        ids.retain(|id| after.is_none_or(|after| *id > after));
        let ids = crate::paging::page_from_rows(ids, page.limit, ToString::to_string);
        let mut users = self.list_users_in_order(&ids.items).await?;
        if !Permission::FindUsers.is_granted_to(caller.role) {
            // A guest does not get the status or presence of users whom they can no longer see.
            let visible =
                store::shared_rooms::list_sharing(&self.store.read, caller.user_id, &ids.items).await.or_internal()?;
            for user in users.iter_mut().filter(|user| !visible.contains(&user.id)) {
                user.hide_status();
            }
        }
        Ok(Page { items: users, next_cursor: ids.next_cursor })
    }
}

struct BlockUser {
    user: UserId,
    blocked: UserId,
}

#[async_trait]
impl Command for BlockUser {
    type Output = ();

    fn lock_rooms_of(&self) -> Option<UserId> {
        Some(self.user)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let blocked_ids = store::blocks::list_in(tx, self.user).await?;
        if blocked_ids.len() >= limits::BLOCKS_PER_USER && !blocked_ids.contains(&self.blocked) {
            let detail = format!("You can block at most {} people. Unblock someone first.", limits::BLOCKS_PER_USER);
            return Err(Error::new(Code::Invalid, detail).into());
        }
        if store::blocks::create(tx, self.user, self.blocked, ctx.at).await? {
            let pending = InvitationFilter::Between(self.user, self.blocked);
            room_invitations::close(tx, ctx, pending, InvitationStatus::Declined).await?;
            ctx.publish_to_user(self.user, self.blocked.0, Change::BlockAdded(Block { user_id: self.blocked }));
            publish_unread(tx, ctx, self.user, self.blocked).await?;
        }
        Ok(())
    }
}

struct UnblockUser {
    user: UserId,
    blocked: UserId,
}

#[async_trait]
impl Command for UnblockUser {
    type Output = ();

    fn lock_rooms_of(&self) -> Option<UserId> {
        Some(self.user)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        if store::blocks::delete(tx, self.user, self.blocked).await? {
            ctx.publish_to_user(self.user, self.blocked.0, Change::BlockRemoved(Block { user_id: self.blocked }));
            publish_unread(tx, ctx, self.user, self.blocked).await?;
        }
        Ok(())
    }
}

/// Publishes the read markers of the rooms whose unread count depends on whether the user blocks the author.
async fn publish_unread(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    user: UserId,
    author: UserId,
) -> Result<(), CommandError> {
    let rooms = store::read_markers::list_rooms_behind(tx, user, author).await?;
    Ok(ctx.publish_read_markers(tx, user, &rooms).await?)
}

//! Administration of accounts: roles, status, second factors.

use crate::{
    Service,
    accounts::deactivate::{self, find_user},
    auth::{end_sessions::end_sessions, reauthentication::require_current, second_factor},
    error::{CommandError, DbResultExt},
    events::ledger::{Command, CommandContext},
    paging::{page_from_rows, parse_cursor},
    rooms::{
        activity::{self, ActivitySubject},
        membership,
    },
    store::{
        self, Tx,
        accounts::{AccountRow, AccountSearch},
        members::MemberRow,
        room_invitations::InvitationFilter,
    },
    users::{profiles::publish_user_updated, room_invitations, search::normalise::search_key},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    account::{Account, AccountFilter, AccountStatus},
    command::{SetAccountStatus, SetRole},
    error::Code,
    id::{RoomId, SessionId, UserId},
    limits,
    message::MessageKind,
    notification::{FactorChange, NotificationKind},
    page::{Page, PageQuery},
    permissions::{Permission, require_outranks},
    port::Admin,
    room::RoomRole,
    room_invitation::InvitationStatus,
    session::Caller,
    user::Role,
};

#[async_trait]
impl Admin for Service {
    async fn list_accounts(&self, caller: &Caller, filter: AccountFilter, page: PageQuery) -> Result<Page<Account>> {
        Permission::ModerateUsers.check(caller)?;
        let query = limits::user_query(&filter.query)?;
        let (key, word) = (limits::name_key(&query), search_key(&query));
        let after = parse_cursor(page.cursor.as_deref())?.map(UserId);
        let wanted = AccountSearch { filter: &filter, key: &key, word: &word };
        let rows = store::accounts::list(&self.store.read, &wanted, after, page.limit + 1).await.or_internal()?;
        let accounts = rows.into_iter().map(AccountRow::account).collect();
        Ok(page_from_rows(accounts, page.limit, |account: &Account| account.id.to_string()))
    }

    async fn get_account(&self, caller: &Caller, id: UserId) -> Result<Account> {
        Permission::ModerateUsers.check(caller)?;
        let row = store::accounts::find(&self.store.read, id).await.or_internal()?;
        row.map(AccountRow::account).ok_or_else(|| Error::not_found("user"))
    }

    async fn set_role(&self, caller: &Caller, id: UserId, command: SetRole) -> Result<Account> {
        Permission::ManageRoles.check(caller)?;
        self.require_recent_password(caller, None).await?;
        let account = self.ledger.write(caller, UpdateRole { user: id, role: command.role, lobby: self.lobby }).await?;
        tracing::info!(by = %caller.user_id, user = %id, role = account.role.as_str(), "role changed");
        // The event informs every node; here the change applies before the response.
        self.sessions.invalidate_role(id);
        self.transfer_remaining_rooms(id).await;
        Ok(account)
    }

    async fn set_account_status(&self, caller: &Caller, id: UserId, command: SetAccountStatus) -> Result<Account> {
        Permission::ModerateUsers.check(caller)?;
        self.require_recent_password_in_session(caller).await?;
        let change = UpdateAccountStatus { user: id, status: command.status, lobby: self.lobby };
        let (account, ended) = self.ledger.write(caller, change).await?;
        self.mark_sessions_ended(ended);
        tracing::info!(by = %caller.user_id, user = %id, status = ?account.status, "account status changed");
        self.transfer_remaining_rooms(id).await;
        Ok(account)
    }

    async fn end_account_sessions(&self, caller: &Caller, id: UserId) -> Result<()> {
        Permission::ModerateUsers.check(caller)?;
        self.require_recent_password_in_session(caller).await?;
        let ended = self.ledger.write(caller, EndSessions { user: id }).await?;
        self.mark_sessions_ended(ended);
        tracing::info!(by = %caller.user_id, user = %id, "all sessions of an account ended");
        Ok(())
    }

    async fn remove_account_second_factor(&self, caller: &Caller, id: UserId) -> Result<()> {
        Permission::ResetCredentials.check(caller)?;
        self.require_recent_password(caller, None).await?;
        self.ledger.write(caller, RemoveSecondFactor { user: id }).await?;
        tracing::info!(by = %caller.user_id, user = %id, "two-factor authentication removed");
        Ok(())
    }
}

impl Service {
    /// The events inform the other nodes; here the sessions end before the response.
    fn mark_sessions_ended(&self, ended: Vec<SessionId>) {
        for session in ended {
            self.sessions.mark_ended(session);
        }
    }
}

async fn find_account(tx: &mut Tx, id: UserId) -> Result<Account, CommandError> {
    let row = store::accounts::find_in(tx, id).await?;
    Ok(row.map(AccountRow::account).ok_or_else(|| Error::not_found("user"))?)
}

struct UpdateRole {
    user: UserId,
    role: Role,
    lobby: RoomId,
}

#[async_trait]
impl Command for UpdateRole {
    type Output = Account;

    fn room(&self) -> Option<RoomId> {
        Some(self.lobby)
    }

    /// Ownership of their rooms may be transferred.
    fn lock_rooms_of(&self) -> Option<UserId> {
        Some(self.user)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Account, CommandError> {
        require_current(tx, ctx, Permission::ManageRoles).await?;
        let before = find_user(tx, self.user).await?;
        if before.role == self.role {
            return find_account(tx, self.user).await;
        }
        let demotes_admin = before.role == Role::Admin && before.deactivated_at.is_none();
        if demotes_admin && !store::users::has_other_admin(tx, self.user).await? {
            let detail = "This is the last administrator. Make someone else an administrator first.";
            return Err(Error::new(Code::LastAdmin, detail).into());
        }
        store::accounts::update_role(tx, self.user, self.role).await?;
        if !Permission::InviteUsers.is_granted_to(self.role) {
            store::account_invitations::delete_by_creator(tx, self.user).await?;
        }
        if !Permission::ManageMembers.is_granted_to(self.role) {
            room_invitations::close(tx, ctx, InvitationFilter::CreatedBy(self.user), InvitationStatus::Revoked).await?;
        }
        ctx.notify(tx, self.user, &NotificationKind::RoleChanged { role: self.role }).await?;
        self.update_memberships(tx, ctx).await?;
        publish_user_updated(tx, ctx, self.lobby, self.user).await?;
        find_account(tx, self.user).await
    }
}

impl UpdateRole {
    /// Every user except guests is in the Lobby, and guests hold no role in any room.
    async fn update_memberships(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let is_in_lobby =
            store::members::find(tx, self.lobby, self.user).await?.is_some_and(|row: MemberRow| row.is_member());
        match (self.role == Role::Guest, is_in_lobby) {
            (true, true) => {
                membership::leave_room(tx, ctx, self.lobby, self.user, None).await?;
                let subject = ActivitySubject::None;
                activity::record(tx, ctx, self.lobby, MessageKind::Left, self.user, subject).await?;
            }
            (false, false) => membership::join_lobby(tx, ctx, self.lobby, self.user, RoomRole::Member).await?,
            _ => {}
        }
        membership::transfer_ownership(tx, ctx, self.lobby, self.user).await?;
        Ok(())
    }
}

struct UpdateAccountStatus {
    user: UserId,
    status: AccountStatus,
    lobby: RoomId,
}

#[async_trait]
impl Command for UpdateAccountStatus {
    type Output = (Account, Vec<SessionId>);

    fn room(&self) -> Option<RoomId> {
        Some(self.lobby)
    }

    /// Ownership of their rooms may be transferred.
    fn lock_rooms_of(&self) -> Option<UserId> {
        Some(self.user)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Self::Output, CommandError> {
        let role = require_current(tx, ctx, Permission::ModerateUsers).await?;
        require_outranks(role, find_user(tx, self.user).await?.role)?;
        let mut ended = Vec::new();
        match self.status {
            AccountStatus::Active => deactivate::reactivate(tx, ctx, self.lobby, self.user).await?,
            AccountStatus::Deactivated => {
                ended = store::sessions::list_active(tx, self.user).await?;
                deactivate::deactivate(tx, ctx, self.lobby, self.user).await?
            }
        };
        Ok((find_account(tx, self.user).await?, ended))
    }
}

struct EndSessions {
    user: UserId,
}

#[async_trait]
impl Command for EndSessions {
    type Output = Vec<SessionId>;

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Vec<SessionId>, CommandError> {
        let role = require_current(tx, ctx, Permission::ModerateUsers).await?;
        require_outranks(role, find_user(tx, self.user).await?.role)?;
        end_sessions(tx, ctx, self.user, None).await
    }
}

struct RemoveSecondFactor {
    user: UserId,
}

#[async_trait]
impl Command for RemoveSecondFactor {
    type Output = ();

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        require_current(tx, ctx, Permission::ResetCredentials).await?;
        find_user(tx, self.user).await?;
        second_factor::remove(tx, ctx, self.user, FactorChange::RemovedByAdmin).await
    }
}

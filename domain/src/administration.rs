//! Keeping the service: who has which role, who may sign in.

use crate::{
    Service,
    accounts::end_sessions,
    fault::{Fault, OrBroken},
    leaving::{self, find},
    ledger::{Log, Write},
    people::fold::fold,
    profiles::tell_everyone,
    rights::Right,
    rooms::{self, cut, invitations, parse_cursor},
    sign_ins::second_factor,
    store::{
        self, Tx,
        accounts::{AccountRow, Wanted},
        members::MemberRow,
        room_invitations::Which,
    },
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    account::{Account, AccountFilter, AccountStatus},
    command::{SetAccountStatus, SetRole},
    error::Code,
    id::{RoomId, SessionId, UserId},
    limits,
    notification::{FactorChange, Notice},
    page::{Page, PageQuery},
    port::Admin,
    room::RoomRole,
    room_invitation::InvitationStatus,
    session::Caller,
    user::Role,
};

#[async_trait]
impl Admin for Service {
    async fn accounts(&self, caller: &Caller, filter: AccountFilter, page: PageQuery) -> Result<Page<Account>> {
        Right::ModeratePeople.check(caller)?;
        let query = limits::people_query(&filter.query)?;
        let (key, word) = (limits::fold(&query), fold(&query));
        let after = parse_cursor(page.cursor.as_deref())?.map(UserId);
        let wanted = Wanted { filter: &filter, key: &key, word: &word };
        let rows = store::accounts::list(&self.store.read, &wanted, after, page.limit + 1).await.or_broken()?;
        let accounts = rows.into_iter().map(AccountRow::account).collect();
        Ok(cut(accounts, page.limit, |account: &Account| account.id.to_string()))
    }

    async fn account(&self, caller: &Caller, id: UserId) -> Result<Account> {
        Right::ModeratePeople.check(caller)?;
        let row = store::accounts::find(&self.store.read, id).await.or_broken()?;
        row.map(AccountRow::account).ok_or_else(|| Error::not_found("person"))
    }

    async fn set_role(&self, caller: &Caller, id: UserId, command: SetRole) -> Result<Account> {
        Right::GiveRoles.check(caller)?;
        self.recently_proved(caller, None).await?;
        let account = self.ledger.write(ChangeRole { user: id, role: command.role, lobby: self.lobby }).await?;
        tracing::info!(by = %caller.user_id, user = %id, role = account.role.as_str(), "a role was given");
        // The event tells every node; here it holds before the answer.
        self.sessions.doubt_role(id);
        if account.role == Role::Guest {
            self.hand_over_the_rest(id).await;
        }
        Ok(account)
    }

    async fn set_account_status(&self, caller: &Caller, id: UserId, command: SetAccountStatus) -> Result<Account> {
        Right::ModeratePeople.check(caller)?;
        let change = ChangeStatus { by: *caller, user: id, status: command.status, lobby: self.lobby };
        let (account, ended) = self.ledger.write(change).await?;
        self.forget(ended);
        tracing::info!(by = %caller.user_id, user = %id, status = ?account.status, "an account's status was set");
        if account.status == AccountStatus::Deactivated {
            self.hand_over_the_rest(id).await;
        }
        Ok(account)
    }

    async fn end_sessions_of(&self, caller: &Caller, id: UserId) -> Result<()> {
        Right::ModeratePeople.check(caller)?;
        let ended = self.ledger.write(EndSessions { by: *caller, user: id }).await?;
        self.forget(ended);
        tracing::info!(by = %caller.user_id, user = %id, "all sessions of an account were ended");
        Ok(())
    }

    async fn remove_factor_of(&self, caller: &Caller, id: UserId) -> Result<()> {
        Right::LetBackIn.check(caller)?;
        self.recently_proved(caller, None).await?;
        self.ledger.write(TakeFactor { user: id }).await?;
        tracing::info!(by = %caller.user_id, user = %id, "a second factor was taken away");
        Ok(())
    }
}

impl Service {
    /// The events tell the other nodes; here they are over before the answer.
    fn forget(&self, ended: Vec<SessionId>) {
        for session in ended {
            self.sessions.end(session);
        }
    }
}

async fn find_account(tx: &mut Tx, id: UserId) -> Result<Account, Fault> {
    let row = store::accounts::find_in(tx, id).await?;
    Ok(row.map(AccountRow::account).ok_or_else(|| Error::not_found("person"))?)
}

/// Moderators keep the peace among members and guests; each other, and the administrators, are the administrators' business.
fn check_reach(by: &Caller, over: Role) -> Result<()> {
    if Right::RunService.is_of(by.role) || !Right::ModeratePeople.is_of(over) {
        return Ok(());
    }
    let detail = "Only an administrator can do that to an administrator or a moderator.";
    Err(Error::new(Code::Forbidden, detail))
}

struct ChangeRole {
    user: UserId,
    role: Role,
    lobby: RoomId,
}

#[async_trait]
impl Write for ChangeRole {
    type Done = Account;

    fn room(&self) -> Option<RoomId> {
        Some(self.lobby)
    }

    /// Their rooms may be handed over.
    fn speaker(&self) -> Option<UserId> {
        Some(self.user)
    }

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Account, Fault> {
        let before = find(tx, self.user).await?;
        if before.role == self.role {
            return find_account(tx, self.user).await;
        }
        let leaves_office = before.role == Role::Admin && before.deactivated_at.is_none();
        if leaves_office && !store::users::has_other_admin(tx, self.user).await? {
            let detail = "This is the last administrator. Make someone else one first.";
            return Err(Error::new(Code::LastAdmin, detail).into());
        }
        store::accounts::update_role(tx, self.user, self.role).await?;
        if !Right::InvitePeople.is_of(self.role) {
            store::account_invitations::delete_by(tx, self.user).await?;
        }
        if !Right::ManageMembers.is_of(self.role) {
            invitations::close(tx, log, Which::MadeBy(self.user), InvitationStatus::Revoked).await?;
        }
        log.notify(tx, self.user, &Notice::RoleChanged { role: self.role }).await?;
        self.keep_rooms(tx, log).await?;
        tell_everyone(tx, log, self.lobby, self.user).await?;
        find_account(tx, self.user).await
    }
}

impl ChangeRole {
    /// Everyone but guests is in the Lobby, and guests have no say in any room.
    async fn keep_rooms(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        let is_in = store::members::find(tx, self.lobby, self.user).await?.is_some_and(|row: MemberRow| row.is_in());
        match (self.role == Role::Guest, is_in) {
            (true, true) => rooms::depart(tx, log, self.lobby, self.user, None).await?,
            (false, false) => rooms::enter(tx, log, self.lobby, self.user, RoomRole::Member).await?,
            _ => {}
        }
        if self.role == Role::Guest {
            rooms::hand_over(tx, log, self.lobby, self.user).await?;
        }
        Ok(())
    }
}

struct ChangeStatus {
    by: Caller,
    user: UserId,
    status: AccountStatus,
    lobby: RoomId,
}

#[async_trait]
impl Write for ChangeStatus {
    type Done = (Account, Vec<SessionId>);

    fn room(&self) -> Option<RoomId> {
        Some(self.lobby)
    }

    /// Their rooms may be handed over.
    fn speaker(&self) -> Option<UserId> {
        Some(self.user)
    }

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Self::Done, Fault> {
        check_reach(&self.by, find(tx, self.user).await?.role)?;
        let mut ended = Vec::new();
        match self.status {
            AccountStatus::Active => leaving::reactivate(tx, log, self.lobby, self.user).await?,
            AccountStatus::Deactivated => {
                ended = store::sessions::list_live(tx, self.user).await?;
                leaving::deactivate(tx, log, self.lobby, self.user).await?
            }
        };
        Ok((find_account(tx, self.user).await?, ended))
    }
}

struct EndSessions {
    by: Caller,
    user: UserId,
}

#[async_trait]
impl Write for EndSessions {
    type Done = Vec<SessionId>;

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Vec<SessionId>, Fault> {
        check_reach(&self.by, find(tx, self.user).await?.role)?;
        end_sessions(tx, log, self.user, None).await
    }
}

struct TakeFactor {
    user: UserId,
}

#[async_trait]
impl Write for TakeFactor {
    type Done = ();

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        find(tx, self.user).await?;
        second_factor::remove(tx, log, self.user, FactorChange::TakenAway).await
    }
}

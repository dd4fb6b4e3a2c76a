//! Invitations to make an account.

use crate::{
    Service,
    fault::{Fault, OrBroken, broken},
    idempotency::IdempotencyKey,
    ledger::{Log, Write},
    rights::Right,
    rooms::{cut, parse_cursor},
    store::{
        self, Tx,
        account_invitations::{InvitationRow, NewInvitation},
    },
    tokens,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::Invite,
    credentials::{AccountInvitation, Config, Invited, Registration},
    error::{Code, FieldError},
    id::{AccountInvitationId, ClientId, UserId},
    limits,
    page::{Created, Page, PageQuery},
    port::AccountInvitations,
    session::Caller,
    time::Time,
    user::Role,
};
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

const DAY: i64 = 24 * 60 * 60 * 1000;
/// Milliseconds for which an invitation that has expired is still listed.
const KEEP: i64 = 30 * DAY;

#[async_trait]
impl AccountInvitations for Service {
    async fn registration(&self) -> Result<Registration> {
        Ok(self.read_config().await?.registration)
    }

    async fn find_invitation(&self, code: &str) -> Result<Option<Invited>> {
        let found = self.find_good_invitation(code).await?;
        Ok(found.map(|row| Invited { by: row.by.display_name, role: row.role }))
    }

    async fn invitations(&self, caller: &Caller, page: PageQuery) -> Result<Page<AccountInvitation>> {
        Right::InvitePeople.check(caller)?;
        let before = parse_cursor(page.cursor.as_deref())?.unwrap_or(Uuid::max());
        let rows = store::account_invitations::list(&self.store.read, AccountInvitationId(before), page.limit + 1);
        let all = rows.await.or_broken()?.into_iter().map(InvitationRow::invitation).collect();
        Ok(cut(all, page.limit, |invitation: &AccountInvitation| invitation.id.to_string()))
    }

    async fn invite(
        &self,
        caller: &Caller,
        command: Invite,
        key: Option<ClientId>,
    ) -> Result<Created<AccountInvitation>> {
        Right::InvitePeople.check(caller)?;
        let (role, max_uses, days) = limits::invite(&command)?;
        let key = IdempotencyKey::new(key, &(role, max_uses, days))?;
        let (code, hash) = tokens::new_secret(&self.clock);
        let (id, by) = (AccountInvitationId(self.clock.id()), caller.user_id);
        let new = self.ledger.write(MakeInvitation { id, hash, role, max_uses, days, by, key }).await?;
        let row = store::account_invitations::find(&self.store.read, &hash).await.or_broken()?;
        let row = row.ok_or_else(|| broken(&std::fmt::Error))?;
        let url = Some(format!("{}/sign-up?invitation={code}", self.public_url));
        Ok(Created { thing: AccountInvitation { url, ..row.invitation() }, new })
    }

    async fn withdraw_invitation(&self, caller: &Caller, id: AccountInvitationId) -> Result<()> {
        Right::InvitePeople.check(caller)?;
        self.ledger.write(Withdraw { id, done: AtomicBool::new(false) }).await
    }
}

impl Service {
    async fn find_good_invitation(&self, code: &str) -> Result<Option<InvitationRow>> {
        if !limits::code(code) {
            return Ok(None);
        }
        let hash = tokens::hash(code);
        let row = store::account_invitations::find(&self.store.read, &hash).await.or_broken()?;
        Ok(row.filter(|row| row.is_good(self.clock.now())))
    }

    /// Refuses early, before a password is hashed, who could not make an account; it is decided where the account is made.
    pub(crate) async fn knock(&self, invitation: Option<&str>) -> Result<()> {
        if !store::users::any(&self.store.read).await.or_broken()? {
            return Ok(());
        }
        let good = match invitation {
            Some(code) => Some(self.find_good_invitation(code).await?.is_some()),
            None => None,
        };
        admit(&self.read_config().await?, good)
    }
}

/// Whether someone may make an account, who shows a good invitation, a bad one or none.
fn admit(config: &Config, invitation: Option<bool>) -> Result<()> {
    let wrong = |code: Code, word: &str, detail: &str| {
        Err(Error { errors: vec![FieldError::new("invitation", word, detail)], ..Error::new(code, detail) })
    };
    match (config.registration, invitation) {
        (Registration::Closed, _) => {
            let detail = "No new accounts are made here just now. Ask an administrator.";
            Err(Error::new(Code::RegistrationClosed, detail))
        }
        (Registration::Invitation, None) => {
            wrong(Code::InvitationNeeded, "required", "Accounts are made by invitation here. Ask for a link.")
        }
        (_, Some(false)) => {
            let detail = "This invitation is used up, has expired or was taken back. Ask for a new link.";
            wrong(Code::InvalidInvitation, "invalid", detail)
        }
        _ => Ok(()),
    }
}

/// Lets someone in who makes an account, using up the invitation they show; answers what they become.
pub async fn enter(tx: &mut Tx, config: &Config, code: Option<&str>, now: Time) -> Result<Role, Fault> {
    let role = match code {
        Some(code) => store::account_invitations::use_once(tx, &tokens::hash(code), now).await?,
        None => None,
    };
    admit(config, code.map(|_| role.is_some()))?;
    Ok(role.unwrap_or(Role::Member))
}

struct MakeInvitation {
    id: AccountInvitationId,
    hash: [u8; 32],
    role: Role,
    max_uses: u32,
    days: u32,
    by: UserId,
    key: Option<IdempotencyKey>,
}

#[async_trait]
impl Write for MakeInvitation {
    /// Whether it is new.
    type Done = bool;

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<bool, Fault> {
        if store::account_invitations::is_made(tx, self.id).await? {
            // By this very command: the database may give up a batch that it had already kept.
            return Ok(true);
        }
        if let Some(key) = &self.key
            && let Some((made, first)) = store::account_invitations::find_repeat(tx, self.by, &key.key).await?
        {
            key.check_repeat(first)?;
            store::account_invitations::set_hash(tx, made, &self.hash).await?;
            return Ok(made == self.id);
        }
        let new = NewInvitation {
            id: self.id,
            hash: &self.hash,
            role: self.role,
            max_uses: i64::from(self.max_uses),
            created_by: self.by,
            key: self.key.as_ref(),
            created_at: log.at,
            expires_at: log.at.plus(i64::from(self.days) * DAY),
        };
        store::account_invitations::create(tx, &new).await?;
        Ok(true)
    }
}

/// Forgets invitations that expired long ago.
pub struct ForgetInvitations {
    pub now: Time,
}

#[async_trait]
impl Write for ForgetInvitations {
    type Done = bool;

    async fn run(&self, tx: &mut Tx, _: &mut Log) -> Result<bool, Fault> {
        /// Few enough that nobody waits for the clean-up.
        const AT_ONCE: i64 = 1_000;
        Ok(store::account_invitations::forget(tx, self.now.plus(-KEEP), AT_ONCE).await?)
    }
}

struct Withdraw {
    id: AccountInvitationId,
    /// Whether an earlier run of this very command did it: the database may give up a batch that it had already kept.
    done: AtomicBool,
}

#[async_trait]
impl Write for Withdraw {
    type Done = ();

    async fn run(&self, tx: &mut Tx, _: &mut Log) -> Result<(), Fault> {
        let found = store::account_invitations::delete(tx, self.id).await?;
        let did = self.done.fetch_or(found, Ordering::Relaxed);
        if found || did { Ok(()) } else { Err(Error::not_found("invitation").into()) }
    }
}

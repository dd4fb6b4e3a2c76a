//! Account invitations.

use crate::{
    Service,
    auth::{reauthentication::require_current, tokens},
    error::{CommandError, DbResultExt, internal_error},
    events::{
        follower::batch_job::BatchJob,
        ledger::{Command, CommandContext},
    },
    idempotency::IdempotencyKey,
    paging::{page_from_rows, parse_cursor},
    store::{
        self, Tx,
        account_invitations::{InvitationRow, NewInvitation},
    },
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::Invite,
    credentials::{AccountInvitation, Config, InvitationPreview, Registration},
    error::{Code, FieldError},
    id::{AccountInvitationId, ClientId, UserId},
    limits,
    page::{Created, Page, PageQuery},
    permissions::Permission,
    port::AccountInvitations,
    session::Caller,
    time::Time,
    user::Role,
};
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

const DAY: i64 = 24 * 60 * 60 * 1000;
/// Milliseconds for which an expired invitation is still listed.
const RETENTION: i64 = 30 * DAY;

#[async_trait]
impl AccountInvitations for Service {
    async fn registration(&self) -> Result<Registration> {
        Ok(self.read_config().await?.registration)
    }

    async fn find_invitation(&self, code: &str) -> Result<Option<InvitationPreview>> {
        let found = self.find_valid_invitation(code).await?;
        Ok(found.map(|row| InvitationPreview { invited_by: row.creator.display_name, role: row.role }))
    }

    async fn list_account_invitations(&self, caller: &Caller, page: PageQuery) -> Result<Page<AccountInvitation>> {
        Permission::InviteUsers.check(caller)?;
        let before = parse_cursor(page.cursor.as_deref())?.unwrap_or(Uuid::max());
        let rows = store::account_invitations::list(&self.store.read, AccountInvitationId(before), page.limit + 1);
        let all = rows.await.or_internal()?.into_iter().map(InvitationRow::invitation).collect();
        Ok(page_from_rows(all, page.limit, |invitation: &AccountInvitation| invitation.id.to_string()))
    }

    async fn create_account_invitation(
        &self,
        caller: &Caller,
        command: Invite,
        key: Option<ClientId>,
    ) -> Result<Created<AccountInvitation>> {
        Permission::InviteUsers.check(caller)?;
        let (role, max_uses, days) = limits::invite(&command)?;
        let key = IdempotencyKey::new(key, &(role, max_uses, days))?;
        let (code, hash) = tokens::new_secret(&self.clock);
        let (id, created_by) = (AccountInvitationId(self.clock.id()), caller.user_id);
        let new =
            self.ledger.write(caller, CreateInvitation { id, hash, role, max_uses, days, created_by, key }).await?;
        let row = store::account_invitations::find(&self.store.read, &hash).await.or_internal()?;
        let row = row.ok_or_else(|| internal_error(&std::fmt::Error))?;
        let url = Some(format!("{}/sign-up?invitation={code}", self.public_url));
        Ok(Created { value: AccountInvitation { url, ..row.invitation() }, new })
    }

    async fn revoke_account_invitation(&self, caller: &Caller, id: AccountInvitationId) -> Result<()> {
        Permission::InviteUsers.check(caller)?;
        self.ledger.write(caller, RevokeInvitation { id, deleted: AtomicBool::new(false) }).await
    }
}

impl Service {
    async fn find_valid_invitation(&self, code: &str) -> Result<Option<InvitationRow>> {
        let Some(code) = limits::code(code) else { return Ok(None) };
        let hash = tokens::hash(&code);
        let row = store::account_invitations::find(&self.store.read, &hash).await.or_internal()?;
        Ok(row.filter(|row| row.is_valid(self.clock.now())))
    }

    /// Rejects a registration that is not allowed before its password is hashed; the final check is made when the
    /// account is created.
    pub(crate) async fn check_registration_open(&self, invitation: Option<&str>) -> Result<()> {
        if !store::users::any(&self.store.read).await.or_internal()? {
            return Ok(());
        }
        let invitation_valid = match invitation {
            Some(code) => Some(self.find_valid_invitation(code).await?.is_some()),
            None => None,
        };
        check_policy(&self.read_config().await?, invitation_valid)
    }
}

/// Whether registration is allowed with a valid invitation, an invalid one or none.
fn check_policy(config: &Config, invitation_valid: Option<bool>) -> Result<()> {
    let wrong = |code: Code, word: &str, detail: &str| {
        Err(Error { errors: vec![FieldError::new("invitation", word, detail)], ..Error::new(code, detail) })
    };
    match (config.registration, invitation_valid) {
        (Registration::Closed, _) => {
            let detail = "Sign-up is closed. Ask an administrator.";
            Err(Error::new(Code::RegistrationClosed, detail))
        }
        (Registration::Invitation, None) => {
            wrong(Code::InvitationRequired, "required", "Sign-up is by invitation only. Ask for an invite link.")
        }
        (_, Some(false)) => {
            let detail = "This invite link was already used, has expired or was revoked. Ask for a new one.";
            wrong(Code::InvalidInvitation, "invalid", detail)
        }
        _ => Ok(()),
    }
}

/// Checks the registration policy and redeems the invitation if there is one; returns the role of the new account.
pub async fn redeem_invitation(
    tx: &mut Tx,
    config: &Config,
    code: Option<&str>,
    now: Time,
) -> Result<Role, CommandError> {
    let role = match code {
        Some(code) => store::account_invitations::redeem(tx, &tokens::hash(code), now).await?,
        None => None,
    };
    check_policy(config, code.map(|_| role.is_some()))?;
    Ok(role.unwrap_or(Role::Member))
}

struct CreateInvitation {
    id: AccountInvitationId,
    hash: [u8; 32],
    role: Role,
    max_uses: u32,
    days: u32,
    created_by: UserId,
    key: Option<IdempotencyKey>,
}

#[async_trait]
impl Command for CreateInvitation {
    /// Whether it is new.
    type Output = bool;

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<bool, CommandError> {
        if store::account_invitations::exists(tx, self.id).await? {
            // Created by an earlier run of this command: the database may have committed a batch that it reported as
            // aborted.
            return Ok(true);
        }
        require_current(tx, ctx, Permission::InviteUsers).await?;
        if let Some(key) = &self.key
            && let Some((existing, first_request_hash)) =
                store::account_invitations::find_duplicate(tx, self.created_by, &key.key).await?
        {
            key.check_repeat(first_request_hash)?;
            store::account_invitations::set_hash(tx, existing, &self.hash).await?;
            return Ok(existing == self.id);
        }
        let new = NewInvitation {
            id: self.id,
            hash: &self.hash,
            role: self.role,
            max_uses: i64::from(self.max_uses),
            created_by: self.created_by,
            key: self.key.as_ref(),
            created_at: ctx.at,
            expires_at: ctx.at.plus(i64::from(self.days) * DAY),
        };
        store::account_invitations::create(tx, &new).await?;
        Ok(true)
    }
}

/// Purges invitations that expired long ago.
#[derive(Clone)]
pub struct PurgeInvitations;

#[async_trait]
impl BatchJob for PurgeInvitations {
    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext, limit: i64) -> Result<i64, CommandError> {
        Ok(store::account_invitations::purge(tx, ctx.at.plus(-RETENTION), limit).await?)
    }
}

struct RevokeInvitation {
    id: AccountInvitationId,
    /// Whether an earlier run of this command deleted it: the database may have committed a batch that it reported as
    /// aborted.
    deleted: AtomicBool,
}

#[async_trait]
impl Command for RevokeInvitation {
    type Output = ();

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        require_current(tx, ctx, Permission::InviteUsers).await?;
        let found = store::account_invitations::delete(tx, self.id).await?;
        let deleted_before = self.deleted.fetch_or(found, Ordering::Relaxed);
        if found || deleted_before { Ok(()) } else { Err(Error::not_found("invitation").into()) }
    }
}

//! Second factor: codes of an authenticator app, and recovery codes for when it is lost.

use crate::{
    Service, audit,
    auth::{
        data_key::DataKey, end_sessions::end_sessions_by_id, reauthentication::require_active_session, tokens, totp,
    },
    clock::Clock,
    error::{CommandError, DbResultExt},
    events::ledger::{Command, CommandContext},
    store::{self, Tx, second_factors::FactorRow},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{ConfirmFactor, ProveFactor},
    error::{self, FieldError},
    id::{SessionId, UserId},
    limits::{self, SESSIONS_PER_USER, TOTP_CODE_CHARS},
    notification::{FactorChange, NotificationKind},
    permissions::Permission,
    port::SecondFactors,
    session::{Caller, FactorSetup, RecoveryCodes, SecondFactor},
};
use qrcode::{QrCode, render::svg};
use std::sync::Arc;

/// Recovery codes per set, and the random bytes of each: too many to guess, so a plain hash is enough.
const RECOVERY_CODES: usize = 10;
const RECOVERY_BYTES: usize = 15;
/// Sessions that are ended at once; the surplus is from an earlier version without a limit.
const MAX_ENDED: usize = 5 * SESSIONS_PER_USER;
/// Reason in the log for a code that was right but had been used before.
pub const REPLAYED: &str = "replayed_totp";

/// A second-factor code as entered.
#[derive(Clone)]
pub enum FactorCode {
    /// Six digits of an authenticator app.
    Totp(u32),
    /// Hash of any other text.
    Recovery([u8; 32]),
}

impl FactorCode {
    /// Ignores spacing, and how the keyboard writes digits and letters.
    pub fn parse(text: &str) -> Self {
        let bare: String = limits::typed_code(text).chars().take(TOTP_CODE_CHARS).collect();
        let is_totp = bare.len() == 6 && bare.bytes().all(|b| b.is_ascii_digit());
        match bare.parse() {
            Ok(digits) if is_totp => Self::Totp(digits),
            _ => Self::Recovery(tokens::hash(&bare.to_ascii_uppercase())),
        }
    }
}

pub fn totp_required() -> Error {
    totp_error(error::Code::TotpRequired, "Enter the code from your authenticator app, or a recovery code.")
}

fn wrong_totp() -> Error {
    totp_error(error::Code::WrongTotp, "Wrong or already used code. Wait for the next one.")
}

fn totp_error(code: error::Code, message: &str) -> Error {
    Error { errors: vec![FieldError::new("totp", "invalid", message)], ..Error::new(code, message) }
}

/// The secret of a stored factor.
fn open_secret(key: &DataKey, user: UserId, factor: &FactorRow) -> Result<Vec<u8>> {
    key.open(user, &factor.secret).ok_or_else(|| {
        tracing::error!(%user, "the secret of this second factor was sealed with another data key");
        Error::internal()
    })
}

/// Consumes a code of the user, if they have a second factor; each code can be used once.
pub async fn consume_code(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    key: &DataKey,
    user: UserId,
    code: Option<&FactorCode>,
) -> Result<(), CommandError> {
    let factor = store::second_factors::find_in(tx, user).await?;
    let Some(factor) = factor.filter(|factor| factor.confirmed_at.is_some()) else { return Ok(()) };
    match code {
        None => Err(totp_required().into()),
        Some(FactorCode::Totp(digits)) => {
            let secret = open_secret(key, user, &factor)?;
            let step = totp::find_step(&secret, *digits, ctx.at, factor.last_step).ok_or_else(wrong_totp)?;
            // Another node may just have consumed the same code.
            let first = store::second_factors::consume_step(tx, user, step).await?;
            if first { Ok(()) } else { Err(wrong_totp().into()) }
        }
        Some(FactorCode::Recovery(hash)) => {
            if !store::second_factors::consume_recovery_code(tx, user, hash, ctx.at).await? {
                return Err(wrong_totp().into());
            }
            notify(tx, ctx, user, FactorChange::RecoveryCodeUsed).await
        }
    }
}

/// Removes a user's second factor and recovery codes, and notifies the user if the factor was enabled.
pub async fn remove(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    user: UserId,
    change: FactorChange,
) -> Result<(), CommandError> {
    let was_enabled = store::second_factors::find_in(tx, user).await?.is_some_and(|it| it.confirmed_at.is_some());
    store::second_factors::delete(tx, user).await?;
    if was_enabled { notify(tx, ctx, user, change).await } else { Ok(()) }
}

async fn notify(tx: &mut Tx, ctx: &mut CommandContext, user: UserId, change: FactorChange) -> Result<(), CommandError> {
    ctx.notify(tx, user, &NotificationKind::SecondFactorChanged { change }).await
}

#[async_trait]
impl SecondFactors for Service {
    async fn get_second_factor(&self, caller: &Caller) -> Result<SecondFactor> {
        Permission::ManageCredentials.check(caller)?;
        let factor = store::second_factors::find(&self.store.read, caller.user_id).await.or_internal()?;
        let enabled_at = factor.and_then(|factor| factor.confirmed_at);
        let recovery_codes_left =
            store::second_factors::count_recovery_codes(&self.store.read, caller.user_id).await.or_internal()?;
        Ok(SecondFactor { enabled: enabled_at.is_some(), enabled_at, recovery_codes_left })
    }

    async fn begin_second_factor(&self, caller: &Caller) -> Result<FactorSetup> {
        Permission::ManageCredentials.check(caller)?;
        self.require_recent_password(caller, None).await?;
        let secret = self.clock.secret::<{ totp::SECRET_BYTES }>();
        let sealed = self.data_key.seal(&self.clock, caller.user_id, &secret)?;
        self.ledger.write(caller, BeginFactor { sealed }).await?;
        self.set_up(caller, &secret).await
    }

    async fn get_pending_second_factor(&self, caller: &Caller) -> Result<Option<FactorSetup>> {
        Permission::ManageCredentials.check(caller)?;
        self.require_recent_password(caller, None).await?;
        let factor = store::second_factors::find(&self.store.read, caller.user_id).await.or_internal()?;
        match factor.filter(|factor| factor.confirmed_at.is_none()) {
            Some(factor) => {
                let secret = open_secret(&self.data_key, caller.user_id, &factor)?;
                self.set_up(caller, &secret).await.map(Some)
            }
            None => Ok(None),
        }
    }

    async fn confirm_second_factor(&self, caller: &Caller, command: ConfirmFactor) -> Result<RecoveryCodes> {
        Permission::ManageCredentials.check(caller)?;
        let wrong_field = |message: &str| Error::from(FieldError::new("code", "invalid", message));
        let code = FactorCode::parse(&command.code);
        let FactorCode::Totp(digits) = code else {
            return Err(wrong_field("Enter the 6-digit code from your authenticator app."));
        };
        let attempt = self.totp_throttle.begin(caller.user_id, &code, self.clock.uptime())?;
        let (codes, hashes) = new_codes(&self.clock);
        let except = command.end_other_sessions.then_some(caller.session_id);
        let confirm = EnableFactor { key: self.data_key.clone(), digits, hashes, end_sessions_except: except };
        let Some(ended) = self.ledger.write(caller, confirm).await? else {
            audit::confirmation_rejected("code", caller.user_id, &error::Code::WrongTotp.word());
            return Err(wrong_field("Wrong code. Check the time on your device and try the next code."));
        };
        self.totp_throttle.succeeded(attempt);
        for session in ended {
            // The events inform the other nodes; here the sessions end before the response.
            self.sessions.mark_ended(session);
            audit::logged_out(caller.user_id, session);
        }
        Ok(codes)
    }

    async fn renew_recovery_codes(&self, caller: &Caller, command: ProveFactor) -> Result<RecoveryCodes> {
        Permission::ManageCredentials.check(caller)?;
        self.require_recent_password(caller, None).await?;
        let (codes, hashes) = new_codes(&self.clock);
        self.write_with_code(caller, &command, |proof| RenewRecoveryCodes { proof, hashes }).await?;
        Ok(codes)
    }

    async fn remove_second_factor(&self, caller: &Caller, command: ProveFactor) -> Result<()> {
        Permission::ManageCredentials.check(caller)?;
        self.require_recent_password(caller, None).await?;
        self.write_with_code(caller, &command, |proof| RemoveFactor { proof }).await
    }
}

/// The code that proves possession of the second factor, and the key that opens its secret.
struct Proof {
    code: Option<FactorCode>,
    key: Arc<DataKey>,
}

impl Proof {
    async fn consume(&self, tx: &mut Tx, ctx: &mut CommandContext, user: UserId) -> Result<(), CommandError> {
        consume_code(tx, ctx, &self.key, user, self.code.as_ref()).await
    }
}

impl Service {
    /// Runs a command that consumes a code of the caller: a recent password is not enough, because a second factor
    /// protects against someone who knows it.
    async fn write_with_code<C: Command>(
        &self,
        caller: &Caller,
        command: &ProveFactor,
        with_proof: impl FnOnce(Proof) -> C,
    ) -> Result<C::Output> {
        let code = Some(command.code.trim()).filter(|code| !code.is_empty()).map(FactorCode::parse);
        let now = self.clock.uptime();
        let attempt = code.as_ref().map(|code| self.totp_throttle.begin(caller.user_id, code, now)).transpose()?;
        let proof = Proof { code: code.clone(), key: self.data_key.clone() };
        let done = match self.ledger.write(caller, with_proof(proof)).await {
            Ok(done) => done,
            Err(error) if error.code == error::Code::TotpRequired => {
                return Err(FieldError::new("code", "required", error.detail).into());
            }
            Err(error) if error.code == error::Code::WrongTotp => {
                let replayed = self.is_replayed(caller.user_id, code.as_ref()).await;
                let reason = if replayed { REPLAYED } else { &error.code.word() };
                audit::confirmation_rejected("code", caller.user_id, reason);
                return Err(FieldError::new("code", "invalid", error.detail).into());
            }
            Err(error) => return Err(error),
        };
        if let Some(attempt) = attempt {
            self.totp_throttle.succeeded(attempt);
        }
        Ok(done)
    }

    /// Whether a code that was refused is right but was used before: someone may have seen it. For the log only.
    pub(super) async fn is_replayed(&self, user: UserId, code: Option<&FactorCode>) -> bool {
        let Some(FactorCode::Totp(digits)) = code else { return false };
        let Ok(Some(factor)) = store::second_factors::find(&self.store.read, user).await else { return false };
        let Ok(secret) = open_secret(&self.data_key, user, &factor) else { return false };
        let step = totp::find_step(&secret, *digits, self.clock.now(), i64::MIN);
        factor.confirmed_at.is_some() && step.is_some_and(|step| step <= factor.last_step)
    }

    async fn set_up(&self, caller: &Caller, secret: &[u8]) -> Result<FactorSetup> {
        let username = self.find_user_row(caller.user_id).await?.username;
        let secret = totp::base32(secret);
        // With the host, accounts on two servers do not collide in one app. No part of a label may contain a colon.
        let host = self.public_url.split_once("://").map_or("", |(_, host)| host).replace(':', "-");
        let name: String = format!("{username}@{host}").bytes().map(escape).collect();
        let otpauth_url = format!("otpauth://totp/Lair%20Chat:{name}?secret={secret}&issuer=Lair%20Chat");
        let qr_svg = render_qr(&otpauth_url)?;
        Ok(FactorSetup { secret, otpauth_url, qr_svg })
    }
}

/// Renders a QR code as SVG in black on white, independent of the page's theme.
fn render_qr(text: &str) -> Result<String> {
    let code = QrCode::new(text).map_err(|cause| crate::error::internal_error(&cause))?;
    Ok(code.render::<svg::Color>().min_dimensions(200, 200).build())
}

/// Percent-encodes a byte of a name in a link.
fn escape(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// Recovery codes in groups of four, and the hashes that are stored.
fn new_codes(clock: &Clock) -> (RecoveryCodes, Vec<[u8; 32]>) {
    let codes: Vec<_> = (0..RECOVERY_CODES).map(|_| totp::base32(&clock.secret::<RECOVERY_BYTES>())).collect();
    let hashes = codes.iter().map(|code| tokens::hash(code)).collect();
    let grouped = |code: &String| {
        code.as_bytes().chunks(4).map(|part| String::from_utf8_lossy(part)).collect::<Vec<_>>().join("-")
    };
    (RecoveryCodes { codes: codes.iter().map(grouped).collect() }, hashes)
}

struct BeginFactor {
    sealed: Vec<u8>,
}

#[async_trait]
impl Command for BeginFactor {
    type Output = ();

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let user = require_active_session(tx, ctx).await?;
        match store::second_factors::find_in(tx, user).await? {
            Some(FactorRow { confirmed_at: Some(_), .. }) => {
                let detail = "Two-factor authentication is already on. Turn it off first.";
                Err(Error::new(error::Code::FactorExists, detail).into())
            }
            _ => Ok(store::second_factors::create_pending(tx, user, &self.sealed, ctx.at).await?),
        }
    }
}

struct EnableFactor {
    key: Arc<DataKey>,
    digits: u32,
    hashes: Vec<[u8; 32]>,
    /// Ends the user's sessions except this one.
    end_sessions_except: Option<SessionId>,
}

#[async_trait]
impl Command for EnableFactor {
    /// The ended sessions; `None` if the code was wrong.
    type Output = Option<Vec<SessionId>>;

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Self::Output, CommandError> {
        let user = require_active_session(tx, ctx).await?;
        let none = || Error::new(error::Code::NotFound, "Two-factor setup was not started. Start again.");
        let factor = store::second_factors::find_in(tx, user).await?.ok_or_else(none)?;
        if factor.confirmed_at.is_some() {
            // The database may have committed a batch that it reported as aborted; then these are this command's own
            // codes.
            let ours = store::second_factors::has_recovery_code(tx, user, &self.hashes[0]).await?;
            return if ours { Ok(Some(Vec::new())) } else { Err(none().into()) };
        }
        let secret = open_secret(&self.key, user, &factor)?;
        let Some(step) = totp::find_step(&secret, self.digits, ctx.at, factor.last_step) else {
            return Ok(None);
        };
        if !store::second_factors::confirm(tx, user, step, ctx.at).await? {
            return Err(none().into());
        }
        store::second_factors::replace_recovery_codes(tx, user, &self.hashes).await?;
        notify(tx, ctx, user, FactorChange::TurnedOn).await?;
        let Some(except) = self.end_sessions_except else { return Ok(Some(Vec::new())) };
        let others = store::sessions::list_others(tx, user, except, MAX_ENDED).await?;
        end_sessions_by_id(tx, ctx, user, &others).await?;
        Ok(Some(others))
    }
}

struct RenewRecoveryCodes {
    proof: Proof,
    hashes: Vec<[u8; 32]>,
}

#[async_trait]
impl Command for RenewRecoveryCodes {
    type Output = ();

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let user = require_active_session(tx, ctx).await?;
        let factor = store::second_factors::find_in(tx, user).await?;
        if factor.is_none_or(|factor| factor.confirmed_at.is_none()) {
            return Err(Error::new(
                error::Code::NotFound,
                "Two-factor authentication is off, so there are no recovery codes.",
            )
            .into());
        }
        // The database may have committed a batch that it reported as aborted; then this command has used its code.
        if store::second_factors::has_recovery_code(tx, user, &self.hashes[0]).await? {
            return Ok(());
        }
        self.proof.consume(tx, ctx, user).await?;
        store::second_factors::replace_recovery_codes(tx, user, &self.hashes).await?;
        notify(tx, ctx, user, FactorChange::NewRecoveryCodes).await
    }
}

struct RemoveFactor {
    proof: Proof,
}

#[async_trait]
impl Command for RemoveFactor {
    type Output = ();

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let user = require_active_session(tx, ctx).await?;
        self.proof.consume(tx, ctx, user).await?;
        remove(tx, ctx, user, FactorChange::TurnedOff).await
    }
}

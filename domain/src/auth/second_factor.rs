//! Second factor: codes of an authenticator app, and recovery codes for when it is lost.

use crate::{
    Service, audit,
    auth::{
        reauthentication::{Actor, actor, require_active_session},
        tokens, totp,
    },
    clock::Clock,
    error::{CommandError, DbResultExt},
    events::ledger::{Command, CommandContext},
    permissions::Permission,
    store::{self, Tx, second_factors::FactorRow},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::ConfirmFactor,
    error::{self, FieldError},
    id::UserId,
    limits::TOTP_CODE_CHARS,
    notification::{FactorChange, NotificationKind},
    port::SecondFactors,
    session::{Caller, FactorSetup, RecoveryCodes, SecondFactor},
};
use qrcode::{QrCode, render::svg};

/// Recovery codes per set, and the random bytes of each: too many to guess, so a plain hash is enough.
const RECOVERY_CODES: usize = 10;
const RECOVERY_BYTES: usize = 10;

/// A second-factor code as entered.
pub enum FactorCode {
    /// Six digits of an authenticator app.
    Totp(u32),
    /// Hash of any other text.
    Recovery([u8; 32]),
}

impl FactorCode {
    /// Ignores spacing.
    pub fn parse(text: &str) -> Self {
        let bare: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(TOTP_CODE_CHARS).collect();
        let is_totp = bare.len() == 6 && bare.bytes().all(|b| b.is_ascii_digit());
        match bare.parse() {
            Ok(digits) if is_totp => Self::Totp(digits),
            _ => Self::Recovery(tokens::hash(&bare.to_ascii_uppercase())),
        }
    }
}

pub fn totp_required() -> Error {
    totp_error(error::Code::TotpRequired, "Enter the code that your authenticator app shows, or a recovery code.")
}

fn wrong_totp() -> Error {
    totp_error(error::Code::WrongTotp, "That code is wrong, or was used before. Wait for the next one.")
}

fn totp_error(code: error::Code, message: &str) -> Error {
    Error { errors: vec![FieldError::new("totp", "invalid", message)], ..Error::new(code, message) }
}

/// Consumes the code that the login requires, if it requires one; each code can be used once.
pub async fn consume_code(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    user: UserId,
    code: Option<&FactorCode>,
) -> Result<(), CommandError> {
    let factor = store::second_factors::find_in(tx, user).await?;
    let Some(factor) = factor.filter(|factor| factor.confirmed_at.is_some()) else { return Ok(()) };
    match code {
        None => Err(totp_required().into()),
        Some(FactorCode::Totp(digits)) => {
            let step = totp::find_step(&factor.secret, *digits, ctx.at, factor.last_step).ok_or_else(wrong_totp)?;
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
    async fn second_factor(&self, caller: &Caller) -> Result<SecondFactor> {
        Permission::ManageCredentials.check(caller)?;
        let factor = store::second_factors::find(&self.store.read, caller.user_id).await.or_internal()?;
        let enabled_at = factor.and_then(|factor| factor.confirmed_at);
        let recovery_codes_left =
            store::second_factors::count_recovery_codes(&self.store.read, caller.user_id).await.or_internal()?;
        Ok(SecondFactor { enabled: enabled_at.is_some(), enabled_at, recovery_codes_left })
    }

    async fn begin_factor(&self, caller: &Caller) -> Result<FactorSetup> {
        Permission::ManageCredentials.check(caller)?;
        self.require_recent_password(caller, None).await?;
        let secret = self.clock.secret::<{ totp::SECRET_BYTES }>();
        self.ledger.write(BeginFactor { actor: actor(caller), secret }).await?;
        self.set_up(caller, &secret).await
    }

    async fn pending_factor(&self, caller: &Caller) -> Result<Option<FactorSetup>> {
        Permission::ManageCredentials.check(caller)?;
        self.require_recent_password(caller, None).await?;
        let factor = store::second_factors::find(&self.store.read, caller.user_id).await.or_internal()?;
        match factor.filter(|factor| factor.confirmed_at.is_none()) {
            Some(factor) => self.set_up(caller, &factor.secret).await.map(Some),
            None => Ok(None),
        }
    }

    async fn confirm_factor(&self, caller: &Caller, command: ConfirmFactor) -> Result<RecoveryCodes> {
        Permission::ManageCredentials.check(caller)?;
        let wrong_field = |message: &str| Error::from(FieldError::new("code", "invalid", message));
        let code = FactorCode::parse(&command.code);
        let FactorCode::Totp(digits) = code else {
            return Err(wrong_field("Enter the six digits that the app shows."));
        };
        let attempt = self.totp_throttle.begin(caller.user_id, &code, self.clock.now())?;
        let (codes, hashes) = new_codes(&self.clock);
        let confirm = EnableFactor { actor: actor(caller), digits, hashes };
        if !self.ledger.write(confirm).await? {
            audit::credential_rejected("code", Some(caller.user_id), &error::Code::WrongTotp.word());
            return Err(wrong_field("That is not the code. Check the time of your device and try the next one."));
        }
        self.totp_throttle.succeeded(attempt);
        Ok(codes)
    }

    async fn renew_recovery_codes(&self, caller: &Caller) -> Result<RecoveryCodes> {
        Permission::ManageCredentials.check(caller)?;
        self.require_recent_password(caller, None).await?;
        let (codes, hashes) = new_codes(&self.clock);
        self.ledger.write(RenewRecoveryCodes { actor: actor(caller), hashes }).await?;
        Ok(codes)
    }

    async fn remove_factor(&self, caller: &Caller) -> Result<()> {
        Permission::ManageCredentials.check(caller)?;
        self.require_recent_password(caller, None).await?;
        self.ledger.write(RemoveFactor { actor: actor(caller) }).await
    }
}

impl Service {
    async fn set_up(&self, caller: &Caller, secret: &[u8]) -> Result<FactorSetup> {
        let username = self.find_user(caller.user_id).await?.username;
        let secret = totp::base32(secret);
        let name: String = username.bytes().map(escape).collect();
        let otpauth_url = format!("otpauth://totp/Lair:{name}?secret={secret}&issuer=Lair");
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
    if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
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
    actor: Actor,
    secret: [u8; totp::SECRET_BYTES],
}

#[async_trait]
impl Command for BeginFactor {
    type Output = ();

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        require_active_session(tx, ctx, self.actor).await?;
        match store::second_factors::find_in(tx, self.actor.0).await? {
            Some(FactorRow { confirmed_at: Some(_), .. }) => {
                let detail = "Your sign-in needs a code already. Turn that off first.";
                Err(Error::new(error::Code::FactorExists, detail).into())
            }
            _ => Ok(store::second_factors::create_pending(tx, self.actor.0, &self.secret, ctx.at).await?),
        }
    }
}

struct EnableFactor {
    actor: Actor,
    digits: u32,
    hashes: Vec<[u8; 32]>,
}

#[async_trait]
impl Command for EnableFactor {
    type Output = bool;

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<bool, CommandError> {
        require_active_session(tx, ctx, self.actor).await?;
        let none = || Error::new(error::Code::NotFound, "No second factor is being set up. Begin again.");
        let factor = store::second_factors::find_in(tx, self.actor.0).await?.ok_or_else(none)?;
        if factor.confirmed_at.is_some() {
            // The database may have committed a batch that it reported as aborted; then these are this command's own
            // codes.
            let ours = store::second_factors::has_recovery_code(tx, self.actor.0, &self.hashes[0]).await?;
            return if ours { Ok(true) } else { Err(none().into()) };
        }
        let Some(step) = totp::find_step(&factor.secret, self.digits, ctx.at, factor.last_step) else {
            return Ok(false);
        };
        if !store::second_factors::confirm(tx, self.actor.0, step, ctx.at).await? {
            return Err(none().into());
        }
        store::second_factors::replace_recovery_codes(tx, self.actor.0, &self.hashes).await?;
        notify(tx, ctx, self.actor.0, FactorChange::TurnedOn).await?;
        Ok(true)
    }
}

struct RenewRecoveryCodes {
    actor: Actor,
    hashes: Vec<[u8; 32]>,
}

#[async_trait]
impl Command for RenewRecoveryCodes {
    type Output = ();

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        require_active_session(tx, ctx, self.actor).await?;
        let factor = store::second_factors::find_in(tx, self.actor.0).await?;
        if factor.is_none_or(|factor| factor.confirmed_at.is_none()) {
            return Err(Error::new(
                error::Code::NotFound,
                "Your sign-in needs no code, so there is nothing to recover.",
            )
            .into());
        }
        store::second_factors::replace_recovery_codes(tx, self.actor.0, &self.hashes).await?;
        notify(tx, ctx, self.actor.0, FactorChange::NewRecoveryCodes).await
    }
}

struct RemoveFactor {
    actor: Actor,
}

#[async_trait]
impl Command for RemoveFactor {
    type Output = ();

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        require_active_session(tx, ctx, self.actor).await?;
        remove(tx, ctx, self.actor.0, FactorChange::TurnedOff).await
    }
}

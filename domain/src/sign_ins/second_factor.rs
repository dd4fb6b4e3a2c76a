//! The second factor: codes of an authenticator app, and recovery codes for when it is lost.

use super::totp;
use crate::{
    Service, audit,
    clock::Clock,
    fault::{Fault, OrBroken},
    ledger::{Log, Write},
    proof::{By, by, require_live},
    rights::Right,
    store::{self, Tx, second_factors::FactorRow},
    tokens,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::ConfirmFactor,
    error::{self, FieldError},
    id::UserId,
    limits::FACTOR_CHARS,
    notification::{FactorChange, Notice},
    port::SecondFactors,
    session::{Caller, FactorSetup, RecoveryCodes, SecondFactor},
};
use qrcode::{QrCode, render::svg};

/// Recovery codes made at once, and the bytes of chance in each: too many to be guessed, so a plain hash is enough.
const RECOVERY_CODES: usize = 10;
const RECOVERY_BYTES: usize = 10;

/// What someone gives as the second factor.
pub enum Code {
    /// Six digits of an authenticator app.
    Totp(u32),
    /// The hash of anything else.
    Recovery([u8; 32]),
}

impl Code {
    /// However it is spaced.
    pub fn read(text: &str) -> Self {
        let bare: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(FACTOR_CHARS).collect();
        let is_totp = bare.len() == 6 && bare.bytes().all(|b| b.is_ascii_digit());
        match bare.parse() {
            Ok(digits) if is_totp => Self::Totp(digits),
            _ => Self::Recovery(tokens::hash(&bare.to_ascii_uppercase())),
        }
    }
}

pub fn needed() -> Error {
    told(error::Code::TotpNeeded, "Enter the code that your authenticator app shows, or a recovery code.")
}

fn wrong() -> Error {
    told(error::Code::WrongTotp, "That code is wrong, or was used before. Wait for the next one.")
}

fn told(code: error::Code, message: &str) -> Error {
    Error { errors: vec![FieldError::new("totp", "invalid", message)], ..Error::new(code, message) }
}

/// Takes the code that signing in needs, if it needs one; each is good once.
pub async fn take(tx: &mut Tx, log: &mut Log, user: UserId, code: Option<&Code>) -> Result<(), Fault> {
    let factor = store::second_factors::find_in(tx, user).await?;
    let Some(factor) = factor.filter(|factor| factor.confirmed_at.is_some()) else { return Ok(()) };
    match code {
        None => Err(needed().into()),
        Some(Code::Totp(digits)) => {
            let step = totp::find_step(&factor.secret, *digits, log.at, factor.last_step).ok_or_else(wrong)?;
            // Another node may just have taken the same one.
            let first = store::second_factors::use_step(tx, user, step).await?;
            if first { Ok(()) } else { Err(wrong().into()) }
        }
        Some(Code::Recovery(hash)) => {
            if !store::second_factors::use_recovery(tx, user, hash, log.at).await? {
                return Err(wrong().into());
            }
            notify(tx, log, user, FactorChange::RecoveryCodeUsed).await
        }
    }
}

/// Takes someone's second factor and recovery codes away, and tells them if it counted.
pub async fn remove(tx: &mut Tx, log: &mut Log, user: UserId, change: FactorChange) -> Result<(), Fault> {
    let was_on = store::second_factors::find_in(tx, user).await?.is_some_and(|it| it.confirmed_at.is_some());
    store::second_factors::delete(tx, user).await?;
    if was_on { notify(tx, log, user, change).await } else { Ok(()) }
}

async fn notify(tx: &mut Tx, log: &mut Log, user: UserId, change: FactorChange) -> Result<(), Fault> {
    log.notify(tx, user, &Notice::SecondFactorChanged { change }).await
}

#[async_trait]
impl SecondFactors for Service {
    async fn second_factor(&self, caller: &Caller) -> Result<SecondFactor> {
        Right::ManageSignIn.check(caller)?;
        let factor = store::second_factors::find(&self.store.read, caller.user_id).await.or_broken()?;
        let enabled_at = factor.and_then(|factor| factor.confirmed_at);
        let recovery_codes_left =
            store::second_factors::count_recovery(&self.store.read, caller.user_id).await.or_broken()?;
        Ok(SecondFactor { enabled: enabled_at.is_some(), enabled_at, recovery_codes_left })
    }

    async fn begin_factor(&self, caller: &Caller) -> Result<FactorSetup> {
        Right::ManageSignIn.check(caller)?;
        self.recently_proved(caller, None).await?;
        let secret = self.clock.secret::<{ totp::SECRET_BYTES }>();
        self.ledger.write(Begin { by: by(caller), secret }).await?;
        self.set_up(caller, &secret).await
    }

    async fn begun_factor(&self, caller: &Caller) -> Result<Option<FactorSetup>> {
        Right::ManageSignIn.check(caller)?;
        self.recently_proved(caller, None).await?;
        let factor = store::second_factors::find(&self.store.read, caller.user_id).await.or_broken()?;
        match factor.filter(|factor| factor.confirmed_at.is_none()) {
            Some(factor) => self.set_up(caller, &factor.secret).await.map(Some),
            None => Ok(None),
        }
    }

    async fn confirm_factor(&self, caller: &Caller, command: ConfirmFactor) -> Result<RecoveryCodes> {
        Right::ManageSignIn.check(caller)?;
        let wrong_field = |message: &str| Error::from(FieldError::new("code", "invalid", message));
        let code = Code::read(&command.code);
        let Code::Totp(digits) = code else { return Err(wrong_field("Enter the six digits that the app shows.")) };
        let guess = self.guesses.begin(caller.user_id, &code, self.clock.now())?;
        let (codes, hashes) = new_codes(&self.clock);
        let confirm = Confirm { by: by(caller), digits, hashes };
        if !self.ledger.write(confirm).await? {
            audit::wrong("code", Some(caller.user_id), &error::Code::WrongTotp.word());
            return Err(wrong_field("That is not the code. Check the time of your device and try the next one."));
        }
        self.guesses.was_right(guess);
        Ok(codes)
    }

    async fn renew_recovery_codes(&self, caller: &Caller) -> Result<RecoveryCodes> {
        Right::ManageSignIn.check(caller)?;
        self.recently_proved(caller, None).await?;
        let (codes, hashes) = new_codes(&self.clock);
        self.ledger.write(RenewCodes { by: by(caller), hashes }).await?;
        Ok(codes)
    }

    async fn remove_factor(&self, caller: &Caller) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.recently_proved(caller, None).await?;
        self.ledger.write(Remove { by: by(caller) }).await
    }
}

impl Service {
    async fn set_up(&self, caller: &Caller, secret: &[u8]) -> Result<FactorSetup> {
        let username = self.find_user(caller.user_id).await?.username;
        let secret = totp::base32(secret);
        let name: String = username.bytes().map(escape).collect();
        let otpauth_url = format!("otpauth://totp/Lair:{name}?secret={secret}&issuer=Lair");
        let qr_svg = draw(&otpauth_url)?;
        Ok(FactorSetup { secret, otpauth_url, qr_svg })
    }
}

/// A QR code as a picture that draws itself in black on white, whatever the page looks like.
fn draw(text: &str) -> Result<String> {
    let code = QrCode::new(text).map_err(|cause| crate::fault::broken(&cause))?;
    Ok(code.render::<svg::Color>().min_dimensions(200, 200).build())
}

/// A byte of a name in a link.
fn escape(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

/// Codes in groups of four, and the hashes under which they are stored.
fn new_codes(clock: &Clock) -> (RecoveryCodes, Vec<[u8; 32]>) {
    let codes: Vec<_> = (0..RECOVERY_CODES).map(|_| totp::base32(&clock.secret::<RECOVERY_BYTES>())).collect();
    let hashes = codes.iter().map(|code| tokens::hash(code)).collect();
    let grouped = |code: &String| {
        code.as_bytes().chunks(4).map(|part| String::from_utf8_lossy(part)).collect::<Vec<_>>().join("-")
    };
    (RecoveryCodes { codes: codes.iter().map(grouped).collect() }, hashes)
}

struct Begin {
    by: By,
    secret: [u8; totp::SECRET_BYTES],
}

#[async_trait]
impl Write for Begin {
    type Done = ();

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        require_live(tx, log, self.by).await?;
        match store::second_factors::find_in(tx, self.by.0).await? {
            Some(FactorRow { confirmed_at: Some(_), .. }) => {
                let detail = "Your sign-in needs a code already. Turn that off first.";
                Err(Error::new(error::Code::FactorExists, detail).into())
            }
            _ => Ok(store::second_factors::begin(tx, self.by.0, &self.secret, log.at).await?),
        }
    }
}

struct Confirm {
    by: By,
    digits: u32,
    hashes: Vec<[u8; 32]>,
}

#[async_trait]
impl Write for Confirm {
    type Done = bool;

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<bool, Fault> {
        require_live(tx, log, self.by).await?;
        let none = || Error::new(error::Code::NotFound, "No second factor is being set up. Begin again.");
        let factor = store::second_factors::find_in(tx, self.by.0).await?.ok_or_else(none)?;
        if factor.confirmed_at.is_some() {
            // Our own doing, when the database had kept a batch that it seemed to give up.
            let ours = store::second_factors::has_recovery(tx, self.by.0, &self.hashes[0]).await?;
            return if ours { Ok(true) } else { Err(none().into()) };
        }
        let Some(step) = totp::find_step(&factor.secret, self.digits, log.at, factor.last_step) else {
            return Ok(false);
        };
        if !store::second_factors::confirm(tx, self.by.0, step, log.at).await? {
            return Err(none().into());
        }
        store::second_factors::replace_recovery(tx, self.by.0, &self.hashes).await?;
        notify(tx, log, self.by.0, FactorChange::TurnedOn).await?;
        Ok(true)
    }
}

struct RenewCodes {
    by: By,
    hashes: Vec<[u8; 32]>,
}

#[async_trait]
impl Write for RenewCodes {
    type Done = ();

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        require_live(tx, log, self.by).await?;
        let factor = store::second_factors::find_in(tx, self.by.0).await?;
        if factor.is_none_or(|factor| factor.confirmed_at.is_none()) {
            return Err(Error::new(
                error::Code::NotFound,
                "Your sign-in needs no code, so there is nothing to recover.",
            )
            .into());
        }
        store::second_factors::replace_recovery(tx, self.by.0, &self.hashes).await?;
        notify(tx, log, self.by.0, FactorChange::NewRecoveryCodes).await
    }
}

struct Remove {
    by: By,
}

#[async_trait]
impl Write for Remove {
    type Done = ();

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        require_live(tx, log, self.by).await?;
        remove(tx, log, self.by.0, FactorChange::TurnedOff).await
    }
}

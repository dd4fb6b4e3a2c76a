//! E-mail addresses: where this server sends mail, one is somebody's once they showed that mail to it arrives; where it
//! sends none, the first to name it has it.

use super::links;
use crate::{
    Service,
    fault::{Fault, OrBroken},
    ledger::{Log, Write},
    mail::letter::Letter,
    profiles::tell_oneself,
    proof::{By, by, require_live},
    rights::Right,
    store::{
        self, Tx,
        credentials::{AccountRow, NewEmail},
        links::Kind,
    },
    tokens,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{SetEmail, VerifyEmail},
    credentials::EmailAddress,
    error::{Code, FieldError},
    id::UserId,
    limits,
    notification::Notice,
    port::Emails,
    session::Caller,
};

#[async_trait]
impl Emails for Service {
    async fn email(&self, caller: &Caller) -> Result<EmailAddress> {
        Right::Look.check(caller)?;
        self.find_email(caller.user_id).await
    }

    async fn set_email(&self, caller: &Caller, command: SetEmail) -> Result<EmailAddress> {
        Right::ManageSignIn.check(caller)?;
        let command = limits::set_email(command)?;
        self.prove(caller, command.password).await?;
        let account = self.find_account(caller.user_id).await?;
        match command.email {
            // Whoever sets the address they have waits for no other.
            Some(email) if account.verified_email() == Some(&email) => {
                self.ledger.write(Stay { by: by(caller) }).await?;
            }
            Some(email) if self.mailer.is_some() => self.send_verification(caller, &account, email).await?,
            email => self.put_email(caller, &account, email).await?,
        }
        self.find_email(caller.user_id).await
    }

    async fn resend_verification(&self, caller: &Caller) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.mailer()?;
        let (known, account) = (self.find_email(caller.user_id).await?, self.find_account(caller.user_id).await?);
        match known.pending.or(known.email.filter(|_| !known.verified)) {
            Some(email) => self.send_verification(caller, &account, email).await,
            None => Ok(()),
        }
    }

    async fn verify_email(&self, command: VerifyEmail) -> Result<()> {
        if !limits::code(&command.token) {
            return Err(links::invalid());
        }
        let before = self.ledger.write(Verify { link: tokens::hash(&command.token) }).await?;
        if let Some(before) = before {
            self.write_to(&before, Letter::address_changed);
        }
        Ok(())
    }
}

impl Service {
    pub(super) async fn find_email(&self, user: UserId) -> Result<EmailAddress> {
        let account = self.find_account(user).await?;
        let link = store::links::find_of(&self.store.read, Kind::Email, user).await.or_broken()?;
        let pending = link.filter(|link| links::is_good(link, self.clock.now())).and_then(|link| link.email);
        let verified = account.email_verified_at.is_some();
        Ok(EmailAddress { email: account.email, verified, pending })
    }

    /// Sends a link to an address. Whether it is somebody else's shows only to who reads its mail.
    async fn send_verification(&self, caller: &Caller, account: &AccountRow, email: String) -> Result<()> {
        self.may_write_to(&email)?;
        let (url, _) = self.make_link(Some(caller), account.id, Kind::Email, Some(email.clone())).await?;
        self.write_verification(account.id, &account.username, &email, &url).await
    }

    /// Refuses one letter too many; counts it.
    pub(crate) fn may_write_to(&self, email: &str) -> Result<()> {
        if self.mailer()?.may_ask(Kind::Email, &limits::fold(email)) {
            return Ok(());
        }
        Err(Error::new(Code::Busy, "Too many letters were sent to that address. Try again in an hour."))
    }

    /// Writes to an address that someone says is theirs.
    pub(crate) async fn write_verification(&self, user: UserId, name: &str, email: &str, url: &str) -> Result<()> {
        let owner = store::credentials::find_by_login(&self.store.read, &limits::fold(email)).await.or_broken()?;
        let owner = owner.filter(|owner| owner.id != user);
        self.mailer()?.send(match owner.as_ref().and_then(|owner| Some((owner, owner.verified_email()?))) {
            // To the spelling that was verified: mail to another may go to another's mailbox.
            Some((owner, theirs)) => Letter::address_in_use(theirs, &owner.username, name),
            None => Letter::verify(email, name, url),
        });
        Ok(())
    }

    /// Sets an address at once: where no mail is sent there is nothing to wait for, nor when it is taken away.
    async fn put_email(&self, caller: &Caller, account: &AccountRow, email: Option<String>) -> Result<()> {
        self.ledger.write(PutEmail { by: by(caller), email }).await?;
        self.write_to(account, Letter::address_changed);
        Ok(())
    }
}

/// The refusal of an address that is another account's.
pub fn taken() -> Error {
    let detail = "Another account has that address. Sign in, or leave it out.";
    Error { errors: vec![FieldError::new("email", "taken", detail)], ..Error::new(Code::EmailTaken, detail) }
}

struct PutEmail {
    by: By,
    email: Option<String>,
}

#[async_trait]
impl Write for PutEmail {
    type Done = ();

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        require_live(tx, log, self.by).await?;
        let (user, _) = self.by;
        let key = self.email.as_deref().map(limits::fold);
        if let Some(key) = &key
            && store::credentials::find_owner(tx, key, user).await?.is_some()
        {
            return Err(taken().into());
        }
        let new = NewEmail { email: self.email.as_deref(), key: key.as_deref(), verified_at: None };
        store::credentials::set_email(tx, user, &new).await?;
        log.notify(tx, user, &Notice::EmailChanged { email: self.email.clone() }).await?;
        tell_oneself(tx, log, user).await?;
        store::links::forget(tx, Kind::Email, user).await?;
        // A link that is on its way to the old address must not set the password.
        Ok(store::links::forget(tx, Kind::Reset, user).await?)
    }
}

/// An address that waits to be verified is no longer wanted.
struct Stay {
    by: By,
}

#[async_trait]
impl Write for Stay {
    type Done = ();

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        require_live(tx, log, self.by).await?;
        Ok(store::links::forget(tx, Kind::Email, self.by.0).await?)
    }
}

struct Verify {
    link: [u8; 32],
}

#[async_trait]
impl Write for Verify {
    /// The account as it was, if it had another address.
    type Done = Option<AccountRow>;

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Self::Done, Fault> {
        let (link, before) = links::hold(tx, Kind::Email, &self.link).await?;
        let email = link.email.as_deref().ok_or_else(links::invalid)?;
        if link.used_at.is_some() && before.verified_email() == Some(email) {
            // A second press of the button, or our own doing before the batch was run again: it is as they want it.
            return Ok(None);
        }
        if link.expires_at <= log.at || !store::links::use_up(tx, &self.link, log.at).await? {
            return Err(links::invalid().into());
        }
        let key = limits::fold(email);
        store::credentials::take_unverified(tx, &key, link.user_id).await?;
        if store::credentials::find_owner(tx, &key, link.user_id).await?.is_some() {
            return Err(taken().into());
        }
        let new = NewEmail { email: Some(email), key: Some(&key), verified_at: Some(log.at) };
        store::credentials::set_email(tx, link.user_id, &new).await?;
        let moved = before.email.as_deref() != Some(email);
        if moved {
            log.notify(tx, link.user_id, &Notice::EmailChanged { email: link.email.clone() }).await?;
            tell_oneself(tx, log, link.user_id).await?;
            store::links::forget(tx, Kind::Reset, link.user_id).await?;
        }
        Ok(Some(before).filter(|_| moved))
    }
}

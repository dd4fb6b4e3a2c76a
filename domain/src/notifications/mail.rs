//! Email: a bounded queue, and a few workers that send to the SMTP server outside of the requests.

pub mod templates;

use crate::{clock::Clock, notifications::mail::templates::Email, store::one_time_links::LinkKind};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
};
use moka::sync::Cache;
use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, UNIX_EPOCH},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Emails queued; one more is dropped, and the user can request it again.
const QUEUE_CAPACITY: usize = 1024;
/// Emails being sent at once.
const MAX_CONCURRENT: usize = 16;
/// Emails waiting for a retry; one more is dropped.
const MAX_RETRYING: usize = 1024;
/// Timeout of one attempt, and of one response of the server.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);
/// Delays after failed attempts; after the last attempt the email is dropped.
const RETRY_DELAYS: [Duration; 5] = [
    Duration::from_millis(500),
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
];
/// Emails of one kind that unauthenticated callers can request per address and hour.
const MAX_PER_HOUR: u32 = 5;
/// Addresses whose quota is tracked, separately for each kind.
const QUOTA_CAPACITY: u64 = 10_000;

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// Validated mail settings.
#[derive(Clone)]
pub struct MailSettings {
    transport: Transport,
    from: Mailbox,
}

impl std::fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailSettings").field("from", &self.from.email.domain()).finish_non_exhaustive()
    }
}

impl MailSettings {
    /// Parses an SMTP URL and the sender's address; the error names the invalid one. A password in the URL is sent
    /// only over TLS, unless the server is on this machine or the URL has `tls=none`.
    pub fn new(url: &str, from: &str) -> Result<Self, MailConfigError> {
        let from = from.parse().map_err(|_| MailConfigError::From)?;
        let builder = Transport::from_url(&with_tls(url)).map_err(|_| MailConfigError::Url)?;
        Ok(Self { transport: builder.timeout(Some(RESPONSE_TIMEOUT)).build(), from })
    }

    /// The sender's address for display.
    pub fn from(&self) -> String {
        self.from.to_string()
    }
}

/// The invalid part of the mail settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailConfigError {
    /// URL of the server.
    Url,
    /// Sender's address.
    From,
}

/// Adds the default TLS setting to the URL: mail to another machine goes over TLS.
fn with_tls(url: &str) -> String {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let Some(rest) = base.strip_prefix("smtp://").filter(|_| query.is_empty() || query == "tls=none") else {
        return url.to_owned();
    };
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let is_local = ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|here| host.strip_prefix(here).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/'])));
    if is_local || !query.is_empty() { base.to_owned() } else { format!("{base}?tls=required") }
}

/// Handle to the mail queue. Clones share it.
#[derive(Clone)]
pub struct Mailer {
    queue: mpsc::Sender<Email>,
    quota: Cache<(LinkKind, String), Arc<AtomicU32>>,
}

impl Mailer {
    /// Starts the mail task; it ends when the last clone is dropped.
    pub fn start(settings: MailSettings, clock: Clock) -> Self {
        let (queue, emails) = mpsc::channel(QUEUE_CAPACITY);
        tokio::spawn(run(settings, clock, emails));
        let hour = Duration::from_hours(1);
        Self { queue, quota: Cache::builder().max_capacity(QUOTA_CAPACITY).time_to_live(hour).build() }
    }

    /// Queues an email.
    pub fn send(&self, email: Email) {
        if let Err(error) = self.queue.try_send(email) {
            tracing::error!(%error, "email dropped: the queue is full");
        }
    }

    /// Counts an email that anyone can request for an address; false when the quota is exceeded. A stranger must not
    /// fill a mailbox, nor block one kind of email by requesting another.
    pub fn within_quota(&self, kind: LinkKind, address_key: &str) -> bool {
        let count = self.quota.get_with((kind, address_key.to_owned()), Arc::default);
        count.fetch_add(1, Ordering::Relaxed) < MAX_PER_HOUR
    }
}

async fn run(settings: MailSettings, clock: Clock, mut emails: mpsc::Receiver<Email>) {
    let worker = MailWorker {
        transport: settings.transport.clone(),
        send_permits: Arc::new(Semaphore::new(MAX_CONCURRENT)),
        retry_permits: Arc::new(Semaphore::new(MAX_RETRYING)),
    };
    while let Some(email) = emails.recv().await {
        let Ok(permit) = worker.send_permits.clone().acquire_owned().await else { return };
        let message = match compose(&settings, &clock, email) {
            Ok(message) => message,
            Err(error) => {
                tracing::error!(%error, "cannot compose an email");
                continue;
            }
        };
        tokio::spawn(deliver(worker.clone(), permit, message));
    }
}

/// Sends emails. A permit is held during an attempt and released while waiting for a retry.
#[derive(Clone)]
struct MailWorker {
    transport: Transport,
    send_permits: Arc<Semaphore>,
    retry_permits: Arc<Semaphore>,
}

/// Retries until the server accepts the email, rejects it permanently, or the attempts are used up.
async fn deliver(worker: MailWorker, mut permit: OwnedSemaphorePermit, message: Message) {
    for pause in RETRY_DELAYS.into_iter().map(Some).chain([None]) {
        // Logged with escaped line ends: the text may come from the server.
        let cause = match tokio::time::timeout(SEND_TIMEOUT, worker.transport.send(message.clone())).await {
            Ok(Ok(_)) => return tracing::debug!("email sent"),
            Ok(Err(error)) if error.is_permanent() => {
                let error = error.to_string();
                return tracing::error!(?error, "the mail server rejected an email; check smtp-url and mail-from");
            }
            Ok(Err(error)) => error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}")),
            Err(_) => "timed out".to_owned(),
        };
        let Some(pause) = pause else {
            return tracing::error!(?cause, "email dropped: the last retry failed");
        };
        tracing::warn!(?cause, again_in = ?pause, "cannot send an email; retrying");
        drop(permit);
        let Ok(_retry_permit) = worker.retry_permits.try_acquire() else {
            return tracing::error!("email dropped: too many are waiting for a retry");
        };
        tokio::time::sleep(pause).await;
        let Ok(next) = worker.send_permits.clone().acquire_owned().await else { return };
        permit = next;
    }
}

/// Builds the message. Every header is a constant or a parsed address, so none can be injected.
fn compose(settings: &MailSettings, clock: &Clock, email: Email) -> Result<Message, Box<dyn Error + Send + Sync>> {
    let to: Address = email.to.parse()?;
    let now = UNIX_EPOCH + Duration::from_millis(u64::try_from(clock.now().0).unwrap_or_default());
    let message = Message::builder()
        .from(settings.from.clone())
        .to(Mailbox::new(None, to))
        .subject(email.subject)
        .date(now)
        .message_id(Some(format!("<{}@{}>", clock.id(), settings.from.email.domain())))
        .header(AutoSubmitted)
        .header(ContentType::TEXT_PLAIN)
        .body(email.body)?;
    Ok(message)
}

/// Header that tells autoresponders not to reply (RFC 3834).
#[derive(Clone, Copy, Debug)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use protocol::{command::SetEmail, limits};

    #[test]
    fn smtp_credentials_are_sent_to_remote_hosts_only_over_tls() {
        for (given, used) in [
            ("smtp://u:p@mail.example.org:587", "smtp://u:p@mail.example.org:587?tls=required"),
            ("smtp://mail.example.org", "smtp://mail.example.org?tls=required"),
            ("smtp://localhost.example.org", "smtp://localhost.example.org?tls=required"),
            ("smtp://mail.example.org?tls=none", "smtp://mail.example.org"),
            ("smtp://mail.example.org?tls=opportunistic", "smtp://mail.example.org?tls=opportunistic"),
            ("smtps://u:p@mail.example.org", "smtps://u:p@mail.example.org"),
            ("smtp://127.0.0.1:2525", "smtp://127.0.0.1:2525"),
            ("smtp://u:p@localhost", "smtp://u:p@localhost"),
            ("smtp://[::1]:25", "smtp://[::1]:25"),
        ] {
            assert_eq!(with_tls(given), used);
            MailSettings::new(given, "Lair <lair@example.org>").unwrap();
        }
        assert_eq!(MailSettings::new("http://x", "a@example.org").unwrap_err(), MailConfigError::Url);
        assert_eq!(MailSettings::new("smtp://x", "nobody").unwrap_err(), MailConfigError::From);
    }

    proptest! {
        #[test]
        fn every_valid_email_can_be_used_as_a_recipient(local in "[a-zA-Z0-9.+_'ö-]{1,20}", host in "[a-z0-9.ü-]{1,30}") {
            let command = SetEmail { email: Some(format!("{local}@{host}")), password: String::new() };
            if let Ok(SetEmail { email: Some(address), .. }) = limits::set_email(command) {
                prop_assert!(address.parse::<Address>().is_ok(), "{}", address);
            }
        }
    }
}

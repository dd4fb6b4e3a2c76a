//! Secrets that sign access tokens: the current one and the previous one, whose tokens stay valid until they expire.

use crate::{StartError, auth::session_cache::ACCESS_SECONDS, clock::Clock, digest::hex, files::open_private};
use protocol::time::Time;
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, Instant},
};

/// A shorter secret could be guessed offline (RFC 7518, 3.2: at least the size of the hash).
const SECRET_BYTES: usize = 32;
/// Milliseconds after which a stored secret is rotated.
const ROTATION_INTERVAL: i64 = 30 * 24 * 60 * 60 * 1000;
/// Milliseconds within which every process on the same data has loaded a new secret and stopped signing with the old
/// one.
const PROPAGATION: i64 = 60 * 1000;
/// Secrets that are valid at once.
const MAX_KEYS: usize = 2;
/// An unknown key id causes a reread of the file at most this often.
const REREAD_INTERVAL: Duration = Duration::from_secs(1);

/// One secret.
#[derive(Clone)]
pub struct Key {
    /// Key id in tokens: reveals nothing about the secret.
    pub id: String,
    pub secret: String,
    created_at: Time,
}

impl Key {
    fn new(secret: String, created_at: Time) -> Self {
        let digest = Sha256::digest(format!("lair key id {secret}"));
        Self { id: hex(&digest[..8]), secret, created_at }
    }
}

/// The valid secrets; the first one signs.
pub struct Keyring {
    /// File of the secrets; `None` when they were configured.
    file: Option<PathBuf>,
    keys: RwLock<Arc<[Key]>>,
    last_read: Mutex<Instant>,
    clock: Clock,
}

impl Keyring {
    /// Loads the configured secrets (`new` or `new,old`), or those in the data directory, which are created on first
    /// start.
    pub fn open(data: &Path, secrets: Option<&str>, clock: &Clock) -> Result<Self, StartError> {
        let (file, keys) = match secrets {
            Some(secrets) => (None, configured(secrets)?),
            None => (Some(data.join("jwt.key")), change_file(data, clock, |_| false)?),
        };
        Ok(Self { file, keys: RwLock::new(keys.into()), last_read: Mutex::new(Instant::now()), clock: clock.clone() })
    }

    /// The secret that signs.
    pub fn current(&self) -> Option<Key> {
        self.all().first().cloned()
    }

    /// The secret with this id. Another process on the same data may have created it just now.
    pub fn find(&self, id: &str) -> Option<Key> {
        let find = || {
            let keys = self.all();
            let valid = if self.old_key_expired(&keys) { 1 } else { keys.len() };
            keys[..valid].iter().find(|key| key.id == id).cloned()
        };
        find().or_else(|| {
            let mut last_read = self.last_read.lock().unwrap_or_else(PoisonError::into_inner);
            if last_read.elapsed() < REREAD_INTERVAL {
                return None;
            }
            *last_read = Instant::now();
            self.reload();
            find()
        })
    }

    /// Whether every token of the key before the current one has expired.
    fn old_key_expired(&self, keys: &[Key]) -> bool {
        let last = |key: &Key| key.created_at.plus(ACCESS_SECONDS * 1000 + PROPAGATION);
        self.file.is_some() && keys.first().is_some_and(|key| self.clock.now() >= last(key))
    }

    fn all(&self) -> Arc<[Key]> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, keys: Vec<Key>) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys.into();
    }

    fn reload(&self) {
        let Some(file) = &self.file else { return };
        match read(file) {
            Ok(keys) => self.set(keys),
            Err(error) => tracing::error!(%error, "cannot reload the signing keys"),
        }
    }

    /// Loads changes that other processes made to the stored secrets, and rotates an old one.
    pub fn refresh(&self) {
        let Some(folder) = self.file.as_deref().and_then(Path::parent) else { return };
        let (clock, now) = (&self.clock, self.clock.now());
        let is_old = |keys: &[Key]| keys.first().is_some_and(|key| now >= key.created_at.plus(ROTATION_INTERVAL));
        self.reload();
        if is_old(&self.all()) {
            match change_file(folder, clock, is_old) {
                Ok(keys) => {
                    self.set(keys);
                    tracing::info!("rotated the signing key; the previous one is valid until its tokens expire");
                }
                Err(error) => tracing::error!(%error, "cannot rotate the signing key"),
            }
        }
    }
}

/// Rotates the secret in a data directory; running processes load it by themselves.
pub fn rotate(data: &Path) -> Result<(), StartError> {
    if !data.join("jwt.key").exists() {
        return Err(StartError(format!("{} has no jwt.key: the first start of the server creates it", data.display())));
    }
    change_file(data, &Clock::default(), |_| true).map(|_| ())
}

fn configured(secrets: &str) -> Result<Vec<Key>, StartError> {
    let keys: Vec<_> = secrets.split(',').map(|secret| Key::new(secret.trim().to_owned(), Time(0))).collect();
    if keys.len() > MAX_KEYS || keys.iter().any(|key| key.secret.len() < SECRET_BYTES) {
        return Err(StartError(format!(
            "jwt-secret: requires one secret of at least {SECRET_BYTES} characters, or two separated by a comma, the \
             new one first; `openssl rand -hex 32` generates one"
        )));
    }
    Ok(keys)
}

/// Reads the stored secrets, and prepends a new one if `replace` returns true or if there is none. Locked against other
/// processes.
fn change_file(data: &Path, clock: &Clock, replace: impl Fn(&[Key]) -> bool) -> Result<Vec<Key>, StartError> {
    let path = data.join("jwt.key");
    let failed = |e: io::Error| StartError(format!("cannot store the signing key in {}: {e}", path.display()));
    let lock = open_private(&data.join("jwt.key.lock")).map_err(failed)?;
    lock.lock().map_err(failed)?;
    let mut keys = if path.exists() { read(&path)? } else { Vec::new() };
    if keys.is_empty() || replace(&keys) {
        keys.insert(0, Key::new(hex(&clock.secret::<SECRET_BYTES>()), clock.now()));
        keys.truncate(MAX_KEYS);
        write(&path, &keys).map_err(failed)?;
    }
    Ok(keys)
}

/// One secret per line, newest first, each with its creation time, which files of an earlier version lack.
fn read(path: &Path) -> Result<Vec<Key>, StartError> {
    let text = fs::read_to_string(path)
        .map_err(|e| StartError(format!("cannot read the signing key in {}: {e}", path.display())))?;
    let damaged = || StartError(format!("{} is damaged: delete it, which signs everyone out", path.display()));
    let parse = |line: &str| {
        let (secret, created_at) = line.trim().split_once(' ').unwrap_or((line.trim(), "0"));
        let created_at = created_at.parse().ok().filter(|_| secret.len() >= SECRET_BYTES)?;
        Some(Key::new(secret.to_owned(), Time(created_at)))
    };
    let keys: Option<Vec<_>> = text.lines().filter(|line| !line.trim().is_empty()).map(parse).collect();
    keys.filter(|keys| !keys.is_empty()).ok_or_else(damaged)
}

/// Concurrent readers see the old file or the new one, never a partial one.
fn write(path: &Path, keys: &[Key]) -> io::Result<()> {
    let new = path.with_extension("key.new");
    let mut text = String::new();
    for key in keys {
        let _ = writeln!(text, "{} {}", key.secret, key.created_at.0);
    }
    let mut file = open_private(&new)?;
    file.set_len(0)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(data: &Path, clock: &Clock) -> Keyring {
        Keyring::open(data, None, clock).unwrap()
    }

    #[test]
    fn a_rotated_key_signs_and_the_previous_one_still_verifies() {
        let (data, clock) = (tempfile::tempdir().unwrap(), Clock::default());
        let ring = open(data.path(), &clock);
        let first = ring.current().unwrap();
        rotate(data.path()).unwrap();
        let other = open(data.path(), &clock);
        let second = other.current().unwrap();
        assert_ne!(first.id, second.id);
        assert_eq!(other.find(&first.id).unwrap().secret, first.secret);
        ring.refresh();
        assert_eq!(ring.current().unwrap().id, second.id);
        rotate(data.path()).unwrap();
        ring.refresh();
        assert!(ring.find(&first.id).is_none() && ring.find(&second.id).is_some());
    }

    #[test]
    fn an_expired_key_is_rotated_once_across_processes() {
        let (data, clock) = (tempfile::tempdir().unwrap(), Clock::default());
        let rings = [open(data.path(), &clock), open(data.path(), &clock)];
        let first = rings[0].current().unwrap();
        clock.advance(ROTATION_INTERVAL);
        rings.iter().for_each(Keyring::refresh);
        let second = rings[0].current().unwrap();
        assert_ne!(first.id, second.id);
        for ring in &rings {
            assert_eq!(ring.current().unwrap().id, second.id);
            assert!(ring.find(&first.id).is_some());
        }
        // A replaced key is invalid once its tokens have expired.
        clock.advance(ACCESS_SECONDS * 1000 + PROPAGATION);
        for ring in &rings {
            assert!(ring.find(&first.id).is_none() && ring.find(&second.id).is_some());
        }
    }

    #[test]
    fn a_key_of_an_earlier_version_is_valid_until_rotated() {
        let (data, clock) = (tempfile::tempdir().unwrap(), Clock::default());
        fs::write(data.path().join("jwt.key"), "ab".repeat(32)).unwrap();
        let ring = open(data.path(), &clock);
        let old = ring.current().unwrap();
        assert_eq!(old.secret, "ab".repeat(32));
        ring.refresh();
        assert_ne!(ring.current().unwrap().id, old.id);
        assert!(ring.find(&old.id).is_some());
        fs::write(data.path().join("jwt.key"), "short").unwrap();
        assert!(Keyring::open(data.path(), None, &clock).is_err());
    }

    #[test]
    fn two_secrets_can_be_configured() {
        let (data, clock) = (tempfile::tempdir().unwrap(), Clock::default());
        let (new, old) = ("n".repeat(32), "o".repeat(32));
        let ring = Keyring::open(data.path(), Some(&format!("{new},{old}")), &clock).unwrap();
        assert_eq!(ring.current().unwrap().secret, new);
        let before = Keyring::open(data.path(), Some(&old), &clock).unwrap();
        assert!(ring.find(&before.current().unwrap().id).is_some());
        for bad in ["short", "", &format!("{new},short"), &format!("{new},{old},{new}")] {
            assert!(Keyring::open(data.path(), Some(bad), &clock).is_err(), "{bad}");
        }
    }
}

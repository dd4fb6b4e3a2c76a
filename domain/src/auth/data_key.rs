//! The key that seals secrets which the server must read again: those of authenticator apps. It outlives the signing
//! keys, because what it sealed can be opened with no other key.

use crate::{
    StartError,
    clock::Clock,
    digest::hex,
    error::{CommandError, internal_error},
    files::open_private,
    store::{self, Backend, Store, Tx},
};
use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use protocol::{Result, id::UserId};
use sha2::Sha256;
use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};
use uuid::Uuid;

/// Characters that the secret must have at least.
const SECRET_CHARS: usize = 32;
/// Random bytes of a generated secret.
const SECRET_BYTES: usize = 32;
/// First byte of a sealed secret: the version of the format.
const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;
/// Purpose of the derived key (RFC 5869, 3.2).
const PURPOSE: &[u8] = b"lair secrets of second factors, version 1";

/// Seals and opens secrets with XChaCha20-Poly1305.
pub struct DataKey(XChaCha20Poly1305);

impl DataKey {
    /// Derives the key from a secret.
    fn derive(secret: &str) -> Result<Self, StartError> {
        let mut key = Key::default();
        let derived = Hkdf::<Sha256>::new(None, secret.as_bytes()).expand(PURPOSE, &mut key);
        derived.map_err(|e| StartError(format!("data-key: {e}")))?;
        Ok(Self(XChaCha20Poly1305::new(&key)))
    }

    /// Seals a secret of a user, as version, nonce and ciphertext.
    pub fn seal(&self, clock: &Clock, user: UserId, secret: &[u8]) -> Result<Vec<u8>> {
        let nonce = clock.secret::<NONCE_BYTES>();
        let payload = Payload { msg: secret, aad: user.0.as_bytes() };
        let ciphertext = self.0.encrypt(&nonce.into(), payload).map_err(|cause| internal_error(&cause))?;
        Ok([&[VERSION][..], &nonce, &ciphertext].concat())
    }

    /// Opens a secret of this user; `None` if it was sealed with another key or for another user.
    pub fn open(&self, user: UserId, sealed: &[u8]) -> Option<Vec<u8>> {
        let (&VERSION, rest) = sealed.split_first()? else { return None };
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: ciphertext, aad: user.0.as_bytes() };
        self.0.decrypt(&(*nonce).into(), payload).ok()
    }
}

/// The text that is sealed in the database, to recognise the key.
const CHECK: &[u8] = b"lair data key";
const CHECK_OWNER: UserId = UserId(Uuid::nil());

/// Loads the configured key or the one in the data directory, which is created on first start; fails if the database
/// was used with another one. Then seals secrets that an earlier version stored in the clear.
pub async fn open(data: &Path, secret: Option<&str>, store: &Store, clock: &Clock) -> Result<DataKey, StartError> {
    let failed = |e: &dyn std::fmt::Display| StartError(format!("cannot read the second factors: {e}"));
    let mut tx = store.begin().await.map_err(|e| failed(&e))?;
    store::service::lock_start(&mut tx).await.map_err(|e| failed(&e))?;
    let check = store::service::find_data_key_check(&mut tx).await.map_err(|e| failed(&e))?;
    let path = data.join("data.key");
    let key = match secret {
        Some(secret) => DataKey::derive(secret)?,
        // A new key would not open what another one sealed.
        None if check.is_some() && !path.exists() => return Err(wrong_key("is missing", &path)),
        None => DataKey::derive(&read_or_create(data, &path, clock)?)?,
    };
    match check {
        Some(sealed) if key.open(CHECK_OWNER, &sealed).is_none() => return Err(wrong_key("is another one", &path)),
        Some(_) => {}
        None => {
            let sealed = key.seal(clock, CHECK_OWNER, CHECK).map_err(|e| failed(&e))?;
            store::service::set_data_key_check(&mut tx, &sealed).await.map_err(|e| failed(&e))?;
        }
    }
    let clear = seal_clear_secrets(&mut tx, &key, clock).await.map_err(|e| failed(&e.into_public()))?;
    tx.commit().await.map_err(|e| failed(&e))?;
    if clear > 0 {
        store.checkpoint().await;
        tracing::warn!(
            "the secrets of {clear} authenticator apps are sealed now; copies of the database from before \
             (lair.before-*.db, backups) still have them in the clear: delete those that are not needed"
        );
    }
    Ok(key)
}

fn wrong_key(what: &str, path: &Path) -> StartError {
    StartError(format!(
        "data-key: the key that sealed the second factors in this database {what}. Restore {} from the backup, or set \
         LAIR_DATA_KEY to the same value as on the other nodes. If the key is lost, run `delete from second_factors` \
         and `update service set data_key_check = null` in the database: users then sign in with their password alone and set up two-factor authentication again.",
        path.display()
    ))
}

/// The file is locked, because another process on the same data may be creating it.
fn read_or_create(data: &Path, path: &Path, clock: &Clock) -> Result<String, StartError> {
    let read_or_create = || -> io::Result<String> {
        let mut file = open_private(path)?;
        file.lock()?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        if text.is_empty() {
            text = hex(&clock.secret::<SECRET_BYTES>());
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            File::open(data)?.sync_all()?;
        }
        Ok(text.trim().to_owned())
    };
    let text =
        read_or_create().map_err(|e| StartError(format!("cannot use the data key in {}: {e}", path.display())))?;
    if text.len() < SECRET_CHARS {
        return Err(StartError(format!("{} is damaged: restore it from the backup", path.display())));
    }
    Ok(text)
}

/// Returns how many there were.
async fn seal_clear_secrets(tx: &mut Tx, key: &DataKey, clock: &Clock) -> Result<usize, CommandError> {
    let clear = store::second_factors::list_clear(tx).await?;
    if !clear.is_empty() && matches!(tx, Backend::Sqlite(_)) {
        // Otherwise the old secrets stay in the file until their pages are used again.
        tx.execute("pragma secure_delete = on").await?;
    }
    for (user, secret) in &clear {
        let sealed = key.seal(clock, *user, secret)?;
        store::second_factors::set_secret(tx, *user, &sealed).await?;
    }
    Ok(clear.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_with_its_key_and_for_its_user() {
        let (clock, secret) = (Clock::default(), b"12345678901234567890");
        let (ada, mara) = (UserId(clock.id()), UserId(clock.id()));
        let key = DataKey::derive("a secret of the tests that is long enough").unwrap();
        let sealed = key.seal(&clock, ada, secret).unwrap();
        assert!(!sealed.windows(4).any(|part| part == &secret[..4]));
        assert_ne!(sealed, key.seal(&clock, ada, secret).unwrap(), "each has a nonce of its own");
        assert_eq!(key.open(ada, &sealed).as_deref(), Some(&secret[..]));
        assert_eq!(key.open(mara, &sealed), None);
        let other = DataKey::derive("another secret of the tests, as long").unwrap();
        assert_eq!(other.open(ada, &sealed), None);
        for position in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[position] ^= 1;
            assert_eq!(key.open(ada, &damaged), None, "{position}");
        }
        assert_eq!((key.open(ada, secret), key.open(ada, &[])), (None, None));
    }
}

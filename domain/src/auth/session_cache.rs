//! Who is signed in: a small memory in front of the sessions table, the certain knowledge of which are over, and who was
//! seen lately.

use crate::{
    audit,
    error::DbResultExt,
    store::{self, Db},
};
use moka::sync::Cache;
use protocol::{
    Error, Result,
    error::Code,
    id::{SessionId, UserId},
    session::Caller,
    time::Time,
    user::Role,
};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Seconds an access token is good for.
pub const ACCESS_SECONDS: i64 = 15 * 60;
/// Sessions remembered at most; beyond that the database is asked.
const CACHE_CAPACITY: u64 = 100_000;
/// Milliseconds between two notes that a session was seen, when it asks for something and when only its socket is open.
const TOUCH_INTERVAL: i64 = 60 * 1000;
const SOCKET_TOUCH_INTERVAL: i64 = 10 * 60 * 1000;

/// How long sessions live, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Without being used.
    pub idle: i64,
    /// Altogether.
    pub absolute: i64,
}

/// The sessions this node has seen lately. Clones share the memory.
#[derive(Clone, Debug)]
pub struct SessionCache {
    active: Cache<SessionId, (Caller, Time)>,
    /// Kept longer than any access token: a lookup that was under way when its session ended must not bring it back.
    ended: Cache<SessionId, ()>,
    /// Personal access tokens by their hash.
    token_sessions: Cache<[u8; 32], SessionId>,
    /// When each was last noted as seen.
    last_seen: Cache<SessionId, Time>,
    /// Seen since, and not noted yet.
    pending_last_seen: Arc<Mutex<BTreeSet<SessionId>>>,
    /// What a person's role has become, as the events tell it in their order; `None` where one is on its way and the
    /// database knows better. Kept longer than a session that was looked up before.
    roles: Cache<UserId, Option<Role>>,
}

impl Default for SessionCache {
    fn default() -> Self {
        let token_life = Duration::from_secs(ACCESS_SECONDS.unsigned_abs());
        Self {
            active: Cache::builder().max_capacity(CACHE_CAPACITY).time_to_live(Duration::from_mins(1)).build(),
            roles: Cache::builder().time_to_live(Duration::from_mins(2)).build(),
            ended: Cache::builder().time_to_live(token_life + Duration::from_mins(1)).build(),
            token_sessions: Cache::builder().max_capacity(CACHE_CAPACITY).time_to_live(Duration::from_mins(1)).build(),
            last_seen: Cache::builder().max_capacity(CACHE_CAPACITY).build(),
            pending_last_seen: Arc::default(),
        }
    }
}

impl SessionCache {
    /// The caller of a session that is not over.
    pub async fn find(&self, db: &Db, id: SessionId, now: Time) -> Result<Caller> {
        let known = match self.active.get(&id) {
            Some(known) => Some(known),
            None => self.load(db, id).await?,
        };
        match known {
            Some((caller, expires)) if expires > now && !self.has_ended(id) => {
                self.touch([id], now, TOUCH_INTERVAL);
                let role = match self.roles.get(&caller.user_id) {
                    Some(None) => self.load(db, id).await?.map(|(caller, _)| caller.role),
                    cached => cached.flatten(),
                };
                Ok(Caller { role: role.unwrap_or(caller.role), ..caller })
            }
            _ => Err(session_ended()),
        }
    }

    /// The session of a personal access token, and whether it has not been asked for lately.
    pub async fn find_token(&self, db: &Db, hash: [u8; 32]) -> Result<(SessionId, bool)> {
        if let Some(id) = self.token_sessions.get(&hash) {
            return Ok((id, false));
        }
        let found = store::access_tokens::find(db, &hash).await.or_internal()?;
        let id = found.ok_or_else(|| {
            audit::credential_rejected("token", None, &Code::NotSignedIn.word());
            Error::new(Code::NotSignedIn, "There is no such access token, or no longer.")
        })?;
        self.token_sessions.insert(hash, id);
        Ok((id, true))
    }

    async fn load(&self, db: &Db, id: SessionId) -> Result<Option<(Caller, Time)>> {
        let row = store::sessions::find(db, id).await.or_internal()?;
        let active = row.filter(|row| row.ended_at.is_none()).map(|row| {
            (Caller { user_id: row.user_id, session_id: id, role: row.role, access: row.access }, row.expires_at)
        });
        if let Some(session) = active {
            self.active.insert(id, session);
        }
        Ok(active)
    }

    /// Notes what an event says that a person's role is. Where it is in doubt it may be an event from before.
    pub fn update_role(&self, user: UserId, role: Role) {
        self.roles.entry(user).and_upsert_with(|before| match before.map(moka::Entry::into_value) {
            Some(None) => None,
            _ => Some(role),
        });
    }

    /// Notes that a person's role has changed, at once. Not to what: of two changes, the second may be told first.
    pub fn invalidate_role(&self, user: UserId) {
        self.roles.insert(user, None);
    }

    /// Notes that a session is over, at once.
    pub fn mark_ended(&self, id: SessionId) {
        self.ended.insert(id, ());
        self.active.invalidate(&id);
    }

    /// Whether a session is known to be over.
    pub fn has_ended(&self, id: SessionId) -> bool {
        self.ended.contains_key(&id)
    }

    /// Notes that these sessions' sockets are open.
    pub fn touch_connected(&self, ids: impl IntoIterator<Item = SessionId>, now: Time) {
        self.touch(ids, now, SOCKET_TOUCH_INTERVAL);
    }

    fn touch(&self, ids: impl IntoIterator<Item = SessionId>, now: Time, interval: i64) {
        for id in ids {
            if self.last_seen.get(&id).is_none_or(|at| now >= at.plus(interval)) {
                self.last_seen.insert(id, now);
                self.pending_last_seen.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
            }
        }
    }

    /// Takes what is to be noted, in the order of ids so that two nodes never wait for each other.
    pub fn drain_last_seen(&self) -> Vec<SessionId> {
        std::mem::take(&mut *self.pending_last_seen.lock().unwrap_or_else(PoisonError::into_inner))
            .into_iter()
            .collect()
    }

    /// Keeps some that could not be noted for the next time.
    pub fn requeue_last_seen(&self, ids: impl IntoIterator<Item = SessionId>) {
        self.pending_last_seen.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
    }
}

/// The refusal of a session that is over.
pub fn session_ended() -> Error {
    Error::new(Code::NotSignedIn, "This session has ended. Sign in again.")
}

//! Session cache: recently used sessions, ended sessions, and pending last-seen times.

use crate::{
    audit,
    error::DbResultExt,
    events::feed::SessionObserver,
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

/// Lifetime of an access token, in seconds.
pub const ACCESS_SECONDS: i64 = 15 * 60;
/// Maximum number of cached sessions; others are read from the database.
const CACHE_CAPACITY: u64 = 100_000;
/// Milliseconds between two last-seen updates of a session, by requests or by an open socket.
const TOUCH_INTERVAL: i64 = 60 * 1000;
const SOCKET_TOUCH_INTERVAL: i64 = 10 * 60 * 1000;

/// Sessions recently used on this node. Clones share the cache.
#[derive(Clone, Debug)]
pub struct SessionCache {
    active: Cache<SessionId, (Caller, Time)>,
    /// Kept longer than any access token lives: a lookup that was running when its session ended must not restore it.
    ended: Cache<SessionId, ()>,
    /// Sessions of personal access tokens, by token hash.
    token_sessions: Cache<[u8; 32], SessionId>,
    /// When each session's last-seen time was last queued for writing.
    last_seen: Cache<SessionId, Time>,
    /// Last-seen updates not written yet.
    pending_last_seen: Arc<Mutex<BTreeSet<SessionId>>>,
    /// Roles as updated by events, in order; `None` while a change is in flight, when the database must be read. Kept
    /// longer than a session looked up before the change.
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

impl SessionObserver for SessionCache {
    /// Ignored while the role is invalidated, because the event may predate the change.
    fn update_role(&self, user: UserId, role: Role) {
        self.roles.entry(user).and_upsert_with(|before| match before.map(moka::Entry::into_value) {
            Some(None) => None,
            _ => Some(role),
        });
    }

    fn mark_ended(&self, session: SessionId) {
        Self::mark_ended(self, session);
    }
}

impl SessionCache {
    /// The caller of a session; fails if the session has ended.
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

    /// Session of a personal access token, and whether it was not in the cache.
    pub async fn find_token(&self, db: &Db, hash: [u8; 32]) -> Result<(SessionId, bool)> {
        if let Some(id) = self.token_sessions.get(&hash) {
            return Ok((id, false));
        }
        let found = store::access_tokens::find(db, &hash).await.or_internal()?;
        let id = found.ok_or_else(|| {
            audit::credential_rejected("token", None, &Code::NotSignedIn.word());
            Error::new(Code::NotSignedIn, "Invalid or expired access token.")
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

    /// Invalidates a user's role at once. The new role is not stored: of two changes, the second may be reported first.
    pub fn invalidate_role(&self, user: UserId) {
        self.roles.insert(user, None);
    }

    /// Marks a session as ended, at once.
    pub fn mark_ended(&self, id: SessionId) {
        self.ended.insert(id, ());
        self.active.invalidate(&id);
    }

    /// Whether a session is known to have ended.
    pub fn has_ended(&self, id: SessionId) -> bool {
        self.ended.contains_key(&id)
    }

    /// Queues last-seen updates for sessions with an open socket.
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

    /// Takes the pending last-seen updates, ordered by id so that two nodes cannot deadlock.
    pub fn drain_last_seen(&self) -> Vec<SessionId> {
        std::mem::take(&mut *self.pending_last_seen.lock().unwrap_or_else(PoisonError::into_inner))
            .into_iter()
            .collect()
    }

    /// Requeues updates that could not be written.
    pub fn requeue_last_seen(&self, ids: impl IntoIterator<Item = SessionId>) {
        self.pending_last_seen.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
    }
}

/// Error for a session that has ended.
pub fn session_ended() -> Error {
    Error::new(Code::NotSignedIn, "This session has ended. Sign in again.")
}

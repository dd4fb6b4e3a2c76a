//! Who is signed in: a small memory in front of the sessions table, the certain knowledge of which are over, and who was
//! seen lately.

use crate::{
    audit,
    fault::OrBroken,
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
const REMEMBERED: u64 = 100_000;
/// Milliseconds between two notes that a session was seen, when it asks for something and when only its socket is open.
const SEEN_EVERY: i64 = 60 * 1000;
const SOCKET_SEEN_EVERY: i64 = 10 * 60 * 1000;

/// How long sessions live, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Without being used.
    pub idle: i64,
    /// Altogether.
    pub whole: i64,
}

/// The sessions this node has seen lately. Clones share the memory.
#[derive(Clone, Debug)]
pub struct SessionCache {
    live: Cache<SessionId, (Caller, Time)>,
    /// Kept longer than any access token: a lookup that was under way when its session ended must not bring it back.
    over: Cache<SessionId, ()>,
    /// Personal access tokens by their hash.
    tokens: Cache<[u8; 32], SessionId>,
    /// When each was last noted as seen.
    seen: Cache<SessionId, Time>,
    /// Seen since, and not noted yet.
    unnoted: Arc<Mutex<BTreeSet<SessionId>>>,
    /// What a person's role has become, as the events tell it in their order; `None` where one is on its way and the
    /// database knows better. Kept longer than a session that was looked up before.
    roles: Cache<UserId, Option<Role>>,
}

impl Default for SessionCache {
    fn default() -> Self {
        let token_life = Duration::from_secs(ACCESS_SECONDS.unsigned_abs());
        Self {
            live: Cache::builder().max_capacity(REMEMBERED).time_to_live(Duration::from_mins(1)).build(),
            roles: Cache::builder().time_to_live(Duration::from_mins(2)).build(),
            over: Cache::builder().time_to_live(token_life + Duration::from_mins(1)).build(),
            tokens: Cache::builder().max_capacity(REMEMBERED).time_to_live(Duration::from_mins(1)).build(),
            seen: Cache::builder().max_capacity(REMEMBERED).build(),
            unnoted: Arc::default(),
        }
    }
}

impl SessionCache {
    /// The caller of a session that is not over.
    pub async fn find(&self, db: &Db, id: SessionId, now: Time) -> Result<Caller> {
        let known = match self.live.get(&id) {
            Some(known) => Some(known),
            None => self.load(db, id).await?,
        };
        match known {
            Some((caller, expires)) if expires > now && !self.is_over(id) => {
                self.note_seen([id], now, SEEN_EVERY);
                let role = match self.roles.get(&caller.user_id) {
                    Some(None) => self.load(db, id).await?.map(|(caller, _)| caller.role),
                    told => told.flatten(),
                };
                Ok(Caller { role: role.unwrap_or(caller.role), ..caller })
            }
            _ => Err(over()),
        }
    }

    /// The session of a personal access token, and whether it has not been asked for lately.
    pub async fn find_token(&self, db: &Db, hash: [u8; 32]) -> Result<(SessionId, bool)> {
        if let Some(id) = self.tokens.get(&hash) {
            return Ok((id, false));
        }
        let found = store::access_tokens::find(db, &hash).await.or_broken()?;
        let id = found.ok_or_else(|| {
            audit::wrong("token", None, &Code::NotSignedIn.word());
            Error::new(Code::NotSignedIn, "There is no such access token, or no longer.")
        })?;
        self.tokens.insert(hash, id);
        Ok((id, true))
    }

    async fn load(&self, db: &Db, id: SessionId) -> Result<Option<(Caller, Time)>> {
        let row = store::sessions::find(db, id).await.or_broken()?;
        let live = row.filter(|row| row.ended_at.is_none()).map(|row| {
            (Caller { user_id: row.user_id, session_id: id, role: row.role, access: row.access }, row.expires_at)
        });
        if let Some(session) = live {
            self.live.insert(id, session);
        }
        Ok(live)
    }

    /// Notes what an event says that a person's role is. Where it is in doubt it may be an event from before.
    pub fn change_role(&self, user: UserId, role: Role) {
        self.roles.entry(user).and_upsert_with(|before| match before.map(moka::Entry::into_value) {
            Some(None) => None,
            _ => Some(role),
        });
    }

    /// Notes that a person's role has changed, at once. Not to what: of two changes, the second may be told first.
    pub fn doubt_role(&self, user: UserId) {
        self.roles.insert(user, None);
    }

    /// Notes that a session is over, at once.
    pub fn end(&self, id: SessionId) {
        self.over.insert(id, ());
        self.live.invalidate(&id);
    }

    /// Whether a session is known to be over.
    pub fn is_over(&self, id: SessionId) -> bool {
        self.over.contains_key(&id)
    }

    /// Notes that these sessions' sockets are open.
    pub fn note_listening(&self, ids: impl IntoIterator<Item = SessionId>, now: Time) {
        self.note_seen(ids, now, SOCKET_SEEN_EVERY);
    }

    fn note_seen(&self, ids: impl IntoIterator<Item = SessionId>, now: Time, every: i64) {
        for id in ids {
            if self.seen.get(&id).is_none_or(|at| now >= at.plus(every)) {
                self.seen.insert(id, now);
                self.unnoted.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
            }
        }
    }

    /// Takes what is to be noted, in the order of ids so that two nodes never wait for each other.
    pub fn take_seen(&self) -> Vec<SessionId> {
        std::mem::take(&mut *self.unnoted.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }

    /// Keeps some that could not be noted for the next time.
    pub fn put_seen_back(&self, ids: impl IntoIterator<Item = SessionId>) {
        self.unnoted.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
    }
}

/// The refusal of a session that is over.
pub fn over() -> Error {
    Error::new(Code::NotSignedIn, "This session is over. Sign in again.")
}

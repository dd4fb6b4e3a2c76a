//! Who is signed in: a small memory in front of the sessions table, and the certain knowledge of which are over.

use crate::{
    fault::OrBroken,
    store::{self, Db},
};
use moka::sync::Cache;
use protocol::{
    Error, Result,
    error::Code,
    id::SessionId,
    session::{Access, Caller},
    time::Time,
};
use std::time::Duration;

/// Seconds an access token is good for.
pub const ACCESS_SECONDS: i64 = 15 * 60;
/// Milliseconds a session lives without being used.
pub const SESSION_LIFE: i64 = 30 * 24 * 60 * 60 * 1000;
/// Sessions remembered at most; beyond that the database is asked.
const REMEMBERED: u64 = 100_000;

/// The sessions this node has seen lately. Clones share the memory.
#[derive(Clone, Debug)]
pub struct Sessions {
    live: Cache<SessionId, (Caller, Time)>,
    /// Kept longer than any access token: a lookup that was under way when its session ended must not bring it back.
    over: Cache<SessionId, ()>,
}

impl Default for Sessions {
    fn default() -> Self {
        let token_life = Duration::from_secs(ACCESS_SECONDS.unsigned_abs());
        Self {
            live: Cache::builder().max_capacity(REMEMBERED).time_to_live(Duration::from_mins(1)).build(),
            over: Cache::builder().time_to_live(token_life + Duration::from_mins(1)).build(),
        }
    }
}

impl Sessions {
    /// The caller of a session that is not over.
    pub async fn find(&self, db: &Db, id: SessionId, now: Time) -> Result<Caller> {
        let known = match self.live.get(&id) {
            Some(known) => Some(known),
            None => self.load(db, id).await?,
        };
        match known {
            Some((caller, expires)) if expires > now && !self.is_over(id) => Ok(caller),
            _ => Err(over()),
        }
    }

    async fn load(&self, db: &Db, id: SessionId) -> Result<Option<(Caller, Time)>> {
        let row = store::sessions::find(db, id).await.or_broken()?;
        let live = row.filter(|row| row.ended_at.is_none()).map(|row| {
            (Caller { user_id: row.user_id, session_id: id, role: row.role, access: Access::Full }, row.expires_at)
        });
        if let Some(session) = live {
            self.live.insert(id, session);
        }
        Ok(live)
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
}

fn over() -> Error {
    Error::new(Code::NotSignedIn, "This session is over. Sign in again.")
}

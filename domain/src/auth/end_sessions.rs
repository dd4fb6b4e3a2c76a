//! Ending sessions, and telling the user's clients.

use crate::{
    error::CommandError,
    events::ledger::{Command, CommandContext},
    store::{self, Tx},
};
use async_trait::async_trait;
use protocol::{
    event::{Change, SessionEnded},
    id::{SessionId, UserId},
};
use uuid::Uuid;

pub(crate) struct EndSession {
    pub user: UserId,
    pub session: SessionId,
}

#[async_trait]
impl Command for EndSession {
    type Output = ();

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        end_session(tx, ctx, self.user, self.session).await
    }
}

/// Ends every session of a user, or all but one; returns the ended ones.
pub async fn end_sessions(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    user: UserId,
    except: Option<SessionId>,
) -> Result<Vec<SessionId>, CommandError> {
    let ended = store::credentials::end_sessions(tx, user, except.unwrap_or(SessionId(Uuid::nil())), ctx.at).await?;
    for session_id in &ended {
        ctx.publish_to_user(user, session_id.0, Change::SessionEnded(SessionEnded { session_id: *session_id }));
    }
    Ok(ended)
}

/// Ends these sessions of a user if they are active, and notifies the user's clients.
pub async fn end_sessions_by_id(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    user: UserId,
    ids: &[SessionId],
) -> Result<(), CommandError> {
    for session_id in store::sessions::end_many(tx, ids, ctx.at).await? {
        ctx.publish_to_user(user, session_id.0, Change::SessionEnded(SessionEnded { session_id }));
    }
    Ok(())
}

/// Ends a session if it is active, and notifies the user's clients.
pub async fn end_session(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    user: UserId,
    session_id: SessionId,
) -> Result<(), CommandError> {
    if store::sessions::end(tx, session_id, ctx.at).await? {
        ctx.publish_to_user(user, session_id.0, Change::SessionEnded(SessionEnded { session_id }));
    }
    Ok(())
}

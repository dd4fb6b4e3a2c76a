//! Snapshots and the event stream, over plain HTTP.

use crate::{
    caller::{RequestIdentity, SignedIn},
    input::Query,
    problem::Reply,
    state::{AppState, wait_for_shutdown},
};
use axum::{Json, extract::State};
use domain::Service;
use protocol::{
    cursor::Cursor,
    error::{Code, Error, FieldError, Result},
    limits::{POLL_SECONDS, schema::PollSeconds},
    permissions::Permission,
    port::prelude::*,
    sync::{Events, Snapshot},
};
use serde::Deserialize;
use std::sync::Arc;

/// The position of the caller in the stream, and how long to wait.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct EventsQuery {
    /// `cursor` of the snapshot, or of the previous response.
    #[param(value_type = Cursor)]
    after: String,
    /// Seconds to wait for an event; 0 if omitted.
    #[serde(default)]
    #[param(inline, value_type = Option<PollSeconds>)]
    wait: u64,
}

/// Parses a cursor.
pub fn cursor(text: &str) -> Result<Cursor> {
    let detail = "Pass the cursor back unchanged, or get a new snapshot from /api/v1/sync.";
    text.parse().map_err(|_| Error::new(Code::InvalidCursor, detail))
}

/// Get a snapshot
///
/// The events after `cursor` bring it up to date.
#[utoipa::path(get, path = "/sync", tag = "Sync", extensions(("x-right" = json!(Permission::Read))),
    responses((status = 200, description = "The snapshot, with its position in the stream.", body = Snapshot)))]
pub async fn get_snapshot(State(chat): State<Arc<Service>>, SignedIn(caller): SignedIn) -> Reply<Json<Snapshot>> {
    Ok(Json(chat.get_snapshot(&caller).await?))
}

/// Poll events
///
/// A long poll, for bots and for networks without WebSocket: responds at once if there are events, otherwise as soon as
/// there is one or the time is over.
#[utoipa::path(get, path = "/sync/events", tag = "Sync", extensions(("x-right" = json!(Permission::Read))), params(EventsQuery),
    responses(
        (status = 200, description = "The events after the cursor, in order.", body = Events),
        (status = 429, description = "too_many_connections"),
    ))]
pub async fn poll_events(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
    RequestIdentity(identity): RequestIdentity,
    Query(query): Query<EventsQuery>,
) -> Reply<Json<Events>> {
    let after = cursor(&query.after)?;
    if query.wait > POLL_SECONDS {
        let message = format!("Must be between 0 and {POLL_SECONDS} seconds.");
        return Err(Error::from(FieldError::new("wait", "invalid", message)).into());
    }
    let _connection = state.open_connection(caller.user_id, identity.network())?;
    tokio::select! {
        events = state.service.poll_events(&caller, after, query.wait) => Ok(Json(events?)),
        () = wait_for_shutdown(state.shutdown.subscribe()) => Err(Error::new(Code::Busy, "The server is restarting.").into()),
    }
}

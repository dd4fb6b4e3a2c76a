//! The WebSocket: events to the client, commands from the client. One task and one small buffer per connection.

mod commands;
mod connection;
mod schema;
mod upgrade;
mod writing;

use crate::{
    api::sync::cursor,
    caller::{self, RequestIdentity, SignedIn},
    input::Query,
    problem::Reply,
    rate_limit::PeerConnection,
    request_id::RequestId,
    state::AppState,
};
use axum::{
    extract::{Extension, Request, State},
    response::Response,
};
use connection::{CommandContext, Connection};
use protocol::permissions::Permission;
use schema::SocketFrame;
use serde::Deserialize;
use std::sync::Arc;
use tracing::Span;
use upgrade::Upgrade;

/// The position of the client in the stream.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SocketQuery {
    /// The last cursor seen; the events missed since then follow. If omitted or empty, the stream starts now.
    cursor: Option<String>,
    /// With more missed events than this, `reset` is sent instead of them; also if so much happened elsewhere that
    /// counting them would take longer than a snapshot.
    #[param(minimum = 0)]
    max_replay: Option<u32>,
}

/// Open the WebSocket
///
/// A WebSocket with JSON text frames: `ServerFrame` from the server, `ClientFrame` from the client. Browsers
/// authenticate with their cookies, from a page of our own, other clients with the Bearer header.
#[utoipa::path(get, path = "/ws", tag = "Sync", extensions(("x-right" = json!(Permission::Read))), params(SocketQuery), responses(
    (status = 101, description = "The WebSocket is open; the first frame is `hello`.", body = SocketFrame),
    (status = 400, description = "malformed"),
    (status = 403, description = "cross_site"),
    (status = 429, description = "too_many_connections"),
))]
pub async fn open_socket(
    State(state): State<AppState>,
    SignedIn(caller): SignedIn,
    RequestIdentity(identity): RequestIdentity,
    Query(query): Query<SocketQuery>,
    Extension(request_id): Extension<RequestId>,
    mut request: Request,
) -> Reply<Response> {
    caller::require_socket_origin(&state.config, &identity, request.headers())?;
    let cursor = query.cursor.filter(|text| !text.is_empty()).map(|text| cursor(&text)).transpose()?;
    let upgrade = Upgrade::check(&mut request)?;
    let connection_count = state.open_connection(caller.user_id, identity.network())?;
    let peer_count = request.extensions().get::<Arc<PeerConnection>>().cloned();
    let subscription = state.service.subscribe(&caller, cursor).await?;
    let listener = subscription.with_max_replay(query.max_replay).await?.with_ephemeral();
    let (response, opening) = upgrade.accept();
    let context = CommandContext {
        state: state.clone(),
        caller,
        edit_lock: tokio::sync::Mutex::default(),
        request_id,
        span: Span::current(),
    };
    let open = state.shutdown.subscribe();
    tokio::spawn(async move {
        let _counted = (connection_count, peer_count);
        match opening.await {
            Ok(socket) => Connection::new(socket, listener, context, open).run().await,
            Err(error) => context.span.in_scope(|| tracing::debug!(%error, "socket did not open")),
        }
    });
    Ok(response)
}

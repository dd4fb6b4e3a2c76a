//! The WebSocket: events down, commands up. One task and one small buffer a connection.

mod commands;
mod connection;
mod upgrade;

use crate::{
    api::sync::cursor,
    caller::{self, SignedIn, Visit},
    input::Query,
    problem::Reply,
    request::RequestId,
    state::Lair,
};
use axum::{
    extract::{Extension, Request, State},
    response::Response,
};
use connection::{Asker, Connection};
use serde::Deserialize;
use tracing::Span;
use upgrade::Upgrade;

/// Where the client is in the stream.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SocketQuery {
    /// The last cursor seen; what was missed since then follows. Without it the stream begins now.
    cursor: Option<String>,
}

/// Open the stream
///
/// A WebSocket with JSON text frames: `ServerFrame` down, `ClientFrame` up. Browsers come with their cookies from a page
/// of our own, other clients with the Bearer header.
#[utoipa::path(get, path = "/ws", tag = "Sync", params(SocketQuery), responses(
    (status = 101, description = "The WebSocket is open; the first frame is `hello`."),
    (status = 400, description = "malformed"),
    (status = 403, description = "cross_site"),
    (status = 429, description = "too_many_connections"),
))]
pub async fn open_socket(
    State(lair): State<Lair>,
    SignedIn(caller): SignedIn,
    Visit(identity): Visit,
    Query(query): Query<SocketQuery>,
    Extension(request_id): Extension<RequestId>,
    mut request: Request,
) -> Reply<Response> {
    caller::socket_origin(&lair.config, &identity, request.headers())?;
    let cursor = query.cursor.filter(|text| !text.is_empty()).map(|text| cursor(&text)).transpose()?;
    let upgrade = Upgrade::check(&mut request)?;
    let counted = lair.open_connection(caller.user_id, identity.network())?;
    let listener = lair.service.listen(&caller, cursor).await?.with_presence();
    let (response, opening) = upgrade.accept();
    let asker =
        Asker { lair: lair.clone(), caller, turn: tokio::sync::Mutex::default(), request_id, span: Span::current() };
    let open = lair.stopping.subscribe();
    tokio::spawn(async move {
        let _counted = counted;
        match opening.await {
            Ok(socket) => Connection::new(socket, listener, asker, open).run().await,
            Err(error) => asker.span.in_scope(|| tracing::debug!(%error, "a socket did not open")),
        }
    });
    Ok(response)
}

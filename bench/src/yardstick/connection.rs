//! One connection of a bare server: queued frames are fed several at a time and flushed once.

use axum::{
    Router,
    extract::{
        Query, State, WebSocketUpgrade,
        ws::{Message, Utf8Bytes, WebSocket},
    },
    response::Response,
    routing::{any, get},
};
use futures::SinkExt as _;
use protocol::id::{ClientId, RoomId};
use serde::Deserialize;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio::sync::mpsc;

/// Frames that may wait for a connection; a reader slower than that is cut off.
const QUEUE: usize = 1_024;
/// Frames fed before a flush.
const FRAMES_PER_FLUSH: usize = 256;

/// Where a hub puts what a connection shall send.
pub type Queue = mpsc::Sender<Utf8Bytes>;

/// What a hub is told.
pub enum HubEvent {
    /// Someone connected.
    Joined(u64, RoomId, Queue),
    /// Someone is gone.
    Left(u64, RoomId),
    /// Someone said something.
    Sent(SentMessage),
}

/// What someone said.
pub struct SentMessage {
    /// Which connection.
    pub from: u64,
    /// The command's number.
    pub id: u64,
    /// Where.
    pub room_id: RoomId,
    /// What.
    pub body: String,
    /// What its author calls it.
    pub client_id: ClientId,
}

#[derive(Deserialize)]
struct SendCommand {
    id: u64,
    room_id: RoomId,
    body: String,
    client_id: ClientId,
}

#[derive(Deserialize)]
struct RoomParam {
    room: RoomId,
}

/// The routes of a bare server.
pub fn router(hub: mpsc::Sender<HubEvent>) -> Router {
    Router::new().route("/api/v1/ready", get(async || "ready")).route("/api/v1/ws", any(open)).with_state(hub)
}

async fn open(
    State(hub): State<mpsc::Sender<HubEvent>>,
    Query(params): Query<RoomParam>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade.read_buffer_size(4_096).on_upgrade(move |socket| async move {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let me = NUMBER.fetch_add(1, Relaxed);
        let (queue, frames) = mpsc::channel(QUEUE);
        if hub.send(HubEvent::Joined(me, params.room, queue)).await.is_ok() {
            // A connection ends by an error as well as by a close frame; either way it is gone.
            let _ = serve(socket, me, &hub, frames).await;
            let _ = hub.send(HubEvent::Left(me, params.room)).await;
        }
    })
}

async fn serve(
    mut socket: WebSocket,
    me: u64,
    hub: &mpsc::Sender<HubEvent>,
    mut queued: mpsc::Receiver<Utf8Bytes>,
) -> anyhow::Result<()> {
    let mut frames = Vec::new();
    loop {
        tokio::select! {
            count = queued.recv_many(&mut frames, FRAMES_PER_FLUSH) => {
                if count == 0 {
                    return Ok(());
                }
                for frame in frames.drain(..) {
                    socket.feed(Message::Text(frame)).await?;
                }
                socket.flush().await?;
            }
            received = socket.recv() => match received {
                Some(Ok(Message::Text(text))) => {
                    let SendCommand { id, room_id, body, client_id } = serde_json::from_str(&text)?;
                    hub.send(HubEvent::Sent(SentMessage { from: me, id, room_id, body, client_id })).await?;
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Ok(()),
            },
        }
    }
}

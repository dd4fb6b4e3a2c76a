//! One connection of a baseline server: queued frames are fed several at a time and flushed once.

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

/// Frames that may wait for a connection; a slower reader is dropped.
const QUEUE: usize = 1_024;
/// Frames fed before a flush.
const FRAMES_PER_FLUSH: usize = 256;

/// Where a hub queues frames for a connection.
pub type Queue = mpsc::Sender<Utf8Bytes>;

/// An event for a hub.
pub enum HubEvent {
    /// A client connected.
    Joined(u64, RoomId, Queue),
    /// A client disconnected.
    Left(u64, RoomId),
    /// A client sent a message.
    Sent(SentMessage),
}

/// A message that a client sent.
pub struct SentMessage {
    /// The connection that sent it.
    pub from: u64,
    /// The id of the command.
    pub id: u64,
    /// The room.
    pub room_id: RoomId,
    /// The text.
    pub body: String,
    /// The client's id for the message.
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

/// The routes of a baseline server.
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
            // A connection ends with an error or a close frame; either way the hub must learn that it left.
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

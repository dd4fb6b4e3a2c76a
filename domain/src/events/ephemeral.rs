//! Ephemeral events: published, but neither stored nor replayed.

use crate::events::hub::{Frame, Hub};
use protocol::{event::PresenceChange, frame::ServerFrame, id::RoomId};

/// An event that only the clients connected now receive.
#[derive(Clone, Debug)]
pub enum EphemeralEvent {
    /// A user's presence changed.
    Presence(PresenceChange),
}

/// Who receives an ephemeral event, on this node.
#[derive(Clone, Copy, Debug)]
pub enum Audience {
    /// The members of a room.
    Room(RoomId),
}

/// Publishes events to an audience; each is serialised once for all receivers.
pub fn publish(hub: &Hub, audience: Audience, events: impl IntoIterator<Item = EphemeralEvent>) {
    let frames: Vec<_> = events.into_iter().filter_map(|event| frame(&event.into())).collect();
    if frames.is_empty() {
        return;
    }
    match audience {
        Audience::Room(room) => hub.publish_to_room(room, &frames.into()),
    }
}

fn frame(event: &ServerFrame) -> Option<Frame> {
    let json = serde_json::to_vec(event).ok()?;
    Some(Frame { position: None, bytes: json.into() })
}

impl From<EphemeralEvent> for ServerFrame {
    fn from(event: EphemeralEvent) -> Self {
        match event {
            EphemeralEvent::Presence(data) => Self::Presence { data },
        }
    }
}

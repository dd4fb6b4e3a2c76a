//! Ephemeral events: published, but neither stored nor replayed.

use crate::events::hub::{FrameWriter, Hub};
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
    let mut writer = FrameWriter::default();
    events.into_iter().for_each(|event| writer.push(None, &ServerFrame::from(event)));
    let Some(frames) = writer.take() else { return };
    match audience {
        Audience::Room(room) => hub.publish_to_room(room, &frames),
    }
}

impl From<EphemeralEvent> for ServerFrame {
    fn from(event: EphemeralEvent) -> Self {
        match event {
            EphemeralEvent::Presence(data) => Self::Presence { data },
        }
    }
}

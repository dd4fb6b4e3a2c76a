//! Initialisation of an empty database.

use crate::{
    Clock, StartError,
    rooms::search::search_text,
    store::{self, Store, rooms::NewRoom, service::ServiceRow},
};
use protocol::{
    Result,
    id::RoomId,
    limits,
    room::{RoomKind, RoomSettings, Visibility},
};

/// The name of the room of everyone.
const LOBBY: &str = "Lobby";
const LOBBY_TOPIC: &str = "Everyone is here. Say hello.";

/// Initialises a new database: its epoch and the Lobby.
pub async fn ensure_initialised(store: &Store, clock: &Clock) -> Result<ServiceRow, StartError> {
    let failed = |e: sqlx::Error| StartError(format!("cannot read the database: {e}"));
    let mut tx = store.begin().await.map_err(failed)?;
    store::service::lock_start(&mut tx).await.map_err(failed)?;
    if store::service::find_in(&mut tx).await.map_err(failed)?.is_none() {
        let id = RoomId(clock.id());
        let lobby = NewRoom {
            id,
            name: LOBBY,
            name_key: &limits::name_key(LOBBY),
            lookalike_key: &limits::lookalike_key(LOBBY),
            kind: RoomKind::Channel,
            search_text: &search_text(LOBBY, LOBBY_TOPIC),
            visibility: Visibility::Public,
            topic: LOBBY_TOPIC,
            description: "",
            emoji: "",
            settings: RoomSettings::default(),
            created_by: None,
            key: None,
            created_at: clock.now(),
        };
        store::rooms::create(&mut tx, &lobby).await.map_err(failed)?;
        store::service::create(&mut tx, clock.random_u32(), id).await.map_err(failed)?;
    }
    tx.commit().await.map_err(failed)?;
    store::service::find(&store.read).await.map_err(failed)
}

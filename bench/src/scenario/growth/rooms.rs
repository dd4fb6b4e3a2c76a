//! A user of many rooms: a room's page, and the snapshot.

use super::{Answer, page};
use crate::{
    client::rest::for_each,
    lair::ServerProcess,
    scenario::pages::{fill_room, sign_in},
};
use anyhow::{Context as _, Result};
use protocol::room::Room;
use reqwest::Method;
use serde_json::json;

/// Rooms of the user, and the messages of the one that is opened.
pub const ROOMS: usize = 500;
pub use crate::scenario::pages::MESSAGES;

/// What the user's rooms cost.
pub struct Rooms {
    pub page: Answer,
    pub snapshot: Answer,
}

pub async fn measure(lair: &mut ServerProcess, rounds: usize) -> Result<Rooms> {
    lair.register_users(crate::scenario::pages::MEMBERS).await?;
    let filled = fill_room(lair, "Planning").await?;
    let token = &lair.users[0].token;
    for_each(0..ROOMS - 2, async |number| {
        let room = json!({"name": format!("Project {number:03}"), "topic": "What is done, by whom and until when"});
        lair.rest.post::<Room>(token, "/rooms", &room).await.map(drop)
    })
    .await?;
    let browser = sign_in(lair, 0).await?;
    let path = filled.strip_prefix(lair.rest.base()).context("the URL of another server")?;
    let snapshot = || lair.rest.request(Method::GET, "/api/v1/sync").bearer_auth(token);
    Ok(Rooms {
        page: Answer::measure(lair, "a room's page", rounds, || page(&browser, lair, path)).await?,
        snapshot: Answer::measure(lair, "the snapshot", rounds, snapshot).await?,
    })
}

//! Parts of the chat's pages that the server draws: see `fragment`.

use crate::{
    api::Failure,
    server_pages::{
        browse::browse,
        room::{add_members, details_view, members},
    },
};
use axum::{extract::Query, http::Uri};
use leptos::prelude::*;
use protocol::{error::Error, id::RoomId, port::Chat, room::Room, session::Caller};
use std::{collections::HashMap, sync::Arc};

/// What a part is drawn from.
pub struct FragmentContext {
    /// The chat service.
    pub chat: Arc<dyn Chat>,
    /// The caller.
    pub caller: Caller,
    room: Option<RoomId>,
    query: HashMap<String, String>,
}

impl FragmentContext {
    /// The room that the part is about, for its members.
    pub async fn room(&self) -> Result<Room, Failure> {
        let id = self.room.ok_or_else(|| Error::not_found("room"))?;
        let room = self.chat.get_room(&self.caller, id).await?;
        if room.membership.is_none() { Err(Error::not_a_member().into()) } else { Ok(room) }
    }

    /// A field of the page's query; `None` if it is absent or empty.
    pub fn query(&self, name: &str) -> Option<String> {
        self.query.get(name).filter(|value| !value.is_empty()).cloned()
    }
}

/// Draws a part of a page.
pub async fn fragment_html(
    chat: Arc<dyn Chat>,
    caller: Caller,
    name: &str,
    room: Option<RoomId>,
    query: &str,
) -> Result<String, Failure> {
    let uri: Uri = format!("/?{}", query.trim_start_matches('?')).parse().unwrap_or_default();
    let query = Query::try_from_uri(&uri).map(|Query(query)| query).unwrap_or_default();
    let context = FragmentContext { chat, caller, room, query };
    let view = match name {
        "details" => details_view(&context).await?,
        "add-members" => add_members(&context).await?,
        "members" => members(&context).await?,
        "browse" => browse(&context).await?,
        _ => return Err(Error::not_found("part of a page").into()),
    };
    Ok(view.to_html())
}

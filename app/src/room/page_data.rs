//! What a room page is loaded from. In the page that the server renders, the messages' HTML is in the rows already, so
//! the data for hydration leaves it out, and the browser reads it from there.

use crate::api::{HistoryPosition, OpenedRoom};
use protocol::message::Message;
use serde::{Deserialize, Serialize, Serializer};

/// A room, and where it was opened.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PageData {
    /// Where it was opened.
    pub position: HistoryPosition,
    /// The room and its messages.
    pub opened: OpenedRoom,
}

impl Serialize for PageData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Fields {
            position: HistoryPosition,
            opened: OpenedRoom,
        }
        let mut opened = self.opened.clone();
        messages(&mut opened).for_each(|message| message.html.clear());
        Fields { position: self.position, opened }.serialize(serializer)
    }
}

fn messages(opened: &mut OpenedRoom) -> impl Iterator<Item = &mut Message> {
    opened.history.iter_mut().flat_map(|history| &mut history.items)
}

/// Fills in the HTML that the data for hydration leaves out, from the rows of the page.
#[cfg(not(feature = "ssr"))]
pub fn read_html(opened: &mut OpenedRoom) {
    use crate::room::row::message_element_id;
    let prose = |message: &Message| {
        let row = leptos::prelude::document().get_element_by_id(&message_element_id(message.id))?;
        row.query_selector(".prose").ok()?
    };
    for message in messages(opened).filter(|message| message.html.is_empty()) {
        if let Some(prose) = prose(message) {
            message.html = prose.inner_html();
        }
    }
}

/// The server has the HTML.
#[cfg(feature = "ssr")]
pub const fn read_html(_opened: &mut OpenedRoom) {}

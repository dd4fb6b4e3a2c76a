//! Times on still pages: in UTC, and said to be so.

use leptos::prelude::*;
use protocol::time::Time;

/// A moment, as `19 November 2026, 09:02 UTC`.
pub fn moment(time: Time) -> AnyView {
    let date = time.date();
    let day = date.split_once(", ").map_or(date.as_str(), |(_, day)| day).to_owned();
    view! { <time datetime=time.to_string()>{format!("{day}, {} UTC", time.clock())}</time> }.into_any()
}

//! Times on server-rendered pages: in UTC and labelled so, until the browser converts them to the reader's time zone.

use leptos::prelude::*;
use protocol::{
    settings::{HourCycle, Settings},
    time::Time,
};

/// A time, as `19 November 2026, 09:02 UTC`.
pub fn timestamp(time: Time) -> AnyView {
    let date = time.date();
    let day = date.split_once(", ").map_or(date.as_str(), |(_, day)| day).to_owned();
    let twelve = use_context::<Settings>().is_some_and(|settings| settings.hour_cycle == HourCycle::Twelve);
    let clock = if twelve { time.format_12h() } else { time.format_24h() };
    view! { <time datetime=time.to_string()>{format!("{day}, {clock} UTC")}</time> }.into_any()
}

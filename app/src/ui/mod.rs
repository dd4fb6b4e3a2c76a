//! Parts of any screen. They know nothing of chat.

#[cfg(feature = "ssr")]
mod area;
mod avatar;
mod button;
mod clock;
mod dialog;
mod empty;
mod field;
mod icon;
mod mark;
mod notice;
mod raw;
#[cfg(feature = "ssr")]
mod select;

#[cfg(feature = "ssr")]
pub use area::Area;
pub use avatar::Avatar;
pub use button::Submit;
pub use clock::{Clock, Timestamp, localize_times, provide_clock, use_clock};
pub use dialog::Dialog;
pub use empty::Empty;
pub use field::Field;
pub use icon::{Icon, Shape};
pub use mark::Logo;
pub use notice::Notice;
pub use raw::raw;
#[cfg(feature = "ssr")]
pub use select::{Choice, Select};

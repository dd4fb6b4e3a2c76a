//! The write path and the event stream.

pub mod feed;
pub mod hub;
pub mod ledger;
pub mod replay;
pub mod snapshot;
pub mod subscription;

//! The write path and the event stream.

pub mod cluster;
pub mod ephemeral;
pub mod feed;
pub mod follower;
pub mod hub;
pub mod ledger;
pub mod replay;
pub mod snapshot;
pub mod subscription;
pub mod view;

//! The event stream over WebSocket: commands, resuming, membership changes, limits, slow clients and invalid frames.

#[path = "../harness/mod.rs"]
mod harness;

mod bad_frames;
mod commands;
mod limits;
mod membership_and_logout;
mod resuming;
mod slow_clients;
mod unread;

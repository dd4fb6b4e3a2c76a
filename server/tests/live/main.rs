//! The stream over WebSocket: two people at once, coming back, being shut out, and bad manners.

#[path = "../harness/mod.rs"]
mod harness;

mod commands;
mod leaving;
mod limits;
mod manners;
mod resuming;
mod slow;

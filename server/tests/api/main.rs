//! Every endpoint: good input, each kind of bad input, not signed in, signed in as a stranger. The folders follow the
//! paths. Every answer is held against the OpenAPI document by the harness.

#[path = "../harness/mod.rs"]
mod harness;

mod admin;
mod attacks;
mod auth;
mod browser;
mod document;
mod every;
mod forged;
mod host;
mod hostile;
mod invitations;
mod members;
mod messages;
mod notifications;
mod pace;
mod page_user;
mod pages;
mod roles;
mod rooms;
mod sessions;
mod slow;
mod sync;
mod system;
mod tokens;
mod users;

//! The mouths of Lair Chat: pages, REST and WebSocket, and the program around them. Rules live in `domain`; what is here
//! reads a request, calls the service and says its answer.

pub mod api;
pub mod assets;
pub mod caller;
pub mod cli;
pub mod config;
pub mod docs;
pub mod emoji;
pub mod headers;
pub mod input;
pub mod log;
pub mod openapi;
pub mod pace;
pub mod pages;
pub mod problem;
pub mod request;
pub mod router;
pub mod serve;
pub mod shares;
pub mod socket;
pub mod state;

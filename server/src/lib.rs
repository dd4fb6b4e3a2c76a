//! The HTTP and WebSocket front ends of Lair Chat, and the program around them: pages, REST and WebSocket. The rules
//! are in `domain`; this crate parses requests, calls the service and sends its responses.

pub mod api;
pub mod assets;
pub mod caller;
pub mod cli;
pub mod config;
pub mod emoji;
pub mod fair_semaphore;
pub mod headers;
pub mod input;
pub mod log;
pub mod openapi;
pub mod pages;
pub mod problem;
pub mod rate_limit;
pub mod request;
pub mod router;
pub mod serve;
pub mod socket;
pub mod state;
pub mod swagger;

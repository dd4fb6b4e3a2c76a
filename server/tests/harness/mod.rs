//! What the tests share: a real server on a free port, people with names, and a client that holds every answer against
//! the OpenAPI document.

// Each folder of tests is a program of its own and uses its own part of this.
#![allow(dead_code, missing_docs, unused_imports)]

pub mod ask;
pub mod contract;
pub mod person;
pub mod server;
pub mod socket;

pub use ask::{Answer, Ask};
pub use person::Person;
pub use server::Server;
pub use socket::Socket;

/// The password of everyone in the tests.
pub const PASSWORD: &str = "a-den-with-a-hearth";

//! What the tests share: a real server on a free port, people with names, and a client that holds every answer against
//! the OpenAPI document.

// Each folder of tests is a program of its own and uses its own part of this.
#![allow(dead_code, missing_docs, unused_imports)]

pub mod ask;
pub mod contract;
pub mod person;
#[path = "../../../domain/tests/story/post_office.rs"]
pub mod post_office;
pub mod server;
pub mod socket;

pub use ask::{Request, Response};
pub use person::TestUser;
pub use server::Server;
pub use socket::Socket;

/// The id of nobody and nothing.
pub const UNKNOWN_ID: &str = "01890000-0000-7000-8000-000000000000";

/// A name that nothing has yet.
pub fn random_name() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// The password of everyone in the tests.
pub const PASSWORD: &str = "a-den-with-a-hearth";

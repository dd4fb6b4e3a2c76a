//! Shared by all tests: a real server on a free port, signed-in users, and a client that validates every response
//! against the OpenAPI document.

// Each test folder is compiled separately and uses only a part of this.
#![allow(dead_code, missing_docs, unused_imports)]

pub mod contract;
#[path = "../../../domain/tests/story/full_queue.rs"]
pub mod full_queue;
pub mod request;
pub mod server;
#[path = "../../../domain/tests/story/smtp_server.rs"]
pub mod smtp_server;
pub mod socket;
pub mod totp;
pub mod user;

pub use request::{Request, Response};
pub use server::Server;
pub use socket::Socket;
pub use totp::totp_code;
pub use user::TestUser;

/// An id that does not exist.
pub const UNKNOWN_ID: &str = "01890000-0000-7000-8000-000000000000";

/// A unique name.
pub fn random_name() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// The password of all users.
pub const PASSWORD: &str = "a-den-with-a-hearth";

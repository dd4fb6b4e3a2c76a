//! The server under test, and the users and rooms that the load needs on it.

use crate::{
    client::{
        clients::ClientConfig,
        rest::{Rest, for_each},
        socket::Endpoint,
    },
    process::{self, Process},
};
use anyhow::Result;
use protocol::{id::RoomId, room::Room, session::Tokens};
use reqwest::Method;
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The password of all users.
pub const PASSWORD: &str = "a-den-with-a-hearth";

/// A registered user.
pub struct User {
    /// The username.
    pub name: String,
    /// The Bearer token.
    pub token: String,
}

/// A running server under test.
pub struct ServerProcess {
    /// Its process.
    pub process: Process,
    /// A client of its API.
    pub rest: Rest,
    /// The server's binary.
    pub binary: PathBuf,
    data: PathBuf,
    /// All users that were registered so far.
    pub users: Vec<User>,
}

impl ServerProcess {
    /// Starts a server on this data folder.
    pub async fn start(binary: &Path, data: &Path) -> Result<Self> {
        let process = launch(binary, data).await?;
        let rest = Rest::new(process.address)?;
        Ok(Self { process, rest, binary: binary.to_owned(), data: data.to_owned(), users: Vec::new() })
    }

    /// Stops the server and starts it again with the same data; tokens remain valid.
    pub async fn restart(&mut self) -> Result<()> {
        self.restart_after(|_| Ok(())).await
    }

    /// The same, and changes its database while it is stopped.
    pub async fn restart_after(&mut self, change: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        self.process.stop().await?;
        change(&self.data.join("lair.db"))?;
        self.process = launch(&self.binary, &self.data).await?;
        self.rest = Rest::new(self.process.address)?;
        Ok(())
    }

    /// Registers users until there are this many.
    pub async fn register_users(&mut self, count: usize) -> Result<()> {
        let missing = self.users.len()..count.max(self.users.len());
        let rest = &self.rest;
        let mut new = for_each(missing, async |number| {
            let name = format!("bench-{number:04}");
            let form = json!({"username": name, "password": PASSWORD});
            let tokens: Tokens = rest.post("", "/auth/register", &form).await?;
            Ok(User { name, token: tokens.access_token })
        })
        .await?;
        self.users.append(&mut new);
        Ok(())
    }

    /// Creates a public room with these users as members, by their index.
    pub async fn create_room(&self, name: &str, members: &[usize]) -> Result<RoomId> {
        let owner = &self.users[members[0]];
        let room: Room = self.rest.post(&owner.token, "/rooms", &json!({"name": name})).await?;
        let path = format!("/rooms/{}/join", room.id);
        for_each(&members[1..], async |member| {
            self.rest.send_without_body(Method::POST, &self.users[*member].token, &path).await
        })
        .await?;
        Ok(room.id)
    }

    /// The configuration of a client in a room.
    pub fn client_config(&self, member: usize, room: RoomId, sends: bool) -> ClientConfig {
        ClientConfig { endpoint: self.endpoint(member), room: room.to_string(), sends }
    }

    /// Where a user's client connects.
    pub fn endpoint(&self, member: usize) -> Endpoint {
        Endpoint { address: self.process.address, target: "/api/v1/ws".into(), token: self.users[member].token.clone() }
    }
}

/// Starts a server on this data folder, with rate limits off and all other settings at their defaults.
pub async fn launch(binary: &Path, data: &Path) -> Result<Process> {
    std::fs::create_dir_all(data)?;
    let address = process::free_address()?;
    let mut command = Command::new(binary);
    command.env("LAIR_LISTEN", address.to_string()).env("LAIR_DATA", data).env("LAIR_RATE_LIMITS", "off");
    Process::start(command, address, &data.with_extension("log")).await
}

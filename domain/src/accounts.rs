//! Registration, administration, export and deactivation of accounts.

pub mod admin;
pub mod config;
pub mod deactivate;
mod default_rooms;
pub mod export;
pub mod invitations;
pub mod register;

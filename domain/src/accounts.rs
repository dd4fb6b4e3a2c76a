//! Registering, administrating, exporting and deactivating accounts.

pub mod admin;
pub mod config;
pub mod deactivate;
pub mod export;
pub mod invitations;
pub mod register;

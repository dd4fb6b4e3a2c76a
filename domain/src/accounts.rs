//! Registration, administration, export and deactivation of accounts.

pub mod admin;
pub mod config;
pub mod deactivate;
pub mod export;
pub mod invitations;
pub mod register;

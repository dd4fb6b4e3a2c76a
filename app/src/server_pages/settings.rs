//! The settings of an account.

pub mod account;
pub mod blocked;
pub mod confirm;
pub mod data;
pub mod index;
pub mod preferences;
pub mod profile;
pub mod security;
pub mod sessions;
pub mod tokens;

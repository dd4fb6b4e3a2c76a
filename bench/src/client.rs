//! The clients that make the load.

pub mod clients;
pub mod delivery;
pub mod frame;
pub mod member;
pub mod rest;
pub mod socket;

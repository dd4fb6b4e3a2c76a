//! The clients that make the load.

pub mod arrival;
pub mod crowd;
pub mod member;
pub mod rest;
pub mod socket;
pub mod wire;

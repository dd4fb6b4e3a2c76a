//! The real program `lair`: its command line, its start and end, its log, and what survives when it is killed or has no
//! space.

#[path = "../harness/mod.rs"]
mod harness;

mod audit;
mod command_line;
mod crash;
mod disk;
mod full_disk;
mod log;
mod pages;
mod permissions;
mod process;
mod stopping;

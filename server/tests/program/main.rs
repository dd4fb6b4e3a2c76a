//! The real program `lair`: its command line, its start and end, and what survives when it is killed.

#[path = "../harness/mod.rs"]
mod harness;

mod command_line;
mod crash;
mod process;
mod stopping;

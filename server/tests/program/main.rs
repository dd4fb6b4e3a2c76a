//! The real program `lair`: its command line, its start and end, its log, and what survives when it is killed.

#[path = "../harness/mod.rs"]
mod harness;

mod command_line;
mod crash;
mod log;
mod pages;
mod process;
mod stopping;

//! The real program `lair`: its command line, start and shutdown, its log, crashes and full disks.

#[path = "../harness/mod.rs"]
mod harness;

mod audit;
mod command_line;
mod crash;
mod damaged_file;
mod disk;
mod full_disk;
mod log;
mod pages;
mod permissions;
mod process;
mod shutdown;

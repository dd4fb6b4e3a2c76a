mod create;
mod get;
mod join;
mod leave;
mod list;
mod read;

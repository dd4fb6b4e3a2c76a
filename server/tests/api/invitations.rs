mod create;
mod list;
mod page;
mod respond;

mod delete;
mod edit;
mod get;
mod list;
mod send;

mod add;
mod list;
mod remove;
mod restrictions;
mod role;

//! The state of a client: what it knows, and how events change it. The same code runs in the browser and in the tests
//! that compare it with the database.

pub mod room_list;
pub mod room_state;
mod self_state;
pub mod sidebar;

#[cfg(test)]
mod tests;

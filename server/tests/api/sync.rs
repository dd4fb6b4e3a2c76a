mod events;
mod snapshot;

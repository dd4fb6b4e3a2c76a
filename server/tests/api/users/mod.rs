mod avatar;
mod deactivate;
mod get;
mod profile;
mod search;
mod settings;
mod status;

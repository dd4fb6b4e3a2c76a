mod avatar;
mod deactivate;
mod email;
mod get;
mod profile;
mod search;
mod settings;
mod status;

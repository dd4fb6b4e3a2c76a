mod get;
mod profile;
mod settings;
mod status;

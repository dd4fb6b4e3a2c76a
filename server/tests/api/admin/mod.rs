mod config;
mod invitations;
mod list;
mod reset_password;
mod role;
mod sessions;
mod status;

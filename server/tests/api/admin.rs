mod config;
mod invitations;
mod list;
mod reset_password;
mod role;
mod second_factor;
mod sessions;
mod status;

mod config;
mod invitations;
mod reset_password;

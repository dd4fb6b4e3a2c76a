mod confirm_password;
mod login;
mod logout;
mod refresh;
mod register;

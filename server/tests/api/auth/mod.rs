mod change_password;
mod confirm_password;
mod forgot_password;
mod login;
mod logout;
mod refresh;
mod register;
mod reset_password;

//! Every endpoint: valid input, each kind of invalid input, not signed in, and signed in without access. The folders
//! follow the paths. The harness validates every response against the OpenAPI document.

#[path = "../harness/mod.rs"]
mod harness;

mod admin;
mod all_endpoints;
mod allowed_hosts;
mod auth;
mod browser;
mod documented_limits;
mod failed_forms;
mod forged_tokens;
mod html_injection;
mod invitations;
mod members;
mod messages;
mod notifications;
mod openapi;
mod other_user_pages;
mod overload;
mod page_times;
mod pages;
mod rate_limit;
mod refused_forms;
mod roles;
mod rooms;
mod server_pages;
mod sessions;
mod slow_requests;
mod sync;
mod system;
mod timing_and_headers;
mod tokens;
mod unread;
mod users;

//! Tests of the domain through its ports; each test runs on both databases.

#![allow(missing_docs)]

/// Runs each test on SQLite and on PostgreSQL.
macro_rules! on_both_databases {
    ($($test:ident)+) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test(crate::harness::TestApp::sqlite().await).await })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test(crate::harness::TestApp::postgres().await).await })+
        }
    };
}

mod access_tokens;
mod accounts;
mod activity;
mod admin;
mod blocks;
mod credentials;
mod deactivate;
mod direct_rooms;
mod events;
mod export;
mod full_queue;
mod harness;
mod invitations;
mod layers;
mod lock_order;
mod lookalikes;
mod mail;
mod members;
mod messages;
mod notifications;
mod outage;
mod overload;
mod ownership;
mod password_reset;
mod postgres_proxy;
mod presence;
mod profiles;
mod refresh;
mod rekey_names;
mod retention;
mod roles;
mod room_closing;
mod room_invitations;
mod room_preferences;
mod room_restrictions;
mod room_roles;
mod room_search;
mod room_settings;
mod rooms;
mod second_factor;
mod sessions;
mod smtp_server;
mod spellings;
mod state_equals_events;
mod unread;
mod user_search;

//! What people can do, told as stories; every story runs on both databases.

#![allow(missing_docs)]

/// Runs each story on SQLite and on PostgreSQL.
macro_rules! on_both_databases {
    ($($story:ident)+) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() { super::$story(crate::world::TestApp::sqlite().await).await })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() { super::$story(crate::world::TestApp::postgres().await).await })+
        }
    };
}

mod access_tokens;
mod accounts;
mod blocks;
mod credentials;
mod export;
mod heirs;
mod invitations;
mod leaving;
mod letters;
mod members;
mod messages;
mod notifications;
mod order;
mod outage;
mod people;
mod post_office;
mod presence;
mod profiles;
mod renewal;
mod roles;
mod room_invitations;
mod rooms;
mod second_factor;
mod sessions;
mod spellings;
mod stream;
mod truth;
mod wire;
mod world;

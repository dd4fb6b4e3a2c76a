//! Notifies the other nodes over NATS that the stream has grown. The events themselves are read from the database, so
//! losing NATS costs at most one poll interval, never an event.

use crate::StartError;
use futures::StreamExt as _;
use tokio::{sync::watch, task::JoinSet};

/// The connection to the other nodes.
pub struct Cluster {
    client: async_nats::Client,
    notifications: async_nats::Subscriber,
    /// Last position to publish. Only the newest matters, so nothing queues while NATS is unavailable.
    newest: watch::Sender<i64>,
    /// Aborted when this is dropped.
    _notifier: JoinSet<()>,
}

impl Cluster {
    /// Connects to NATS. The client reconnects by itself when NATS is unavailable.
    pub async fn join(url: &str, epoch: u32) -> Result<Self, StartError> {
        let failed = |e: &dyn std::fmt::Display| StartError(format!("feed-url: cannot use NATS: {e}"));
        let options = async_nats::ConnectOptions::new().name("lair").retry_on_initial_connect();
        let client = options.connect(url).await.map_err(|e| failed(&e))?;
        let subject = format!("lair.{epoch:08x}");
        let notifications = client.subscribe(subject.clone()).await.map_err(|e| failed(&e))?;
        let (newest, positions) = watch::channel(0);
        let mut notifier = JoinSet::new();
        notifier.spawn(notify_nodes(client.clone(), subject, positions));
        Ok(Self { client, notifications, newest, _notifier: notifier })
    }

    /// Notifies the other nodes that the stream reaches this position.
    pub fn notify(&self, position: i64) {
        self.newest.send_replace(position);
    }

    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == async_nats::connection::State::Connected
    }
}

/// Notifies the other nodes, in a task of its own because a NATS publish blocks when the connection makes no progress.
async fn notify_nodes(client: async_nats::Client, subject: String, mut positions: watch::Receiver<i64>) {
    while positions.changed().await.is_ok() {
        let position = positions.borrow_and_update().to_string();
        if let Err(error) = client.publish(subject.clone(), position.into()).await {
            tracing::warn!(%error, "cannot notify the other nodes; they poll instead");
        }
    }
}

/// Next position announced by another node; pending forever without NATS.
pub async fn next_notification(cluster: Option<&mut Cluster>) -> Option<i64> {
    let message = cluster?.notifications.next().await?;
    // NATS also returns our own notification; its position has already been published by then.
    std::str::from_utf8(&message.payload).ok()?.parse().ok()
}

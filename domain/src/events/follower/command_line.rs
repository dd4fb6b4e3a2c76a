//! What the command line and the metrics show of the followers, and how a rebuild is requested.

use crate::{
    StartError,
    store::{self, Db, Store},
};
use protocol::time::Time;
use std::{fmt, path::Path};

/// A follower as operators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowerStatus {
    /// Its name.
    pub name: String,
    /// Position of the last event followed; `None` if it follows no events.
    pub position: Option<i64>,
    /// How many events it is behind.
    pub lag: i64,
    /// Failures of the next event.
    pub attempts: i64,
    /// Whether it is to be rebuilt.
    pub rebuild: bool,
    /// Events that were set aside, counted up to 1,000.
    pub set_aside: i64,
    /// The last of these, when it was set aside, and its error.
    pub last_error: Option<String>,
    /// When it last changed something.
    pub ran_at: Option<Time>,
}

impl fmt::Display for FollowerStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match self.position {
            Some(position) => write!(f, ": at event {position}, {} behind", self.lag)?,
            None => f.write_str(": runs from time to time")?,
        }
        if let Some(at) = self.ran_at {
            write!(f, ", last change {at}")?;
        }
        if self.rebuild {
            f.write_str(", to be rebuilt")?;
        }
        if self.attempts > 0 {
            write!(f, ", {} failures of the next event", self.attempts)?;
        }
        if let Some(error) = &self.last_error {
            write!(f, ", {} events set aside, the last one {error}", self.set_aside)?;
        }
        Ok(())
    }
}

/// The followers of a database, and the position of its last event.
pub async fn list(db: &Db) -> sqlx::Result<(i64, Vec<FollowerStatus>)> {
    let rows = store::followers::list(db).await?;
    // Read later than the positions of the followers, so that no lag is negative.
    let newest = store::service::find(db).await?.position;
    let mut followers = Vec::with_capacity(rows.len());
    for row in rows {
        let last = store::followers::list_set_aside(db, &row.name, 1).await?;
        followers.push(FollowerStatus {
            lag: row.position.map_or(0, |position| newest - position),
            last_error: last
                .first()
                .map(|event| format!("{} {} at {}: {}", event.kind, event.position, event.at, event.error)),
            ran_at: row.ran_at,
            name: row.name,
            position: row.position,
            attempts: row.attempts,
            rebuild: row.rebuild,
            set_aside: row.set_aside,
        });
    }
    Ok((newest, followers))
}

/// The followers of the server with this data folder or database, running or not; the error is for the operator.
pub async fn list_followers(data: &Path, url: Option<&str>) -> Result<(i64, Vec<FollowerStatus>), StartError> {
    let db = Store::open_existing(data, url).await?;
    list(&db).await.map_err(|error| unreadable(&error))
}

/// Requests that a follower is rebuilt: the next start of the server does it. With PostgreSQL the server may be running,
/// and does it at once.
pub async fn rebuild_follower(data: &Path, url: Option<&str>, name: &str) -> Result<(), StartError> {
    let db = Store::open_existing(data, url).await?;
    let (_, followers) = list(&db).await.map_err(|error| unreadable(&error))?;
    let Some(follower) = followers.iter().find(|follower| follower.name == name) else {
        let names: Vec<_> = followers.iter().map(|follower| follower.name.as_str()).collect();
        return Err(StartError(format!("There is no follower \"{name}\". The followers are: {}.", names.join(", "))));
    };
    if follower.position.is_none() {
        let text = format!("{name} follows no events and stores nothing of its own, so there is nothing to rebuild.");
        return Err(StartError(text));
    }
    store::followers::request_rebuild(&db, name).await.map_err(|error| unreadable(&error))?;
    Ok(())
}

fn unreadable(error: &sqlx::Error) -> StartError {
    StartError(format!("cannot read the followers: {error}. Start this version of the server once, then try again."))
}

//! Notifications to a user about their own account.

pub mod mail;

use crate::{
    Service,
    error::{CommandError, DbResultExt},
    events::{
        follower::batch_job::BatchJob,
        ledger::{Command, CommandContext},
    },
    paging::parse_cursor,
    store::{self, Tx, notifications::NotificationRow},
    users::profiles::publish_self_updated,
};
use async_trait::async_trait;
use protocol::{
    Result,
    command::ReadNotifications,
    error::FieldError,
    event::Change,
    id::{NotificationId, UserId},
    limits::PAGE_MAX,
    notification::{Notification, NotificationKind},
    page::{Page, PageQuery},
    permissions::Permission,
    port::Notifications,
    session::Caller,
};
use std::collections::BTreeSet;

/// Notifications kept per user; older ones are deleted.
const MAX_PER_USER: i64 = 500;
/// Milliseconds for which a notification is kept.
const RETENTION: i64 = 90 * 24 * 60 * 60 * 1000;

impl CommandContext {
    /// Notifies a user: publishes an event and stores the notification in their list.
    pub async fn notify(&mut self, tx: &mut Tx, user: UserId, kind: &NotificationKind) -> Result<(), CommandError> {
        // Serialised per user, so that the unread count in the event is correct.
        store::search_words::lock_users(tx, &[user]).await?;
        let id = NotificationId(self.clock.id());
        let text = serde_json::to_string(kind).map_err(|cause| crate::error::internal_error(&cause))?;
        store::notifications::create(tx, (id, user), &text, self.at, MAX_PER_USER).await?;
        let row = store::users::find_in(tx, user).await?.ok_or(sqlx::Error::RowNotFound)?;
        let unread_notifications = Some(row.unread_notifications);
        let notification = Notification { unread_notifications, ..Notification::new(id, kind, self.at, None) };
        self.publish_to_user(user, id.0, Change::NotificationCreated(notification));
        Ok(())
    }
}

#[async_trait]
impl Notifications for Service {
    async fn list_notifications(&self, caller: &Caller, page: PageQuery) -> Result<Page<Notification>> {
        Permission::Read.check(caller)?;
        let before = parse_cursor(page.cursor.as_deref())?.map(NotificationId);
        let mut rows =
            store::notifications::list(&self.store.read, caller.user_id, before, page.limit + 1).await.or_internal()?;
        let more = rows.len() > page.limit as usize;
        rows.truncate(page.limit as usize);
        let next_cursor = rows.last().filter(|_| more).map(|row| row.id.to_string());
        Ok(Page { items: rows.iter().filter_map(NotificationRow::notification).collect(), next_cursor })
    }

    async fn read_notifications(&self, caller: &Caller, command: ReadNotifications) -> Result<()> {
        Permission::EditOwn.check(caller)?;
        if command.ids.as_ref().is_some_and(|ids| ids.len() > PAGE_MAX as usize) {
            return Err(FieldError::new("ids", "too_long", format!("Must be at most {PAGE_MAX}.")).into());
        }
        self.ledger.write(caller, MarkRead { user: caller.user_id, ids: command.ids }).await
    }
}

struct MarkRead {
    user: UserId,
    ids: Option<Vec<NotificationId>>,
}

#[async_trait]
impl Command for MarkRead {
    type Output = ();

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let any = match &self.ids {
            Some(ids) => store::notifications::mark_read(tx, self.user, ids, ctx.at).await?,
            None => store::notifications::mark_all_read(tx, self.user, ctx.at).await?,
        };
        if any {
            publish_self_updated(tx, ctx, self.user).await?;
        }
        Ok(())
    }
}

/// Purges old notifications.
#[derive(Clone)]
pub struct PurgeNotifications;

#[async_trait]
impl BatchJob for PurgeNotifications {
    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext, limit: i64) -> Result<i64, CommandError> {
        let deleted = store::notifications::purge(tx, ctx.at.plus(-RETENTION), limit).await?;
        let unread = deleted.iter().filter(|(_, read_at)| read_at.is_none());
        for user in unread.map(|(user, _)| *user).collect::<BTreeSet<_>>() {
            publish_self_updated(tx, ctx, user).await?;
        }
        Ok(i64::try_from(deleted.len()).unwrap_or(limit))
    }
}

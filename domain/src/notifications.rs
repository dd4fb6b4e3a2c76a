//! Telling a person something about their own account.

use crate::{
    Service,
    fault::{Fault, OrBroken},
    ledger::{Log, Write},
    profiles::tell_oneself,
    rights::Right,
    rooms::parse_cursor,
    store::{self, Tx, notifications::NotificationRow},
};
use async_trait::async_trait;
use protocol::{
    Result,
    command::ReadNotifications,
    error::FieldError,
    event::Change,
    id::{NotificationId, UserId},
    limits::PAGE_MAX,
    notification::{Notice, Notification},
    page::{Page, PageQuery},
    port::Notifications,
    session::Caller,
    time::Time,
};
use std::collections::BTreeSet;

/// Notifications kept for one person; older ones are forgotten.
const KEEP: i64 = 500;
/// Milliseconds for which a notification is kept.
const LIFE: i64 = 90 * 24 * 60 * 60 * 1000;

impl Log {
    /// Tells one person something, now and in their list of notifications.
    pub async fn notify(&mut self, tx: &mut Tx, user: UserId, notice: &Notice) -> Result<(), Fault> {
        // One at a time for each person, so that what is counted is what everyone will see.
        store::names::hold_accounts(tx, &[user]).await?;
        let id = NotificationId(self.clock.id());
        let text = serde_json::to_string(notice).map_err(|cause| crate::fault::broken(&cause))?;
        store::notifications::create(tx, (id, user), &text, self.at, KEEP).await?;
        let row = store::users::find_in(tx, user).await?.ok_or(sqlx::Error::RowNotFound)?;
        let unread_notifications = Some(row.unread_notifications);
        let told = Notification { unread_notifications, ..Notification::new(id, notice, self.at, None) };
        self.tell(user, id.0, Change::NotificationCreated(told));
        Ok(())
    }
}

#[async_trait]
impl Notifications for Service {
    async fn notifications(&self, caller: &Caller, page: PageQuery) -> Result<Page<Notification>> {
        Right::Look.check(caller)?;
        let before = parse_cursor(page.cursor.as_deref())?.map(NotificationId);
        let mut rows =
            store::notifications::list(&self.store.read, caller.user_id, before, page.limit + 1).await.or_broken()?;
        let more = rows.len() > page.limit as usize;
        rows.truncate(page.limit as usize);
        let next_cursor = rows.last().filter(|_| more).map(|row| row.id.to_string());
        Ok(Page { items: rows.iter().filter_map(NotificationRow::notification).collect(), next_cursor })
    }

    async fn read_notifications(&self, caller: &Caller, command: ReadNotifications) -> Result<()> {
        Right::ChangeOwn.check(caller)?;
        if command.ids.as_ref().is_some_and(|ids| ids.len() > PAGE_MAX as usize) {
            return Err(FieldError::new("ids", "too_long", format!("At most {PAGE_MAX} at once.")).into());
        }
        self.ledger.write(MarkRead { user: caller.user_id, ids: command.ids }).await
    }
}

struct MarkRead {
    user: UserId,
    ids: Option<Vec<NotificationId>>,
}

#[async_trait]
impl Write for MarkRead {
    type Done = ();

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        let any = match &self.ids {
            Some(ids) => store::notifications::read(tx, self.user, ids, log.at).await?,
            None => store::notifications::read_all(tx, self.user, log.at).await?,
        };
        if any {
            tell_oneself(tx, log, self.user).await?;
        }
        Ok(())
    }
}

/// Forgets notifications that are old.
pub struct ForgetNotifications {
    pub now: Time,
}

#[async_trait]
impl Write for ForgetNotifications {
    type Done = bool;

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<bool, Fault> {
        /// Few enough that nobody waits for the clean-up.
        const AT_ONCE: u32 = 500;
        let forgotten = store::notifications::forget(tx, self.now.plus(-LIFE), i64::from(AT_ONCE)).await?;
        let unread = forgotten.iter().filter(|(_, read_at)| read_at.is_none());
        for user in unread.map(|(user, _)| *user).collect::<BTreeSet<_>>() {
            tell_oneself(tx, log, user).await?;
        }
        Ok(forgotten.len() >= AT_ONCE as usize)
    }
}

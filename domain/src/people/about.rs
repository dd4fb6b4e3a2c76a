//! A person as their page shows them.

use crate::{
    Service,
    fault::OrBroken,
    store::{self, users::ProfileRow},
};
use jiff::{Timestamp, tz::TimeZone};
use protocol::{
    Error, Result,
    about::{About, LocalTime},
    id::UserId,
    limits,
    profile::Profile,
    session::Caller,
    time::Time,
};

impl Service {
    pub(super) async fn look_at(&self, caller: &Caller, username: &str) -> Result<About> {
        let row = store::users::find_named(&self.store.read, &limits::fold(username)).await.or_broken()?;
        let row = self.visible_person(caller, row).await?;
        let (id, now) = (row.id, self.clock.now());
        let (profile, own) = (self.profile_of(id, now).await?, self.profile_of(caller.user_id, now).await?);
        let clock = profile.time_zone.as_deref().and_then(|zone| local_time(now, zone, own.time_zone.as_deref()));
        let rooms = store::rooms::list_shared(&self.store.read, caller.user_id, id).await.or_broken()?;
        let blocked = store::blocks::list(&self.store.read, caller.user_id).await.or_broken()?.contains(&id);
        Ok(About { user: row.public(&self.sight()), profile, clock, rooms, blocked })
    }

    pub(crate) async fn profile_of(&self, id: UserId, now: Time) -> Result<Profile> {
        let row: Option<ProfileRow> = store::users::find_profile(&self.store.read, id).await.or_broken()?;
        Ok(row.ok_or_else(|| Error::not_found("person"))?.profile(now))
    }
}

/// What a clock in a time zone shows, and how far that is ahead of one in another.
fn local_time(now: Time, zone: &str, other: Option<&str>) -> Option<LocalTime> {
    let at = Timestamp::from_millisecond(now.0).ok()?;
    let there = at.to_zoned(TimeZone::get(zone).ok()?);
    let here = other.and_then(|zone| Some(at.to_zoned(TimeZone::get(zone).ok()?).offset().seconds()));
    let ahead = here.map(|here| (there.offset().seconds() - here) / 60);
    Some(LocalTime { hour: there.hour(), minute: there.minute(), ahead })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_differ_by_season_too() {
        // 2026-07-01 and 2026-12-01, 12:00 UTC.
        let (summer, winter) = (Time(1_782_907_200_000), Time(1_796_126_400_000));
        let time = |hour, minute, ahead| Some(LocalTime { hour, minute, ahead });
        assert_eq!(local_time(summer, "Europe/Berlin", Some("UTC")), time(14, 0, Some(120)));
        assert_eq!(local_time(winter, "Europe/Berlin", Some("UTC")), time(13, 0, Some(60)));
        assert_eq!(local_time(winter, "Asia/Kolkata", Some("America/New_York")), time(17, 30, Some(630)));
        assert_eq!(local_time(winter, "UTC", None), time(12, 0, None));
        assert_eq!(local_time(winter, "Nowhere/Land", None), None);
    }
}

//! Profile page of a user.

use crate::{
    Service,
    error::DbResultExt,
    store::{self, users::ProfileRow},
};
use jiff::{Timestamp, tz::TimeZone};
use protocol::{Error, Result, id::UserId, profile::Profile, time::Time, user_profile::LocalTime};

impl Service {
    pub(crate) async fn find_profile(&self, id: UserId, now: Time) -> Result<Profile> {
        let row: Option<ProfileRow> = store::users::find_profile(&self.store.read, id).await.or_internal()?;
        Ok(row.ok_or_else(|| Error::not_found("user"))?.profile(now))
    }
}

/// Local time in a time zone, and its offset from another time zone.
pub(super) fn local_time(now: Time, zone: &str, other: Option<&str>) -> Option<LocalTime> {
    let at = Timestamp::from_millisecond(now.0).ok()?;
    let local = at.to_zoned(TimeZone::get(zone).ok()?);
    let here = other.and_then(|zone| Some(at.to_zoned(TimeZone::get(zone).ok()?).offset().seconds()));
    let ahead = here.map(|here| (local.offset().seconds() - here) / 60);
    Some(LocalTime { hour: local.hour(), minute: local.minute(), offset_minutes: ahead })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_time_respects_daylight_saving() {
        // 2026-07-01 and 2026-12-01, 12:00 UTC.
        let (summer, winter) = (Time(1_782_907_200_000), Time(1_796_126_400_000));
        let time = |hour, minute, ahead| Some(LocalTime { hour, minute, offset_minutes: ahead });
        assert_eq!(local_time(summer, "Europe/Berlin", Some("UTC")), time(14, 0, Some(120)));
        assert_eq!(local_time(winter, "Europe/Berlin", Some("UTC")), time(13, 0, Some(60)));
        assert_eq!(local_time(winter, "Asia/Kolkata", Some("America/New_York")), time(17, 30, Some(630)));
        assert_eq!(local_time(winter, "UTC", None), time(12, 0, None));
        assert_eq!(local_time(winter, "Nowhere/Land", None), None);
    }
}

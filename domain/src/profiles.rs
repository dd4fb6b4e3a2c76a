//! What people say about themselves, and how they like things.

use crate::{
    Service,
    fault::Fault,
    ledger::{Log, Write},
    people::names,
    rights::Right,
    store::{self, Tx, users::ProfileRow},
    zones,
};
use async_trait::async_trait;
use protocol::{
    Result,
    command::{SetStatus, UpdateProfile},
    event::Change,
    id::{RoomId, UserId},
    limits,
    port::Profiles,
    profile::Profile,
    session::Caller,
    settings::Settings,
    user::{Status, User},
};
use serde_json::Value;

#[async_trait]
impl Profiles for Service {
    async fn profile(&self, caller: &Caller) -> Result<Profile> {
        Right::Look.check(caller)?;
        self.profile_of(caller.user_id, self.clock.now()).await
    }

    async fn update_profile(&self, caller: &Caller, command: UpdateProfile) -> Result<Profile> {
        Right::ChangeOwn.check(caller)?;
        let command = limits::update_profile(command, self.clock.now())?;
        if let Some(Some(name)) = &command.time_zone {
            zones::check(name)?;
        }
        self.ledger.write(ChangeProfile { user: caller.user_id, lobby: self.lobby, command }).await
    }

    fn time_zones(&self) -> Vec<&'static str> {
        zones::list()
    }

    async fn set_status(&self, caller: &Caller, command: SetStatus) -> Result<User> {
        Right::ChangeOwn.check(caller)?;
        let status = limits::set_status(command, self.clock.now())?;
        let command = UpdateProfile { status: Some(status.map(Into::into)), ..UpdateProfile::default() };
        self.ledger.write(ChangeProfile { user: caller.user_id, lobby: self.lobby, command }).await?;
        self.own_view(caller).await
    }

    async fn settings(&self, caller: &Caller) -> Result<Settings> {
        Right::Look.check(caller)?;
        Ok(self.find_user(caller.user_id).await?.settings())
    }

    async fn replace_settings(&self, caller: &Caller, whole: Value) -> Result<Settings> {
        Right::ChangeOwn.check(caller)?;
        self.keep_settings(caller, Settings::from_whole(whole)?).await
    }

    async fn reset_settings(&self, caller: &Caller) -> Result<Settings> {
        Right::ChangeOwn.check(caller)?;
        self.keep_settings(caller, Settings::default()).await
    }
}

impl Service {
    /// The caller, as they see themselves now.
    pub(crate) async fn own_view(&self, caller: &Caller) -> Result<User> {
        Ok(self.find_user(caller.user_id).await?.own(&self.sight()))
    }

    async fn keep_settings(&self, caller: &Caller, settings: Settings) -> Result<Settings> {
        self.ledger.write(KeepSettings { user: caller.user_id, lobby: self.lobby, settings }).await
    }
}

/// Guests who are told at once of one person: who shares a room with more of them than ever were seen together.
const GUESTS: i64 = 1_000;

/// Tells everyone that what they see of a person has changed: the Lobby, and the guests, who are not in it but in a room
/// with them or with what they once said.
pub async fn tell_everyone(tx: &mut Tx, log: &mut Log, lobby: RoomId, user: UserId) -> Result<(), Fault> {
    let row = store::users::find_in(tx, user).await?.ok_or(sqlx::Error::RowNotFound)?;
    let change = Change::UserUpdated(row.public(&log.sight()));
    for (guest, near) in store::members::list_guests_with(tx, user, GUESTS).await? {
        let mut change = change.clone();
        if let Change::UserUpdated(user) = &mut change
            && !near
        {
            user.hide_doings();
        }
        log.tell(guest, user.0, change);
    }
    log.tell_both(lobby, user, user.0, change);
    Ok(())
}

/// Tells a person, on every device, that what only they see of themselves has changed.
pub async fn tell_oneself(tx: &mut Tx, log: &mut Log, user: UserId) -> Result<(), Fault> {
    // What another node is about to tell them comes before this and is in it, or comes after it.
    store::names::hold_accounts(tx, &[user]).await?;
    let row = store::users::find_in(tx, user).await?.ok_or(sqlx::Error::RowNotFound)?;
    let change = Change::UserUpdated(row.own(&log.sight()));
    log.tell(user, user.0, change);
    Ok(())
}

struct ChangeProfile {
    user: UserId,
    lobby: RoomId,
    command: UpdateProfile,
}

#[async_trait]
impl Write for ChangeProfile {
    type Done = Profile;

    fn room(&self) -> Option<RoomId> {
        Some(self.lobby)
    }

    /// Their messages show the name.
    fn speaker(&self) -> Option<UserId> {
        self.command.display_name.as_ref().map(|_| self.user)
    }

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Profile, Fault> {
        let before = self.find(tx).await?.profile(log.at);
        let mut profile = changed(before.clone(), &self.command);
        profile.local_time = profile.time_zone.as_deref().and_then(|zone| zones::time_in(zone, log.at));
        if profile != before {
            store::users::update_profile(tx, self.user, &profile).await?;
            if profile.display_name != before.display_name {
                names::rename(tx, self.user).await?;
            }
            tell_everyone(tx, log, self.lobby, self.user).await?;
        }
        Ok(profile)
    }
}

impl ChangeProfile {
    async fn find(&self, tx: &mut Tx) -> Result<ProfileRow, Fault> {
        Ok(store::users::find_profile_in(tx, self.user).await?.ok_or(sqlx::Error::RowNotFound)?)
    }
}

/// The profile with what the command names replaced.
fn changed(mut profile: Profile, command: &UpdateProfile) -> Profile {
    fn replace<T: Clone>(place: &mut T, new: Option<&T>) {
        if let Some(new) = new {
            place.clone_from(new);
        }
    }
    replace(&mut profile.display_name, command.display_name.as_ref());
    replace(&mut profile.bio, command.bio.as_ref());
    replace(&mut profile.pronouns, command.pronouns.as_ref());
    replace(&mut profile.time_zone, command.time_zone.as_ref());
    replace(&mut profile.language, command.language.as_ref());
    let status = command.status.clone().map(|status| status.map(Status::from));
    replace(&mut profile.status, status.as_ref());
    profile
}

struct KeepSettings {
    user: UserId,
    lobby: RoomId,
    settings: Settings,
}

#[async_trait]
impl Write for KeepSettings {
    type Done = Settings;

    fn room(&self) -> Option<RoomId> {
        Some(self.lobby)
    }

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Settings, Fault> {
        let before = store::users::find_in(tx, self.user).await?.ok_or(sqlx::Error::RowNotFound)?.settings();
        if before != self.settings {
            store::users::update_settings(tx, self.user, &self.settings).await?;
            tell_oneself(tx, log, self.user).await?;
            if before.privacy.show_online != self.settings.privacy.show_online {
                tell_everyone(tx, log, self.lobby, self.user).await?;
            }
        }
        Ok(self.settings.clone())
    }
}

//! Profiles and settings.

use crate::{
    Service,
    error::CommandError,
    events::ledger::{Command, CommandContext},
    store::{self, Tx, users::ProfileRow},
    time_zones,
    users::search::index,
};
use async_trait::async_trait;
use protocol::{
    Result,
    command::{SetStatus, UpdateProfile},
    event::Change,
    id::{RoomId, UserId},
    limits,
    permissions::Permission,
    port::Profiles,
    profile::{Profile, TimeZone},
    session::Caller,
    settings::{PageSettings, Settings},
    time::Time,
    user::{Status, User},
};
use serde_json::Value;

#[async_trait]
impl Profiles for Service {
    async fn get_profile(&self, caller: &Caller) -> Result<Profile> {
        Permission::Read.check(caller)?;
        self.find_profile(caller.user_id, self.clock.now()).await
    }

    async fn update_profile(&self, caller: &Caller, command: UpdateProfile) -> Result<Profile> {
        Permission::EditOwn.check(caller)?;
        let command = limits::update_profile(command, self.clock.now())?;
        if let Some(Some(name)) = &command.time_zone {
            time_zones::check(name)?;
        }
        self.ledger.write(caller, UpdateUserProfile { user: caller.user_id, lobby: self.lobby, command }).await
    }

    fn time_zones(&self) -> Vec<TimeZone> {
        time_zones::list(self.clock.now())
    }

    fn utc_offset(&self, zone: &str, at: Time) -> Option<i64> {
        time_zones::utc_offset(zone, at)
    }

    async fn set_status(&self, caller: &Caller, command: SetStatus) -> Result<User> {
        Permission::EditOwn.check(caller)?;
        let status = limits::set_status(command, self.clock.now())?;
        let command = UpdateProfile { status: Some(status.map(Into::into)), ..UpdateProfile::default() };
        self.ledger.write(caller, UpdateUserProfile { user: caller.user_id, lobby: self.lobby, command }).await?;
        self.find_self(caller).await
    }

    async fn get_settings(&self, caller: &Caller) -> Result<Settings> {
        Permission::Read.check(caller)?;
        Ok(self.find_user_row(caller.user_id).await?.settings())
    }

    async fn get_page_settings(&self, caller: &Caller) -> Result<PageSettings> {
        Permission::Read.check(caller)?;
        let row = self.find_user_row(caller.user_id).await?;
        Ok(PageSettings { settings: row.settings(), time_zone: row.time_zone })
    }

    async fn replace_settings(&self, caller: &Caller, whole: Value) -> Result<Settings> {
        Permission::EditOwn.check(caller)?;
        self.update_settings(caller, Settings::parse_strict(whole)?).await
    }

    async fn reset_settings(&self, caller: &Caller) -> Result<Settings> {
        Permission::EditOwn.check(caller)?;
        self.update_settings(caller, Settings::default()).await
    }
}

impl Service {
    /// The caller's own user, as they see it now.
    pub(crate) async fn find_self(&self, caller: &Caller) -> Result<User> {
        Ok(self.find_user_row(caller.user_id).await?.into_self(&self.view_context()))
    }

    async fn update_settings(&self, caller: &Caller, settings: Settings) -> Result<Settings> {
        self.ledger.write(caller, UpdateSettings { user: caller.user_id, lobby: self.lobby, settings }).await
    }
}

/// Maximum number of guests notified of one user's update: more than anybody realistically shares rooms with.
const MAX_GUESTS: i64 = 1_000;

/// Publishes a changed user to everyone who sees them: to the Lobby, and to the guests, who are not in the Lobby but
/// share a room or old messages with the user.
pub async fn publish_user_updated(
    tx: &mut Tx,
    ctx: &mut CommandContext,
    lobby: RoomId,
    user: UserId,
) -> Result<(), CommandError> {
    let row = store::users::find_in(tx, user).await?.ok_or(sqlx::Error::RowNotFound)?;
    let change = Change::UserUpdated(row.into_public(&ctx.view_context()));
    for (guest, shares_room) in store::shared_rooms::list_guests_with(tx, user, MAX_GUESTS).await? {
        let mut change = change.clone();
        if let Change::UserUpdated(user) = &mut change
            && !shares_room
        {
            user.hide_status();
        }
        ctx.publish_to_user(guest, user.0, change);
    }
    ctx.publish_to_room_and_user(lobby, user, user.0, change);
    Ok(())
}

/// Publishes a change of private data to all devices of the user.
pub async fn publish_self_updated(tx: &mut Tx, ctx: &mut CommandContext, user: UserId) -> Result<(), CommandError> {
    // Locked before it is read, so that a concurrent change on another node is either ordered before this event and
    // included in it, or follows it.
    store::search_words::lock_users(tx, &[user]).await?;
    let row = store::users::find_in(tx, user).await?.ok_or(sqlx::Error::RowNotFound)?;
    let change = Change::UserUpdated(row.into_self(&ctx.view_context()));
    ctx.publish_to_user(user, user.0, change);
    Ok(())
}

struct UpdateUserProfile {
    user: UserId,
    lobby: RoomId,
    command: UpdateProfile,
}

#[async_trait]
impl Command for UpdateUserProfile {
    type Output = Profile;

    fn room(&self) -> Option<RoomId> {
        Some(self.lobby)
    }

    /// Their messages show the name.
    fn lock_rooms_of(&self) -> Option<UserId> {
        self.command.display_name.as_ref().map(|_| self.user)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Profile, CommandError> {
        let before = self.find(tx).await?.profile(ctx.at);
        let mut profile = apply_update(before.clone(), &self.command);
        profile.local_time = profile.time_zone.as_deref().and_then(|zone| time_zones::time_in(zone, ctx.at));
        if profile != before {
            store::users::update_profile(tx, self.user, &profile).await?;
            if profile.display_name != before.display_name {
                index::reindex_user(tx, self.user).await?;
            }
            publish_user_updated(tx, ctx, self.lobby, self.user).await?;
        }
        Ok(profile)
    }
}

impl UpdateUserProfile {
    async fn find(&self, tx: &mut Tx) -> Result<ProfileRow, CommandError> {
        Ok(store::users::find_profile_in(tx, self.user).await?.ok_or(sqlx::Error::RowNotFound)?)
    }
}

/// Applies the fields that the command sets.
fn apply_update(mut profile: Profile, command: &UpdateProfile) -> Profile {
    fn replace<T: Clone>(target: &mut T, new: Option<&T>) {
        if let Some(new) = new {
            target.clone_from(new);
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

struct UpdateSettings {
    user: UserId,
    lobby: RoomId,
    settings: Settings,
}

#[async_trait]
impl Command for UpdateSettings {
    type Output = Settings;

    fn room(&self) -> Option<RoomId> {
        Some(self.lobby)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Settings, CommandError> {
        let before = store::users::find_in(tx, self.user).await?.ok_or(sqlx::Error::RowNotFound)?.settings();
        if before != self.settings {
            store::users::update_settings(tx, self.user, &self.settings).await?;
            publish_self_updated(tx, ctx, self.user).await?;
            if before.privacy.show_online != self.settings.privacy.show_online {
                publish_user_updated(tx, ctx, self.lobby, self.user).await?;
            }
        }
        Ok(self.settings.clone())
    }
}

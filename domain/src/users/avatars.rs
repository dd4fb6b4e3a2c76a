//! Avatars: every upload is re-encoded as square thumbnails.

mod initials;
mod thumbnails;

use crate::{
    Service,
    error::{CommandError, DbResultExt},
    events::ledger::{Command, CommandContext},
    store::{self, Tx},
    users::{avatars::thumbnails::Thumbnails, profiles},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    error::{Code, FieldError},
    id::{RoomId, UserId},
    limits,
    permissions::Permission,
    port::Avatars,
    profile::Picture,
    session::Caller,
    user::User,
};

#[async_trait]
impl Avatars for Service {
    async fn set_avatar(&self, caller: &Caller, file: Vec<u8>) -> Result<User> {
        Permission::EditOwn.check(caller)?;
        let bytes = file;
        limits::avatar(bytes.len())?;
        let busy = "Too many avatars are being processed. Try again in a moment.";
        let result = self.image_workers.run(busy, move || thumbnails::create(&bytes)).await?;
        let thumbnails = result.unwrap_or_else(|panic| {
            tracing::error!(%panic, "decoding an uploaded avatar panicked");
            Err(unreadable())
        })?;
        let (user, lobby) = (caller.user_id, self.lobby);
        self.ledger.write(caller, SetAvatar { user, lobby, thumbnails: Some(thumbnails) }).await?;
        self.find_self(caller).await
    }

    async fn remove_avatar(&self, caller: &Caller) -> Result<()> {
        Permission::EditOwn.check(caller)?;
        let (user, lobby) = (caller.user_id, self.lobby);
        self.ledger.write(caller, SetAvatar { user, lobby, thumbnails: None }).await
    }

    async fn get_avatar(&self, caller: &Caller, hash: &str, size: u32) -> Result<Picture> {
        Permission::Read.check(caller)?;
        self.find_avatar(hash, size).await
    }

    async fn get_user_avatar(&self, caller: &Caller, id: UserId, size: u32) -> Result<Picture> {
        Permission::Read.check(caller)?;
        let found = store::users::find(&self.store.read, id).await.or_internal()?;
        let user = self.require_visible_user(caller, found).await?;
        let Some(hash) = &user.avatar else { return Ok(initials::render(&user)) };
        self.find_avatar(hash, size).await
    }
}

impl Service {
    pub(crate) async fn find_avatar(&self, hash: &str, size: u32) -> Result<Picture> {
        let found = store::avatars::find(&self.store.read, hash, size).await.or_internal()?;
        found.ok_or_else(|| Error::not_found("avatar"))
    }
}

/// Error for an image that cannot be decoded.
fn unreadable() -> Error {
    invalid_file("This image can't be read. Try another one.")
}

fn invalid_file(message: &str) -> Error {
    FieldError::new("file", "invalid", message).into()
}

/// Error for a file that is not an image of a supported format, whatever its name.
fn unsupported_format() -> Error {
    Error::new(Code::WrongMediaType, "Choose a PNG, JPEG, WebP or GIF image.")
}

struct SetAvatar {
    user: UserId,
    lobby: RoomId,
    thumbnails: Option<Thumbnails>,
}

#[async_trait]
impl Command for SetAvatar {
    type Output = ();

    /// Also prevents two nodes from deleting an avatar while it is being set again.
    fn room(&self) -> Option<RoomId> {
        Some(self.lobby)
    }

    /// Their messages show the avatar.
    fn lock_rooms_of(&self) -> Option<UserId> {
        Some(self.user)
    }

    fn bytes(&self) -> usize {
        let pictures = self.thumbnails.iter().flat_map(|thumbnails| &thumbnails.images);
        pictures.map(|(_, picture)| picture.bytes.len()).sum()
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let before = store::users::find_in(tx, self.user).await?.ok_or(sqlx::Error::RowNotFound)?.avatar;
        let after = self.thumbnails.as_ref().map(|thumbnails| thumbnails.hash.as_str());
        if before.as_deref() == after {
            return Ok(());
        }
        if let Some(thumbnails) = &self.thumbnails {
            for (size, picture) in &thumbnails.images {
                store::avatars::create(tx, &thumbnails.hash, *size, picture).await?;
            }
        }
        store::users::update_avatar(tx, self.user, after).await?;
        if let Some(before) = before {
            store::avatars::delete_unused(tx, &before).await?;
        }
        profiles::publish_user_updated(tx, ctx, self.lobby, self.user).await
    }
}

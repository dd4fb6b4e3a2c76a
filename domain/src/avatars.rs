//! People's pictures: whatever is uploaded is made anew, as small squares.

mod drawn;
mod squares;

use crate::{
    Service,
    fault::{Fault, OrBroken},
    ledger::{Log, Write},
    profiles,
    rights::Right,
    store::{self, Tx},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    error::{Code, FieldError},
    id::{RoomId, UserId},
    limits,
    port::Avatars,
    profile::Picture,
    session::Caller,
    user::User,
};
use squares::Squares;

#[async_trait]
impl Avatars for Service {
    async fn set_avatar(&self, caller: &Caller, file: Vec<u8>) -> Result<User> {
        Right::ChangeOwn.check(caller)?;
        let bytes = file;
        limits::avatar(bytes.len())?;
        let busy = "Too many pictures are being made just now. Try again in a moment.";
        let made = self.pictures.run(busy, move || squares::make(&bytes)).await?;
        let squares = made.unwrap_or_else(|panic| {
            tracing::error!(%panic, "a picture could not be read");
            Err(unreadable())
        })?;
        let (user, lobby) = (caller.user_id, self.lobby);
        self.ledger.write(ChangeAvatar { user, lobby, squares: Some(squares) }).await?;
        self.own_view(caller).await
    }

    async fn remove_avatar(&self, caller: &Caller) -> Result<()> {
        Right::ChangeOwn.check(caller)?;
        let (user, lobby) = (caller.user_id, self.lobby);
        self.ledger.write(ChangeAvatar { user, lobby, squares: None }).await
    }

    async fn avatar(&self, caller: &Caller, hash: &str, size: u32) -> Result<Picture> {
        Right::Look.check(caller)?;
        self.find_avatar(hash, size).await
    }

    async fn avatar_of(&self, caller: &Caller, id: UserId, size: u32) -> Result<Picture> {
        Right::Look.check(caller)?;
        let person = store::users::find(&self.store.read, id).await.or_broken()?;
        let user = self.visible_person(caller, person).await?;
        let Some(hash) = &user.avatar else { return Ok(drawn::initials(&user)) };
        self.find_avatar(hash, size).await
    }
}

impl Service {
    pub(crate) async fn find_avatar(&self, hash: &str, size: u32) -> Result<Picture> {
        let found = store::avatars::find(&self.store.read, hash, size).await.or_broken()?;
        found.ok_or_else(|| Error::not_found("picture"))
    }
}

/// The file is a picture, but not one that can be shown.
fn unreadable() -> Error {
    wrong("This picture cannot be read. It may be damaged; try another.")
}

fn wrong(message: &str) -> Error {
    FieldError::new("file", "invalid", message).into()
}

/// The file is no picture of a kind that we read, whatever it is called.
fn unknown_kind() -> Error {
    Error::new(Code::WrongMediaType, "Choose a PNG, JPEG, WebP or GIF picture.")
}

struct ChangeAvatar {
    user: UserId,
    lobby: RoomId,
    squares: Option<Squares>,
}

#[async_trait]
impl Write for ChangeAvatar {
    type Done = ();

    /// Also keeps two nodes from forgetting a picture while it is being chosen again.
    fn room(&self) -> Option<RoomId> {
        Some(self.lobby)
    }

    /// Their messages show the picture.
    fn speaker(&self) -> Option<UserId> {
        Some(self.user)
    }

    fn bytes(&self) -> usize {
        let pictures = self.squares.iter().flat_map(|squares| &squares.pictures);
        pictures.map(|(_, picture)| picture.bytes.len()).sum()
    }

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        let before = store::users::find_in(tx, self.user).await?.ok_or(sqlx::Error::RowNotFound)?.avatar;
        let after = self.squares.as_ref().map(|squares| squares.hash.as_str());
        if before.as_deref() == after {
            return Ok(());
        }
        if let Some(squares) = &self.squares {
            for (size, picture) in &squares.pictures {
                store::avatars::create(tx, &squares.hash, *size, picture).await?;
            }
        }
        store::users::update_avatar(tx, self.user, after).await?;
        if let Some(before) = before {
            store::avatars::delete_unused(tx, &before).await?;
        }
        profiles::tell_everyone(tx, log, self.lobby, self.user).await
    }
}

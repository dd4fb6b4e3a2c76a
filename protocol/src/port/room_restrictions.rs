//! Bans from rooms, and mutes in them.

use crate::{
    command::RestrictMember,
    error::Result,
    id::{RoomId, UserId},
    page::{Page, PageQuery},
    room::MemberRestriction,
    session::Caller,
};
use async_trait::async_trait;

/// Bans from rooms, and mutes in them: for members with the permission to manage members, of users with lesser roles.
#[async_trait]
pub trait RoomRestrictions: Send + Sync + 'static {
    /// Lists the users banned from a room.
    async fn list_bans(&self, caller: &Caller, id: RoomId, page: PageQuery) -> Result<Page<MemberRestriction>>;
    /// Bans a user, who is removed if they are a member, and cannot join or be invited until the ban ends.
    async fn ban_user(
        &self,
        caller: &Caller,
        id: RoomId,
        user: UserId,
        command: RestrictMember,
    ) -> Result<MemberRestriction>;
    /// Lifts a ban.
    async fn unban_user(&self, caller: &Caller, id: RoomId, user: UserId) -> Result<()>;
    /// Lists the users muted in a room.
    async fn list_mutes(&self, caller: &Caller, id: RoomId, page: PageQuery) -> Result<Page<MemberRestriction>>;
    /// Mutes a member, who cannot send, edit or react until the mute ends.
    async fn mute_member(
        &self,
        caller: &Caller,
        id: RoomId,
        user: UserId,
        command: RestrictMember,
    ) -> Result<MemberRestriction>;
    /// Lifts a mute.
    async fn unmute_member(&self, caller: &Caller, id: RoomId, user: UserId) -> Result<()>;
}

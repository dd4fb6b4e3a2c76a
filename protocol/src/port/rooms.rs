//! Rooms, and joining and leaving them.

use crate::{
    command::{CreateRoom, RoomFilter, UpdateRoom},
    error::Result,
    id::{ClientId, RoomId},
    page::{Created, Page, PageQuery},
    permissions::RoomPermissionOverrides,
    room::{Room, RoomPermissionTable},
    session::Caller,
};
use async_trait::async_trait;

/// Rooms, and joining and leaving them.
#[async_trait]
pub trait Rooms: Send + Sync + 'static {
    /// Lists rooms by name.
    async fn list_rooms(&self, caller: &Caller, filter: RoomFilter, page: PageQuery) -> Result<Page<Room>>;
    /// Gets a room that the caller is a member of or may find.
    async fn get_room(&self, caller: &Caller, id: RoomId) -> Result<Room>;
    /// Creates a room with the caller as its owner.
    async fn create_room(&self, caller: &Caller, command: CreateRoom, key: Option<ClientId>) -> Result<Created<Room>>;
    /// Changes what the command names: members with the permission to edit the room may, and only owners its visibility.
    async fn update_room(&self, caller: &Caller, id: RoomId, command: UpdateRoom) -> Result<Room>;
    /// Deletes a room for good, with its messages: its owners and administrators may.
    async fn delete_room(&self, caller: &Caller, id: RoomId) -> Result<()>;
    /// Makes a room read-only and takes it out of lists: its owners and administrators may.
    async fn archive_room(&self, caller: &Caller, id: RoomId) -> Result<Room>;
    /// Undoes the archiving of a room.
    async fn restore_room(&self, caller: &Caller, id: RoomId) -> Result<Room>;
    /// Gets who may do what in a room, for its members.
    async fn get_room_permissions(&self, caller: &Caller, id: RoomId) -> Result<RoomPermissionTable>;
    /// Replaces the permissions that differ from the defaults: the room's owners may.
    async fn set_room_permissions(
        &self,
        caller: &Caller,
        id: RoomId,
        overrides: RoomPermissionOverrides,
    ) -> Result<RoomPermissionTable>;
    /// Joins a public room; returns the room if the caller is already a member.
    async fn join_room(&self, caller: &Caller, id: RoomId) -> Result<Room>;
    /// Leaves a room. Its last owner hands it over first, if another member can own it.
    async fn leave_room(&self, caller: &Caller, id: RoomId) -> Result<()>;
}

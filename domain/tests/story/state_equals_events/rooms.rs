//! Commands that change a room, the roles in it, and who may be and write there.

use crate::harness::TestApp;
use proptest::prelude::*;
use protocol::{
    command::{RestrictMember, SetRoomRole, TransferRoom, UpdateRoom, UpdateRoomSettings},
    id::RoomId,
    permissions::RoomPermissionOverrides,
    port::prelude::*,
    room::{RoomRole, Visibility},
    session::Caller,
};

/// Such a command; its users are chosen by index.
#[derive(Clone, Debug)]
pub enum RoomAction {
    Update(usize),
    Delete,
    Archive(bool),
    SetPermissions(bool),
    SetRole(usize, RoomRole),
    Transfer(usize),
    Ban(usize, bool),
    Mute(usize, bool),
    RestoreMember(usize),
}

pub fn room_action() -> impl Strategy<Value = RoomAction> {
    prop_oneof![
        2 => (0..6usize).prop_map(RoomAction::Update),
        1 => prop_oneof![1 => Just(RoomAction::Delete), 9 => Just(RoomAction::Archive(false))],
        1 => any::<bool>().prop_map(RoomAction::Archive),
        1 => any::<bool>().prop_map(RoomAction::SetPermissions),
        3 => (0..5usize, role()).prop_map(|(other, role)| RoomAction::SetRole(other, role)),
        1 => (0..5usize).prop_map(RoomAction::Transfer),
        2 => (0..5usize, any::<bool>()).prop_map(|(other, is_banned)| RoomAction::Ban(other, is_banned)),
        3 => (0..5usize, any::<bool>()).prop_map(|(other, is_muted)| RoomAction::Mute(other, is_muted)),
        3 => (0..5usize).prop_map(RoomAction::RestoreMember),
    ]
}

fn role() -> impl Strategy<Value = RoomRole> {
    prop_oneof![Just(RoomRole::Guest), Just(RoomRole::Member), Just(RoomRole::Moderator), Just(RoomRole::Owner)]
}

/// One change of a room, of each kind.
fn room_change(which: usize, n: usize) -> UpdateRoom {
    let change = UpdateRoom::default();
    match which {
        0 => UpdateRoom { name: Some(format!("renamed {n}")), ..change },
        1 => UpdateRoom { topic: Some(format!("topic {n}")), emoji: Some("🦁".into()), ..change },
        2 => UpdateRoom { visibility: Some(Visibility::Private), ..change },
        3 => UpdateRoom { visibility: Some(Visibility::Public), ..change },
        4 => {
            let history_visible = Some(n.is_multiple_of(2));
            UpdateRoom { settings: UpdateRoomSettings { history_visible, ..UpdateRoomSettings::default() }, ..change }
        }
        _ => {
            let (member_limit, slow_mode_seconds) =
                (Some(n.is_multiple_of(2).then_some(4)), Some(i64::from(n.is_multiple_of(3))));
            let settings = UpdateRoomSettings { member_limit, slow_mode_seconds, ..UpdateRoomSettings::default() };
            UpdateRoom { settings, ..change }
        }
    }
}

pub async fn change_room(app: &TestApp, users: &[Caller], caller: Caller, room: RoomId, action: &RoomAction, n: usize) {
    match action {
        RoomAction::Update(which) => drop(app.service.update_room(&caller, room, room_change(*which, n)).await),
        RoomAction::Delete => drop(app.service.delete_room(&caller, room).await),
        RoomAction::Archive(true) => drop(app.service.archive_room(&caller, room).await),
        RoomAction::Archive(false) => drop(app.service.restore_room(&caller, room).await),
        RoomAction::SetPermissions(some) => {
            let post = some.then_some(RoomRole::Moderator);
            let overrides = RoomPermissionOverrides { post, ..RoomPermissionOverrides::default() };
            drop(app.service.set_room_permissions(&caller, room, overrides).await);
        }
        RoomAction::SetRole(other, role) => {
            let command = SetRoomRole { role: *role };
            drop(app.service.set_room_role(&caller, room, users[*other].user_id, command).await);
        }
        RoomAction::Transfer(other) => {
            let command = TransferRoom { user_id: users[*other].user_id };
            drop(app.service.transfer_room(&caller, room, command).await);
        }
        RoomAction::Ban(other, true) => {
            drop(app.service.ban_user(&caller, room, users[*other].user_id, RestrictMember::default()).await);
        }
        RoomAction::Ban(other, false) => drop(app.service.unban_user(&caller, room, users[*other].user_id).await),
        RoomAction::Mute(other, true) => {
            drop(app.service.mute_member(&caller, room, users[*other].user_id, RestrictMember::default()).await);
        }
        RoomAction::Mute(other, false) => drop(app.service.unmute_member(&caller, room, users[*other].user_id).await),
        RoomAction::RestoreMember(other) => {
            drop(app.service.restore_member(&caller, room, users[*other].user_id).await);
        }
    }
}

use super::*;
use crate::{
    id::{RoomId, SessionId, UserId},
    room::{Membership, RoomSettings},
    session::Access,
    time::Time,
};
use uuid::Uuid;

const ROLES: [RoomRole; 4] = [RoomRole::Guest, RoomRole::Member, RoomRole::Moderator, RoomRole::Owner];

fn caller(role: Role) -> Caller {
    let access = Access::Full;
    Caller { user_id: UserId(Uuid::nil()), session_id: SessionId(Uuid::nil()), role, access }
}

fn room(visibility: Visibility, role: Option<RoomRole>) -> Room {
    room_of_kind(RoomKind::Channel, visibility, role)
}

fn room_of_kind(kind: RoomKind, visibility: Visibility, role: Option<RoomRole>) -> Room {
    let membership = role.map(|role| Membership::joined(role, Time(0), 0));
    Room {
        id: RoomId(Uuid::nil()),
        name: "den".into(),
        kind,
        visibility,
        topic: String::new(),
        description: String::new(),
        emoji: String::new(),
        settings: RoomSettings::default(),
        permissions: RoomPermissions::defaults(kind, visibility),
        head: 0,
        member_count: 1,
        archived: false,
        fixed_members: false,
        created_at: Time(0),
        members: Vec::new(),
        membership,
    }
}

#[test]
fn a_room_permission_needs_the_room_role_or_a_greater_one() {
    let roles = ROLES;
    for permission in RoomPermission::ALL {
        for visibility in [Visibility::Public, Visibility::Private] {
            for role in roles {
                let room = room(visibility, Some(role));
                let granted = roles.iter().position(|other| *other == role)
                    >= roles.iter().position(|other| *other == room.permissions.min_role(*permission));
                assert_eq!(permission.is_granted_in(&room, Role::Member), granted, "{permission:?} {role:?}");
                let outcome = permission.check(&room, &caller(Role::Member));
                let expected = if granted { Ok(()) } else { Err(Code::Forbidden) };
                assert_eq!(outcome.map_err(|error| error.code), expected, "{permission:?} {role:?}");
            }
            let outcome = permission.check(&room(visibility, None), &caller(Role::Admin));
            assert_eq!(outcome.map_err(|error| error.code), Err(Code::NotAMember));
        }
    }
}

#[test]
fn members_are_removed_only_by_greater_roles() {
    let roles = [RoomRole::Member, RoomRole::Moderator, RoomRole::Owner];
    for (own, removable) in [
        (None, [false, false, false]),
        (Some(RoomRole::Member), [false, false, false]),
        (Some(RoomRole::Moderator), [true, false, false]),
        (Some(RoomRole::Owner), [true, true, false]),
    ] {
        let room = room(Visibility::Private, own);
        assert_eq!(roles.map(|target| can_remove(&room, Role::Member, target)), removable, "{own:?}");
    }
}

#[test]
fn server_roles_count_in_public_rooms_only() {
    use RoomRole::{Guest, Member, Moderator, Owner};
    use Visibility::{Private, Public};
    for (role, stored, public, private) in [
        (Role::Admin, Member, Owner, Member),
        (Role::Moderator, Member, Moderator, Member),
        (Role::Moderator, Owner, Owner, Owner),
        (Role::Member, Moderator, Moderator, Moderator),
        (Role::Member, Member, Member, Member),
        (Role::Guest, Owner, Guest, Guest),
    ] {
        assert_eq!(effective_role(role, Public, stored), public, "{role:?} {stored:?}");
        assert_eq!(effective_role(role, Private, stored), private, "{role:?} {stored:?}");
    }
}

#[test]
fn the_defaults_are_those_of_the_table_and_an_override_counts_before_them() {
    use RoomRole::{Guest, Member, Moderator, Owner};
    let role = |permission: RoomPermission, kind, visibility| permission.default_role(kind, visibility);
    for (permission, public, private, announcement) in [
        (RoomPermission::Post, Guest, Guest, Moderator),
        (RoomPermission::Reply, Guest, Guest, Guest),
        (RoomPermission::Add, Member, Moderator, Moderator),
        (RoomPermission::Invite, Member, Moderator, Moderator),
        (RoomPermission::ManageMembers, Moderator, Moderator, Moderator),
        (RoomPermission::DeleteMessages, Moderator, Moderator, Moderator),
    ] {
        let found = [
            role(permission, RoomKind::Channel, Visibility::Public),
            role(permission, RoomKind::Channel, Visibility::Private),
            role(permission, RoomKind::Announcement, Visibility::Public),
        ];
        assert_eq!(found, [public, private, announcement], "{permission:?}");
    }
    let defaults = RoomPermissions::defaults(RoomKind::Channel, Visibility::Public);
    let overrides = RoomPermissionOverrides { post: Some(Owner), ..RoomPermissionOverrides::default() };
    let changed = defaults.with(&overrides);
    assert_eq!((changed.post, changed.reply), (Owner, Guest));
    assert_eq!(changed.differences(&defaults), overrides);
    let mut room = room(Visibility::Public, Some(Moderator));
    room.permissions = changed;
    assert!(!RoomPermission::Post.is_granted_in(&room, Role::Member));
    assert!(RoomPermission::Post.is_granted_in(&room, Role::Admin));
}

#[test]
fn roles_are_given_by_owners_and_below_ones_own_by_others() {
    use RoomRole::{Guest, Member, Moderator, Owner};
    let may = |own, target, new| can_set_role(&room(Visibility::Private, Some(own)), Role::Member, target, new);
    for target in ROLES {
        for new in ROLES {
            assert!(may(Owner, target, new), "{target:?} {new:?}");
            assert_eq!(may(Moderator, target, new), target < Moderator && new < Moderator, "{target:?} {new:?}");
            assert!(!may(Member, target, new) && !may(Guest, target, new), "{target:?} {new:?}");
        }
    }
    // Where every member may manage members, they still cannot raise anyone to their own role.
    let mut room = room(Visibility::Private, Some(Member));
    room.permissions.manage_members = Member;
    assert!(can_set_role(&room, Role::Member, Guest, Guest) && !can_set_role(&room, Role::Member, Guest, Member));
}

#[test]
fn server_roles_protect_from_bans_in_public_rooms() {
    let public = room(Visibility::Public, Some(RoomRole::Owner));
    assert!(!can_restrict(&public, Role::Member, (Role::Admin, RoomRole::Member)));
    assert!(can_restrict(&public, Role::Member, (Role::Moderator, RoomRole::Member)));
    let private = room(Visibility::Private, Some(RoomRole::Owner));
    assert!(can_restrict(&private, Role::Member, (Role::Admin, RoomRole::Member)));
}

//! A user who left a room is not added again but invited.

use crate::harness::{PASSWORD, TestApp};
use protocol::{
    command::{Deactivate, HistoryRange, InviteToRoom, SetRole},
    error::Code,
    event::{Change, Event},
    id::{RoomId, RoomInvitationId, UserId},
    limits::INVITATIONS_PER_DAY,
    page::{Created, Page, PageQuery},
    port::prelude::*,
    room::Visibility,
    room_invitation::{InvitationStatus, RoomInvitation},
    session::Caller,
    user::Role,
};

on_both_databases! {
    a_user_who_left_is_invited_and_sees_nothing_before_accepting
    a_declined_invitation_cannot_be_repeated_for_a_day
    invitations_to_one_user_are_limited_per_day
    a_blocked_user_cannot_invite_or_add_and_gets_no_reason
    an_invitation_can_be_revoked_by_its_creator_and_the_room_owner
    an_invitation_expires
    invitations_that_ended_long_ago_are_purged
    pending_invitations_are_revoked_when_the_inviter_or_invitee_leaves
    only_users_who_may_add_members_can_invite
    joining_otherwise_accepts_the_invitation
}

const DAY: i64 = 24 * 60 * 60 * 1000;

fn page() -> PageQuery {
    PageQuery { limit: 50, cursor: None }
}

async fn invite(app: &TestApp, by: &Caller, room: RoomId, user: &Caller) -> Result<Created<RoomInvitation>, Code> {
    let command = InviteToRoom { user_id: user.user_id, expires_in: None };
    app.service.create_room_invitation(by, room, command).await.map_err(|error| error.code)
}

async fn pending(app: &TestApp, caller: &Caller) -> Vec<RoomInvitation> {
    app.service.list_invitations(caller, page()).await.unwrap().items
}

async fn pending_in(app: &TestApp, caller: &Caller, room: RoomId) -> Vec<RoomInvitationId> {
    app.service.list_room_invitations(caller, room, page()).await.unwrap().items.iter().map(|one| one.id).collect()
}

/// The invitation events that a user receives.
async fn invitation_events(
    app: &TestApp,
    caller: &Caller,
    since: protocol::cursor::Cursor,
) -> Vec<(RoomInvitationId, InvitationStatus)> {
    let events = app.service.poll_events(caller, since, 0).await.unwrap().items;
    let status = |event: &Event| match &event.change {
        Change::InvitationCreated(one) | Change::InvitationUpdated(one) => Some((one.id, one.status)),
        _ => None,
    };
    events.iter().filter_map(status).collect()
}

async fn a_user_who_left_is_invited_and_sees_nothing_before_accepting(app: TestApp) {
    let (ada, mara, yuki) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("yuki").await);
    let den = app.create_room(&ada, "den", Visibility::Private).await.id;
    app.add_member(&ada, den, &mara).await.unwrap();
    let message = app.send_message(&ada, den, "a secret").await;
    app.service.leave_room(&mara, den).await.unwrap();
    let before = app.service.get_snapshot(&mara).await.unwrap();
    let of_yuki = app.service.get_snapshot(&yuki).await.unwrap().cursor;
    for _ in 0..2 {
        let outcome = app.add_member(&ada, den, &mara).await.unwrap();
        assert_eq!((outcome.added.len(), outcome.refused.len()), (0, 0));
        assert_eq!(outcome.invited, [mara.user_id]);
    }
    let one = pending(&app, &mara).await.remove(0);
    assert_eq!((one.room_id, one.room_name.as_str(), one.visibility), (den, "den", Visibility::Private));
    assert_eq!((one.user.id, one.invited_by.id, one.status), (mara.user_id, ada.user_id, InvitationStatus::Pending));
    assert_eq!(pending_in(&app, &ada, den).await, [one.id]);
    // Only the invited user receives the event, once, together with a notification.
    assert_eq!(invitation_events(&app, &mara, before.cursor).await, [(one.id, InvitationStatus::Pending)]);
    assert_eq!(app.service.poll_events(&yuki, of_yuki, 0).await.unwrap().items, []);
    let notifications = app.service.list_notifications(&mara, page()).await.unwrap().items;
    assert_eq!(notifications.len(), 1, "{notifications:?}");
    assert_eq!(
        (notifications[0].kind.as_str(), notifications[0].text.as_str()),
        ("room_invitation", "ada invited you to the room \"den\".")
    );
    // Mara is not a member of the room yet.
    assert_eq!(app.service.get_snapshot(&mara).await.unwrap().rooms, before.rooms);
    for code in [
        app.service.get_room(&mara, den).await.unwrap_err().code,
        app.service.list_messages(&mara, den, HistoryRange::Latest, 50).await.unwrap_err().code,
        app.service.get_message(&mara, message.id).await.unwrap_err().code,
        app.service.join_room(&mara, den).await.unwrap_err().code,
        app.service.list_room_invitations(&mara, den, page()).await.unwrap_err().code,
        // Only the invited user can accept or decline the invitation.
        app.service.accept_invitation(&yuki, one.id).await.unwrap_err().code,
        app.service.decline_invitation(&ada, one.id).await.unwrap_err().code,
    ] {
        assert_eq!(code, Code::NotFound);
    }
    for _ in 0..2 {
        let room = app.service.accept_invitation(&mara, one.id).await.unwrap();
        assert!(room.membership.is_some() && room.member_count == 2, "{room:?}");
    }
    assert_eq!((pending(&app, &mara).await, pending_in(&app, &ada, den).await), (vec![], vec![]));
    assert!(invitation_events(&app, &mara, before.cursor).await.contains(&(one.id, InvitationStatus::Accepted)));
    assert_eq!(app.service.decline_invitation(&mara, one.id).await.unwrap_err().code, Code::NotFound);
    // An invitation can be accepted once.
    app.service.leave_room(&mara, den).await.unwrap();
    assert_eq!(app.service.accept_invitation(&mara, one.id).await.unwrap_err().code, Code::NotFound);
}

async fn a_declined_invitation_cannot_be_repeated_for_a_day(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let den = app.create_room(&ada, "den", Visibility::Private).await.id;
    let one = invite(&app, &ada, den, &mara).await.unwrap();
    let again = invite(&app, &ada, den, &mara).await.unwrap();
    assert!(one.new && !again.new && one.value == again.value);
    for _ in 0..2 {
        app.service.decline_invitation(&mara, one.value.id).await.unwrap();
    }
    assert_eq!(app.service.accept_invitation(&mara, one.value.id).await.unwrap_err().code, Code::NotFound);
    app.clock.advance(DAY / 2);
    assert_eq!(invite(&app, &ada, den, &mara).await.unwrap_err(), Code::Forbidden);
    assert_eq!(app.add_member(&ada, den, &mara).await.unwrap().refused[0].code, Code::Forbidden);
    // A day later Mara is invited again, and still not added.
    app.clock.advance(DAY / 2);
    assert_eq!(app.add_member(&ada, den, &mara).await.unwrap().invited, [mara.user_id]);
}

async fn invitations_to_one_user_are_limited_per_day(app: TestApp) {
    let (ada, mara, yuki) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("yuki").await);
    let (den, attic) = (
        app.create_room(&ada, "Den", Visibility::Private).await.id,
        app.create_room(&yuki, "Attic", Visibility::Private).await.id,
    );
    let notified = async || app.service.me(&mara).await.unwrap().unread_notifications.unwrap();
    let before = notified().await;
    for _ in 0..INVITATIONS_PER_DAY {
        let created = invite(&app, &ada, den, &mara).await.unwrap().value;
        app.service.delete_room_invitation(&ada, den, created.id).await.unwrap();
    }
    assert_eq!(invite(&app, &ada, den, &mara).await.unwrap_err(), Code::Forbidden);
    assert_eq!(notified().await - before, INVITATIONS_PER_DAY);
    // Another member can still invite Mara, and so can Ada a day later.
    invite(&app, &yuki, attic, &mara).await.unwrap();
    app.clock.advance(DAY + 1);
    invite(&app, &ada, den, &mara).await.unwrap();
}

async fn a_blocked_user_cannot_invite_or_add_and_gets_no_reason(app: TestApp) {
    let (ada, mara, yuki) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("yuki").await);
    let (den, attic) = (
        app.create_room(&ada, "den", Visibility::Private).await.id,
        app.create_room(&ada, "attic", Visibility::Public).await.id,
    );
    let one = invite(&app, &ada, den, &mara).await.unwrap().value.id;
    let before = app.service.get_snapshot(&mara).await.unwrap().cursor;
    app.service.block_user(&mara, ada.user_id).await.unwrap();
    assert_eq!(pending(&app, &mara).await, []);
    assert_eq!(invitation_events(&app, &mara, before).await, [(one, InvitationStatus::Declined)]);
    assert_eq!(app.add_member(&ada, attic, &mara).await.unwrap().refused[0].code, Code::Forbidden);
    assert_eq!(invite(&app, &ada, attic, &mara).await.unwrap_err(), Code::Forbidden);
    // Other members may, and so may a user who blocks the invited one: only a block against the caller counts.
    app.service.join_room(&yuki, attic).await.unwrap();
    assert_eq!(app.add_member(&yuki, attic, &mara).await.unwrap().added.len(), 1);
    let cellar = app.create_room(&mara, "cellar", Visibility::Private).await.id;
    assert_eq!(app.add_member(&mara, cellar, &ada).await.unwrap().added.len(), 1);
    // Inviting a user who declined gives the same error.
    let command = InviteToRoom { user_id: yuki.user_id, expires_in: None };
    let invitation = app.service.create_room_invitation(&ada, den, command.clone()).await.unwrap().value.id;
    app.service.decline_invitation(&yuki, invitation).await.unwrap();
    let declined = app.service.create_room_invitation(&ada, den, command).await.unwrap_err();
    let blocked = InviteToRoom { user_id: mara.user_id, expires_in: None };
    assert_eq!(app.service.create_room_invitation(&ada, den, blocked).await.unwrap_err(), declined);
    app.service.unblock_user(&mara, ada.user_id).await.unwrap();
    app.clock.advance(DAY);
    assert_eq!(app.add_member(&ada, den, &mara).await.unwrap().invited, [mara.user_id]);
}

async fn an_invitation_can_be_revoked_by_its_creator_and_the_room_owner(app: TestApp) {
    let (ada, mara, yuki) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("yuki").await);
    let tomas = app.create_user("tomas").await;
    let (den, attic) = (
        app.create_room(&yuki, "den", Visibility::Public).await.id,
        app.create_room(&yuki, "attic", Visibility::Public).await.id,
    );
    for member in [&mara, &tomas] {
        app.service.join_room(member, den).await.unwrap();
    }
    for by in [&mara, &yuki] {
        let one = invite(&app, &mara, den, &ada).await.unwrap().value.id;
        let refused =
            async |caller: &Caller, room| app.service.delete_room_invitation(caller, room, one).await.unwrap_err().code;
        assert_eq!(refused(&tomas, den).await, Code::Forbidden);
        assert_eq!(refused(&ada, den).await, Code::NotAMember);
        assert_eq!(refused(&yuki, attic).await, Code::NotFound);
        app.service.delete_room_invitation(by, den, one).await.unwrap();
        assert_eq!(refused(by, den).await, Code::NotFound);
        assert_eq!(app.service.accept_invitation(&ada, one).await.unwrap_err().code, Code::NotFound);
        assert_eq!(pending(&app, &ada).await, []);
    }
    // No invitation was declined, so Ada can be added.
    assert_eq!(app.add_member(&mara, den, &ada).await.unwrap().added.len(), 1);
}

async fn an_invitation_expires(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let den = app.create_room(&ada, "den", Visibility::Private).await.id;
    let command = |expires_in| InviteToRoom { user_id: mara.user_id, expires_in };
    for bad in [59, 0, -1, 30 * 24 * 60 * 60 + 1, i64::MAX] {
        let error = app.service.create_room_invitation(&ada, den, command(Some(bad))).await.unwrap_err();
        assert_eq!(error.errors[0].field, "expires_in");
    }
    let one = app.service.create_room_invitation(&ada, den, command(Some(60))).await.unwrap().value;
    assert_eq!(one.expires_at, one.created_at.plus(60_000));
    app.clock.advance(40_000);
    assert_eq!(pending(&app, &mara).await.len(), 1);
    app.clock.advance(20_000);
    assert_eq!((pending(&app, &mara).await, pending_in(&app, &ada, den).await), (vec![], vec![]));
    for code in [
        app.service.accept_invitation(&mara, one.id).await.unwrap_err().code,
        app.service.decline_invitation(&mara, one.id).await.unwrap_err().code,
        app.service.delete_room_invitation(&ada, den, one.id).await.unwrap_err().code,
    ] {
        assert_eq!(code, Code::NotFound);
    }
    // The invitation was not declined, so another one can be created; it is valid for a week.
    let other = invite(&app, &ada, den, &mara).await.unwrap().value;
    assert_eq!(other.expires_at, other.created_at.plus(7 * DAY));
    app.service.accept_invitation(&mara, other.id).await.unwrap();
}

async fn invitations_that_ended_long_ago_are_purged(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let den = app.create_room(&ada, "den", Visibility::Private).await.id;
    let command = InviteToRoom { user_id: mara.user_id, expires_in: Some(60) };
    let before = app.service.get_snapshot(&mara).await.unwrap().cursor;
    app.service.create_room_invitation(&ada, den, command).await.unwrap();
    app.clock.advance(20 * DAY);
    invite(&app, &ada, den, &mara).await.unwrap();
    app.clock.advance(11 * DAY);
    let _restarted = app.start_node().await;
    while app.count("select count(*) from room_invitations").await > 1 {
        tokio::task::yield_now().await;
    }
    // Deleted invitations are left out of the replay. Mara's session has expired by then.
    let mara = app.service.authenticate(&app.login("mara").await.access_token).await.unwrap();
    app.execute("delete from room_invitations").await;
    app.execute("update service set compacted = 0").await;
    assert!(invitation_events(&app, &mara, before).await.is_empty());
}

async fn pending_invitations_are_revoked_when_the_inviter_or_invitee_leaves(app: TestApp) {
    let (ada, mara, yuki) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("yuki").await);
    let den = app.create_room(&ada, "den", Visibility::Public).await.id;
    for member in [&mara, &yuki] {
        app.service.join_room(member, den).await.unwrap();
    }
    let tomas = app.create_user("tomas").await;
    let pending_count = async |caller: &Caller| pending(&app, caller).await.len();
    // The inviter leaves the room, is removed, loses the permission, or is deactivated.
    invite(&app, &mara, den, &tomas).await.unwrap();
    app.service.leave_room(&mara, den).await.unwrap();
    assert_eq!(pending_count(&tomas).await, 0);
    app.service.join_room(&mara, den).await.unwrap();
    invite(&app, &mara, den, &tomas).await.unwrap();
    app.service.remove_member(&ada, den, mara.user_id).await.unwrap();
    assert_eq!(pending_count(&tomas).await, 0);
    invite(&app, &yuki, den, &tomas).await.unwrap();
    app.service.set_role(&ada, yuki.user_id, SetRole { role: Role::Guest }).await.unwrap();
    assert_eq!(pending_count(&tomas).await, 0);
    app.service.join_room(&mara, den).await.unwrap();
    let before = app.service.get_snapshot(&tomas).await.unwrap().cursor;
    let one = invite(&app, &mara, den, &tomas).await.unwrap().value.id;
    app.service.deactivate_user(&mara, Deactivate { password: PASSWORD.into() }).await.unwrap();
    assert_eq!(pending_count(&tomas).await, 0);
    // The replay shows the current status, not that it was pending first.
    assert_eq!(invitation_events(&app, &tomas, before).await, [(one, InvitationStatus::Revoked); 2]);
    // The invited user is deactivated.
    invite(&app, &ada, den, &tomas).await.unwrap();
    app.service.deactivate_user(&tomas, Deactivate { password: PASSWORD.into() }).await.unwrap();
    assert_eq!(pending_in(&app, &ada, den).await, []);
    assert_eq!(invite(&app, &ada, den, &tomas).await.unwrap_err(), Code::NotFound);
}

async fn only_users_who_may_add_members_can_invite(app: TestApp) {
    let (ada, mara, yuki) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("yuki").await);
    let (den, attic) = (
        app.create_room(&ada, "den", Visibility::Private).await.id,
        app.create_room(&ada, "attic", Visibility::Public).await.id,
    );
    let list = async |caller: &Caller, room| {
        app.service
            .list_room_invitations(caller, room, page())
            .await
            .map(|page: Page<_>| page.items.len())
            .map_err(|e| e.code)
    };
    assert_eq!(invite(&app, &mara, den, &yuki).await.unwrap_err(), Code::NotFound);
    assert_eq!(invite(&app, &mara, attic, &yuki).await.unwrap_err(), Code::NotAMember);
    for room in [den, attic] {
        app.add_member(&ada, room, &mara).await.unwrap();
    }
    assert_eq!(invite(&app, &mara, den, &yuki).await.unwrap_err(), Code::Forbidden);
    assert_eq!(list(&mara, den).await, Err(Code::Forbidden));
    assert!(invite(&app, &mara, attic, &yuki).await.unwrap().new);
    assert_eq!((list(&mara, attic).await, list(&ada, attic).await), (Ok(1), Ok(1)));
    assert_eq!(list(&yuki, attic).await, Err(Code::NotAMember));
    assert_eq!(invite(&app, &ada, den, &mara).await.unwrap_err(), Code::AlreadyMember);
    assert_eq!(invite(&app, &ada, den, &ada).await.unwrap_err(), Code::AlreadyMember);
    let unknown = InviteToRoom { user_id: UserId(app.clock.id()), expires_in: None };
    assert_eq!(app.service.create_room_invitation(&ada, den, unknown).await.unwrap_err().code, Code::NotFound);
    // Guests cannot invite, but can be invited.
    app.service.set_role(&ada, yuki.user_id, SetRole { role: Role::Guest }).await.unwrap();
    let guest = app.service.refresh_caller(&yuki).await.unwrap();
    app.service.accept_invitation(&guest, pending(&app, &guest).await[0].id).await.unwrap();
    assert_eq!(invite(&app, &guest, attic, &mara).await.unwrap_err(), Code::Forbidden);
    assert_eq!(list(&guest, attic).await, Err(Code::Forbidden));
    let lobby = app.lobby(&ada).await.id;
    assert_eq!(invite(&app, &ada, lobby, &guest).await.unwrap_err(), Code::LobbyMembershipFixed);
}

async fn joining_otherwise_accepts_the_invitation(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let attic = app.create_room(&ada, "attic", Visibility::Public).await.id;
    let one = invite(&app, &ada, attic, &mara).await.unwrap().value.id;
    // Mara has a pending invitation, so she is not added.
    assert_eq!(app.add_member(&ada, attic, &mara).await.unwrap().invited, [mara.user_id]);
    let before = app.service.get_snapshot(&mara).await.unwrap().cursor;
    app.service.join_room(&mara, attic).await.unwrap();
    assert_eq!(invitation_events(&app, &mara, before).await, [(one, InvitationStatus::Accepted)]);
    assert_eq!((pending(&app, &mara).await, pending_in(&app, &ada, attic).await), (vec![], vec![]));
}

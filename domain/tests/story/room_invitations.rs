//! Nobody is brought back into a room that they left: they are asked.

use crate::world::PASSWORD;
use crate::world::TestApp;
use protocol::command::Deactivate;
use protocol::command::HistoryRange;
use protocol::command::InviteToRoom;
use protocol::command::SetRole;
use protocol::error::Code;
use protocol::event::Change;
use protocol::event::Event;
use protocol::id::RoomId;
use protocol::id::RoomInvitationId;
use protocol::id::UserId;
use protocol::limits::INVITATIONS_PER_DAY;
use protocol::page::Created;
use protocol::page::Page;
use protocol::page::PageQuery;
use protocol::port::prelude::*;
use protocol::room::Visibility;
use protocol::room_invitation::InvitationStatus;
use protocol::room_invitation::RoomInvitation;
use protocol::session::Caller;
use protocol::user::Role;

on_both_databases! {
    a_user_who_left_is_invited_and_sees_nothing_before_accepting
    a_declined_invitation_cannot_be_repeated_for_a_day
    invitations_to_one_user_are_limited_per_day
    a_blocked_user_cannot_invite_or_add_and_is_not_told_why
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

async fn invite(w: &TestApp, by: &Caller, room: RoomId, user: &Caller) -> Result<Created<RoomInvitation>, Code> {
    let command = InviteToRoom { user_id: user.user_id, expires_in: None };
    w.service.create_room_invitation(by, room, command).await.map_err(|error| error.code)
}

async fn pending(w: &TestApp, caller: &Caller) -> Vec<RoomInvitation> {
    w.service.list_invitations(caller, page()).await.unwrap().items
}

async fn pending_in(w: &TestApp, caller: &Caller, room: RoomId) -> Vec<RoomInvitationId> {
    w.service.list_room_invitations(caller, room, page()).await.unwrap().items.iter().map(|one| one.id).collect()
}

/// What became of invitations, as somebody is told.
async fn invitation_events(
    w: &TestApp,
    caller: &Caller,
    since: protocol::cursor::Cursor,
) -> Vec<(RoomInvitationId, InvitationStatus)> {
    let events = w.service.events(caller, since, 0).await.unwrap().items;
    let status = |event: &Event| match &event.change {
        Change::InvitationCreated(one) | Change::InvitationUpdated(one) => Some((one.id, one.status)),
        _ => None,
    };
    events.iter().filter_map(status).collect()
}

async fn a_user_who_left_is_invited_and_sees_nothing_before_accepting(w: TestApp) {
    let (ada, mara, yuki) = (w.create_user("ada").await, w.create_user("mara").await, w.create_user("yuki").await);
    let den = w.create_room(&ada, "den", Visibility::Private).await.id;
    w.add_member(&ada, den, &mara).await.unwrap();
    let message = w.send_message(&ada, den, "a secret").await;
    w.service.leave(&mara, den).await.unwrap();
    let before = w.service.snapshot(&mara).await.unwrap();
    let of_yuki = w.service.snapshot(&yuki).await.unwrap().cursor;
    for _ in 0..2 {
        let outcome = w.add_member(&ada, den, &mara).await.unwrap();
        assert_eq!((outcome.added.len(), outcome.refused.len()), (0, 0));
        assert_eq!(outcome.invited, [mara.user_id]);
    }
    let one = pending(&w, &mara).await.remove(0);
    assert_eq!((one.room_id, one.room_name.as_str(), one.visibility), (den, "den", Visibility::Private));
    assert_eq!((one.user.id, one.invited_by.id, one.status), (mara.user_id, ada.user_id, InvitationStatus::Pending));
    assert_eq!(pending_in(&w, &ada, den).await, [one.id]);
    // It is told to nobody else, once, and as a notification too.
    assert_eq!(invitation_events(&w, &mara, before.cursor).await, [(one.id, InvitationStatus::Pending)]);
    assert_eq!(w.service.events(&yuki, of_yuki, 0).await.unwrap().items, []);
    let notifications = w.service.notifications(&mara, page()).await.unwrap().items;
    assert_eq!(notifications.len(), 1, "{notifications:?}");
    assert_eq!(
        (notifications[0].kind.as_str(), notifications[0].text.as_str()),
        ("room_invitation", "ada invited you to the room \"den\".")
    );
    // The room is still none of hers.
    assert_eq!(w.service.snapshot(&mara).await.unwrap().rooms, before.rooms);
    for code in [
        w.service.room(&mara, den).await.unwrap_err().code,
        w.service.history(&mara, den, HistoryRange::Latest, 50).await.unwrap_err().code,
        w.service.message(&mara, message.id).await.unwrap_err().code,
        w.service.join(&mara, den).await.unwrap_err().code,
        w.service.list_room_invitations(&mara, den, page()).await.unwrap_err().code,
        // And the invitation is nobody else's.
        w.service.accept_invitation(&yuki, one.id).await.unwrap_err().code,
        w.service.decline_invitation(&ada, one.id).await.unwrap_err().code,
    ] {
        assert_eq!(code, Code::NotFound);
    }
    for _ in 0..2 {
        let room = w.service.accept_invitation(&mara, one.id).await.unwrap();
        assert!(room.membership.is_some() && room.member_count == 2, "{room:?}");
    }
    assert_eq!((pending(&w, &mara).await, pending_in(&w, &ada, den).await), (vec![], vec![]));
    assert!(invitation_events(&w, &mara, before.cursor).await.contains(&(one.id, InvitationStatus::Accepted)));
    assert_eq!(w.service.decline_invitation(&mara, one.id).await.unwrap_err().code, Code::NotFound);
    // An invitation is good once.
    w.service.leave(&mara, den).await.unwrap();
    assert_eq!(w.service.accept_invitation(&mara, one.id).await.unwrap_err().code, Code::NotFound);
}

async fn a_declined_invitation_cannot_be_repeated_for_a_day(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let den = w.create_room(&ada, "den", Visibility::Private).await.id;
    let one = invite(&w, &ada, den, &mara).await.unwrap();
    let again = invite(&w, &ada, den, &mara).await.unwrap();
    assert!(one.new && !again.new && one.value == again.value);
    for _ in 0..2 {
        w.service.decline_invitation(&mara, one.value.id).await.unwrap();
    }
    assert_eq!(w.service.accept_invitation(&mara, one.value.id).await.unwrap_err().code, Code::NotFound);
    w.clock.advance(DAY / 2);
    assert_eq!(invite(&w, &ada, den, &mara).await.unwrap_err(), Code::Forbidden);
    assert_eq!(w.add_member(&ada, den, &mara).await.unwrap().refused[0].code, Code::Forbidden);
    // A day later she is asked once more, and never just put there.
    w.clock.advance(DAY / 2);
    assert_eq!(w.add_member(&ada, den, &mara).await.unwrap().invited, [mara.user_id]);
}

async fn invitations_to_one_user_are_limited_per_day(w: TestApp) {
    let (ada, mara, yuki) = (w.create_user("ada").await, w.create_user("mara").await, w.create_user("yuki").await);
    let (den, attic) = (
        w.create_room(&ada, "Den", Visibility::Private).await.id,
        w.create_room(&yuki, "Attic", Visibility::Private).await.id,
    );
    let notified = async || w.service.me(&mara).await.unwrap().unread_notifications.unwrap();
    let before = notified().await;
    for _ in 0..INVITATIONS_PER_DAY {
        let made = invite(&w, &ada, den, &mara).await.unwrap().value;
        w.service.delete_room_invitation(&ada, den, made.id).await.unwrap();
    }
    assert_eq!(invite(&w, &ada, den, &mara).await.unwrap_err(), Code::Forbidden);
    assert_eq!(notified().await - before, INVITATIONS_PER_DAY);
    // Somebody else still invites her, and so does Ada on another day.
    invite(&w, &yuki, attic, &mara).await.unwrap();
    w.clock.advance(DAY + 1);
    invite(&w, &ada, den, &mara).await.unwrap();
}

async fn a_blocked_user_cannot_invite_or_add_and_is_not_told_why(w: TestApp) {
    let (ada, mara, yuki) = (w.create_user("ada").await, w.create_user("mara").await, w.create_user("yuki").await);
    let (den, attic) = (
        w.create_room(&ada, "den", Visibility::Private).await.id,
        w.create_room(&ada, "attic", Visibility::Public).await.id,
    );
    let one = invite(&w, &ada, den, &mara).await.unwrap().value.id;
    let before = w.service.snapshot(&mara).await.unwrap().cursor;
    w.service.block(&mara, ada.user_id).await.unwrap();
    assert_eq!(pending(&w, &mara).await, []);
    assert_eq!(invitation_events(&w, &mara, before).await, [(one, InvitationStatus::Declined)]);
    assert_eq!(w.add_member(&ada, attic, &mara).await.unwrap().refused[0].code, Code::Forbidden);
    assert_eq!(invite(&w, &ada, attic, &mara).await.unwrap_err(), Code::Forbidden);
    // Another one may, and it is the caller who counts, not who is blocked by them.
    w.service.join(&yuki, attic).await.unwrap();
    assert_eq!(w.add_member(&yuki, attic, &mara).await.unwrap().added.len(), 1);
    let cellar = w.create_room(&mara, "cellar", Visibility::Private).await.id;
    assert_eq!(w.add_member(&mara, cellar, &ada).await.unwrap().added.len(), 1);
    // Who declined is refused in the very same words.
    let command = InviteToRoom { user_id: yuki.user_id, expires_in: None };
    let asked = w.service.create_room_invitation(&ada, den, command.clone()).await.unwrap().value.id;
    w.service.decline_invitation(&yuki, asked).await.unwrap();
    let declined = w.service.create_room_invitation(&ada, den, command).await.unwrap_err();
    let blocked = InviteToRoom { user_id: mara.user_id, expires_in: None };
    assert_eq!(w.service.create_room_invitation(&ada, den, blocked).await.unwrap_err(), declined);
    w.service.unblock(&mara, ada.user_id).await.unwrap();
    w.clock.advance(DAY);
    assert_eq!(w.add_member(&ada, den, &mara).await.unwrap().invited, [mara.user_id]);
}

async fn an_invitation_can_be_revoked_by_its_creator_and_the_room_owner(w: TestApp) {
    let (ada, mara, yuki) = (w.create_user("ada").await, w.create_user("mara").await, w.create_user("yuki").await);
    let tomas = w.create_user("tomas").await;
    let (den, attic) = (
        w.create_room(&yuki, "den", Visibility::Public).await.id,
        w.create_room(&yuki, "attic", Visibility::Public).await.id,
    );
    for someone in [&mara, &tomas] {
        w.service.join(someone, den).await.unwrap();
    }
    for by in [&mara, &yuki] {
        let one = invite(&w, &mara, den, &ada).await.unwrap().value.id;
        let refused =
            async |who: &Caller, room| w.service.delete_room_invitation(who, room, one).await.unwrap_err().code;
        assert_eq!(refused(&tomas, den).await, Code::Forbidden);
        assert_eq!(refused(&ada, den).await, Code::NotAMember);
        assert_eq!(refused(&yuki, attic).await, Code::NotFound);
        w.service.delete_room_invitation(by, den, one).await.unwrap();
        assert_eq!(refused(by, den).await, Code::NotFound);
        assert_eq!(w.service.accept_invitation(&ada, one).await.unwrap_err().code, Code::NotFound);
        assert_eq!(pending(&w, &ada).await, []);
    }
    // Nothing was declined, so she can be added.
    assert_eq!(w.add_member(&mara, den, &ada).await.unwrap().added.len(), 1);
}

async fn an_invitation_expires(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let den = w.create_room(&ada, "den", Visibility::Private).await.id;
    let command = |expires_in| InviteToRoom { user_id: mara.user_id, expires_in };
    for bad in [59, 0, -1, 30 * 24 * 60 * 60 + 1, i64::MAX] {
        let error = w.service.create_room_invitation(&ada, den, command(Some(bad))).await.unwrap_err();
        assert_eq!(error.errors[0].field, "expires_in");
    }
    let one = w.service.create_room_invitation(&ada, den, command(Some(60))).await.unwrap().value;
    assert_eq!(one.expires_at, one.created_at.plus(60_000));
    w.clock.advance(40_000);
    assert_eq!(pending(&w, &mara).await.len(), 1);
    w.clock.advance(20_000);
    assert_eq!((pending(&w, &mara).await, pending_in(&w, &ada, den).await), (vec![], vec![]));
    for code in [
        w.service.accept_invitation(&mara, one.id).await.unwrap_err().code,
        w.service.decline_invitation(&mara, one.id).await.unwrap_err().code,
        w.service.delete_room_invitation(&ada, den, one.id).await.unwrap_err().code,
    ] {
        assert_eq!(code, Code::NotFound);
    }
    // Nobody said no, so another one can be made; it is good for a week.
    let other = invite(&w, &ada, den, &mara).await.unwrap().value;
    assert_eq!(other.expires_at, other.created_at.plus(7 * DAY));
    w.service.accept_invitation(&mara, other.id).await.unwrap();
}

async fn invitations_that_ended_long_ago_are_purged(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let den = w.create_room(&ada, "den", Visibility::Private).await.id;
    let command = InviteToRoom { user_id: mara.user_id, expires_in: Some(60) };
    let before = w.service.snapshot(&mara).await.unwrap().cursor;
    w.service.create_room_invitation(&ada, den, command).await.unwrap();
    w.clock.advance(20 * DAY);
    invite(&w, &ada, den, &mara).await.unwrap();
    w.clock.advance(11 * DAY);
    let _restarted = w.start_node().await;
    while w.count("select count(*) from room_invitations").await > 1 {
        tokio::task::yield_now().await;
    }
    // What is told of those that are gone is nothing. Her session has ended of age by then.
    let mara = w.service.authenticate(&w.login("mara").await.access_token).await.unwrap();
    w.execute("delete from room_invitations").await;
    w.execute("update service set compacted = 0").await;
    assert!(invitation_events(&w, &mara, before).await.is_empty());
}

async fn pending_invitations_are_revoked_when_the_inviter_or_invitee_leaves(w: TestApp) {
    let (ada, mara, yuki) = (w.create_user("ada").await, w.create_user("mara").await, w.create_user("yuki").await);
    let den = w.create_room(&ada, "den", Visibility::Public).await.id;
    for someone in [&mara, &yuki] {
        w.service.join(someone, den).await.unwrap();
    }
    let tomas = w.create_user("tomas").await;
    let pending_count = async |who: &Caller| pending(&w, who).await.len();
    // Who made it leaves the room, is removed from it, may not invite any more, or leaves the service.
    invite(&w, &mara, den, &tomas).await.unwrap();
    w.service.leave(&mara, den).await.unwrap();
    assert_eq!(pending_count(&tomas).await, 0);
    w.service.join(&mara, den).await.unwrap();
    invite(&w, &mara, den, &tomas).await.unwrap();
    w.service.remove_member(&ada, den, mara.user_id).await.unwrap();
    assert_eq!(pending_count(&tomas).await, 0);
    invite(&w, &yuki, den, &tomas).await.unwrap();
    w.service.set_role(&ada, yuki.user_id, SetRole { role: Role::Guest }).await.unwrap();
    assert_eq!(pending_count(&tomas).await, 0);
    w.service.join(&mara, den).await.unwrap();
    let before = w.service.snapshot(&tomas).await.unwrap().cursor;
    let one = invite(&w, &mara, den, &tomas).await.unwrap().value.id;
    w.service.deactivate(&mara, Deactivate { password: PASSWORD.into() }).await.unwrap();
    assert_eq!(pending_count(&tomas).await, 0);
    // As it is now: it is not told first that it is pending.
    assert_eq!(invitation_events(&w, &tomas, before).await, [(one, InvitationStatus::Revoked); 2]);
    // Who is invited leaves the service.
    invite(&w, &ada, den, &tomas).await.unwrap();
    w.service.deactivate(&tomas, Deactivate { password: PASSWORD.into() }).await.unwrap();
    assert_eq!(pending_in(&w, &ada, den).await, []);
    assert_eq!(invite(&w, &ada, den, &tomas).await.unwrap_err(), Code::NotFound);
}

async fn only_users_who_may_add_members_can_invite(w: TestApp) {
    let (ada, mara, yuki) = (w.create_user("ada").await, w.create_user("mara").await, w.create_user("yuki").await);
    let (den, attic) = (
        w.create_room(&ada, "den", Visibility::Private).await.id,
        w.create_room(&ada, "attic", Visibility::Public).await.id,
    );
    let list = async |who: &Caller, room| {
        w.service
            .list_room_invitations(who, room, page())
            .await
            .map(|page: Page<_>| page.items.len())
            .map_err(|e| e.code)
    };
    assert_eq!(invite(&w, &mara, den, &yuki).await.unwrap_err(), Code::NotFound);
    assert_eq!(invite(&w, &mara, attic, &yuki).await.unwrap_err(), Code::NotAMember);
    for room in [den, attic] {
        w.add_member(&ada, room, &mara).await.unwrap();
    }
    assert_eq!(invite(&w, &mara, den, &yuki).await.unwrap_err(), Code::Forbidden);
    assert_eq!(list(&mara, den).await, Err(Code::Forbidden));
    assert!(invite(&w, &mara, attic, &yuki).await.unwrap().new);
    assert_eq!((list(&mara, attic).await, list(&ada, attic).await), (Ok(1), Ok(1)));
    assert_eq!(list(&yuki, attic).await, Err(Code::NotAMember));
    assert_eq!(invite(&w, &ada, den, &mara).await.unwrap_err(), Code::AlreadyMember);
    assert_eq!(invite(&w, &ada, den, &ada).await.unwrap_err(), Code::AlreadyMember);
    let nobody = InviteToRoom { user_id: UserId(w.clock.id()), expires_in: None };
    assert_eq!(w.service.create_room_invitation(&ada, den, nobody).await.unwrap_err().code, Code::NotFound);
    // Guests bring nobody anywhere, but are asked like everyone.
    w.service.set_role(&ada, yuki.user_id, SetRole { role: Role::Guest }).await.unwrap();
    let guest = w.service.refresh_caller(&yuki).await.unwrap();
    w.service.accept_invitation(&guest, pending(&w, &guest).await[0].id).await.unwrap();
    assert_eq!(invite(&w, &guest, attic, &mara).await.unwrap_err(), Code::Forbidden);
    assert_eq!(list(&guest, attic).await, Err(Code::Forbidden));
    let lobby = w.lobby(&ada).await.id;
    assert_eq!(invite(&w, &ada, lobby, &guest).await.unwrap_err(), Code::LobbyMembershipFixed);
}

async fn joining_otherwise_accepts_the_invitation(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let attic = w.create_room(&ada, "attic", Visibility::Public).await.id;
    let one = invite(&w, &ada, attic, &mara).await.unwrap().value.id;
    // She has been asked: nobody puts her there meanwhile.
    assert_eq!(w.add_member(&ada, attic, &mara).await.unwrap().invited, [mara.user_id]);
    let before = w.service.snapshot(&mara).await.unwrap().cursor;
    w.service.join(&mara, attic).await.unwrap();
    assert_eq!(invitation_events(&w, &mara, before).await, [(one, InvitationStatus::Accepted)]);
    assert_eq!((pending(&w, &mara).await, pending_in(&w, &ada, attic).await), (vec![], vec![]));
}

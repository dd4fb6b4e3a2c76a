//! Bans from rooms, and mutes in them.

use crate::harness::{TestApp, message_command};
use protocol::{
    Result,
    command::{EditMessage, InviteToRoom, RestrictMember, SetRole, SetRoomRole},
    error::Code,
    event::Change,
    id::RoomId,
    page::PageQuery,
    port::prelude::*,
    room::{MemberRestriction, RoomRole, Visibility},
    session::Caller,
    state::room_list::RoomList,
    time::Time,
    user::Role,
};

on_both_databases! {
    bans_and_mutes_are_for_moderators_of_users_with_lesser_roles
    a_banned_user_stays_out_until_the_ban_ends
    a_ban_removes_a_member_and_closes_their_invitations
    a_muted_member_only_reads_until_the_mute_ends
    a_mute_stays_when_its_member_leaves_and_joins_again
    bans_and_mutes_are_listed_page_by_page
    a_repeat_of_a_message_of_a_muted_member_is_no_new_one
}

fn page(limit: u32) -> PageQuery {
    PageQuery { limit, cursor: None }
}

fn code<T>(result: Result<T>) -> Result<(), Code> {
    result.map(drop).map_err(|error| error.code)
}

fn until(app: &TestApp, milliseconds: i64) -> RestrictMember {
    RestrictMember { reason: Some(" too loud ".into()), until: Some(app.clock.now().plus(milliseconds)) }
}

async fn room_with(app: &TestApp, owner: &Caller, of: Visibility, members: &[&Caller]) -> RoomId {
    let room = app.create_room(owner, "Den", of).await.id;
    for member in members {
        app.add_member(owner, room, member).await.unwrap();
    }
    room
}

async fn send(app: &TestApp, user: &Caller, room: RoomId) -> Result<(), Code> {
    code(app.service.send_message(user, room, message_command(&app.clock, "hi")).await)
}

async fn users<const N: usize>(app: &TestApp, names: [&str; N]) -> [Caller; N] {
    let mut users = Vec::new();
    for name in names {
        users.push(app.create_user(name).await);
    }
    users.try_into().unwrap()
}

async fn bans_and_mutes_are_for_moderators_of_users_with_lesser_roles(app: TestApp) {
    let [ada, owner, moderator, member, stranger] = users(&app, ["ada", "owner", "mod", "member", "stranger"]).await;
    for of in [Visibility::Private, Visibility::Public] {
        let den = room_with(&app, &owner, of, &[&ada, &moderator, &member]).await;
        let role = SetRoomRole { role: RoomRole::Moderator };
        app.service.set_room_role(&owner, den, moderator.user_id, role).await.unwrap();
        let command = || RestrictMember::default();
        let outside = if of == Visibility::Private { Code::NotFound } else { Code::NotAMember };
        for (by, target, refusal) in [
            (&member, &ada, Code::Forbidden),
            (&member, &member, Code::Forbidden),
            (&stranger, &member, outside),
            (&moderator, &owner, Code::Forbidden),
            (&moderator, &moderator, Code::Forbidden),
            (&owner, &owner, Code::Forbidden),
        ] {
            let service = &app.service;
            for outcome in [
                code(service.ban_user(by, den, target.user_id, command()).await),
                code(service.mute_member(by, den, target.user_id, command()).await),
            ] {
                assert_eq!(outcome, Err(refusal), "{of:?}");
            }
        }
        for (by, refusal) in [(&member, Code::Forbidden), (&stranger, outside)] {
            for outcome in [
                code(app.service.list_bans(by, den, page(50)).await),
                code(app.service.list_mutes(by, den, page(50)).await),
                code(app.service.unban_user(by, den, member.user_id).await),
                code(app.service.unmute_member(by, den, member.user_id).await),
            ] {
                assert_eq!(outcome, Err(refusal));
            }
        }
        // In public rooms an administrator counts as an owner.
        let muted = code(app.service.mute_member(&owner, den, ada.user_id, command()).await);
        assert_eq!(muted, if of == Visibility::Public { Err(Code::Forbidden) } else { Ok(()) });
        assert_eq!(code(app.service.mute_member(&moderator, den, member.user_id, command()).await), Ok(()));
        assert_eq!(
            code(app.service.mute_member(&moderator, den, stranger.user_id, command()).await),
            Err(Code::NotFound)
        );
        assert_eq!(code(app.service.ban_user(&moderator, den, member.user_id, command()).await), Ok(()));
        // Somebody who is not there can be banned as well, and nobody from the Lobby.
        assert_eq!(code(app.service.ban_user(&moderator, den, stranger.user_id, command()).await), Ok(()));
        app.service.delete_room(&owner, den).await.unwrap();
    }
    let lobby = app.lobby(&ada).await.id;
    let banned = code(app.service.ban_user(&ada, lobby, member.user_id, RestrictMember::default()).await);
    assert_eq!(banned, Err(Code::LobbyMembershipFixed));
    let past = RestrictMember { reason: None, until: Some(Time(1)) };
    let error = app.service.mute_member(&ada, lobby, member.user_id, past).await.unwrap_err();
    assert_eq!((error.code, error.errors[0].field.as_str()), (Code::Invalid, "until"));
    for outcome in [
        code(app.service.unban_user(&ada, lobby, member.user_id).await),
        code(app.service.unmute_member(&ada, lobby, member.user_id).await),
    ] {
        assert_eq!(outcome, Err(Code::NotFound));
    }
}

async fn a_banned_user_stays_out_until_the_ban_ends(app: TestApp) {
    let [ada, mara] = users(&app, ["ada", "mara"]).await;
    let den = room_with(&app, &ada, Visibility::Public, &[]).await;
    let command = until(&app, 3_600_000);
    let ban = app.service.ban_user(&ada, den, mara.user_id, command.clone()).await.unwrap();
    assert_eq!((ban.user.id, ban.created_by.id, ban.reason.as_str()), (mara.user_id, ada.user_id, "too loud"));
    assert_eq!(ban.until, command.until);
    let outcomes = async || {
        let invite = InviteToRoom { user_id: mara.user_id, expires_in: None };
        let added = app.add_member(&ada, den, &mara).await.unwrap();
        [
            added.refused.first().map_or(Ok(()), |refused| Err(refused.code)),
            code(app.service.create_room_invitation(&ada, den, invite).await),
            code(app.service.join_room(&mara, den).await),
        ]
    };
    assert_eq!(outcomes().await, [Err(Code::Banned); 3]);
    let error = app.service.join_room(&mara, den).await.unwrap_err();
    assert!(error.detail.contains("in 60 minutes") && error.retry_after.is_some(), "{error:?}");
    // A second ban replaces the first.
    app.service.ban_user(&ada, den, mara.user_id, RestrictMember::default()).await.unwrap();
    app.clock.advance(3_600_000);
    assert_eq!(outcomes().await, [Err(Code::Banned); 3]);
    app.service.ban_user(&ada, den, mara.user_id, until(&app, 1_000)).await.unwrap();
    assert_eq!(app.service.list_bans(&ada, den, page(50)).await.unwrap().items.len(), 1);
    app.clock.advance(1_000);
    assert!(app.service.list_bans(&ada, den, page(50)).await.unwrap().items.is_empty());
    app.service.join_room(&mara, den).await.unwrap();
    // Lifted, it ends at once.
    app.service.ban_user(&ada, den, mara.user_id, RestrictMember::default()).await.unwrap();
    app.service.unban_user(&ada, den, mara.user_id).await.unwrap();
    app.service.join_room(&mara, den).await.unwrap();
}

async fn a_ban_removes_a_member_and_closes_their_invitations(app: TestApp) {
    let [ada, mara, tomas] = users(&app, ["ada", "mara", "tomas"]).await;
    let den = room_with(&app, &ada, Visibility::Private, &[&mara]).await;
    let invite = InviteToRoom { user_id: tomas.user_id, expires_in: None };
    let invitation = app.service.create_room_invitation(&ada, den, invite).await.unwrap().value.id;
    let before = app.service.get_snapshot(&mara).await.unwrap();
    for user in [&mara, &tomas] {
        app.service.ban_user(&ada, den, user.user_id, RestrictMember::default()).await.unwrap();
    }
    assert_eq!(code(app.service.get_room(&mara, den).await), Err(Code::NotFound));
    assert_eq!(code(app.service.accept_invitation(&tomas, invitation).await), Err(Code::NotFound));
    let events = app.service.poll_events(&mara, before.cursor, 0).await.unwrap().items;
    assert!(events.iter().any(|event| matches!(&event.change, Change::MemberLeft(change) if change.room.id == den)));
    assert_eq!(app.service.get_room(&ada, den).await.unwrap().member_count, 1);
}

async fn a_muted_member_only_reads_until_the_mute_ends(app: TestApp) {
    let [ada, mara] = users(&app, ["ada", "mara"]).await;
    let den = room_with(&app, &ada, Visibility::Private, &[&mara]).await;
    let message = app.send_message(&mara, den, "before").await;
    let edit = |body: &str| EditMessage { body: body.into() };
    let before = app.service.get_snapshot(&mara).await.unwrap();
    let command = until(&app, 600_000);
    app.service.mute_member(&ada, den, mara.user_id, command.clone()).await.unwrap();
    let error = app.service.send_message(&mara, den, message_command(&app.clock, "hi")).await.unwrap_err();
    assert_eq!(error.code, Code::Muted);
    assert!(error.detail.contains("in 10 minutes") && error.retry_after.is_some(), "{error:?}");
    assert_eq!(code(app.service.edit_message(&mara, message.id, edit("after")).await), Err(Code::Muted));
    // The member sees until when, and nobody else does.
    let own = app.service.get_room(&mara, den).await.unwrap().membership.unwrap().mute.unwrap();
    assert_eq!((own.until, own.reason.as_str()), (command.until, "too loud"));
    let (mut list, after) = (RoomList::new(&before), app.service.get_snapshot(&mara).await.unwrap());
    app.service.poll_events(&mara, before.cursor, 0).await.unwrap().items.iter().for_each(|event| list.apply(event));
    assert_eq!(list, RoomList::new(&after));
    assert_eq!(app.service.poll_events(&ada, before.cursor, 0).await.unwrap().items, []);
    // What they wrote they may still delete, and elsewhere they may write.
    app.service.delete_message(&mara, message.id).await.unwrap();
    assert_eq!(send(&app, &mara, app.lobby(&mara).await.id).await, Ok(()));
    app.clock.advance(600_000);
    assert_eq!(send(&app, &mara, den).await, Ok(()));
    assert!(app.service.list_mutes(&ada, den, page(50)).await.unwrap().items.is_empty());
    // A mute without an end is lifted.
    app.service.mute_member(&ada, den, mara.user_id, RestrictMember::default()).await.unwrap();
    let error = app.service.send_message(&mara, den, message_command(&app.clock, "hi")).await.unwrap_err();
    assert_eq!((error.code, error.retry_after), (Code::Muted, None));
    app.service.unmute_member(&ada, den, mara.user_id).await.unwrap();
    assert_eq!(app.service.get_room(&mara, den).await.unwrap().membership.unwrap().mute, None);
    assert_eq!(send(&app, &mara, den).await, Ok(()));
}

async fn a_mute_stays_when_its_member_leaves_and_joins_again(app: TestApp) {
    let [ada, mara] = users(&app, ["ada", "mara"]).await;
    let den = room_with(&app, &ada, Visibility::Public, &[&mara]).await;
    app.service.mute_member(&ada, den, mara.user_id, RestrictMember::default()).await.unwrap();
    app.service.leave_room(&mara, den).await.unwrap();
    let before = app.service.get_snapshot(&mara).await.unwrap();
    let joined = app.service.join_room(&mara, den).await.unwrap();
    assert!(joined.membership.unwrap().mute.is_some());
    assert_eq!(send(&app, &mara, den).await, Err(Code::Muted));
    let (mut list, after) = (RoomList::new(&before), app.service.get_snapshot(&mara).await.unwrap());
    app.service.poll_events(&mara, before.cursor, 0).await.unwrap().items.iter().for_each(|event| list.apply(event));
    assert_eq!(list, RoomList::new(&after));
    // A guest of the server can be muted as others.
    app.service.unmute_member(&ada, den, mara.user_id).await.unwrap();
    app.service.set_role(&ada, mara.user_id, SetRole { role: Role::Guest }).await.unwrap();
    app.service.mute_member(&ada, den, mara.user_id, RestrictMember::default()).await.unwrap();
    assert_eq!(send(&app, &mara, den).await, Err(Code::Muted));
}

async fn bans_and_mutes_are_listed_page_by_page(app: TestApp) {
    let [ada, mara, tomas, yuki] = users(&app, ["ada", "mara", "tomas", "yuki"]).await;
    let den = room_with(&app, &ada, Visibility::Public, &[&mara, &tomas, &yuki]).await;
    for user in [&mara, &tomas, &yuki] {
        app.service.mute_member(&ada, den, user.user_id, RestrictMember::default()).await.unwrap();
        app.service.ban_user(&ada, den, user.user_id, until(&app, 1_000)).await.unwrap();
    }
    for kind in ["bans", "mutes"] {
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let query = PageQuery { limit: 2, cursor };
            let page = match kind {
                "bans" => app.service.list_bans(&ada, den, query).await.unwrap(),
                _ => app.service.list_mutes(&ada, den, query).await.unwrap(),
            };
            found.extend(page.items.into_iter().map(|one: MemberRestriction| one.user.id));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(found, [mara.user_id, tomas.user_id, yuki.user_id], "{kind}");
        let nowhere = PageQuery { limit: 2, cursor: Some("nowhere".into()) };
        assert_eq!(code(app.service.list_bans(&ada, den, nowhere).await), Err(Code::InvalidCursor));
    }
}

async fn a_repeat_of_a_message_of_a_muted_member_is_no_new_one(app: TestApp) {
    let [ada, mara] = users(&app, ["ada", "mara"]).await;
    let den = room_with(&app, &ada, Visibility::Private, &[&mara]).await;
    let command = message_command(&app.clock, "once");
    let first = app.service.send_message(&mara, den, command.clone()).await.unwrap().value;
    app.service.mute_member(&ada, den, mara.user_id, RestrictMember::default()).await.unwrap();
    let again = app.service.send_message(&mara, den, command).await.unwrap();
    assert_eq!((again.new, again.value), (false, first));
}

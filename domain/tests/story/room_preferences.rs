use crate::harness::{TestApp, register_command};
use protocol::{
    command::{SetDefaultRooms, SetRole, SetRoomNotifications, SetRoomOrder},
    error::Code,
    id::RoomId,
    port::prelude::*,
    room::{NotificationLevel, Room, Visibility},
    session::{Caller, Client},
    user::Role,
};

on_both_databases! {
    favorites_and_notifications_are_only_for_oneself
    a_room_is_muted_until_a_time_in_the_future
    rooms_have_the_order_that_their_user_gave_them
    leaving_a_room_resets_what_was_set_for_it
    new_users_join_the_default_rooms
    default_rooms_are_public_rooms
}

async fn room_of(app: &TestApp, user: &Caller, room: RoomId) -> Room {
    let snapshot = app.service.get_snapshot(user).await.unwrap();
    let listed = snapshot.rooms.into_iter().find(|other| other.id == room).unwrap();
    assert_eq!(app.service.get_room(user, room).await.unwrap(), listed);
    listed
}

async fn favorites_and_notifications_are_only_for_oneself(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let den = app.create_room(&ada, "den", Visibility::Public).await.id;
    assert_eq!(app.service.set_favorite(&mara, den, true).await.unwrap_err().code, Code::NotAMember);
    app.service.join_room(&mara, den).await.unwrap();
    for favorite in [true, true, false] {
        app.service.set_favorite(&mara, den, favorite).await.unwrap();
        assert_eq!(room_of(&app, &mara, den).await.membership.unwrap().favorite, favorite);
        assert!(!room_of(&app, &ada, den).await.membership.unwrap().favorite);
    }
    let command = SetRoomNotifications { level: NotificationLevel::Mentions, muted_until: None };
    app.service.set_room_notifications(&mara, den, command).await.unwrap();
    assert_eq!(room_of(&app, &mara, den).await.membership.unwrap().notifications, NotificationLevel::Mentions);
    assert_eq!(room_of(&app, &ada, den).await.membership.unwrap().notifications, NotificationLevel::All);
}

async fn a_room_is_muted_until_a_time_in_the_future(app: TestApp) {
    let ada = app.create_user("ada").await;
    let lobby = app.lobby(&ada).await.id;
    let now = app.clock.now();
    let mute = |muted_until| SetRoomNotifications { level: NotificationLevel::All, muted_until };
    for wrong in [now.plus(-1000), now.plus(400 * 24 * 60 * 60 * 1000)] {
        let error = app.service.set_room_notifications(&ada, lobby, mute(Some(wrong))).await.unwrap_err();
        assert_eq!((error.errors[0].field.as_str(), error.errors[0].code.as_str()), ("muted_until", "invalid"));
    }
    let until = now.plus(60 * 60 * 1000);
    app.service.set_room_notifications(&ada, lobby, mute(Some(until))).await.unwrap();
    let membership = room_of(&app, &ada, lobby).await.membership.unwrap();
    assert_eq!(membership.muted_until, Some(until));
    assert!(membership.is_muted(now) && !membership.is_muted(until));
    app.service.set_room_notifications(&ada, lobby, mute(None)).await.unwrap();
    assert_eq!(room_of(&app, &ada, lobby).await.membership.unwrap().muted_until, None);
}

async fn rooms_have_the_order_that_their_user_gave_them(app: TestApp) {
    let ada = app.create_user("ada").await;
    let mut rooms = vec![app.lobby(&ada).await.id];
    for name in ["den", "attic", "cellar"] {
        rooms.push(app.create_room(&ada, name, Visibility::Private).await.id);
    }
    let order = |rooms: &[RoomId]| SetRoomOrder { room_ids: rooms.to_vec() };
    let position = async |room| room_of(&app, &ada, room).await.membership.unwrap().position;
    app.service.set_room_order(&ada, order(&[rooms[2], rooms[0], rooms[3]])).await.unwrap();
    assert_eq!(
        [position(rooms[0]).await, position(rooms[1]).await, position(rooms[2]).await, position(rooms[3]).await],
        [Some(1), None, Some(0), Some(2)]
    );
    app.service.set_room_order(&ada, order(&[rooms[1]])).await.unwrap();
    assert_eq!((position(rooms[1]).await, position(rooms[2]).await), (Some(0), None));
    // A wrong order changes nothing.
    let mara = app.create_user("mara").await;
    let other = app.create_room(&mara, "other", Visibility::Public).await.id;
    for (wrong, code) in [(vec![rooms[0], other], "not_found"), (vec![rooms[0], rooms[0]], "invalid")] {
        let error = app.service.set_room_order(&ada, order(&wrong)).await.unwrap_err();
        assert_eq!((error.errors[0].field.as_str(), error.errors[0].code.as_str()), ("room_ids", code));
    }
    assert_eq!((position(rooms[1]).await, position(rooms[0]).await), (Some(0), None));
}

async fn leaving_a_room_resets_what_was_set_for_it(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let den = app.create_room(&ada, "den", Visibility::Public).await.id;
    app.service.join_room(&mara, den).await.unwrap();
    app.service.set_favorite(&mara, den, true).await.unwrap();
    app.service.set_room_order(&mara, SetRoomOrder { room_ids: vec![den] }).await.unwrap();
    let muted_until = Some(app.clock.now().plus(60_000));
    let mute = SetRoomNotifications { level: NotificationLevel::None, muted_until };
    app.service.set_room_notifications(&mara, den, mute).await.unwrap();
    app.service.leave_room(&mara, den).await.unwrap();
    let joined = app.service.join_room(&mara, den).await.unwrap();
    assert_eq!(joined, room_of(&app, &mara, den).await);
    let own = joined.membership.unwrap();
    assert_eq!((own.favorite, own.position, own.muted_until), (false, None, None));
}

async fn new_users_join_the_default_rooms(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let den = app.create_room(&ada, "den", Visibility::Public).await.id;
    let attic = app.create_room(&ada, "attic", Visibility::Public).await.id;
    let cellar = app.create_room(&ada, "cellar", Visibility::Public).await.id;
    let command = SetDefaultRooms { room_ids: vec![den, attic, cellar] };
    let set = app.service.set_default_rooms(&ada, command).await.unwrap();
    assert_eq!(set.iter().map(|room| room.id).collect::<Vec<_>>(), [den, attic, cellar]);
    assert_eq!(app.service.list_default_rooms(&ada).await.unwrap(), set);
    assert_eq!(app.service.get_snapshot(&mara).await.unwrap().rooms.len(), 1, "existing users stay where they are");
    // An archived room is skipped, as is one that is not public any more.
    app.execute("update rooms set archived = (1 = 1) where name = 'attic'").await;
    app.execute("update rooms set visibility = 'private' where name = 'cellar'").await;
    let tomas = app.create_user("tomas").await;
    let names: Vec<_> =
        app.service.get_snapshot(&tomas).await.unwrap().rooms.into_iter().map(|room| room.name).collect();
    assert_eq!(names, ["den", "Lobby"]);
    assert_eq!(app.service.get_room(&ada, den).await.unwrap().member_count, 2);
    assert_eq!(app.service.list_default_rooms(&ada).await.unwrap().len(), 1);
    // A guest joins none.
    let invite = protocol::command::Invite { role: Some(Role::Guest), max_uses: None, days: None };
    let invitation = app.service.create_account_invitation(&ada, invite, None).await.unwrap().value.url;
    let invitation = invitation.map(|url| url.split_once("invitation=").unwrap().1.to_owned());
    let register = protocol::command::Register { invitation, ..register_command("gast") };
    let tokens = app.service.register_user(&Client::default(), register, None).await.unwrap().value;
    let guest = app.service.authenticate(&tokens.access_token).await.unwrap();
    assert_eq!(app.service.get_snapshot(&guest).await.unwrap().rooms, []);
}

async fn default_rooms_are_public_rooms(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let den = app.create_room(&ada, "den", Visibility::Private).await.id;
    let others = app.create_room(&mara, "others", Visibility::Private).await.id;
    let public = app.create_room(&mara, "public", Visibility::Public).await.id;
    let set = |room_ids| app.service.set_default_rooms(&ada, SetDefaultRooms { room_ids });
    set(vec![public]).await.unwrap();
    for (wrong, code) in [
        (vec![public, den], "not_found"),
        (vec![others], "not_found"),
        (vec![RoomId(app.clock.id())], "not_found"),
        (vec![app.lobby(&ada).await.id], "invalid"),
        (vec![public, public], "invalid"),
        ((0..21).map(|_| RoomId(app.clock.id())).collect(), "too_long"),
    ] {
        let error = set(wrong).await.unwrap_err();
        assert_eq!((error.errors[0].field.as_str(), error.errors[0].code.as_str()), ("room_ids", code));
    }
    assert_eq!(app.service.list_default_rooms(&ada).await.unwrap()[0].id, public);
    // Only administrators set them.
    for role in [Role::Moderator, Role::Member, Role::Guest] {
        app.service.set_role(&ada, mara.user_id, SetRole { role }).await.unwrap();
        let mara = app.service.refresh_caller(&mara).await.unwrap();
        let error = app.service.set_default_rooms(&mara, SetDefaultRooms { room_ids: vec![] }).await.unwrap_err();
        assert_eq!(error.code, Code::Forbidden);
        assert_eq!(app.service.list_default_rooms(&mara).await.unwrap_err().code, Code::Forbidden);
    }
}

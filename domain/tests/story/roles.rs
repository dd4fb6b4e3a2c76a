use crate::world::PASSWORD;
use crate::world::TestApp;
use crate::world::message_command;
use domain::CloseReason;
use protocol::account::AccountFilter;
use protocol::account::AccountStatus;
use protocol::command::EditMessage;
use protocol::command::HistoryRange;
use protocol::command::Login;
use protocol::command::RoomFilter;
use protocol::command::SetAccountStatus;
use protocol::command::SetRole;
use protocol::command::SetStatus;
use protocol::command::UpdateProfile;
use protocol::error::Code;
use protocol::event::Change;
use protocol::event::Event;
use protocol::id::UserId;
use protocol::notification::NotificationKind;
use protocol::page::PageQuery;
use protocol::port::prelude::*;
use protocol::room::Visibility;
use protocol::session::Access;
use protocol::session::Caller;
use protocol::session::Client;
use protocol::session::Tokens;
use protocol::user::Role;

on_both_databases! {
    a_guest_sees_only_rooms_they_were_added_to
    a_guest_gets_not_found_for_users_without_a_shared_room
    a_guest_sees_the_names_of_message_authors
    a_guest_is_removed_from_the_lobby_until_their_role_is_restored
    a_role_change_applies_on_all_nodes_at_once
    of_concurrent_role_changes_the_last_one_wins
    the_last_administrator_cannot_be_demoted_or_deactivated
    moderators_can_manage_only_members_and_guests
    ending_the_sessions_of_a_user_ends_all_of_them
    moderators_can_moderate_public_rooms_only
    a_guest_cannot_moderate_a_room_they_created
    accounts_can_be_filtered
    a_read_token_cannot_write
    setting_a_role_requires_a_recent_password_and_notifies_the_user
}

fn role(role: Role) -> SetRole {
    SetRole { role }
}

fn status(status: AccountStatus) -> SetAccountStatus {
    SetAccountStatus { status }
}

fn page() -> PageQuery {
    PageQuery { limit: 50, cursor: None }
}

async fn authenticate(w: &TestApp, tokens: &Tokens) -> Caller {
    w.service.authenticate(&tokens.access_token).await.unwrap()
}

/// Someone with a role, given by Ada who runs the service.
async fn create_user_with_role(w: &TestApp, ada: &Caller, name: &str, given: Role) -> (Tokens, Caller) {
    let tokens = w.register(name).await;
    w.service.set_role(ada, tokens.user.id, role(given)).await.unwrap();
    let caller = authenticate(w, &tokens).await;
    assert_eq!(caller.role, given);
    (tokens, caller)
}

async fn a_guest_sees_only_rooms_they_were_added_to(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let (_, guest) = create_user_with_role(&w, &ada, "gast", Role::Guest).await;
    let (kitchen, den) = (
        w.create_room(&ada, "Kitchen", Visibility::Public).await,
        w.create_room(&ada, "Den", Visibility::Private).await,
    );
    for filter in [RoomFilter::Visible, RoomFilter::Mine, RoomFilter::Joinable] {
        assert_eq!(w.service.rooms(&guest, filter, page()).await.unwrap().items, []);
    }
    assert_eq!(w.service.room(&guest, kitchen.id).await.unwrap_err().code, Code::NotFound);
    for person in [ada.user_id, mara.user_id] {
        assert_eq!(w.service.user(&guest, person).await.unwrap_err().code, Code::NotFound);
    }
    assert_eq!(w.service.user_named(&guest, "mara").await.unwrap_err().code, Code::NotFound);
    for room in [kitchen.id, den.id] {
        w.add_member(&ada, room, &guest).await.unwrap();
        let message = w.send_message(&guest, room, "hello").await;
        let edit = EditMessage { body: "hello there".into() };
        w.service.edit(&guest, message.id, edit).await.unwrap();
    }
    assert_eq!(w.service.rooms(&guest, RoomFilter::Visible, page()).await.unwrap().items.len(), 2);
    w.service.user(&guest, ada.user_id).await.unwrap();
    assert_eq!(w.service.user(&guest, mara.user_id).await.unwrap_err().code, Code::NotFound);
    let lobby = w.lobby(&ada).await.id;
    assert_eq!(w.add_member(&ada, lobby, &guest).await.unwrap().refused[0].code, Code::LobbyMembershipFixed);
    // Who leaves a public room does not find it again.
    w.service.leave(&guest, kitchen.id).await.unwrap();
    assert_eq!(w.service.room(&guest, kitchen.id).await.unwrap_err().code, Code::NotFound);
    assert_eq!(w.service.join(&guest, kitchen.id).await.unwrap_err().code, Code::Forbidden);
}

async fn a_guest_gets_not_found_for_users_without_a_shared_room(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let (_, guest) = create_user_with_role(&w, &ada, "gast", Role::Guest).await;
    let learn = async |id: UserId| {
        [
            w.service.user(&guest, id).await.map(drop),
            w.service.avatar_of(&guest, id, 64).await.map(drop),
            w.service.block(&guest, id).await,
            w.service.unblock(&guest, id).await,
        ]
    };
    for unseen in [mara.user_id, UserId(w.clock.id())] {
        let learnt = learn(unseen).await;
        assert!(learnt.iter().all(|it| it.as_ref().is_err_and(|error| error.code == Code::NotFound)), "{learnt:?}");
    }
    for name in ["mara", "nobody"] {
        assert_eq!(w.service.user_profile(&guest, name).await.unwrap_err().code, Code::NotFound);
    }
    let den = w.create_room(&mara, "Den", Visibility::Private).await.id;
    w.add_member(&mara, den, &guest).await.unwrap();
    let learnt = learn(mara.user_id).await;
    assert!(learnt.iter().all(Result::is_ok), "{learnt:?}");
    // Once blocked, also someone who is not seen any more can be unblocked.
    w.service.block(&guest, mara.user_id).await.unwrap();
    w.service.remove_member(&mara, den, guest.user_id).await.unwrap();
    w.service.unblock(&guest, mara.user_id).await.unwrap();
    assert_eq!(w.service.unblock(&guest, mara.user_id).await.unwrap_err().code, Code::NotFound);
}

async fn a_guest_sees_the_names_of_message_authors(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let (_, guest) = create_user_with_role(&w, &ada, "gast", Role::Guest).await;
    let mut listener = w.service.subscribe(&guest, None).await.unwrap();
    let den = w.create_room(&ada, "Den", Visibility::Private).await.id;
    for member in [&mara, &guest] {
        w.add_member(&ada, den, member).await.unwrap();
    }
    w.send_message(&mara, den, "mine").await;
    let rename = async |name: &str, doing: &str| {
        let status = SetStatus { text: Some(doing.into()), ..SetStatus::default() };
        w.service.set_status(&mara, status).await.unwrap();
        let from = w.service.snapshot(&guest).await.unwrap().cursor;
        let command = UpdateProfile { display_name: Some(name.into()), ..UpdateProfile::default() };
        w.service.update_profile(&mara, command).await.unwrap();
        let events = w.service.events(&guest, from, 0).await.unwrap().items;
        let [Event { change: Change::UserUpdated(user), .. }] = &events[..] else { panic!("{events:?}") };
        // Only what everyone is told, though it is told to one person.
        assert_eq!((user.email.as_ref(), user.settings.as_ref(), user.unread_notifications), (None, None, None));
        (user.display_name.clone(), user.status.clone().and_then(|status| status.text))
    };
    assert_eq!(rename("Mara O.", "lunch").await, ("Mara O.".into(), Some("lunch".into())));
    w.service.remove_member(&ada, den, mara.user_id).await.unwrap();
    assert_eq!(rename("Mara Okafor", "secret work").await, ("Mara Okafor".into(), None));
    let mut live = String::new();
    let mut frames = Vec::new();
    while !live.contains("Mara Okafor") {
        listener.next(&mut frames).await.unwrap();
        live.extend(frames.drain(..).map(|frame| String::from_utf8(frame.to_vec()).unwrap()));
    }
    assert!(live.contains("lunch") && live.contains("Mara O.") && !live.contains("secret work"), "{live}");
    let message = w.service.history(&guest, den, HistoryRange::Latest, 10).await.unwrap().items.remove(0);
    assert_eq!(message.author.display_name, "Mara Okafor");
}

async fn a_guest_is_removed_from_the_lobby_until_their_role_is_restored(w: TestApp) {
    let ada = w.create_user("ada").await;
    let tokens = w.register("mara").await;
    let mara = authenticate(&w, &tokens).await;
    let lobby = w.lobby(&ada).await;
    assert_eq!(lobby.member_count, 2);
    let mut listener = w.service.subscribe(&mara, None).await.unwrap();
    let wait_for_frame = async |listener: &mut domain::Subscription, wanted: &str| {
        let mut frames = Vec::new();
        loop {
            listener.next(&mut frames).await.unwrap();
            let text = frames.drain(..).map(|frame| String::from_utf8(frame.to_vec()).unwrap()).collect::<String>();
            assert!(!text.contains("not for guests"), "{text}");
            if text.contains(wanted) {
                return;
            }
        }
    };
    w.service.set_role(&ada, mara.user_id, role(Role::Guest)).await.unwrap();
    wait_for_frame(&mut listener, "member.left").await;
    w.send_message(&ada, lobby.id, "not for guests").await;
    assert_eq!(w.service.room(&ada, lobby.id).await.unwrap().member_count, 1);
    let guest = authenticate(&w, &tokens).await;
    assert_eq!(w.service.room(&guest, lobby.id).await.unwrap_err().code, Code::NotFound);
    assert_eq!(
        w.service.send(&guest, lobby.id, message_command(&w.clock, "hi")).await.unwrap_err().code,
        Code::NotFound
    );
    w.service.set_role(&ada, mara.user_id, role(Role::Member)).await.unwrap();
    wait_for_frame(&mut listener, "member.joined").await;
    w.send_message(&authenticate(&w, &tokens).await, lobby.id, "back again").await;
    wait_for_frame(&mut listener, "back again").await;
}

async fn a_role_change_applies_on_all_nodes_at_once(w: TestApp) {
    let ada = w.create_user("ada").await;
    let tokens = w.register("mara").await;
    // A node of its own where there can be one; in each, what is known of the session is warm.
    let other = if w.settings.database_url.is_some() { w.start_node().await } else { w.service.clone() };
    let seen = other.authenticate(&tokens.access_token).await.unwrap();
    assert_eq!((seen.role, authenticate(&w, &tokens).await.role), (Role::Member, Role::Member));
    w.service.set_role(&ada, tokens.user.id, role(Role::Moderator)).await.unwrap();
    assert_eq!(authenticate(&w, &tokens).await.role, Role::Moderator);
    while other.authenticate(&tokens.access_token).await.unwrap().role != Role::Moderator {
        tokio::task::yield_now().await;
    }
    // A connection that was opened before has the new role too.
    assert_eq!(other.refresh_caller(&seen).await.unwrap().role, Role::Moderator);
    // To give the same again changes nothing.
    let cursor = w.service.snapshot(&ada).await.unwrap().cursor;
    w.service.set_role(&ada, tokens.user.id, role(Role::Moderator)).await.unwrap();
    assert_eq!(w.service.snapshot(&ada).await.unwrap().cursor, cursor);
}

async fn of_concurrent_role_changes_the_last_one_wins(w: TestApp) {
    let ada = w.create_user("ada").await;
    let tokens = w.register("mara").await;
    let roles = [Role::Moderator, Role::Guest, Role::Admin, Role::Member];
    for _ in 0..20 {
        let changes = roles.map(|given| w.service.set_role(&ada, tokens.user.id, role(given)));
        futures::future::try_join_all(changes).await.unwrap();
        // Whatever has come of it, it is known at once.
        let kept = w.service.account(&ada, tokens.user.id).await.unwrap().role;
        assert_eq!(authenticate(&w, &tokens).await.role, kept);
    }
}

async fn the_last_administrator_cannot_be_demoted_or_deactivated(w: TestApp) {
    let tokens = w.register("ada").await;
    let ada = authenticate(&w, &tokens).await;
    let (_, mara) = create_user_with_role(&w, &ada, "mara", Role::Admin).await;
    w.service.set_account_status(&mara, ada.user_id, status(AccountStatus::Deactivated)).await.unwrap();
    assert!(w.service.authenticate(&tokens.access_token).await.is_err());
    for lesser in [Role::Moderator, Role::Member, Role::Guest] {
        let error = w.service.set_role(&mara, mara.user_id, role(lesser)).await.unwrap_err();
        assert_eq!(error.code, Code::LastAdmin);
    }
    let error = w.service.set_account_status(&mara, mara.user_id, status(AccountStatus::Deactivated)).await;
    assert_eq!(error.unwrap_err().code, Code::LastAdmin);
    w.service.set_account_status(&mara, ada.user_id, status(AccountStatus::Active)).await.unwrap();
    w.service.set_role(&mara, mara.user_id, role(Role::Guest)).await.unwrap();
    // The Lobby was hers and Ada's; it is never without an owner.
    let login = Login { login: "ada".into(), password: PASSWORD.into(), totp: None };
    let ada = w.service.login(&Client::default(), login).await.unwrap();
    assert_eq!(w.lobby(&authenticate(&w, &ada).await).await.member_count, 1);
}

async fn moderators_can_manage_only_members_and_guests(w: TestApp) {
    let ada = w.create_user("ada").await;
    let (_, mara) = create_user_with_role(&w, &ada, "mara", Role::Moderator).await;
    let (_, other) = create_user_with_role(&w, &ada, "tomas", Role::Moderator).await;
    let (_, member) = create_user_with_role(&w, &ada, "yuki", Role::Member).await;
    let (_, guest) = create_user_with_role(&w, &ada, "gast", Role::Guest).await;
    let deactivate = async |who: UserId| {
        let change = w.service.set_account_status(&mara, who, status(AccountStatus::Deactivated)).await;
        change.map(|account| account.status).map_err(|error| error.code)
    };
    for user_id in [ada.user_id, other.user_id, mara.user_id] {
        assert_eq!(deactivate(user_id).await, Err(Code::Forbidden));
        assert_eq!(w.service.end_sessions_of(&mara, user_id).await.unwrap_err().code, Code::Forbidden);
    }
    for other in [member.user_id, guest.user_id] {
        w.service.end_sessions_of(&mara, other).await.unwrap();
        assert_eq!(deactivate(other).await, Ok(AccountStatus::Deactivated));
        w.service.set_account_status(&mara, other, status(AccountStatus::Active)).await.unwrap();
    }
    assert_eq!(w.service.set_role(&mara, member.user_id, role(Role::Guest)).await.unwrap_err().code, Code::Forbidden);
    let nobody = UserId(w.clock.id());
    assert_eq!(deactivate(nobody).await, Err(Code::NotFound));
    assert_eq!(w.service.set_role(&ada, nobody, role(Role::Guest)).await.unwrap_err().code, Code::NotFound);
}

async fn ending_the_sessions_of_a_user_ends_all_of_them(w: TestApp) {
    let ada = w.create_user("ada").await;
    let first = w.register("mara").await;
    let login = Login { login: "mara".into(), password: PASSWORD.into(), totp: None };
    let second = w.service.login(&Client::default(), login).await.unwrap();
    let mara = authenticate(&w, &first).await;
    let mut listener = w.service.subscribe(&mara, None).await.unwrap();
    w.service.end_sessions_of(&ada, mara.user_id).await.unwrap();
    for tokens in [&first, &second] {
        assert_eq!(w.service.authenticate(&tokens.access_token).await.unwrap_err().code, Code::NotSignedIn);
    }
    let closed = loop {
        if let Err(closed) = listener.next(&mut Vec::new()).await {
            break closed;
        }
    };
    assert_eq!(closed, CloseReason::SessionEnded);
}

async fn moderators_can_moderate_public_rooms_only(w: TestApp) {
    let ada = w.create_user("ada").await;
    let (_, moderator) = create_user_with_role(&w, &ada, "mara", Role::Moderator).await;
    let (_, owner) = create_user_with_role(&w, &ada, "tomas", Role::Member).await;
    let (_, author) = create_user_with_role(&w, &ada, "yuki", Role::Member).await;
    for (visibility, may) in [(Visibility::Public, true), (Visibility::Private, false)] {
        let room = w.create_room(&owner, "Kitchen", visibility).await.id;
        for someone in [&moderator, &author] {
            w.add_member(&owner, room, someone).await.unwrap();
        }
        let message = w.send_message(&author, room, "rude").await;
        let deleted = w.service.delete(&moderator, message.id).await.map(drop).map_err(|error| error.code);
        let removed = w.service.remove_member(&moderator, room, author.user_id).await.map_err(|error| error.code);
        let expected = if may { Ok(()) } else { Err(Code::Forbidden) };
        assert_eq!((deleted, removed), (expected, expected));
        let error = w.service.remove_member(&moderator, room, owner.user_id).await.unwrap_err();
        assert_eq!(error.code, Code::Forbidden);
    }
}

async fn a_guest_cannot_moderate_a_room_they_created(w: TestApp) {
    let ada = w.create_user("ada").await;
    let tokens = w.register("mara").await;
    let mara = authenticate(&w, &tokens).await;
    let room = w.create_room(&mara, "Kitchen", Visibility::Public).await.id;
    w.service.join(&ada, room).await.unwrap();
    let message = w.send_message(&ada, room, "mine").await;
    w.service.set_role(&ada, mara.user_id, role(Role::Guest)).await.unwrap();
    let guest = authenticate(&w, &tokens).await;
    assert_eq!(w.service.delete(&guest, message.id).await.unwrap_err().code, Code::Forbidden);
    assert_eq!(w.service.remove_member(&guest, room, ada.user_id).await.unwrap_err().code, Code::Forbidden);
}

async fn accounts_can_be_filtered(w: TestApp) {
    let ada = w.create_user("ada").await;
    create_user_with_role(&w, &ada, "mara.okafor", Role::Moderator).await;
    let (_, tomas) = create_user_with_role(&w, &ada, "Tomás", Role::Guest).await;
    w.service.set_account_status(&ada, tomas.user_id, status(AccountStatus::Deactivated)).await.unwrap();
    let list = async |filter: AccountFilter| {
        let page = w.service.accounts(&ada, filter, page()).await.unwrap();
        page.items.into_iter().map(|account| account.username).collect::<Vec<_>>()
    };
    let by = |query: &str| AccountFilter { query: query.into(), ..AccountFilter::default() };
    assert_eq!(list(by("")).await, ["ada", "mara.okafor", "Tomás"]);
    assert_eq!(list(by("TOM")).await, ["Tomás"]);
    assert_eq!(list(by("okaf")).await, ["mara.okafor"]);
    // An address that waits to be verified is shown, so it is found too.
    w.execute("update users set email = 'Mara@Example.org', email_key = null where username = 'mara.okafor'").await;
    for address in ["mara@ex", "MARA@example.org"] {
        assert_eq!(list(by(address)).await, ["mara.okafor"], "{address}");
    }
    for nothing in ["%", "_", "x' or '1'='1", "\\"] {
        assert_eq!(list(by(nothing)).await, [""; 0], "{nothing}");
    }
    let only = |role, status| AccountFilter { role, status, query: String::new() };
    assert_eq!(list(only(Some(Role::Moderator), None)).await, ["mara.okafor"]);
    assert_eq!(list(only(None, Some(AccountStatus::Deactivated))).await, ["Tomás"]);
    assert_eq!(list(only(Some(Role::Guest), Some(AccountStatus::Active))).await, [""; 0]);
    let first = PageQuery { limit: 2, cursor: None };
    let first = w.service.accounts(&ada, by(""), first).await.unwrap();
    let rest = PageQuery { limit: 2, cursor: first.next_cursor };
    let rest = w.service.accounts(&ada, by(""), rest).await.unwrap();
    assert_eq!((first.items.len(), rest.items.len(), rest.next_cursor), (2, 1, None));
    assert!(first.items[0].last_seen_at.is_some());
}

async fn a_read_token_cannot_write(w: TestApp) {
    let ada = w.create_user("ada").await;
    let lobby = w.lobby(&ada).await.id;
    let token = |access| Caller { access, ..ada };
    let reader = token(Access::Read);
    w.service.snapshot(&reader).await.unwrap();
    w.service.accounts(&token(Access::Admin), AccountFilter::default(), page()).await.unwrap();
    let refused = [
        w.service.send(&reader, lobby, message_command(&w.clock, "hi")).await.unwrap_err(),
        w.service.leave(&reader, lobby).await.unwrap_err(),
        w.service.accounts(&reader, AccountFilter::default(), page()).await.unwrap_err(),
        w.service.accounts(&token(Access::Write), AccountFilter::default(), page()).await.unwrap_err(),
        w.service.set_role(&token(Access::Write), ada.user_id, role(Role::Member)).await.unwrap_err(),
    ];
    assert!(refused.iter().all(|error| error.code == Code::Forbidden), "{refused:?}");
}

async fn setting_a_role_requires_a_recent_password_and_notifies_the_user(w: TestApp) {
    let ada = w.create_user("ada").await;
    let (_, mara) = create_user_with_role(&w, &ada, "mara", Role::Moderator).await;
    // A token that reaches as far as one can would make its holder's friends administrators, and they anyone's.
    let token = Caller { access: Access::Admin, ..ada };
    let error = w.service.set_role(&token, mara.user_id, role(Role::Admin)).await.unwrap_err();
    assert_eq!(error.code, Code::Forbidden);
    w.clock.advance(16 * 60_000);
    let error = w.service.set_role(&ada, mara.user_id, role(Role::Admin)).await.unwrap_err();
    assert_eq!(error.code, Code::PasswordRequired);
    w.service.set_account_status(&ada, mara.user_id, status(AccountStatus::Deactivated)).await.unwrap();
    w.service.set_account_status(&ada, mara.user_id, status(AccountStatus::Active)).await.unwrap();
    let notifications = w.service.notifications(&mara, page()).await.unwrap().items;
    let texts: Vec<_> = notifications.into_iter().map(|one| one.text).collect();
    let meant = [NotificationKind::Reactivated {}, NotificationKind::RoleChanged { role: Role::Moderator }];
    assert_eq!(texts, meant.map(|notice| notice.text()));
}

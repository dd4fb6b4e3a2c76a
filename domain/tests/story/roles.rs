use crate::harness::{PASSWORD, TestApp, message_command, texts};
use domain::CloseReason;
use protocol::{
    account::{AccountFilter, AccountStatus},
    command::{EditMessage, HistoryRange, Login, RoomFilter, SetAccountStatus, SetRole, SetStatus, UpdateProfile},
    error::Code,
    event::{Change, Event},
    id::UserId,
    notification::NotificationKind,
    page::PageQuery,
    port::prelude::*,
    room::Visibility,
    session::{Access, Caller, Client, Tokens},
    user::Role,
};

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

async fn authenticate(app: &TestApp, tokens: &Tokens) -> Caller {
    app.service.authenticate(&tokens.access_token).await.unwrap()
}

/// A user with a role set by the administrator Ada.
async fn create_user_with_role(app: &TestApp, ada: &Caller, name: &str, given: Role) -> (Tokens, Caller) {
    let tokens = app.register(name).await;
    app.service.set_role(ada, tokens.user.id, role(given)).await.unwrap();
    let caller = authenticate(app, &tokens).await;
    assert_eq!(caller.role, given);
    (tokens, caller)
}

async fn a_guest_sees_only_rooms_they_were_added_to(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let (_, guest) = create_user_with_role(&app, &ada, "gast", Role::Guest).await;
    let (kitchen, den) = (
        app.create_room(&ada, "Kitchen", Visibility::Public).await,
        app.create_room(&ada, "Den", Visibility::Private).await,
    );
    for filter in [RoomFilter::Visible, RoomFilter::Mine, RoomFilter::Joinable] {
        assert_eq!(app.service.list_rooms(&guest, filter, page()).await.unwrap().items, []);
    }
    assert_eq!(app.service.get_room(&guest, kitchen.id).await.unwrap_err().code, Code::NotFound);
    for user in [ada.user_id, mara.user_id] {
        assert_eq!(app.service.get_user(&guest, user).await.unwrap_err().code, Code::NotFound);
    }
    assert_eq!(app.service.find_user(&guest, "mara").await.unwrap_err().code, Code::NotFound);
    for room in [kitchen.id, den.id] {
        app.add_member(&ada, room, &guest).await.unwrap();
        let message = app.send_message(&guest, room, "hello").await;
        let edit = EditMessage { body: "hello there".into() };
        app.service.edit_message(&guest, message.id, edit).await.unwrap();
    }
    assert_eq!(app.service.list_rooms(&guest, RoomFilter::Visible, page()).await.unwrap().items.len(), 2);
    app.service.get_user(&guest, ada.user_id).await.unwrap();
    assert_eq!(app.service.get_user(&guest, mara.user_id).await.unwrap_err().code, Code::NotFound);
    let lobby = app.lobby(&ada).await.id;
    assert_eq!(app.add_member(&ada, lobby, &guest).await.unwrap().refused[0].code, Code::LobbyMembershipFixed);
    // A guest who leaves a public room does not find it again.
    app.service.leave_room(&guest, kitchen.id).await.unwrap();
    assert_eq!(app.service.get_room(&guest, kitchen.id).await.unwrap_err().code, Code::NotFound);
    assert_eq!(app.service.join_room(&guest, kitchen.id).await.unwrap_err().code, Code::Forbidden);
}

async fn a_guest_gets_not_found_for_users_without_a_shared_room(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let (_, guest) = create_user_with_role(&app, &ada, "gast", Role::Guest).await;
    let look_up = async |id: UserId| {
        [
            app.service.get_user(&guest, id).await.map(drop),
            app.service.get_user_avatar(&guest, id, 64).await.map(drop),
            app.service.block_user(&guest, id).await,
            app.service.unblock_user(&guest, id).await,
        ]
    };
    for unseen in [mara.user_id, UserId(app.clock.id())] {
        let results = look_up(unseen).await;
        assert!(results.iter().all(|it| it.as_ref().is_err_and(|error| error.code == Code::NotFound)), "{results:?}");
    }
    for name in ["mara", "nobody"] {
        assert_eq!(app.service.user_profile(&guest, name).await.unwrap_err().code, Code::NotFound);
    }
    let den = app.create_room(&mara, "Den", Visibility::Private).await.id;
    app.add_member(&mara, den, &guest).await.unwrap();
    let results = look_up(mara.user_id).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    // A blocked user who is no longer visible can still be unblocked.
    app.service.block_user(&guest, mara.user_id).await.unwrap();
    app.service.remove_member(&mara, den, guest.user_id).await.unwrap();
    app.service.unblock_user(&guest, mara.user_id).await.unwrap();
    assert_eq!(app.service.unblock_user(&guest, mara.user_id).await.unwrap_err().code, Code::NotFound);
}

async fn a_guest_sees_the_names_of_message_authors(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let (_, guest) = create_user_with_role(&app, &ada, "gast", Role::Guest).await;
    // Another node reads the events from the database.
    let node = if app.settings.database_url.is_some() { app.start_node().await } else { app.service.clone() };
    let mut listeners =
        [app.service.subscribe(&guest, None).await.unwrap(), node.subscribe(&guest, None).await.unwrap()];
    let den = app.create_room(&ada, "Den", Visibility::Private).await.id;
    for member in [&mara, &guest] {
        app.add_member(&ada, den, member).await.unwrap();
    }
    app.send_message(&mara, den, "mine").await;
    let rename = async |name: &str, doing: &str| {
        let status = SetStatus { text: Some(doing.into()), ..SetStatus::default() };
        app.service.set_status(&mara, status).await.unwrap();
        let from = app.service.get_snapshot(&guest).await.unwrap().cursor;
        let command = UpdateProfile { display_name: Some(name.into()), ..UpdateProfile::default() };
        app.service.update_profile(&mara, command).await.unwrap();
        let events = app.service.poll_events(&guest, from, 0).await.unwrap().items;
        let [Event { change: Change::UserUpdated(user), .. }] = &events[..] else { panic!("{events:?}") };
        // Only public fields, although the event goes to one user.
        assert_eq!((user.email.as_ref(), user.settings.as_ref(), user.unread_notifications), (None, None, None));
        (user.display_name.clone(), user.status.clone().and_then(|status| status.text))
    };
    assert_eq!(rename("Mara O.", "lunch").await, ("Mara O.".into(), Some("lunch".into())));
    app.service.remove_member(&ada, den, mara.user_id).await.unwrap();
    assert_eq!(rename("Mara Okafor", "secret work").await, ("Mara Okafor".into(), None));
    for (n, listener) in listeners.iter_mut().enumerate() {
        let (mut live, mut frames) = (String::new(), Vec::new());
        while !live.contains("Mara Okafor") {
            listener.next(&mut frames).await.unwrap();
            live = texts(&frames).concat();
        }
        assert!(!live.contains("secret work"), "{live}");
        // The other node may read an event after the next change.
        assert!(n > 0 || live.contains("lunch") && live.contains("Mara O."), "{live}");
    }
    let history = app.service.list_messages(&guest, den, HistoryRange::Latest, 10).await.unwrap().items;
    let message = history.iter().find(|message| message.kind.is_text()).unwrap();
    assert_eq!(message.author.display_name, "Mara Okafor");
}

async fn a_guest_is_removed_from_the_lobby_until_their_role_is_restored(app: TestApp) {
    let ada = app.create_user("ada").await;
    let tokens = app.register("mara").await;
    let mara = authenticate(&app, &tokens).await;
    let lobby = app.lobby(&ada).await;
    assert_eq!(lobby.member_count, 2);
    let mut listener = app.service.subscribe(&mara, None).await.unwrap();
    let wait_for_frame = async |listener: &mut domain::Subscription, wanted: &str| {
        loop {
            let mut frames = Vec::new();
            listener.next(&mut frames).await.unwrap();
            let text = texts(&frames).concat();
            assert!(!text.contains("not for guests"), "{text}");
            if text.contains(wanted) {
                return;
            }
        }
    };
    app.service.set_role(&ada, mara.user_id, role(Role::Guest)).await.unwrap();
    wait_for_frame(&mut listener, "member.left").await;
    app.send_message(&ada, lobby.id, "not for guests").await;
    assert_eq!(app.service.get_room(&ada, lobby.id).await.unwrap().member_count, 1);
    let guest = authenticate(&app, &tokens).await;
    assert_eq!(app.service.get_room(&guest, lobby.id).await.unwrap_err().code, Code::NotFound);
    assert_eq!(
        app.service.send_message(&guest, lobby.id, message_command(&app.clock, "hi")).await.unwrap_err().code,
        Code::NotFound
    );
    app.service.set_role(&ada, mara.user_id, role(Role::Member)).await.unwrap();
    wait_for_frame(&mut listener, "member.joined").await;
    app.send_message(&authenticate(&app, &tokens).await, lobby.id, "back again").await;
    wait_for_frame(&mut listener, "back again").await;
}

async fn a_role_change_applies_on_all_nodes_at_once(app: TestApp) {
    let ada = app.create_user("ada").await;
    let tokens = app.register("mara").await;
    // A second node where the database allows it; both have cached the session.
    let other = if app.settings.database_url.is_some() { app.start_node().await } else { app.service.clone() };
    let seen = other.authenticate(&tokens.access_token).await.unwrap();
    assert_eq!((seen.role, authenticate(&app, &tokens).await.role), (Role::Member, Role::Member));
    app.service.set_role(&ada, tokens.user.id, role(Role::Moderator)).await.unwrap();
    assert_eq!(authenticate(&app, &tokens).await.role, Role::Moderator);
    while other.authenticate(&tokens.access_token).await.unwrap().role != Role::Moderator {
        tokio::task::yield_now().await;
    }
    // An open connection gets the new role too.
    assert_eq!(other.refresh_caller(&seen).await.unwrap().role, Role::Moderator);
    // Setting the same role again changes nothing.
    let cursor = app.service.get_snapshot(&ada).await.unwrap().cursor;
    app.service.set_role(&ada, tokens.user.id, role(Role::Moderator)).await.unwrap();
    assert_eq!(app.service.get_snapshot(&ada).await.unwrap().cursor, cursor);
}

async fn of_concurrent_role_changes_the_last_one_wins(app: TestApp) {
    let ada = app.create_user("ada").await;
    let tokens = app.register("mara").await;
    let roles = [Role::Moderator, Role::Guest, Role::Admin, Role::Member];
    for _ in 0..20 {
        let changes = roles.map(|given| app.service.set_role(&ada, tokens.user.id, role(given)));
        futures::future::try_join_all(changes).await.unwrap();
        // Whichever change came last applies at once.
        let stored = app.service.get_account(&ada, tokens.user.id).await.unwrap().role;
        assert_eq!(authenticate(&app, &tokens).await.role, stored);
    }
}

async fn the_last_administrator_cannot_be_demoted_or_deactivated(app: TestApp) {
    let tokens = app.register("ada").await;
    let ada = authenticate(&app, &tokens).await;
    let (_, mara) = create_user_with_role(&app, &ada, "mara", Role::Admin).await;
    app.service.set_account_status(&mara, ada.user_id, status(AccountStatus::Deactivated)).await.unwrap();
    assert!(app.service.authenticate(&tokens.access_token).await.is_err());
    for lower in [Role::Moderator, Role::Member, Role::Guest] {
        let error = app.service.set_role(&mara, mara.user_id, role(lower)).await.unwrap_err();
        assert_eq!(error.code, Code::LastAdmin);
    }
    let error = app.service.set_account_status(&mara, mara.user_id, status(AccountStatus::Deactivated)).await;
    assert_eq!(error.unwrap_err().code, Code::LastAdmin);
    app.service.set_account_status(&mara, ada.user_id, status(AccountStatus::Active)).await.unwrap();
    app.service.set_role(&mara, mara.user_id, role(Role::Guest)).await.unwrap();
    // The Lobby always has an owner.
    let login = Login { login: "ada".into(), password: PASSWORD.into(), totp: None };
    let ada = app.service.login_user(&Client::default(), login).await.unwrap();
    assert_eq!(app.lobby(&authenticate(&app, &ada).await).await.member_count, 1);
}

async fn moderators_can_manage_only_members_and_guests(app: TestApp) {
    let ada = app.create_user("ada").await;
    let (_, mara) = create_user_with_role(&app, &ada, "mara", Role::Moderator).await;
    let (_, other) = create_user_with_role(&app, &ada, "tomas", Role::Moderator).await;
    let (_, member) = create_user_with_role(&app, &ada, "yuki", Role::Member).await;
    let (_, guest) = create_user_with_role(&app, &ada, "gast", Role::Guest).await;
    let deactivate = async |user_id: UserId| {
        let change = app.service.set_account_status(&mara, user_id, status(AccountStatus::Deactivated)).await;
        change.map(|account| account.status).map_err(|error| error.code)
    };
    for user_id in [ada.user_id, other.user_id, mara.user_id] {
        assert_eq!(deactivate(user_id).await, Err(Code::Forbidden));
        assert_eq!(app.service.end_account_sessions(&mara, user_id).await.unwrap_err().code, Code::Forbidden);
    }
    for other in [member.user_id, guest.user_id] {
        app.service.end_account_sessions(&mara, other).await.unwrap();
        assert_eq!(deactivate(other).await, Ok(AccountStatus::Deactivated));
        app.service.set_account_status(&mara, other, status(AccountStatus::Active)).await.unwrap();
    }
    assert_eq!(app.service.set_role(&mara, member.user_id, role(Role::Guest)).await.unwrap_err().code, Code::Forbidden);
    let unknown = UserId(app.clock.id());
    assert_eq!(deactivate(unknown).await, Err(Code::NotFound));
    assert_eq!(app.service.set_role(&ada, unknown, role(Role::Guest)).await.unwrap_err().code, Code::NotFound);
}

async fn ending_the_sessions_of_a_user_ends_all_of_them(app: TestApp) {
    let ada = app.create_user("ada").await;
    let first = app.register("mara").await;
    let login = Login { login: "mara".into(), password: PASSWORD.into(), totp: None };
    let second = app.service.login_user(&Client::default(), login).await.unwrap();
    let mara = authenticate(&app, &first).await;
    let mut listener = app.service.subscribe(&mara, None).await.unwrap();
    app.service.end_account_sessions(&ada, mara.user_id).await.unwrap();
    for tokens in [&first, &second] {
        assert_eq!(app.service.authenticate(&tokens.access_token).await.unwrap_err().code, Code::NotSignedIn);
    }
    let closed = loop {
        if let Err(closed) = listener.next(&mut Vec::new()).await {
            break closed;
        }
    };
    assert_eq!(closed, CloseReason::SessionEnded);
}

async fn moderators_can_moderate_public_rooms_only(app: TestApp) {
    let ada = app.create_user("ada").await;
    let (_, moderator) = create_user_with_role(&app, &ada, "mara", Role::Moderator).await;
    let (_, owner) = create_user_with_role(&app, &ada, "tomas", Role::Member).await;
    let (_, author) = create_user_with_role(&app, &ada, "yuki", Role::Member).await;
    for (visibility, may) in [(Visibility::Public, true), (Visibility::Private, false)] {
        let room = app.create_room(&owner, "Kitchen", visibility).await.id;
        for member in [&moderator, &author] {
            app.add_member(&owner, room, member).await.unwrap();
        }
        let message = app.send_message(&author, room, "rude").await;
        let deleted = app.service.delete_message(&moderator, message.id).await.map(drop).map_err(|error| error.code);
        let removed = app.service.remove_member(&moderator, room, author.user_id).await.map_err(|error| error.code);
        let expected = if may { Ok(()) } else { Err(Code::Forbidden) };
        assert_eq!((deleted, removed), (expected, expected));
        let error = app.service.remove_member(&moderator, room, owner.user_id).await.unwrap_err();
        assert_eq!(error.code, Code::Forbidden);
    }
}

async fn a_guest_cannot_moderate_a_room_they_created(app: TestApp) {
    let ada = app.create_user("ada").await;
    let tokens = app.register("mara").await;
    let mara = authenticate(&app, &tokens).await;
    let room = app.create_room(&mara, "Kitchen", Visibility::Public).await.id;
    app.service.join_room(&ada, room).await.unwrap();
    let message = app.send_message(&ada, room, "mine").await;
    app.service.set_role(&ada, mara.user_id, role(Role::Guest)).await.unwrap();
    let guest = authenticate(&app, &tokens).await;
    assert_eq!(app.service.delete_message(&guest, message.id).await.unwrap_err().code, Code::Forbidden);
    assert_eq!(app.service.remove_member(&guest, room, ada.user_id).await.unwrap_err().code, Code::Forbidden);
}

async fn accounts_can_be_filtered(app: TestApp) {
    let ada = app.create_user("ada").await;
    create_user_with_role(&app, &ada, "mara.okafor", Role::Moderator).await;
    let (_, tomas) = create_user_with_role(&app, &ada, "Tomás", Role::Guest).await;
    app.service.set_account_status(&ada, tomas.user_id, status(AccountStatus::Deactivated)).await.unwrap();
    let list = async |filter: AccountFilter| {
        let page = app.service.list_accounts(&ada, filter, page()).await.unwrap();
        page.items.into_iter().map(|account| account.username).collect::<Vec<_>>()
    };
    let by = |query: &str| AccountFilter { query: query.into(), ..AccountFilter::default() };
    assert_eq!(list(by("")).await, ["ada", "mara.okafor", "Tomás"]);
    assert_eq!(list(by("TOM")).await, ["Tomás"]);
    assert_eq!(list(by("okaf")).await, ["mara.okafor"]);
    // An unverified address is shown, so it can be searched too.
    app.execute("update users set email = 'Mara@Example.org', email_key = null where username = 'mara.okafor'").await;
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
    let first = app.service.list_accounts(&ada, by(""), first).await.unwrap();
    let rest = PageQuery { limit: 2, cursor: first.next_cursor };
    let rest = app.service.list_accounts(&ada, by(""), rest).await.unwrap();
    assert_eq!((first.items.len(), rest.items.len(), rest.next_cursor), (2, 1, None));
    assert!(first.items[0].last_seen_at.is_some());
}

async fn a_read_token_cannot_write(app: TestApp) {
    let ada = app.create_user("ada").await;
    let lobby = app.lobby(&ada).await.id;
    let token = |access| Caller { access, ..ada };
    let reader = token(Access::Read);
    app.service.get_snapshot(&reader).await.unwrap();
    app.service.list_accounts(&token(Access::Admin), AccountFilter::default(), page()).await.unwrap();
    let refused = [
        app.service.send_message(&reader, lobby, message_command(&app.clock, "hi")).await.unwrap_err(),
        app.service.leave_room(&reader, lobby).await.unwrap_err(),
        app.service.list_accounts(&reader, AccountFilter::default(), page()).await.unwrap_err(),
        app.service.list_accounts(&token(Access::Write), AccountFilter::default(), page()).await.unwrap_err(),
        app.service.set_role(&token(Access::Write), ada.user_id, role(Role::Member)).await.unwrap_err(),
    ];
    assert!(refused.iter().all(|error| error.code == Code::Forbidden), "{refused:?}");
}

async fn setting_a_role_requires_a_recent_password_and_notifies_the_user(app: TestApp) {
    let ada = app.create_user("ada").await;
    let (_, mara) = create_user_with_role(&app, &ada, "mara", Role::Moderator).await;
    // Even a token with full access cannot set roles, since that would allow it to create administrators.
    let token = Caller { access: Access::Admin, ..ada };
    let error = app.service.set_role(&token, mara.user_id, role(Role::Admin)).await.unwrap_err();
    assert_eq!(error.code, Code::Forbidden);
    app.clock.advance(16 * 60_000);
    let error = app.service.set_role(&ada, mara.user_id, role(Role::Admin)).await.unwrap_err();
    assert_eq!(error.code, Code::PasswordRequired);
    app.service.set_account_status(&token, mara.user_id, status(AccountStatus::Deactivated)).await.unwrap();
    app.service.set_account_status(&token, mara.user_id, status(AccountStatus::Active)).await.unwrap();
    let notifications = app.service.list_notifications(&mara, page()).await.unwrap().items;
    let texts: Vec<_> = notifications.into_iter().map(|one| one.text).collect();
    let expected = [NotificationKind::Reactivated {}, NotificationKind::RoleChanged { role: Role::Moderator }];
    assert_eq!(texts, expected.map(|notice| notice.text()));
}

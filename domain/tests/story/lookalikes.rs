//! Names that look like other names.

use crate::harness::{TestApp, register_command};
use protocol::{
    Result,
    command::CreateRoom,
    error::{Code, Error},
    port::prelude::*,
    room::Visibility,
    session::{Caller, Client},
};

on_both_databases! {
    a_username_that_looks_like_another_is_taken
    the_name_of_an_office_is_only_for_the_first_account
    a_public_room_that_looks_like_another_is_taken
    concurrent_registrations_of_names_that_look_alike_create_one_account
    names_stored_before_they_were_compared_by_looks_are_compared_from_the_next_start
}

async fn register(app: &TestApp, username: &str) -> Result<()> {
    app.service.register_user(&Client::default(), register_command(username), None).await.map(|_| ())
}

async fn create_room(app: &TestApp, caller: &Caller, name: &str, visibility: Visibility) -> Result<()> {
    let command = CreateRoom { name: name.into(), visibility, ..CreateRoom::default() };
    app.service.create_room(caller, command, None).await.map(|_| ())
}

fn code_and_field(error: &Error) -> (Code, &str, &str) {
    (error.code, &error.errors[0].field, &error.errors[0].code)
}

async fn a_username_that_looks_like_another_is_taken(app: TestApp) {
    for name in ["ace", "scope", "ABE", "paypal"] {
        register(&app, name).await.unwrap();
    }
    // The first three are in Cyrillic and Greek letters alone, so that their alphabet is one.
    for alike in ["асе", "ѕсоре", "ΑΒΕ", "paypaI", "PAYPA1", "ɑce"] {
        let error = register(&app, alike).await.unwrap_err();
        assert_eq!(code_and_field(&error), (Code::UsernameTaken, "username", "taken"), "{alike}");
    }
    for free in ["ada", "асат", "àce", "paypai"] {
        register(&app, free).await.unwrap();
    }
}

async fn the_name_of_an_office_is_only_for_the_first_account(app: TestApp) {
    for reserved in ["system", "everyone", "Here", "aII", "l0bby"] {
        let error = register(&app, reserved).await.unwrap_err();
        assert_eq!(code_and_field(&error), (Code::Invalid, "username", "reserved"), "{reserved}");
    }
    register(&app, "support").await.unwrap();
    for office in ["admin", "admın", "ad.min", "Support", "security"] {
        let error = register(&app, office).await.unwrap_err();
        assert_eq!(code_and_field(&error), (Code::Invalid, "username", "reserved"), "{office}");
    }
}

async fn a_public_room_that_looks_like_another_is_taken(app: TestApp) {
    let ada = app.create_user("ada").await;
    create_room(&app, &ada, "general", Visibility::Public).await.unwrap();
    create_room(&app, &ada, "علی‌رضا", Visibility::Public).await.unwrap();
    for alike in ["gеneral", "Genera1", "Lоbby", "علیرضا", "general "] {
        let error = create_room(&app, &ada, alike, Visibility::Public).await.unwrap_err();
        assert_eq!(code_and_field(&error), (Code::RoomNameTaken, "name", "taken"), "{alike}");
    }
    create_room(&app, &ada, "général", Visibility::Public).await.unwrap();
    // As with the names themselves, private rooms are not compared.
    create_room(&app, &ada, "gеneral", Visibility::Private).await.unwrap();
    create_room(&app, &ada, "gеneral", Visibility::Private).await.unwrap();
}

async fn concurrent_registrations_of_names_that_look_alike_create_one_account(app: TestApp) {
    app.create_user("ada").await;
    let (one, other) = tokio::join!(register(&app, "scope"), register(&app, "ѕсоре"));
    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|ok| **ok).count(), 1);
    assert_eq!(one.err().or(other.err()).unwrap().code, Code::UsernameTaken);
}

async fn names_stored_before_they_were_compared_by_looks_are_compared_from_the_next_start(app: TestApp) {
    let ada = app.create_user("ada").await;
    for name in ["scope", "placeholder"] {
        register(&app, name).await.unwrap();
    }
    create_room(&app, &ada, "general", Visibility::Public).await.unwrap();
    for sql in [
        "update users set lookalike_key = null",
        "update users set username = 'ѕсоре', username_key = 'ѕсоре' where username = 'placeholder'",
        "update rooms set lookalike_key = null",
        "update service set name_key_version = 1",
    ] {
        app.execute(sql).await;
    }
    app.start_node().await;
    // Both keep their names; a third is refused.
    assert_eq!(app.count("select count(*) from users where lookalike_key is null and username = 'ѕсоре'").await, 1);
    assert_eq!(app.count("select count(*) from users where lookalike_key is not null").await, 2);
    for name in ["sc0pe", "ЅСОРЕ"] {
        assert_eq!(register(&app, name).await.unwrap_err().code, Code::UsernameTaken, "{name}");
    }
    for name in ["gеneral", "Lоbby"] {
        let error = create_room(&app, &ada, name, Visibility::Public).await.unwrap_err();
        assert_eq!(error.code, Code::RoomNameTaken, "{name}");
    }
}

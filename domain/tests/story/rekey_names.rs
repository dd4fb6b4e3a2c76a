//! Names whose stored key was computed by an older version of the key function.

use crate::harness::{PASSWORD, TestApp, register_command};
use domain::Service;
use protocol::{
    Result,
    command::{CreateRoom, Login, Register},
    error::Code,
    id::UserId,
    page::PageQuery,
    port::prelude::*,
    room::Visibility,
    session::Client,
};

on_both_databases! {
    names_stored_with_an_old_key_are_rekeyed
    a_name_whose_new_key_is_taken_keeps_its_old_key
    members_are_listed_by_the_new_key
}

async fn log_in(service: &Service, login: &str) -> Result<UserId> {
    let command = Login { login: login.into(), password: PASSWORD.into(), totp: None };
    Ok(service.login_user(&Client::default(), command).await?.user.id)
}

async fn names_stored_with_an_old_key_are_rekeyed(app: TestApp) {
    let command = Register { email: Some("straße@example.org".into()), ..register_command("Straße") };
    let created = app.service.register_user(&Client::default(), command, None).await.unwrap().value;
    let ada = app.service.authenticate(&created.access_token).await.unwrap();
    app.create_room(&ada, "Große Küche", Visibility::Public).await;
    for sql in [
        "update users set username_key = 'straße', email_key = 'straße@example.org'",
        "update rooms set name_key = 'große küche' where name = 'Große Küche'",
        "update service set name_key_version = 0",
    ] {
        app.execute(sql).await;
    }
    assert_eq!(log_in(&app.service, "STRASSE").await.unwrap_err().code, Code::WrongCredentials);
    let service = app.start_node().await;
    for login in ["Straße", "STRASSE", "STRASSE@example.org"] {
        assert_eq!(log_in(&service, login).await.unwrap(), ada.user_id, "{login}");
    }
    assert_eq!(
        service.register_user(&Client::default(), register_command("strasse"), None).await.unwrap_err().code,
        Code::UsernameTaken
    );
    let same = CreateRoom { name: "GROSSE KÜCHE".into(), visibility: Visibility::Public, ..CreateRoom::default() };
    assert!(service.create_room(&ada, same, None).await.is_err());
    // A second start does not change the keys again.
    app.execute("update users set username_key = 'as it was'").await;
    app.start_node().await;
    assert_eq!(app.count("select count(*) from users where username_key = 'as it was'").await, 1);
}

async fn a_name_whose_new_key_is_taken_keeps_its_old_key(app: TestApp) {
    let (older, younger) = (app.register("Straße").await.user.id, app.register("x-strasse").await.user.id);
    app.execute("update users set username_key = 'straße' where username = 'Straße'").await;
    app.execute("update users set username = 'strasse', username_key = 'strasse' where username = 'x-strasse'").await;
    for name in ["Weiß", "y-weiss", "WEIẞ-2"] {
        app.register(name).await;
    }
    app.execute("update users set username_key = 'weiß' where username = 'Weiß'").await;
    app.execute("update users set username = 'WEIß', username_key = 'weıß' where username = 'y-weiss'").await;
    app.execute("update service set name_key_version = 0").await;
    let service = app.start_node().await;
    assert_eq!(log_in(&service, "Strasse").await.unwrap(), younger);
    assert_eq!(app.count("select count(*) from users where username_key = 'straße'").await, 1, "{older}");
    // If two users get the same new key, the older account takes it.
    assert_eq!(app.count("select count(*) from users where username_key = 'weiss' and username = 'Weiß'").await, 1);
    assert_eq!(app.count("select count(*) from users where username_key = 'weıß'").await, 1);
    assert_eq!(app.count("select count(*) from service where name_key_version > 0").await, 1);
}

async fn members_are_listed_by_the_new_key(app: TestApp) {
    let ada = app.create_user("ada").await;
    let lobby = app.lobby(&ada).await.id;
    for name in ["Straße", "yuki", "sam"] {
        app.create_user(name).await;
    }
    for sql in [
        "update users set username_key = 'zz' where username = 'Straße'",
        "update members set username_key = 'zz' where user_id = (select id from users where username = 'Straße')",
        "update service set name_key_version = 0",
    ] {
        app.execute(sql).await;
    }
    let names = async |service: &Service| {
        let page = service.list_members(&ada, lobby, PageQuery { limit: 10, cursor: None }).await.unwrap();
        page.items.into_iter().map(|member| member.user.username).collect::<Vec<_>>()
    };
    assert_eq!(names(&app.service).await, ["ada", "sam", "yuki", "Straße"]);
    assert_eq!(names(&*app.start_node().await).await, ["ada", "sam", "Straße", "yuki"]);
}

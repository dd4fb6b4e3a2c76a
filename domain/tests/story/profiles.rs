use crate::harness::TestApp;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use protocol::{
    command::{SetStatus, UpdateProfile},
    error::Code,
    event::Change,
    port::prelude::*,
};
use std::io::Cursor;

on_both_databases! {
    a_profile_update_changes_only_the_given_fields
    a_status_expires
    an_update_without_changes_publishes_no_event
    unused_avatars_are_deleted
    settings_are_private_to_their_user
}

/// A small image, different for each number.
pub fn picture(shade: usize) -> Vec<u8> {
    let image: DynamicImage = RgbImage::from_pixel(8, 8, Rgb([u8::try_from(shade).unwrap(), 7, 7])).into();
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

async fn a_profile_update_changes_only_the_given_fields(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let named = |name: &str| UpdateProfile { display_name: Some(name.into()), ..UpdateProfile::default() };
    app.service.update_profile(&ada, named("Ada")).await.unwrap();
    let zone = UpdateProfile { time_zone: Some(Some("Asia/Kathmandu".into())), ..UpdateProfile::default() };
    let whole = app.service.update_profile(&ada, zone).await.unwrap();
    assert_eq!((whole.display_name.as_str(), whole.time_zone.as_deref()), ("Ada", Some("Asia/Kathmandu")));
    assert_eq!(app.service.user_profile(&mara, "ada").await.unwrap().profile, whole);
    let zone = UpdateProfile { time_zone: Some(Some("Asia/Atlantis".into())), ..named("Nobody") };
    assert_eq!(app.service.update_profile(&ada, zone).await.unwrap_err().code, Code::Invalid);
    assert_eq!(app.service.user_profile(&mara, "ada").await.unwrap().profile, whole);
}

async fn a_status_expires(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let until = app.clock.now().plus(60_000);
    let status = SetStatus { text: Some("at lunch".into()), expires_at: Some(until), ..SetStatus::default() };
    app.service.set_status(&ada, status).await.unwrap();
    assert!(app.service.get_user(&mara, ada.user_id).await.unwrap().status.is_some());
    app.clock.advance(60_000);
    assert_eq!(app.service.get_user(&mara, ada.user_id).await.unwrap().status, None);
    assert_eq!(app.service.user_profile(&mara, "ada").await.unwrap().profile.status, None);
}

async fn an_update_without_changes_publishes_no_event(app: TestApp) {
    let ada = app.create_user("ada").await;
    let name = || UpdateProfile { display_name: Some("Ada".into()), ..UpdateProfile::default() };
    app.service.update_profile(&ada, name()).await.unwrap();
    app.service.set_avatar(&ada, picture(1)).await.unwrap();
    let before = app.service.get_snapshot(&ada).await.unwrap().cursor;
    app.service.update_profile(&ada, name()).await.unwrap();
    app.service.set_avatar(&ada, picture(1)).await.unwrap();
    app.service.set_status(&ada, SetStatus::default()).await.unwrap();
    app.service.reset_settings(&ada).await.unwrap();
    assert_eq!(app.service.get_snapshot(&ada).await.unwrap().cursor, before);
}

async fn unused_avatars_are_deleted(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    app.service.set_avatar(&ada, picture(1)).await.unwrap();
    app.service.set_avatar(&mara, picture(1)).await.unwrap();
    assert_eq!(app.count("select count(*) from avatars").await, 3);
    app.service.set_avatar(&ada, picture(2)).await.unwrap();
    assert_eq!(app.count("select count(*) from avatars").await, 6);
    app.service.remove_avatar(&mara).await.unwrap();
    assert_eq!(app.count("select count(*) from avatars").await, 3);
    assert_eq!(app.service.set_avatar(&ada, vec![7; 100]).await.unwrap_err().code, Code::WrongMediaType);
    app.service.remove_avatar(&ada).await.unwrap();
    assert_eq!(app.count("select count(*) from avatars").await, 0);
}

async fn settings_are_private_to_their_user(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let before = app.service.get_snapshot(&mara).await.unwrap();
    let mut settings = serde_json::to_value(app.service.get_settings(&ada).await.unwrap()).unwrap();
    settings["theme"] = "dark".into();
    let stored = app.service.replace_settings(&ada, settings.clone()).await.unwrap();
    assert_eq!(
        (app.service.get_settings(&ada).await.unwrap(), &before.settings),
        (stored, &app.service.get_settings(&mara).await.unwrap())
    );
    let page = app.service.poll_events(&mara, before.cursor, 0).await.unwrap();
    assert!(!page.items.iter().any(|event| matches!(event.change, Change::UserUpdated(_))));
    settings["theme"] = "pink".into();
    assert_eq!(app.service.replace_settings(&ada, settings).await.unwrap_err().errors[0].field, "theme");
}

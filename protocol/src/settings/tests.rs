use super::*;
use serde_json::{json, to_value};

fn errors_after(change: impl FnOnce(&mut Value)) -> Vec<(String, String)> {
    let mut whole = to_value(Settings::default()).unwrap();
    change(&mut whole);
    let errors = Settings::parse_strict(whole).unwrap_err().errors;
    errors.into_iter().map(|error| (error.field, error.code)).collect()
}

fn field_error(field: &str, code: &str) -> Vec<(String, String)> {
    vec![(field.into(), code.into())]
}

#[test]
fn settings_round_trip() {
    let mut settings = Settings { theme: Theme::Dark, hour_cycle: HourCycle::TwentyFour, ..Settings::default() };
    settings.notifications.quiet_hours = Some(QuietHours { from: TimeOfDay(22 * 60), to: TimeOfDay(7 * 60 + 5) });
    settings.privacy.direct_messages = DmPolicy::SharedRooms;
    let whole = to_value(&settings).unwrap();
    assert_eq!(whole["notifications"]["quiet_hours"], json!({ "from": "22:00", "to": "07:05" }));
    assert_eq!(whole["hour_cycle"], "24");
    assert_eq!(Settings::parse_strict(whole.clone()).unwrap(), settings);
    assert_eq!(serde_json::from_value::<Settings>(whole).unwrap(), settings);
}

#[test]
fn all_field_errors_are_reported_with_their_path() {
    assert_eq!(errors_after(|whole| whole["theme"] = json!("pink")), field_error("theme", "invalid"));
    assert_eq!(errors_after(|whole| whole["theme"] = json!(7)), field_error("theme", "wrong_type"));
    assert_eq!(errors_after(|whole| whole["privacy"]["x"] = json!(1)), field_error("privacy.x", "unknown"));
    assert_eq!(errors_after(|whole| whole["chat"] = json!([])), field_error("chat", "wrong_type"));
    let without_field = |whole: &mut Value| drop(whole["chat"].as_object_mut().unwrap().remove("enter_sends"));
    assert_eq!(errors_after(without_field), field_error("chat.enter_sends", "required"));
    for hours in ["24:00", "7:00", "07:60", "+7:00", "07", "", "07:00:00"] {
        let hours = json!({ "from": hours, "to": "08:00" });
        assert_eq!(
            errors_after(|whole| whole["notifications"]["quiet_hours"] = hours),
            field_error("notifications.quiet_hours", "invalid")
        );
    }
    let same = json!({ "from": "08:00", "to": "08:00" });
    assert!(!errors_after(|whole| whole["notifications"]["quiet_hours"] = same).is_empty());
    assert_eq!(Settings::parse_strict(json!({ "colour": 1 })).unwrap_err().errors.len(), 7 + 1);
}

#[test]
fn settings_of_an_older_version_are_completed_with_defaults() {
    let old = json!({ "theme": "dark", "density": "airy", "chat": { "enter_sends": false }, "colour": "red" });
    let read: Settings = serde_json::from_value(old).unwrap();
    let chat = ChatSettings { enter_sends: false, ..ChatSettings::default() };
    assert_eq!(read, Settings { theme: Theme::Dark, chat, ..Settings::default() });
    assert_eq!(serde_json::from_str::<Settings>("null").unwrap(), Settings::default());
}

#[test]
fn a_form_is_parsed_like_the_api() {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let fields = [
        field("theme", "dark"),
        field("density", "compact"),
        field("text_size", "large"),
        field("hour_cycle", "12"),
        field("chat.enter_sends", "on"),
    ];
    let settings = Settings::parse_strict(from_form(&fields, &Settings::default())).unwrap();
    assert_eq!((settings.theme, settings.text_size), (Theme::Dark, TextSize::Large));
    assert!(settings.chat.enter_sends && !settings.chat.emoji_shortcuts && !settings.privacy.show_online);
    let without_theme = from_form(&fields[1..], &Settings::default());
    assert!(Settings::parse_strict(without_theme).unwrap_err().errors[0].field == "theme");
}

#[test]
fn a_form_does_not_change_settings_that_it_does_not_have() {
    let mut current = Settings::default();
    current.notifications.quiet_hours = Some(QuietHours { from: TimeOfDay(22 * 60), to: TimeOfDay(7 * 60) });
    current.notifications.room_messages = true;
    current.privacy.direct_messages = DmPolicy::Nobody;
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let choices = ["theme", "density", "text_size", "hour_cycle"].map(|name| to_value(&current).unwrap()[name].clone());
    let names = ["theme", "density", "text_size", "hour_cycle"];
    let mut fields: Vec<_> =
        names.iter().zip(&choices).map(|(name, value)| field(name, value.as_str().unwrap())).collect();
    // Fields of settings that are not in the form are ignored.
    fields.push(field("notifications.sound", ""));
    fields.push(field("privacy.direct_messages", "everyone"));
    let saved = Settings::parse_strict(from_form(&fields, &current)).unwrap();
    assert_eq!(saved.notifications, current.notifications);
    assert_eq!(saved.privacy, PrivacySettings { show_online: false, ..current.privacy });
}

#[test]
fn quiet_hours_may_go_over_midnight() {
    let at = |hour: u16| TimeOfDay(hour * 60);
    let night = QuietHours { from: at(22), to: at(7) };
    assert!([22, 23, 0, 6].map(at).into_iter().all(|time| night.contains(time)));
    assert!([7, 12, 21].map(at).into_iter().all(|time| !night.contains(time)));
    let noon = QuietHours { from: at(12), to: at(13) };
    assert!(noon.contains(at(12)) && !noon.contains(at(13)) && !noon.contains(at(0)));
}

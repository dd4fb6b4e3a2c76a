//! How a person likes things: one table that the types, their defaults, the API and the form are all made of.

mod form;
mod hours;
mod part;

pub use form::{Entry, InputKind, from_form};
pub use hours::{QuietHours, TimeOfDay};

use crate::{
    error::{Error, FieldError, Result},
    read::{DecodeError, FromJson},
};
use part::{Setting, SettingError, choice, group};
use serde_json::Value;

choice! {
    /// Light or dark.
    Theme {
        /// As the device has it.
        #[default]
        System = "system" "Like my device",
        /// Dark ink on light ground.
        Light = "light" "Light",
        /// Light ink on dark ground.
        Dark = "dark" "Dark",
    }
    /// How close things stand.
    Density {
        /// With room to breathe.
        #[default]
        Comfortable = "comfortable" "Comfortable",
        /// More on one screen.
        Compact = "compact" "Compact",
    }
    /// How large text is.
    TextSize {
        /// A little smaller.
        Small = "small" "Small",
        /// As the browser has it.
        #[default]
        Normal = "normal" "Normal",
        /// A little larger.
        Large = "large" "Large",
        /// Larger still.
        Larger = "larger" "Larger",
    }
    /// How times of day are written.
    HourCycle {
        /// As is usual in the person's language.
        #[default]
        Auto = "auto" "As usual in my language",
        /// 2:30 pm.
        Twelve = "12" "2:30 pm",
        /// 14:30.
        TwentyFour = "24" "14:30",
    }
    /// Whose direct messages a person takes.
    DmPolicy {
        /// Anyone who is signed in.
        #[default]
        Everyone = "everyone" "Everyone",
        /// Who is in a room with them, other than the Lobby.
        SharedRooms = "shared_rooms" "People I share a room with",
        /// No one new.
        Nobody = "nobody" "Nobody new",
    }
}

group! {
    /// How a person likes things.
    Settings {
        /// Light or dark.
        theme: Theme = Theme::System, "Theme";
        /// How close messages and rooms stand.
        density: Density = Density::Comfortable, "Density";
        /// How large text is.
        text_size: TextSize = TextSize::Normal, "Text size";
        /// How times of day are written.
        hour_cycle: HourCycle = HourCycle::Auto, "Time of day";
        /// What you are told of.
        notifications: NotificationSettings = NotificationSettings::default(), "Notifications";
        /// What others see of you.
        privacy: PrivacySettings = PrivacySettings::default(), "Privacy";
        /// How writing works.
        chat: ChatSettings = ChatSettings::default(), "Writing";
    }
    /// What a person is told of.
    NotificationSettings {
        /// Someone writes to you alone.
        direct_messages: bool = true, "Direct messages";
        /// Someone names you.
        mentions: bool = true, "Mentions";
        /// Anyone says anything in one of your rooms.
        room_messages: bool = false, "Every message in my rooms";
        /// Notifications make a sound.
        sound: bool = true, "Sound";
        /// You are told of nothing until you switch this off.
        do_not_disturb: bool = false, "Do not disturb";
        /// You are told of nothing between these times of day, in the time zone of your profile.
        quiet_hours: Option<QuietHours> = None, "Quiet hours";
    }
    /// What others see of a person.
    PrivacySettings {
        /// Others see when you are here.
        show_online: bool = true, "Show when I am online";
        /// Others see when you are writing something.
        show_typing: bool = true, "Show when I am typing";
        /// Others see how far you have read.
        read_receipts: bool = true, "Show what I have read";
        /// Who may begin a conversation with you.
        direct_messages: DmPolicy = DmPolicy::Everyone, "Direct messages from";
    }
    /// How writing works.
    ChatSettings {
        /// Otherwise Enter begins a new line, and Ctrl or Cmd with Enter sends.
        enter_sends: bool = true, "Enter sends the message";
        /// :fire: becomes 🔥 as you type.
        emoji_shortcuts: bool = true, "Emoji shortcuts";
    }
}

impl Settings {
    /// What the page itself is marked with, as `data-<name>`, so that its looks follow: on the server at first, in the
    /// browser when something changes.
    pub const fn data_attributes(&self) -> [(&'static str, &'static str); 6] {
        [
            ("theme", self.theme.as_str()),
            ("density", self.density.as_str()),
            ("text-size", self.text_size.as_str()),
            ("hours", self.hour_cycle.as_str()),
            ("enter", if self.chat.enter_sends { "sends" } else { "breaks" }),
            ("emoji", if self.chat.emoji_shortcuts { "on" } else { "off" }),
        ]
    }

    /// The whole of a person's settings as they sent them; each field that is missing, unknown or makes no sense is told.
    pub fn parse_strict(value: Value) -> Result<Self> {
        let (mut settings, mut errors) = (Self::default(), Vec::new());
        settings.fill(value, "", &mut |field, wrong| errors.push(field_error(field, &wrong)));
        if errors.is_empty() { Ok(settings) } else { Err(Error::invalid(errors)) }
    }
}

/// What was kept or sent by an older or newer version: what it lacks has its default, and what it knows beyond this is
/// left aside.
impl FromJson for Settings {
    fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut settings = Self::default();
        settings.fill(value, "", &mut |_, _| {});
        Ok(settings)
    }
}

crate::deserialize_from_json!(Settings);

fn field_error(field: &str, wrong: &SettingError) -> FieldError {
    match wrong {
        SettingError::Missing => FieldError::new(field, "required", format!("\"{field}\" is needed.")),
        SettingError::Unknown => FieldError::new(field, "unknown", format!("There is no field \"{field}\" here.")),
        SettingError::WrongType(wanted) => {
            FieldError::new(field, "wrong_type", format!("\"{field}\" must be {wanted}."))
        }
        SettingError::InvalidChoice(choices) => {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            FieldError::new(field, "invalid", format!("\"{field}\" must be one of: {}.", words.join(", ")))
        }
        SettingError::InvalidValue(why) => FieldError::new(field, "invalid", *why),
    }
}

#[cfg(test)]
mod tests;

//! A user's settings: one table from which the types, their defaults, the API and the form are generated.

mod form;
mod hours;
mod setting;

pub use form::{Entry, InputKind, from_form};
pub use hours::{QuietHours, TimeOfDay};

use crate::error::{Error, FieldError, Result};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use setting::{Setting, SettingError, choice, group};

choice! {
    /// The colour theme.
    Theme {
        /// As set on the device.
        #[default]
        System = "system" "Match system",
        /// Dark text on a light background.
        Light = "light" "Light",
        /// Light text on a dark background.
        Dark = "dark" "Dark",
    }
    /// The spacing of messages and rooms.
    Density {
        /// More spacing.
        #[default]
        Comfortable = "comfortable" "Comfortable",
        /// More content on one screen.
        Compact = "compact" "Compact",
    }
    /// The size of text.
    TextSize {
        /// A little smaller.
        Small = "small" "Small",
        /// As set in the browser.
        #[default]
        Normal = "normal" "Normal",
        /// A little larger.
        Large = "large" "Large",
        /// The largest.
        Larger = "larger" "Larger",
    }
    /// The format of times of day.
    HourCycle {
        /// As usual in the user's language.
        #[default]
        Auto = "auto" "Automatic",
        /// 2:30 PM.
        Twelve = "12" "2:30 PM",
        /// 14:30.
        TwentyFour = "24" "14:30",
    }
    /// Who can start a direct conversation with a user.
    DmPolicy {
        /// Anyone who is signed in.
        #[default]
        Everyone = "everyone" "Everyone",
        /// Users who share a room with them, other than the Lobby.
        SharedRooms = "shared_rooms" "People I share a room with",
        /// Nobody new.
        Nobody = "nobody" "Nobody",
    }
}

// Settings without a label belong to features that do not exist yet: the API has them, the form does not.
group! {
    /// A user's settings.
    Settings {
        /// Light or dark.
        theme: Theme = Theme::System, "Theme";
        /// How much space there is between messages and rooms.
        density: Density = Density::Comfortable, "Density";
        /// How large text is.
        text_size: TextSize = TextSize::Normal, "Text size";
        /// How times of day are written.
        hour_cycle: HourCycle = HourCycle::Auto, "Time format";
        /// What you are notified of.
        notifications: NotificationSettings = NotificationSettings::default();
        /// What others see of you.
        privacy: PrivacySettings = PrivacySettings::default(), "Privacy";
        /// How the message field works.
        chat: ChatSettings = ChatSettings::default(), "Writing";
    }
    /// What a user is notified of.
    NotificationSettings {
        /// Someone sends you a direct message.
        direct_messages: bool = true;
        /// Someone mentions you.
        mentions: bool = true;
        /// Someone sends a message in one of your rooms.
        room_messages: bool = false;
        /// Play a sound for notifications.
        sound: bool = true;
        /// Pauses all notifications.
        do_not_disturb: bool = false;
        /// Pauses notifications between these times, in the time zone of your profile.
        quiet_hours: Option<QuietHours> = None;
    }
    /// What others see of a user.
    PrivacySettings {
        /// Others see when you are online.
        show_online: bool = true, "Show when I am online";
        /// Others see when you are typing.
        show_typing: bool = true;
        /// Others see how far you have read.
        read_receipts: bool = true;
        /// Who can start a conversation with you.
        direct_messages: DmPolicy = DmPolicy::Everyone;
    }
    /// How the message field works.
    ChatSettings {
        /// When off, Enter starts a new line and Ctrl+Enter or Cmd+Enter sends.
        enter_sends: bool = true, "Enter sends the message"
            "When off, Enter starts a new line and Ctrl+Enter or Cmd+Enter sends.";
        /// :fire: becomes 🔥 as you type.
        emoji_shortcuts: bool = true, "Emoji shortcuts" ":fire: becomes 🔥 as you type.";
    }
}

/// What a page is rendered with.
#[derive(Clone, Debug, PartialEq)]
pub struct PageSettings {
    /// The user's settings.
    pub settings: Settings,
    /// The time zone of the user's profile.
    pub time_zone: Option<String>,
}

impl Settings {
    /// The `data-<name>` attributes of the page, which the styles depend on: set by the server at first, and by the
    /// browser when a setting changes.
    pub const fn data_attributes(&self) -> [(&'static str, &'static str); 6] {
        [
            ("theme", self.theme.as_str()),
            ("density", self.density.as_str()),
            ("text-size", self.text_size.as_str()),
            ("hour-cycle", self.hour_cycle.as_str()),
            ("enter", if self.chat.enter_sends { "sends" } else { "breaks" }),
            ("emoji", if self.chat.emoji_shortcuts { "on" } else { "off" }),
        ]
    }

    /// Parses a complete set of settings; each missing, unknown or invalid field is reported.
    pub fn parse_strict(value: Value) -> Result<Self> {
        let (mut settings, mut errors) = (Self::default(), Vec::new());
        settings.fill(value, "", &mut |field, wrong| errors.push(field_error(field, &wrong)));
        if errors.is_empty() { Ok(settings) } else { Err(Error::invalid(errors)) }
    }
}

/// Settings that were stored or sent by an older or newer version: missing fields have their defaults, unknown ones are
/// ignored.
impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut settings = Self::default();
        settings.fill(Value::deserialize(deserializer)?, "", &mut |_, _| {});
        Ok(settings)
    }
}

fn field_error(field: &str, wrong: &SettingError) -> FieldError {
    match wrong {
        SettingError::Missing => FieldError::new(field, "required", format!("\"{field}\" is required.")),
        SettingError::Unknown => FieldError::new(field, "unknown", format!("Unknown field \"{field}\".")),
        SettingError::WrongType(wanted) => {
            FieldError::new(field, "wrong_type", format!("\"{field}\" must be {wanted}."))
        }
        SettingError::InvalidChoice(choices) => {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            FieldError::new(field, "invalid", format!("\"{field}\" must be one of: {}.", names.join(", ")))
        }
        SettingError::InvalidValue(why) => FieldError::new(field, "invalid", *why),
    }
}

#[cfg(test)]
mod tests;

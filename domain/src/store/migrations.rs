//! Migrations, in order, with the same names for both databases. A released file is never edited.

use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};
use std::sync::LazyLock;

/// Embeds the migrations of one database.
macro_rules! migrator {
    ($database:literal: $($version:literal $name:literal)+) => {
        Migrator::with_migrations(vec![$(Migration::new(
            $version.parse().unwrap_or_default(),
            $name.into(),
            MigrationType::Simple,
            include_str!(concat!("../../../migrations/", $database, "/", $version, "_", $name, ".sql")).into_sql_str(),
            false,
        )),+])
    };
}

/// The same for both databases.
macro_rules! migrators {
    ($($version:literal $name:literal)+) => {
        pub static SQLITE: LazyLock<Migrator> = LazyLock::new(|| migrator!("sqlite": $($version $name)+));
        pub static POSTGRES: LazyLock<Migrator> = LazyLock::new(|| migrator!("postgres": $($version $name)+));
    };
}

migrators! {
    "0001" "start"
    "0002" "credentials"
    "0003" "sign_ins"
    "0004" "profiles"
    "0005" "people"
    "0007" "spellings"
    "0008" "tidy"
    "0009" "unread_notifications"
    "0010" "token_keys"
    "0011" "live_sessions"
    "0012" "request_hashes"
    "0013" "room_invitations"
    "0014" "kept_refresh_tokens"
    "0015" "standard_names"
    "0016" "lookalike_keys"
    "0017" "data_key_check"
    "0018" "member_names"
    "0019" "client_id_order"
    "0020" "followers"
    "0021" "room_settings"
    "0022" "direct_rooms"
    "0023" "uncounted"
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, fs, path::Path};

    #[test]
    fn every_file_of_both_folders_is_in_the_binary() {
        let listed = SQLITE.iter().map(|m| format!("{:04}_{}.sql", m.version, m.description)).collect::<BTreeSet<_>>();
        for folder in ["sqlite", "postgres"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(folder);
            let files = fs::read_dir(path).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
            assert_eq!(files.collect::<BTreeSet<_>>(), listed, "{folder}");
        }
    }
}

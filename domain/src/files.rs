//! Permissions of the data files, which only the server's account may read, and free disk space.

use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Permission bits of other accounts on the machine.
const GROUP_AND_OTHERS: u32 = 0o077;
/// With fewer free bytes than this, the disk counts as full.
const MIN_FREE_BYTES: u64 = 256 * 1024;

/// Restricts our files in the data directory to the owner. The directory may be the operator's own, so it is only
/// checked and a warning is logged.
pub fn restrict_data_dir(data: &Path) {
    if is_accessible_to_others(data) {
        tracing::warn!(folder = %data.display(), "other accounts of this machine can read the data folder; use chmod 700");
    }
    let found = fs::read_dir(data).into_iter().flatten().flatten();
    for path in found.map(|entry| entry.path()).filter(|path| path.file_name().is_some_and(is_ours)) {
        restrict(&path);
    }
}

/// The database, its WAL, its backups, and the keys.
fn is_ours(name: &OsStr) -> bool {
    let starts_with = |start: &str| name.as_encoded_bytes().starts_with(start.as_bytes());
    ["lair.db", "lair.before-", "lair.lock", "jwt.key", "data.key"].into_iter().any(starts_with)
}

/// Restricts a database file outside the data directory, and the files that SQLite keeps beside it.
pub fn restrict_database_files(file: &Path) {
    for ending in ["", "-wal", "-shm"] {
        restrict(&beside(file, ending));
    }
}

/// Whether SQLite has a write-ahead log beside a database file: a server that stops properly leaves none.
pub fn has_wal(file: &Path) -> bool {
    fs::metadata(beside(file, "-wal")).is_ok_and(|wal| wal.len() > 0)
}

/// A file that SQLite keeps beside a database file.
fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Whether other accounts on the machine can access a file or directory.
pub fn is_accessible_to_others(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & GROUP_AND_OTHERS != 0)
}

fn restrict(path: &Path) {
    if !is_accessible_to_others(path) {
        return;
    }
    let closed = || -> io::Result<()> {
        let mode = fs::metadata(path)?.permissions().mode() & !GROUP_AND_OTHERS;
        fs::set_permissions(path, PermissionsExt::from_mode(mode))
    };
    let file = path.display();
    if let Err(error) = closed() {
        tracing::warn!(%file, %error, "other accounts of this machine can read this file; use chmod 600");
    } else {
        tracing::warn!(%file, "other accounts of this machine could read this file; access removed");
    }
}

/// Opens or creates a file that only its owner can read.
pub fn open_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Whether the disk of a file is full.
pub fn is_disk_full(file: &Path) -> bool {
    free_bytes(file).is_some_and(|free| free < MIN_FREE_BYTES)
}

/// Whether SQLite's write-ahead log beside a database file is larger than the free space.
pub fn is_wal_larger_than_free_space(file: &Path) -> bool {
    let wal = fs::metadata(beside(file, "-wal")).map_or(0, |wal| wal.len());
    free_bytes(file).is_some_and(|free| free < wal)
}

/// Free space on the disk of a file; `None` if the disk does not tell.
fn free_bytes(file: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(file).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

//! What is kept in files is for the server's own account, and needs space.

use std::{
    ffi::OsStr,
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Permissions of other accounts on the machine.
const GROUP_AND_OTHERS: u32 = 0o077;
/// With fewer bytes than this, hardly anything can be written.
const MIN_FREE_BYTES: u64 = 256 * 1024;

/// Closes what we keep in a data folder. The folder itself may be the operator's own: of that they are told.
pub fn restrict_data_dir(data: &Path) {
    if is_accessible_to_others(data) {
        tracing::warn!(folder = %data.display(), "other accounts of this machine can look into the data folder: chmod 700 ends that");
    }
    let found = fs::read_dir(data).into_iter().flatten().flatten();
    for path in found.map(|entry| entry.path()).filter(|path| path.file_name().is_some_and(is_ours)) {
        restrict(&path);
    }
}

/// The database, its log, copies of it, and keys.
fn is_ours(name: &OsStr) -> bool {
    let starts_with = |start: &str| name.as_encoded_bytes().starts_with(start.as_bytes());
    ["lair.db", "lair.before-", "lair.lock", "jwt.key"].into_iter().any(starts_with)
}

/// Closes a database that is kept elsewhere, and what SQLite keeps beside it.
pub fn restrict_database_files(file: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(ending);
        restrict(&PathBuf::from(name));
    }
}

/// Whether other accounts of the machine can use a file or look into a folder.
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
        tracing::warn!(%file, %error, "other accounts of this machine can read this file: chmod 600 ends that");
    } else {
        tracing::warn!(%file, "other accounts of this machine could read this file; they cannot any more");
    }
}

/// Whether there is hardly any space beside a file.
pub fn is_disk_full(file: &Path) -> bool {
    rustix::fs::statvfs(file).is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < MIN_FREE_BYTES)
}

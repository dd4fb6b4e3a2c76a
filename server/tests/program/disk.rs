//! A disk of its own for a running `lair`, small enough to be filled.

use super::process::LAIR_BINARY;
use std::{
    fs::File,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Stdio,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// A file system in memory, seen only by who enters its namespace; it is gone when its keeper ends, and that is when the
/// test does, however it ends.
pub struct Disk {
    mount_process: Child,
    uses_user_namespace: bool,
    mount_point: TempDir,
}

impl Disk {
    /// A disk of so many megabytes.
    pub async fn new(megabytes: usize) -> Self {
        let place = tempfile::tempdir().expect("a folder");
        for is_user in [true, false] {
            if let Some(keeper) = mount(place.path(), megabytes, is_user).await {
                return Self { mount_process: keeper, uses_user_namespace: is_user, mount_point: place };
            }
        }
        panic!(
            "this test needs a small file system of its own: allow user namespaces (`sysctl kernel.unprivileged_userns_clone=1` \
             or `kernel.apparmor_restrict_unprivileged_userns=0`), or run the tests as root where mounting is allowed \
             (`docker run --privileged`); `unshare` and `nsenter` are in the package util-linux"
        )
    }

    fn id(&self) -> u32 {
        self.mount_process.id().expect("the mount process runs until the test ends")
    }

    /// Where the disk is for `lair`.
    pub fn data(&self) -> &Path {
        self.mount_point.path()
    }

    /// Where a file on the disk is for the test.
    pub fn file(&self, name: &str) -> PathBuf {
        let place = self.mount_point.path().strip_prefix("/").expect("an absolute path");
        Path::new("/proc").join(self.id().to_string()).join("root").join(place).join(name)
    }

    /// The program on this disk, without the settings of whoever runs the tests.
    pub fn lair_command(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.env_clear().env("LAIR_RATE_LIMITS", "off").kill_on_drop(true);
        command.args(["--target", &self.id().to_string(), "--mount"]);
        if self.uses_user_namespace {
            command.args(["--user", "--preserve-credentials"]);
        }
        command.arg(LAIR_BINARY);
        command
    }

    /// Takes all the space that is left, but for what stays free.
    pub fn fill(&self) {
        let mut filler = File::options().append(true).create(true).open(self.file("filler")).expect("a file");
        for size in [1 << 20, 1 << 12, 1] {
            let piece = vec![b'.'; size];
            loop {
                match filler.write_all(&piece) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => panic!("cannot fill the disk: {error}"),
                }
            }
        }
    }

    /// Gives the space back.
    pub fn free(&self) {
        std::fs::remove_file(self.file("filler")).expect("the disk was filled before");
    }
}

/// Mounts it in a namespace and stays there; nothing where that is not allowed.
async fn mount(place: &Path, megabytes: usize, is_user: bool) -> Option<Child> {
    let mut command = Command::new("unshare");
    command.arg("--mount").args(is_user.then_some("--map-root-user")).args(["sh", "-c"]);
    command.arg(format!("mount -t tmpfs -o size={megabytes}m lair \"$0\" && echo ready && exec sleep infinity"));
    let keeper = command.arg(place).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn();
    let mut keeper = keeper.expect("`unshare` is missing: install util-linux");
    let mut lines = BufReader::new(keeper.stdout.take()?).lines();
    let output = lines.next_line().await.ok()??;
    (output == "ready").then_some(keeper)
}

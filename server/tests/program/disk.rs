//! A small file system for a running `lair` that a test can fill.

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

/// A tmpfs, mounted only in its own namespace; it disappears with the mount process, which is killed when the test
/// ends.
pub struct Disk {
    mount_process: Child,
    uses_user_namespace: bool,
    mount_point: TempDir,
}

impl Disk {
    /// A disk of this size.
    pub async fn new(megabytes: usize) -> Self {
        let mount_point = tempfile::tempdir().expect("a folder");
        for is_user in [true, false] {
            if let Some(mount_process) = mount(mount_point.path(), megabytes, is_user).await {
                return Self { mount_process, uses_user_namespace: is_user, mount_point };
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

    /// The mount point, as `lair` sees it.
    pub fn data(&self) -> &Path {
        self.mount_point.path()
    }

    /// The path of a file on the disk, as the test sees it.
    pub fn file(&self, name: &str) -> PathBuf {
        let mount_point = self.mount_point.path().strip_prefix("/").expect("an absolute path");
        Path::new("/proc").join(self.id().to_string()).join("root").join(mount_point).join(name)
    }

    /// The command to run `lair` on this disk, without the environment of the test.
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

    /// Fills the disk.
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

    /// Frees the space again.
    pub fn free(&self) {
        std::fs::remove_file(self.file("filler")).expect("the disk was filled before");
    }
}

/// Mounts the file system in a new namespace and keeps it; `None` where that is not allowed.
async fn mount(mount_point: &Path, megabytes: usize, is_user: bool) -> Option<Child> {
    let mut command = Command::new("unshare");
    command.arg("--mount").args(is_user.then_some("--map-root-user")).args(["sh", "-c"]);
    command.arg(format!("mount -t tmpfs -o size={megabytes}m lair \"$0\" && echo ready && exec sleep infinity"));
    let mount_process = command.arg(mount_point).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn();
    let mut mount_process = mount_process.expect("`unshare` is missing: install util-linux");
    let mut lines = BufReader::new(mount_process.stdout.take()?).lines();
    let output = lines.next_line().await.ok()??;
    (output == "ready").then_some(mount_process)
}

//! What the server's binary is linked with, and the site that is embedded in it.

use std::{path::Path, process::Command};

fn main() -> std::io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    embed_site()?;
    if is_for_this_machine() && has_packed_relocations() {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    Ok(())
}

/// The site's folder must exist even where only the server is built.
fn embed_site() -> std::io::Result<()> {
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site");
    std::fs::create_dir_all(&site)?;
    // A development build reads the folder while it runs.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo:rerun-if-changed={}", site.display());
    }
    Ok(())
}

fn is_for_this_machine() -> bool {
    let is_gnu = std::env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "gnu");
    is_gnu && std::env::var("HOST").ok() == std::env::var("TARGET").ok()
}

/// Whether this machine's C library reads relative relocations in their packed form (glibc 2.36, August 2022): a hundred
/// thousand of them take 60 KB instead of 2.6 MB.
fn has_packed_relocations() -> bool {
    let Ok(output) = Command::new("getconf").arg("GNU_LIBC_VERSION").output() else { return false };
    let version = String::from_utf8_lossy(&output.stdout);
    let Some((major, minor)) = version.trim().trim_start_matches("glibc ").split_once('.') else { return false };
    (major.parse::<u32>().ok(), minor.parse::<u32>().ok()) >= (Some(2), Some(36))
}

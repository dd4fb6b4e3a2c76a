//! The site's files, embedded in the binary (a development build reads them from disk), and their version.

use rust_embed::RustEmbed;
use std::sync::LazyLock;

/// Scripts, styles, icons.
#[derive(RustEmbed)]
#[folder = "../target/site/"]
pub struct Site;

/// The folder of scripts and styles, in the site and in URLs.
pub const PKG: &str = "pkg";

/// Identifies the content of all scripts and styles together.
pub static VERSION: LazyLock<String> = LazyLock::new(|| {
    // A development build reads files on each request, and browsers must revalidate them.
    if cfg!(debug_assertions) {
        return "development".into();
    }
    let mut names: Vec<_> = Site::iter().filter(|name| name.starts_with("pkg/")).collect();
    names.sort();
    let mut version = 0u64;
    for file in names.iter().filter_map(|name| Site::get(name)) {
        for part in file.metadata.sha256_hash().chunks_exact(8) {
            // FNV-1a over words: the files are already hashed well, this only combines the hashes.
            let part = part.iter().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
            version = (version ^ part).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{version:016x}")
});

/// The path of scripts and styles, without the leading slash.
pub fn pkg_dir() -> String {
    format!("{PKG}/{}", *VERSION)
}

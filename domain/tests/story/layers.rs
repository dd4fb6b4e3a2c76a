//! The modules of this crate import one way: see docs/architecture.md. Reads the sources, since the compiler allows
//! circles of modules.

use std::{collections::BTreeSet, fs, path::Path};

/// The nouns, each of which may import those before it.
const NOUNS: [&str; 8] = ["store", "events", "users", "rooms", "messages", "notifications", "auth", "accounts"];
/// What SQL may need beside itself: modules that import no noun.
const BESIDE_STORE: [&str; 5] = ["files", "idempotency", "time_zones", "user_agent", "StartError"];

/// Whether a noun may import a module; what is neither a noun nor starts nouns may be imported by all but the store.
fn may_import(noun: &str, module: &str) -> bool {
    let level = |name| NOUNS.iter().position(|noun| *noun == name);
    match (level(noun), level(module)) {
        _ if noun == module => true,
        (Some(0), _) => BESIDE_STORE.contains(&module),
        (Some(own), Some(other)) => other < own,
        _ => !["service", "bootstrap", "retention"].contains(&module),
    }
}

/// The modules of this crate that a source names: the first names of its `crate::` paths and trees.
fn modules(source: &str) -> BTreeSet<String> {
    let flat = source.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut names = BTreeSet::new();
    for (at, _) in flat.match_indices("crate::").filter(|(at, _)| !flat[..*at].ends_with('$')) {
        let rest = &flat[at + "crate::".len()..];
        let Some(tree) = rest.strip_prefix('{') else {
            names.extend(rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().map(str::to_owned));
            continue;
        };
        let (mut depth, mut name) = (0, String::new());
        for c in tree.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => _ = names.insert(std::mem::take(&mut name)),
                _ if depth == 0 => name.push(c),
                _ => {}
            }
        }
        names.insert(name);
    }
    let first = |name: &String| name.trim().split("::").next().unwrap_or_default().to_owned();
    names.iter().map(first).filter(|name| !name.is_empty()).collect()
}

/// The source files of a noun, without tests.
fn sources(noun: &str) -> Vec<(String, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(noun)];
    let mut files = vec![folders[0].with_extension("rs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    let without_tests = |source: String| source.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
    let read = |path: &Path| (path.display().to_string(), without_tests(fs::read_to_string(path).unwrap()));
    files
        .iter()
        .filter(|path| !path.ends_with("tests.rs") && !path.iter().any(|part| part == "tests"))
        .map(|path| read(path))
        .collect()
}

#[test]
fn nouns_import_one_way() {
    for noun in NOUNS {
        for (path, source) in sources(noun) {
            let wrong: Vec<_> = modules(&source).into_iter().filter(|module| !may_import(noun, module)).collect();
            assert!(wrong.is_empty(), "{path} imports {wrong:?}");
        }
    }
}

#[test]
fn modules_are_found_in_trees_and_paths() {
    let source = "use crate::{\n    auth::{tokens, x::Y},\n    store::Db,\n};\nuse crate::Clock;\n\
        fn f() { crate::files::is_full(a, $crate::store::Tx) }";
    assert_eq!(modules(source).into_iter().collect::<Vec<_>>(), ["Clock", "auth", "files", "store"]);
    assert!(sources("events").len() > 10, "sources are found");
}

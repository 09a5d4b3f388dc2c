//! Holds the import rules of ARCHITECTURE.md against the sources, as text.
#![allow(clippy::expect_used, clippy::string_slice, reason = "a test stops at the first surprise")]

mod commands;
mod threats;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders of the server and what each may import. `clock`, `config`, `findings`, `metrics` and `outbound` are leaves that all may use.
const SERVER: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("metrics", &[]),
    ("config", &[]),
    ("findings", &[]),
    ("outbound", &[]),
    ("storage", &[]),
    ("cluster", &[]),
    ("organization", &["storage"]),
    ("accounts", &["storage"]),
    ("routing", &["organization", "cluster", "storage"]),
    ("sign_on", &["organization", "storage"]),
    ("modules", &["routing", "organization", "sign_on", "storage"]),
    ("stream", &["routing", "accounts"]),
    ("component", &["routing", "accounts"]),
    ("http", &["accounts", "cluster", "modules", "organization", "routing", "sign_on", "storage"]),
];
const LEAVES: &[&str] = &["clock", "config", "findings", "metrics", "outbound"];
/// Sources that put everything together.
const EVERYTHING: &[&str] = &["startup", "main", "lib", "command_line"];

/// Words that belong in one place only: where, and the folder that may hold them.
const PLACES: &[(&str, &str, &str)] = &[
    ("server/src", "rusqlite", "storage"),
    ("server/src", "axum", "http"),
    ("server/src", "tower", "http"),
    ("gateway/src", "tokio_serial", "transport"),
    ("gateway/src", "rusqlite", "store"),
];

/// Crates of ours and which of ours each may name in its manifest.
const CRATES: &[(&str, &[&str])] = &[
    ("server/protocol", &[]),
    ("server/sign-on", &[]),
    ("server", &["posthouse-protocol", "posthouse-sign-on"]),
    ("gateway", &["posthouse-protocol"]),
    ("src-tauri/engine", &["posthouse-protocol"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests folder lies in the repository")
        .to_owned()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).expect("a source folder can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// First component below `src`, without `.rs`: the folder a source belongs to.
fn place(source: &Path, below: &Path) -> String {
    let relative = source.strip_prefix(below).expect("the source lies below");
    let first = relative.components().next().expect("a path has a component");
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// What a source names behind `crate::`, also in braces.
fn imports(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (start, _) in text.match_indices("crate::") {
        let rest = &text[start + "crate::".len()..];
        let group = rest.strip_prefix('{').map_or(rest, |inner| inner.split('}').next().unwrap_or(inner));
        let names = if rest.starts_with('{') { group.split(',').collect() } else { vec![group] };
        for name in names {
            let word: String = name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.insert(word);
        }
    }
    found
}

/// The pages that put the modules together.
fn is_pipeline(source: &Path) -> bool {
    source.ends_with("modules/pipeline.rs")
        || source.parent().is_some_and(|folder| folder.ends_with("modules/pipeline"))
}

#[test]
fn server_folders_import_only_what_the_table_allows() {
    let source_folder = root().join("server/src");
    let known: BTreeSet<&str> = SERVER.iter().map(|(name, _)| *name).collect();
    let mut broken = Vec::new();
    for source in sources(&source_folder) {
        let place = place(&source, &source_folder);
        if EVERYTHING.contains(&place.as_str()) || is_pipeline(&source) {
            continue;
        }
        let Some((_, allowed)) = SERVER.iter().find(|(name, _)| *name == place) else {
            broken.push(format!("{} is in no folder of the table", source.display()));
            continue;
        };
        let text = fs::read_to_string(&source).expect("a source can be read");
        for import in imports(&text) {
            let is_folder = known.contains(import.as_str()) || EVERYTHING.contains(&import.as_str());
            let is_allowed =
                import == place || allowed.contains(&import.as_str()) || LEAVES.contains(&import.as_str());
            if is_folder && !is_allowed {
                broken.push(format!("{} imports crate::{import}", source.display()));
            }
        }
    }
    assert!(broken.is_empty(), "import rules broken:\n{}", broken.join("\n"));
}

#[test]
fn modules_do_not_know_each_other() {
    let modules = root().join("server/src/modules");
    let mut broken = Vec::new();
    for source in sources(&modules) {
        if is_pipeline(&source) {
            continue;
        }
        let own = place(&source, &modules);
        let text = fs::read_to_string(&source).expect("a source can be read");
        for (start, _) in text.match_indices("crate::modules::") {
            let rest = &text[start + "crate::modules::".len()..];
            let other: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            // The company that their scenes play in belongs to none of them.
            if other != own && other != "testing" {
                broken.push(format!("{} imports module {other}", source.display()));
            }
        }
    }
    assert!(broken.is_empty(), "modules import modules:\n{}", broken.join("\n"));
}

#[test]
fn a_library_stays_in_its_folder() {
    let mut broken = Vec::new();
    for (below, library, home) in PLACES {
        let below = root().join(below);
        for source in sources(&below) {
            let text = fs::read_to_string(&source).expect("a source can be read");
            let names_it = text.contains(&format!("{library}::")) || text.contains(&format!("use {library}"));
            if names_it && place(&source, &below) != *home {
                broken.push(format!("{} uses {library}, which belongs in {home}/", source.display()));
            }
        }
    }
    assert!(broken.is_empty(), "libraries out of place:\n{}", broken.join("\n"));
}

#[test]
fn crates_name_only_what_they_may() {
    for (folder, allowed) in CRATES {
        let manifest =
            fs::read_to_string(root().join(folder).join("Cargo.toml")).expect("a manifest can be read");
        for line in manifest.lines().filter(|line| line.starts_with("posthouse-")) {
            let name = line.split(['.', ' ', '=']).next().unwrap_or(line);
            assert!(allowed.contains(&name), "{folder} may not depend on {name}");
        }
    }
}

#[test]
fn the_rules_of_single_sign_on_can_do_no_input_or_output() {
    let manifest =
        fs::read_to_string(root().join("server/sign-on/Cargo.toml")).expect("a manifest can be read");
    for library in ["tokio", "axum", "hyper", "rusqlite", "tracing", "posthouse-"] {
        let names_it = |line: &str| line.starts_with(library) && !line.starts_with("posthouse-sign-on");
        assert!(!manifest.lines().any(names_it), "server/sign-on may not depend on {library}");
    }
}

#[test]
fn no_manifest_switches_on_the_features_that_rename_every_stanza() {
    for folder in [
        "",
        "server/protocol",
        "server/sign-on",
        "server",
        "gateway",
        "src-tauri/engine",
        "src-tauri",
        "tests",
    ] {
        let manifest =
            fs::read_to_string(root().join(folder).join("Cargo.toml")).expect("a manifest can be read");
        for line in manifest.lines().filter(|line| line.contains("xmpp")) {
            assert!(!line.contains("\"component\"") && !line.contains("\"pedantic\""), "{folder}: {line}");
        }
    }
}

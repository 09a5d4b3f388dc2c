//! Licences and bans, by the lists of `deny.toml`: by cargo-deny where it is installed, otherwise by
//! reading cargo's own metadata, since compiling cargo-deny takes longer than compiling this project.

mod expression;

use std::fs;

use anyhow::Context;
use serde_json::Value;

use crate::{process, project};

/// Checks the licence of every crate that comes into the programs, and that no banned crate does.
///
/// # Errors
/// A crate breaks the rules.
pub(crate) fn check() -> anyhow::Result<()> {
    if process::exists("cargo-deny") {
        process::run(&mut process::cargo(&["deny", "check", "licenses", "bans"]))
    } else {
        check_metadata()
    }
}

fn check_metadata() -> anyhow::Result<()> {
    let rules = fs::read_to_string(project::root().join("deny.toml")).context("deny.toml")?;
    let allowed = strings_of(&rules, "allow = [").context("deny.toml has no list `allow`")?;
    let banned = strings_of(&rules, "deny = [").context("deny.toml has no list `deny`")?;
    let metadata = process::output(&mut process::cargo(&["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata")?;
    let packages = metadata.get("packages").and_then(Value::as_array).context("cargo metadata: packages")?;
    let faults: Vec<String> =
        packages.iter().filter_map(|package| fault(package, &allowed, &banned)).collect();
    anyhow::ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

/// What is wrong with one crate.
fn fault(package: &Value, allowed: &[String], banned: &[String]) -> Option<String> {
    let text = |key: &str| package.get(key).and_then(Value::as_str);
    let name = text("name")?;
    if banned.iter().any(|ban| ban == name) {
        return Some(format!("{name} is banned"));
    }
    // Crates of this workspace have no source.
    text("source")?;
    let Some(licence) = text("license") else {
        return Some(format!("{name} names no licence"));
    };
    match expression::allows(licence, &|one| allowed.iter().any(|licence| licence == one)) {
        Some(true) => None,
        Some(false) => Some(format!("{name}: the licence {licence} is not allowed")),
        None => Some(format!("{name}: the licence {licence} cannot be read")),
    }
}

/// The quoted strings of the first list that starts with `head`.
fn strings_of(rules: &str, head: &str) -> Option<Vec<String>> {
    let (_, behind) = rules.split_once(&format!("\n{head}"))?;
    let (inside, _) = behind.split_once("\n]")?;
    let strings = inside
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.strip_prefix('"')?.split_once('"'))
        .map(|(string, _)| string.to_owned())
        .collect();
    Some(strings)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{fault, strings_of};

    #[test]
    fn the_lists_of_the_rules_are_read() {
        let rules = "[licenses]\nallow = [\n    \"MIT\",\n    # \"no\",\n    \"ISC\", # why\n]\nx = []\n";
        assert_eq!(strings_of(rules, "allow = [").unwrap(), ["MIT", "ISC"]);
        assert_eq!(strings_of(rules, "deny = ["), None);
    }

    #[test]
    fn a_crate_with_a_foreign_licence_is_named() {
        let allowed = ["MIT".to_owned()];
        let banned = ["openssl-sys".to_owned()];
        let check = |name: &str, licence: Option<&str>| {
            let package = json!({ "name": name, "license": licence, "source": "registry" });
            fault(&package, &allowed, &banned)
        };
        assert_eq!(check("fine", Some("MIT OR GPL-3.0")), None);
        assert!(check("copyleft", Some("GPL-3.0")).unwrap().contains("copyleft"));
        assert!(check("bare", None).is_some());
        assert!(check("openssl-sys", Some("MIT")).is_some());
    }
}

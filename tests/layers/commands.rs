//! The window may ask for every command of the shell, and the shell has every command that the window may ask for.

use std::collections::BTreeSet;
use std::fs;

use super::root;

/// The names between two marks, one in each line.
fn names(file: &str, (from, to): (&str, &str)) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(file)).expect("the file can be read");
    let (_, rest) = text.split_once(from).expect("the list begins");
    let (list, _) = rest.split_once(to).expect("the list ends");
    let lines = list.lines().map(|line| line.trim().trim_matches([',', '"']));
    lines
        .filter(|name| !name.is_empty())
        .map(|name| name.rsplit("::").next().unwrap_or(name).to_owned())
        .collect()
}

#[test]
fn the_window_may_ask_for_exactly_the_commands_that_the_shell_has() {
    let commands = names("src-tauri/src/commands.rs", ("generate_handler![", "]"));
    let allowed = names("src-tauri/permissions/window.toml", ("commands.allow = [", "]"));
    assert!(commands.len() > 40, "{commands:?}");
    assert_eq!(commands, allowed);
}

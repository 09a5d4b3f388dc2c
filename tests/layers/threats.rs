//! Holds the list of threats in `docs/single-sign-on.md` against the names of the tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::{root, sources};

/// How many there are.
const THREATS: u32 = 23;

/// Files that hold a test of each threat.
fn tested() -> BTreeMap<u32, BTreeSet<String>> {
    let mut found: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for folder in ["server", "src-tauri", "tests"] {
        for source in sources(&root().join(folder)) {
            let text = fs::read_to_string(&source).expect("a source can be read");
            let path = source.strip_prefix(root()).expect("a source lies in the repository");
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            for pair in lines.windows(2) {
                let [above, line] = pair else { continue };
                let name = line.trim_start_matches("async ").strip_prefix("fn threat_");
                let Some(number) = name.and_then(|name| name.split('_').next()) else { continue };
                assert!(above.starts_with("#["), "{}: {line} is no test", path.display());
                let number = number.parse().expect("a threat has a number");
                found.entry(number).or_default().insert(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found
}

/// What the page says of each threat: the files it names, and the rest of the row's last cell.
fn listed() -> BTreeMap<u32, (BTreeSet<String>, String)> {
    let page = fs::read_to_string(root().join("docs/single-sign-on.md")).expect("the page can be read");
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let number = cells.first()?.parse().ok()?;
        let last = *cells.last()?;
        let files = last.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        Some((number, (files, last.to_owned())))
    };
    page.lines().filter(|line| line.starts_with('|')).filter_map(row).collect()
}

#[test]
fn every_threat_to_single_sign_on_has_a_test_that_the_page_names_or_a_written_reason() {
    let (tested, listed) = (tested(), listed());
    assert_eq!(listed.keys().copied().collect::<Vec<_>>(), (1..=THREATS).collect::<Vec<_>>());
    assert!(tested.keys().all(|number| listed.contains_key(number)), "a test of an unknown threat");
    for (number, (files, cell)) in &listed {
        let found = tested.get(number).cloned().unwrap_or_default();
        assert_eq!(
            *files, found,
            "files with tests of threat {number}: those of the page, and those there are"
        );
        let has_reason = cell.strip_prefix("no test: ").is_some_and(|reason| reason.len() > 20);
        assert_ne!(found.is_empty(), !has_reason, "threat {number} has either tests or a reason");
    }
}

//! The inputs in `tests/corpus/wire`: what every run starts from, and what every test run replays.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// What the folder of an input says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// `accepted`: complete stanzas.
    Accepted,
    /// `refused/…`: the first element is refused for this reason.
    Refused(&'static str),
    /// `headers`: a stream header.
    Header,
    /// `refused/header`: no stream header.
    NoHeader,
}

/// All inputs.
#[derive(Debug)]
pub struct Corpus {
    /// Name, verdict and bytes, by name.
    pub inputs: Vec<(PathBuf, Verdict, Vec<u8>)>,
}

const FOLDERS: [(&str, Verdict); 8] = [
    ("accepted", Verdict::Accepted),
    ("headers", Verdict::Header),
    ("refused/header", Verdict::NoHeader),
    ("refused/not-well-formed", Verdict::Refused("not-well-formed")),
    ("refused/restricted-xml", Verdict::Refused("restricted-xml")),
    ("refused/undeclared-prefix", Verdict::Refused("undeclared-prefix")),
    ("refused/not-utf8", Verdict::Refused("not-utf8")),
    ("refused/over-limit", Verdict::Refused("over-limit")),
];

impl Corpus {
    /// Reads the corpus of the repository.
    ///
    /// # Errors
    /// A folder or file cannot be read.
    pub fn read() -> anyhow::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/wire");
        let mut inputs = Vec::new();
        for (folder, verdict) in FOLDERS {
            let path = root.join(folder);
            for entry in std::fs::read_dir(&path).with_context(|| path.display().to_string())? {
                let file = entry?.path();
                let bytes = std::fs::read(&file).with_context(|| file.display().to_string())?;
                // Editors end a file with a line feed; in a stream that is a keep-alive.
                inputs.push((file, verdict, bytes));
            }
        }
        inputs.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(Self { inputs })
    }
}

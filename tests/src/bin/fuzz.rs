//! `cargo xtask fuzz --seconds N [--seed S]`, or `--file F` for one input: random input for the wire scanner.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use posthouse_tests::wire_fuzz::{Corpus, Hunt, check};

/// What the command line asks for.
#[derive(Debug)]
struct Wish {
    seconds: u64,
    seed: u64,
    file: Option<PathBuf>,
}

fn main() -> ExitCode {
    match read_arguments(std::env::args().skip(1)).and_then(run) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("fuzz: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn read_arguments(mut words: impl Iterator<Item = String>) -> anyhow::Result<Wish> {
    let mut seed = [0_u8; 8];
    aws_lc_rs::rand::fill(&mut seed).context("the system gives no randomness")?;
    let mut wish = Wish { seconds: 60, seed: u64::from_le_bytes(seed), file: None };
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--seconds" => wish.seconds = value.parse().context("--seconds takes a number")?,
            "--seed" => wish.seed = value.parse().context("--seed takes a number")?,
            "--file" => wish.file = Some(value.into()),
            _ => anyhow::bail!("there is no {word}; there are --seconds, --seed and --file"),
        }
    }
    Ok(wish)
}

/// Whether nothing was found.
fn run(wish: Wish) -> anyhow::Result<bool> {
    if let Some(file) = wish.file {
        let input = std::fs::read(&file).with_context(|| file.display().to_string())?;
        return Ok(match check(&input) {
            Ok(traits) => {
                say(&format!("{traits:?}"));
                true
            }
            Err(finding) => {
                say(&finding.to_string());
                false
            }
        });
    }
    say(&format!("seed {}, {} seconds", wish.seed, wish.seconds));
    let corpus = Corpus::read()?;
    let inputs = corpus.inputs.into_iter().map(|(_, _, bytes)| bytes);
    // Panics are findings; their words are in the report.
    std::panic::set_hook(Box::new(|_| {}));
    let report = Hunt::new(wish.seed, inputs, &check).run(Duration::from_secs(wish.seconds), u64::MAX);
    say(&format!(
        "{} inputs of {} kinds, {} stanzas accepted and compared, refused: {:?}",
        report.inputs, report.kinds, report.stanzas, report.refused
    ));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fuzz");
    let files = report.write(&folder)?;
    for ((finding, _), file) in report.findings.values().zip(&files) {
        say(&format!("{finding}\nseed {}; cargo xtask fuzz --file {}", wish.seed, file.display()));
    }
    say(&format!("{} findings", report.findings.len()));
    Ok(report.findings.is_empty())
}

fn say(line: &str) {
    // Nobody is left to tell when the terminal is gone.
    let _ = writeln!(std::io::stdout(), "{line}");
}

//! `cargo xtask fuzz [--target T] [--seconds N] [--seed S]`, or `--target T --file F` for one input: random input
//! for everything that reads what strangers write.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use posthouse_tests::gateway_fuzz::{DIALOGUE, LINES, TPDU};
use posthouse_tests::random_input::{Hunt, Target, corpus};
use posthouse_tests::wire_fuzz::{Corpus, WIRE};

/// What the command line asks for.
#[derive(Debug)]
struct Wish {
    targets: Vec<Target>,
    seconds: u64,
    seed: u64,
    file: Option<PathBuf>,
}

/// Targets take turns of this length, so that each has its share whenever the hunt is ended.
const TURN: Duration = Duration::from_secs(10);

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
    let mut wish = Wish { targets: targets("all")?, seconds: 60, seed: u64::from_le_bytes(seed), file: None };
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--target" => wish.targets = targets(&value)?,
            "--seconds" => wish.seconds = value.parse().context("--seconds takes a number")?,
            "--seed" => wish.seed = value.parse().context("--seed takes a number")?,
            "--file" => wish.file = Some(value.into()),
            _ => anyhow::bail!("there is no {word}; there are --target, --seconds, --seed and --file"),
        }
    }
    Ok(wish)
}

fn targets(name: &str) -> anyhow::Result<Vec<Target>> {
    let all = [WIRE, LINES, DIALOGUE, TPDU];
    Ok(match name {
        "all" => all.to_vec(),
        "gateway" => vec![LINES, DIALOGUE, TPDU],
        _ => {
            let one = all.into_iter().find(|target| target.name == name);
            vec![one.with_context(|| {
                format!("there is no target {name}; there are wire, lines, dialogue, tpdu, gateway and all")
            })?]
        }
    })
}

/// Whether nothing was found.
fn run(wish: Wish) -> anyhow::Result<bool> {
    if let Some(file) = &wish.file {
        return try_file(&wish.targets, file);
    }
    say(&format!("seed {}, {} seconds", wish.seed, wish.seconds));
    let mut hunts = Vec::new();
    for target in &wish.targets {
        hunts.push(Hunt::new(wish.seed, start_of(*target)?, *target));
    }
    // Panics are findings; their words are in the report.
    std::panic::set_hook(Box::new(|_| {}));
    let end = Instant::now() + Duration::from_secs(wish.seconds);
    while Instant::now() < end {
        for hunt in &mut hunts {
            let left = end.saturating_duration_since(Instant::now());
            hunt.go_on(left.min(TURN), u64::MAX);
        }
        if hunts.iter().any(Hunt::has_enough) {
            break;
        }
    }
    let mut is_clean = true;
    for hunt in hunts {
        is_clean &= tell(wish.seed, hunt)?;
    }
    Ok(is_clean)
}

fn start_of(target: Target) -> anyhow::Result<Vec<Vec<u8>>> {
    if target.name == WIRE.name {
        return Ok(Corpus::read()?.inputs.into_iter().map(|(_, _, bytes)| bytes).collect());
    }
    Ok(corpus(target.name)?.into_iter().map(|(_, bytes)| bytes).collect())
}

fn try_file(targets: &[Target], file: &Path) -> anyhow::Result<bool> {
    let [target] = targets else { anyhow::bail!("a file is for one target: name it with --target") };
    let input = std::fs::read(file).with_context(|| file.display().to_string())?;
    let checked = (target.check)(&input);
    match &checked {
        Ok(traits) => say(&format!("{traits:?}")),
        Err(finding) => say(&finding.to_string()),
    }
    Ok(checked.is_ok())
}

fn tell(seed: u64, hunt: Hunt) -> anyhow::Result<bool> {
    let name = hunt.target().name;
    let report = hunt.report();
    say(&format!(
        "{name}: {} inputs of {} kinds, {} messages accepted and compared, refused: {:?}",
        report.inputs, report.kinds, report.accepted, report.refused
    ));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fuzz").join(name);
    let files = report.write(&folder)?;
    for ((finding, _), file) in report.findings.values().zip(&files) {
        let again = format!("cargo xtask fuzz --target {name} --file {}", file.display());
        say(&format!("{finding}\nseed {seed}; {again}"));
    }
    say(&format!("{name}: {} findings", report.findings.len()));
    Ok(report.findings.is_empty())
}

fn say(line: &str) {
    // Nobody is left to tell when the terminal is gone.
    let _ = writeln!(std::io::stdout(), "{line}");
}

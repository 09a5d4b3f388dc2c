//! `cargo xtask …`: the few commands people repeat. CI calls the same ones and nothing else.

mod check;
mod console;
mod delegated;
mod demo;
mod interop;
mod interrupt;
mod licences;
mod packages;
mod process;
mod project;
mod steps;
mod test;
mod window;
mod windows;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask test                   everything a change must pass
cargo xtask check                  the quick part of it: format, lints, import rules, licences
cargo xtask check-windows          the app's code as Windows compiles it, read on Linux
cargo xtask packages               installs what the system lacks
cargo xtask licences               licences and bans of all crates
cargo xtask demo [--headless]      a server with an organisation, and two people who talk
cargo xtask screenshots            the pictures in docs/, taken from the running program
cargo xtask generate-types         ui/src/backend/generated.ts from the engine's types
cargo xtask icons                  icons/ from icons/posthouse.svg
cargo xtask fuzz --seconds N       random input for what strangers write; --target T: one reader
cargo xtask chaos --kills N        kill -9 under load, again and again; --gateway: the gateway;
                                   --notices: both, while notices go to people and phones
cargo xtask load                   figures beside other servers
cargo xtask load sms               figures beside other SMS gateways
cargo xtask interop [SCENE …]      scenes with clients nobody here wrote
";

fn main() -> ExitCode {
    interrupt::listen();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", arguments.as_slice()),
    };
    match run(command, rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::say(&format!("xtask {command}: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, rest: &[String]) -> anyhow::Result<()> {
    match command {
        "test" => test::run(),
        "check" => check::run(),
        "demo" => demo::run(rest),
        "screenshots" => demo::screenshots(),
        "packages" => packages::install_missing(),
        "check-windows" => windows::check(),
        "licences" => licences::check(),
        "icons" => window::icons(),
        "interop" => interop::run(rest),
        "fuzz" | "chaos" | "load" | "generate-types" => delegated::run(command, rest),
        "help" | "--help" | "-h" => {
            console::say(USAGE.trim_end());
            Ok(())
        }
        other => anyhow::bail!("there is no such command: {other}\n\n{USAGE}"),
    }
}

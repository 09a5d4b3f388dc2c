//! Entry point: see `command_line`.

use std::process::ExitCode;

fn main() -> ExitCode {
    posthouse_gateway::command_line::main()
}

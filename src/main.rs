//! Turns the argument vector into a command and the command into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    let code = levertide::commands::main(std::env::args_os());
    ExitCode::from(u8::try_from(code).expect("every exit code is a byte"))
}

//! Turns the argument vector into a command and the command into an exit code.

fn main() {}

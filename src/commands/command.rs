//! States what a verb of the command line is, and makes the choice of verbs from one list.

use super::flags::Voice;
use crate::problem::Problems;

/// A verb: what may be typed behind it (the fields of its struct, which clap reads), and what it does.
pub trait Command {
    /// Does it, to the exit code.
    fn execute(&self) -> Result<i32, Problems>;

    /// How it speaks while working; nothing where it says nothing before its end.
    fn voice(&self) -> Option<&Voice> {
        None
    }

    /// Whether it reads tables or sets a document, whose libraries start threads.
    fn starts_threads(&self) -> bool {
        true
    }
}

/// Writes the enumeration of what can be typed, a line a verb: its name and its struct.
macro_rules! verbs {
    ($(#[$meta:meta])* pub enum $Verb:ident { $($(#[$verb_meta:meta])* $Name:ident($of:ty),)* }) => {
        $(#[$meta])*
        #[derive(Debug, clap::Subcommand)]
        pub enum $Verb {
            $($(#[$verb_meta])* $Name($of),)*
        }

        impl $Verb {
            /// The verb that was typed.
            fn command(&self) -> &dyn $crate::commands::command::Command {
                match self {
                    $($(#[$verb_meta])* $Verb::$Name(command) => command,)*
                }
            }
        }
    };
}
pub(super) use verbs;

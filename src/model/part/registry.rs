//! Makes the choice of a kind of part from one list, a line a part.

/// Writes the enumeration that a programme chooses from, and hands out what each part declares.
///
/// In brackets stands the choice without a table, where there is one: its word, and the part that stands for it.
macro_rules! registry {
    (
        $(#[$meta:meta])*
        pub enum $Choice:ident: $Rule:ident {
            $([$(#[$off_meta:meta])* $Off:ident = $off:path])?
            $($(#[$part_meta:meta])* $Name:ident($part:path),)*
        }
    ) => {
        $(#[$meta])*
        pub enum $Choice {
            $($(#[$off_meta])* $Off,)?
            $($(#[$part_meta])* $Name($part),)*
        }

        impl $Choice {
            /// What every choice declares, in the order of the list.
            pub const ALL: &'static [&'static $crate::model::part::Declared] = &[
                $(&<$off as $crate::model::part::Part>::DECLARED,)?
                $($(#[$part_meta])* &<$part as $crate::model::part::Part>::DECLARED,)*
            ];

            /// What the choice made declares.
            pub fn declared(&self) -> &'static $crate::model::part::Declared {
                match self {
                    $($Choice::$Off => &<$off as $crate::model::part::Part>::DECLARED,)?
                    $($(#[$part_meta])* $Choice::$Name(_) => &<$part as $crate::model::part::Part>::DECLARED,)*
                }
            }

            /// The values it was made with, by key.
            pub fn values(&self) -> $crate::model::part::Values {
                match self {
                    $($Choice::$Off => $crate::model::part::Values::default(),)?
                    $($(#[$part_meta])* $Choice::$Name(part) => $crate::model::part::Values::of(part),)*
                }
            }

            /// What the report says of it.
            pub fn sentence(&self) -> $crate::model::part::Words {
                let at = match self {
                    $($Choice::$Off => $crate::model::part::Part::sentence(&$off),)?
                    $($(#[$part_meta])* $Choice::$Name(part) => $crate::model::part::Part::sentence(part),)*
                };
                self.declared().sentences[at]
            }

            /// What is wrong with its values.
            pub fn faults(&self) -> Vec<$crate::model::part::Fault> {
                match self {
                    $($Choice::$Off => $crate::model::part::Part::faults(&$off),)?
                    $($(#[$part_meta])* $Choice::$Name(part) => $crate::model::part::Part::faults(part),)*
                }
            }

            /// What it does.
            #[inline]
            fn rule(&self) -> &dyn $Rule {
                match self {
                    $($Choice::$Off => &$off,)?
                    $($(#[$part_meta])* $Choice::$Name(part) => part,)*
                }
            }
        }
    };
}
pub(in crate::model) use registry;

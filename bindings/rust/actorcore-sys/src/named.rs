//! Names of constants: each group parses, prints and checks its values.

use core::fmt;

/// A text that is no constant of its group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownName;

impl fmt::Display for UnknownName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("no constant of this group has that name")
    }
}

impl core::error::Error for UnknownName {}

/// A group of constants. Its values print as their names, flags joined by `|`, and what has no name as a number; they
/// parse from their names with or without the C prefix.
pub trait Named: Copy + 'static {
    /// The C prefix of its constants.
    const PREFIX: &'static str;
    /// Do its values combine?
    const FLAGS: bool;
    /// Every constant.
    const ALL: &'static [(&'static str, Self)];

    /// The name of exactly this value.
    fn name(self) -> Option<&'static str>;
    /// A value that this version knows; for flags, a combination of such.
    fn is_valid(self) -> bool;
}

macro_rules! named {
    ($type:ident, $scalar:ty, $prefix:literal, $flags:literal, [$(($name:literal, $value:ident),)*]) => {
        impl crate::Named for $type {
            const PREFIX: &'static str = $prefix;
            const FLAGS: bool = $flags;
            const ALL: &'static [(&'static str, Self)] = &[$(($name, $type($value))),*];

            fn name(self) -> Option<&'static str> {
                Self::ALL.iter().find(|row| row.1 == self).map(|row| row.0)
            }

            fn is_valid(self) -> bool {
                let known = Self::ALL.iter().fold(0, |known, row| known | row.1 .0);
                if $flags { self.0 & !known == 0 } else { self.name().is_some() }
            }
        }

        impl core::fmt::Display for $type {
            fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                use crate::Named;
                if let Some(name) = self.name() {
                    return out.write_str(name);
                }
                if !$flags || self.0 == 0 || !self.is_valid() {
                    return write!(out, "{}", self.0);
                }
                let mut bar = "";
                for (name, _) in Self::ALL.iter().filter(|row| self.0 & row.1 .0 != 0) {
                    write!(out, "{bar}{name}")?;
                    bar = "|";
                }
                Ok(())
            }
        }

        impl core::fmt::Debug for $type {
            fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(out, "{self}")
            }
        }

        impl core::str::FromStr for $type {
            type Err = crate::UnknownName;

            fn from_str(text: &str) -> Result<Self, crate::UnknownName> {
                use crate::Named;
                let one = |text: &str| {
                    let short = text.strip_prefix(Self::PREFIX).unwrap_or(text);
                    let found = Self::ALL.iter().find(|row| row.0 == short);
                    found.map(|row| row.1 .0).ok_or(crate::UnknownName)
                };
                if !$flags {
                    return one(text).map($type);
                }
                if text == "0" {
                    return Ok($type(0));
                }
                text.split('|').try_fold(0, |all, part| Ok(all | one(part)?)).map($type)
            }
        }
    };
}

pub(crate) use named;

//! The oldest glibc that runs a program, from the versions of the symbols that it imports.

use super::tool::tool_text;
use crate::Outcome;
use std::fmt;
use std::path::Path;
use std::process::Command;

/// A version of glibc: 2 and 34.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

impl Version {
    pub fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        Some(Self(major.parse().ok()?, minor.parse().ok()?))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// The oldest glibc that has all symbols of a program.
///
/// # Errors
/// When `objdump` fails, or the program needs none: it is linked statically, and the other parts expect glibc.
pub fn needed(program: &Path) -> Outcome<Version> {
    let symbols =
        tool_text(Command::new("objdump").args(["--dynamic-syms"]).arg(program).env("LC_ALL", "C"))?;
    newest(&symbols).ok_or_else(|| format!("{}: no symbol of glibc", program.display()))
}

/// The newest version in a table of symbols. The third number of `GLIBC_2.2.5` makes no difference to a floor.
fn newest(symbols: &str) -> Option<Version> {
    let versions = symbols.split("GLIBC_").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let mut numbers = rest[..end].split('.').map(str::parse);
        Some(Version(numbers.next()?.ok()?, numbers.next()?.ok()?))
    });
    versions.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_compared_as_numbers() {
        let symbols = "
0000000000000000      DF *UND*  0000000000000000 (GLIBC_2.9)  epoll_create1
0000000000000000      DF *UND*  0000000000000000 (GLIBC_2.2.5) free
0000000000000000  w   DF *UND*  0000000000000000 (GLIBC_2.18) __cxa_thread_atexit_impl
0000000000000000      DF *UND*  0000000000000000 (GLIBC_PRIVATE) __tls_get_addr
0000000000000000      DF *UND*  0000000000000000 (GCC_3.0)    _Unwind_Resume";
        assert_eq!(newest(symbols), Some(Version(2, 18)));
        assert_eq!(newest("nothing"), None);
        assert!(Version(2, 9) < Version(2, 34) && Version::parse("2.34") == Some(Version(2, 34)));
    }
}

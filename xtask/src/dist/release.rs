//! The release: version, processor, time and commit.

use super::Options;
use super::glibc::Version;
use super::tool::tool_text;
use crate::Outcome;
use crate::workspace::Workspace;
use std::path::Path;
use std::process::Command;

/// The processors, by their number in the header of an ELF file: the name in file names, and Debian's, which is also
/// that of images.
const PROCESSORS: [(u16, &str, &str); 2] = [(62, "x86_64", "amd64"), (183, "aarch64", "arm64")];

pub struct Release {
    /// The version of the program, or that of the option.
    pub version: String,
    /// `x86_64`
    pub processor: &'static str,
    /// `amd64`
    pub architecture: &'static str,
    /// Seconds since 1970: the time of all files. That of the commit, so that the same commit gives the same files.
    pub epoch: u64,
    /// The commit.
    pub revision: String,
    /// The oldest glibc that runs the program.
    pub glibc: Version,
    /// Compresses less.
    pub quick: bool,
}

impl Release {
    /// Reads it from the program and the repository.
    ///
    /// # Errors
    /// When the program is for an unknown processor, or is not one of this workspace, or there is no commit.
    pub fn of(workspace: &Workspace, program: &Path, glibc: Version, options: &Options) -> Outcome<Self> {
        let (_, processor, architecture) = processor(program)?;
        let printed = tool_text(Command::new(program).arg("--version").env_clear())?;
        let version = printed.trim().strip_prefix("stagepost ");
        let version = version.ok_or_else(|| format!("{}: not a stagepost: {printed}", program.display()))?;
        let git = |format: &str| {
            let printed =
                tool_text(Command::new("git").args(["log", "-1", format]).current_dir(&workspace.root));
            printed.map(|text| text.trim().to_owned())
        };
        let epoch = match std::env::var("SOURCE_DATE_EPOCH") {
            Ok(epoch) => epoch,
            Err(_) => git("--format=%ct")?,
        };
        Ok(Self {
            version: options.version.clone().unwrap_or_else(|| version.to_owned()),
            processor,
            architecture,
            epoch: epoch
                .parse()
                .map_err(|_| format!("SOURCE_DATE_EPOCH: {epoch}: not a number of seconds"))?,
            revision: git("--format=%H")?,
            glibc,
            quick: options.quick,
        })
    }

    /// `stagepost-0.1.0-x86_64-linux`
    pub fn name(&self) -> String {
        format!("stagepost-{}-{}-linux", self.version, self.processor)
    }

    /// The time as `date` prints it.
    pub fn date(&self, format: &str) -> Outcome<String> {
        let mut date = Command::new("date");
        date.args(["--utc", &format!("--date=@{}", self.epoch), format]).env("LC_ALL", "C");
        tool_text(&mut date).map(|text| text.trim().to_owned())
    }

    /// The time as RFC 3339: 2026-11-29T12:00:00Z.
    pub fn timestamp(&self) -> Outcome<String> {
        self.date("+%Y-%m-%dT%H:%M:%SZ")
    }
}

/// A version becomes part of file names, package versions and tags of images.
pub fn checked_version(text: &str) -> Outcome<String> {
    let is_valid = text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
    if is_valid { Ok(text.to_owned()) } else { Err(format!("--version {text}: a version such as 1.2.3")) }
}

fn processor(program: &Path) -> Outcome<(u16, &'static str, &'static str)> {
    let content = std::fs::read(program).map_err(|e| format!("{}: {e}", program.display()))?;
    let machine = match content.get(18..20) {
        Some(&[low, high]) if content.starts_with(b"\x7fELF") => u16::from_le_bytes([low, high]),
        _ => return Err(format!("{}: not a program for Linux", program.display())),
    };
    let known = PROCESSORS.into_iter().find(|(number, ..)| *number == machine);
    known.ok_or_else(|| format!("{}: unknown processor {machine}", program.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_fit_into_names() {
        for good in ["0.1.0", "1.0.0-rc.1"] {
            assert_eq!(checked_version(good).as_deref(), Ok(good));
        }
        for bad in ["", "v1", "1 0", "1/0", "1_0", "1+x"] {
            assert!(checked_version(bad).is_err(), "{bad}");
        }
    }
}

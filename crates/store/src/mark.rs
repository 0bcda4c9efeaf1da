//! The mark of a store: its identity and a number that only grows. The database holds it, and the file
//! `stagepost.mark` in the data directory holds a copy, which may lag behind. A start compares both: another
//! identity is another database, a smaller number is an older one.

use crate::loss::Loss;
use crate::rows::settings;
use crate::sql::Sql;
use domain::ports::unavailable;
use domain::{Error, Result};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The setting that holds the mark.
const SETTING: &str = "mark";
const HEADER: &str =
    "# Identity of the database of this directory. Keep both together. Checked at each start.\n";

/// A mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// 32 hexadecimal digits.
    pub identity: String,
    /// Grows with the content of the database.
    pub number: u64,
}

/// The copy of the mark in a data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkFile {
    /// The mark.
    pub mark: Mark,
    /// A server has started on the database and not stopped normally: the write-ahead log belongs to it.
    pub running: bool,
    /// The number of a commit that the journal files, or the database, had at least; `None`: no server has used
    /// journal files.
    pub journal: Option<u64>,
}

impl Mark {
    /// The mark in the database; `None` in a store of an earlier version.
    pub fn load(sql: &dyn Sql) -> Result<Option<Self>> {
        Ok(settings::load(sql, SETTING)?.and_then(|text| Self::parse(&text)))
    }

    /// Stores the mark in the database.
    pub fn store(&self, sql: &dyn Sql) -> Result<()> {
        settings::store(sql, SETTING, &format!("{} {}", self.identity, self.number))
    }

    /// The bytes of the identity.
    pub fn identity_bytes(&self) -> [u8; 16] {
        let number = u128::from_str_radix(&self.identity, 16).unwrap_or_default();
        number.to_be_bytes()
    }

    /// The next mark of the same store.
    pub fn next(&self) -> Self {
        Self { identity: self.identity.clone(), number: self.number + 1 }
    }

    /// The mark in the text of the setting.
    pub fn parse(text: &str) -> Option<Self> {
        let (identity, number) = text.split_once(' ')?;
        let is_identity = identity.len() == 32 && identity.bytes().all(|b| b.is_ascii_hexdigit());
        Some(Self { identity: identity.to_owned(), number: number.parse().ok()? }).filter(|_| is_identity)
    }
}

impl MarkFile {
    /// The file in a data directory.
    pub fn path(dir: &Path) -> PathBuf {
        dir.join("stagepost.mark")
    }

    /// Reads the file; `None` if there is none.
    ///
    /// # Errors
    /// [`Loss::MarkDamaged`].
    pub fn load(dir: &Path) -> std::result::Result<Option<Self>, Loss> {
        let path = Self::path(dir);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).map(Some).ok_or(Loss::MarkDamaged { path }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(_) => Err(Loss::MarkDamaged { path }),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_prefix('='));
            line.map(|value| value.trim().trim_matches('"'))
        };
        let mark = Mark::parse(&format!("{} {}", value("identity")?, value("number")?))?;
        let journal = value("journal").map(str::parse).transpose().ok()?;
        Some(Self { mark, running: value("running")?.parse().ok()?, journal })
    }

    /// Replaces the file.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with the path.
    pub fn save(&self, dir: &Path) -> Result<()> {
        let (path, new) = (Self::path(dir), dir.join("stagepost.mark.new"));
        let Self { mark: Mark { identity, number }, running, journal } = self;
        let journal = journal.map(|number| format!("journal = {number}\n")).unwrap_or_default();
        let text =
            format!("{HEADER}identity = \"{identity}\"\nnumber = {number}\nrunning = {running}\n{journal}");
        let write = || -> std::io::Result<()> {
            let mut file =
                OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&new, &path)?;
            File::open(dir)?.sync_all()
        };
        write().map_err(|error| at(&path, &error))
    }

    /// Removes the file, if there is one.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with the path.
    pub fn remove(dir: &Path) -> Result<()> {
        let path = Self::path(dir);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(at(&path, &error)),
            _ => Ok(()),
        }
    }
}

fn at(path: &Path, error: &std::io::Error) -> Error {
    unavailable(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_keeps_the_mark() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(MarkFile::load(dir.path()), Ok(None));
        for running in [true, false] {
            let journal = running.then_some(41);
            let file = MarkFile { mark: Mark { identity: "0f".repeat(16), number: 7 }, running, journal };
            file.save(dir.path()).unwrap();
            assert_eq!(MarkFile::load(dir.path()), Ok(Some(file)));
        }
        let path = MarkFile::path(dir.path());
        for damaged in ["", "identity = 1\nnumber = 2\nrunning = true\n", "number = 7\nrunning = true\n"] {
            std::fs::write(&path, damaged).unwrap();
            assert_eq!(
                MarkFile::load(dir.path()),
                Err(Loss::MarkDamaged { path: path.clone() }),
                "{damaged}"
            );
        }
        MarkFile::remove(dir.path()).unwrap();
        MarkFile::remove(dir.path()).unwrap();
        assert_eq!(MarkFile::load(dir.path()), Ok(None));
    }
}

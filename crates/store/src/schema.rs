//! The version of the schema of a store, compared with the versions that this program knows. There are no downgrades.

use domain::Error;
use domain::ports::unavailable;
use std::fmt;
use std::path::{Path, PathBuf};

/// A database that a newer version of the program has migrated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewerSchema {
    /// The database file; `None`: a database of PostgreSQL.
    pub path: Option<PathBuf>,
    /// The version of its schema.
    pub found: u64,
    /// The newest version that this program knows.
    pub known: u64,
}

impl fmt::Display for NewerSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, found, known } = self;
        write!(
            f,
            "{} has schema {found}, and this program knows schemas up to {known}: use the newer program, or restore a backup from before the upgrade",
            name(path.as_deref())
        )
    }
}

impl From<NewerSchema> for Error {
    fn from(newer: NewerSchema) -> Self {
        unavailable(newer.to_string())
    }
}

fn name(path: Option<&Path>) -> String {
    path.map_or_else(|| "the database".to_owned(), |path| path.display().to_string())
}

/// Refuses a newer schema.
///
/// # Errors
/// [`NewerSchema`].
pub fn check_not_newer(path: Option<&Path>, found: u64, known: usize) -> Result<(), NewerSchema> {
    let known = known as u64;
    if found > known {
        return Err(NewerSchema { path: path.map(Path::to_owned), found, known });
    }
    Ok(())
}

/// Refuses a schema that is newer or older: a command that only reads does not migrate.
///
/// # Errors
/// [`Error::Unavailable`].
pub fn check_same(path: Option<&Path>, found: u64, known: usize) -> Result<(), Error> {
    check_not_newer(path, found, known)?;
    if found < known as u64 {
        return Err(unavailable(format!(
            "{} has schema {found}, and this program reads schema {known}: start the server of this version once, which migrates it",
            name(path)
        )));
    }
    Ok(())
}

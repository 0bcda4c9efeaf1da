//! Loss of data that a store detects at its start: lost files, damage, an older copy.

use crate::schema::NewerSchema;
use domain::Error;
use std::fmt;
use std::path::PathBuf;

/// Data of the store is missing. A server refuses to start, so that the remaining data is not mistaken for all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loss {
    /// The database file is missing or empty, but its directory was in use.
    DatabaseMissing {
        /// The database file.
        path: PathBuf,
    },
    /// The write-ahead log of a server that did not stop normally is missing or empty.
    LogMissing {
        /// The write-ahead log.
        path: PathBuf,
    },
    /// The write-ahead log is damaged before its end, or ends early: commits are missing.
    LogDamaged {
        /// The write-ahead log.
        path: PathBuf,
        /// The number of the first unreadable page in it, from 1.
        frame: u64,
    },
    /// The database is another one than before.
    OtherStore {
        /// The database file; `None`: a database of PostgreSQL.
        path: Option<PathBuf>,
    },
    /// The database is older than before.
    Older {
        /// The database file.
        path: PathBuf,
    },
    /// The database file is damaged.
    Damaged {
        /// The database file.
        path: PathBuf,
        /// The finding of SQLite.
        reason: String,
    },
    /// A journal file of a server that did not stop normally is missing or empty.
    JournalMissing {
        /// The journal file.
        path: PathBuf,
    },
    /// A journal file is damaged before its end: commits are missing.
    JournalDamaged {
        /// The journal file.
        path: PathBuf,
    },
    /// A journal file is older than before, or that of another store.
    OtherJournal {
        /// The journal file.
        path: PathBuf,
    },
    /// The reports of the journal cannot be applied with the results that were acknowledged.
    JournalRefused {
        /// The database file.
        path: PathBuf,
        /// The commit that cannot be applied.
        reason: String,
    },
    /// The file that describes the store is damaged.
    MarkDamaged {
        /// The file.
        path: PathBuf,
    },
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DatabaseMissing { path } => {
                write!(f, "the database {} is missing or empty", path.display())
            }
            Self::LogMissing { path } => write!(f, "the write-ahead log {} is missing", path.display()),
            Self::LogDamaged { path, frame } => {
                write!(f, "the write-ahead log {} is damaged from page {frame} on", path.display())
            }
            Self::OtherStore { path: Some(path) } => {
                write!(f, "{} is not the former database of this directory", path.display())
            }
            Self::OtherStore { path: None } => f.write_str("this is not the former database of this node"),
            Self::Older { path } => {
                write!(f, "{} is older than the former database of this directory", path.display())
            }
            Self::Damaged { path, reason } => {
                write!(f, "the database {} is damaged: {reason}", path.display())
            }
            Self::JournalMissing { path } => {
                write!(f, "the journal file {} is missing or empty", path.display())
            }
            Self::JournalDamaged { path } => write!(f, "the journal file {} is damaged", path.display()),
            Self::OtherJournal { path } => {
                write!(f, "{} is not the former journal file of this directory", path.display())
            }
            Self::JournalRefused { path, reason } => {
                write!(f, "the journal of the database {} cannot be applied: {reason}", path.display())
            }
            Self::MarkDamaged { path } => write!(f, "{} is damaged", path.display()),
        }
    }
}

/// Why a store cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenError {
    /// Data is missing.
    Loss(Loss),
    /// A newer version of the program has migrated the database.
    NewerSchema(NewerSchema),
    /// Another cause.
    Store(Error),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loss(loss) => loss.fmt(f),
            Self::NewerSchema(newer) => newer.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl From<NewerSchema> for OpenError {
    fn from(newer: NewerSchema) -> Self {
        Self::NewerSchema(newer)
    }
}

impl From<Loss> for OpenError {
    fn from(loss: Loss) -> Self {
        Self::Loss(loss)
    }
}

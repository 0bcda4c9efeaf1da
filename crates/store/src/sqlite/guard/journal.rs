//! Notices at a start that journal files are missing, damaged, exchanged or older, and finds the commits in them that
//! the database lacks.

use super::{copy_aside, damaged};
use crate::journal::{self, Files, LaterCommits};
use crate::loss::{Loss, OpenError};
use crate::mark::{Mark, MarkFile};
use crate::sql::Sql;
use crate::sqlite::offline;
use domain::Result;
use std::path::Path;

/// The state of the journal files according to the data directory.
#[derive(Debug, Clone, Copy, Default)]
pub enum ExpectedJournal {
    /// There are none, or those of a store whose mark is missing.
    #[default]
    Unknown,
    /// The last server stopped normally, so nothing is missing if they lack commits.
    Stopped,
    /// There were two, and the journal, or the database, had the commit with this number.
    Commit(u64),
}

/// The content of the journal files at a start.
pub struct FoundJournal {
    /// The commits that the database lacks.
    pub commits: LaterCommits,
    /// The last generation; `None`: new files are to be created.
    pub generation: Option<u64>,
    /// Nothing is missing without these commits.
    pub is_optional: bool,
}

impl From<&MarkFile> for ExpectedJournal {
    fn from(file: &MarkFile) -> Self {
        match (file.running, file.journal) {
            (false, _) => Self::Stopped,
            (true, Some(number)) => Self::Commit(number),
            (true, None) => Self::Unknown,
        }
    }
}

/// Copies the journal files to new names.
///
/// # Errors
/// [`domain::Error::Unavailable`].
pub fn set_journal_aside(database: &Path) -> Result<()> {
    journal::paths(database).iter().filter(|path| path.exists()).try_for_each(|path| copy_aside(path))
}

/// Finds the commits that the database lacks. `mark` is that of the database.
///
/// # Errors
/// [`OpenError::Loss`] if commits are missing.
pub fn check_journal(
    sql: &dyn Sql,
    database: &Path,
    mark: Option<&Mark>,
    expected: ExpectedJournal,
    accept: bool,
) -> std::result::Result<FoundJournal, OpenError> {
    let applied = offline::applied(sql).map_err(|error| damaged(database, error))?.unwrap_or_default();
    let empty = LaterCommits { last: applied, ..LaterCommits::default() };
    let Some(identity) = mark.map(Mark::identity_bytes) else {
        // Those of a start that was interrupted before the database had a mark.
        if accept {
            set_journal_aside(database)?;
        }
        return Ok(FoundJournal { commits: empty, generation: None, is_optional: true });
    };
    let (required, least) = match expected {
        ExpectedJournal::Stopped => {
            let files = Files::read(database).ok();
            let found = files.and_then(|files| Some((files.generation(identity)?, files)));
            let found = found.map(|(generation, files)| (generation, files.after(applied, Some(identity))));
            return Ok(match found.filter(|(_, commits)| commits.gap.is_none()) {
                Some((generation, commits)) => {
                    FoundJournal { commits, generation: Some(generation), is_optional: true }
                }
                None => FoundJournal { commits: empty, generation: None, is_optional: true },
            });
        }
        ExpectedJournal::Unknown => (false, 0),
        ExpectedJournal::Commit(number) => (true, number),
    };
    let files = Files::read(database)?;
    let (generation, newest) = (files.generation(identity), files.newest());
    let loss = files.find_loss(identity, required);
    let mut commits = files.after(applied, Some(identity));
    let loss = match (loss, commits.gap.take()) {
        (Some(loss), _) => loss,
        (None, Some(path)) => Loss::JournalDamaged { path },
        (None, None) if commits.last < least => Loss::OtherJournal { path: newest },
        (None, None) => return Ok(FoundJournal { commits, generation, is_optional: accept }),
    };
    if !accept {
        return Err(loss.into());
    }
    tracing::warn!(%loss, "starting with the rest of the data, as requested");
    set_journal_aside(database)?;
    Ok(FoundJournal { commits, generation: None, is_optional: true })
}

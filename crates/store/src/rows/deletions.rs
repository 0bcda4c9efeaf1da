//! What retention has deleted of a repository, for statements about the past: a setting for each repository.

use super::settings;
use crate::sql::{Sql, corrupt};
use domain::model::ids::RepositoryId;
use domain::{Result, Timestamp};

/// What was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    /// The latest change of a deleted pipeline: a pipeline that changed later is kept.
    pub changed_at: Timestamp,
    /// The time of the last deletion.
    pub deleted_at: Timestamp,
}

fn name(repository: RepositoryId) -> String {
    format!("deleted/{repository}")
}

/// What was deleted; `None`: nothing.
pub fn load(sql: &dyn Sql, repository: RepositoryId) -> Result<Option<Deleted>> {
    let Some(text) = settings::load(sql, &name(repository))? else { return Ok(None) };
    let time = |millis: &str| Timestamp::from_millisecond(millis.parse().ok()?).ok();
    let read = || {
        let (changed_at, deleted_at) = text.split_once(' ')?;
        Some(Deleted { changed_at: time(changed_at)?, deleted_at: time(deleted_at)? })
    };
    read().map(Some).ok_or_else(|| corrupt("what was deleted of a repository cannot be read"))
}

/// Records a deletion.
pub fn record(sql: &dyn Sql, repository: RepositoryId, deleted: Deleted) -> Result<()> {
    let known = load(sql, repository)?.unwrap_or(deleted);
    let changed_at = known.changed_at.max(deleted.changed_at).as_millisecond();
    let deleted_at = known.deleted_at.max(deleted.deleted_at).as_millisecond();
    settings::store(sql, &name(repository), &format!("{changed_at} {deleted_at}"))
}

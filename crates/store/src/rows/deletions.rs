//! When retention last deleted something of a repository, for statements about the past: a setting for each repository.

use super::settings;
use crate::sql::{Sql, corrupt};
use domain::model::ids::RepositoryId;
use domain::{Result, Timestamp};

fn name(repository: RepositoryId) -> String {
    format!("deleted/{repository}")
}

/// The time of the last deletion, by the trusted time; `None`: nothing was deleted.
pub fn load(sql: &dyn Sql, repository: RepositoryId) -> Result<Option<Timestamp>> {
    let Some(text) = settings::load(sql, &name(repository))? else { return Ok(None) };
    let time = text.parse().ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
    time.map(Some).ok_or_else(|| corrupt("the time of the last deletion of a repository cannot be read"))
}

/// Records a deletion. All of a batch have one time, so that only the first of them writes.
pub fn record(sql: &dyn Sql, repository: RepositoryId, at: Timestamp) -> Result<()> {
    if load(sql, repository)?.is_some_and(|known| known >= at) {
        return Ok(());
    }
    settings::store(sql, &name(repository), &at.as_millisecond().to_string())
}

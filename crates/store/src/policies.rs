//! Policies: rows in and out.

use crate::rows;
use crate::sql::{Sql, values};
use domain::Result;
use domain::SignedDuration;
use domain::model::ids::RepositoryId;
use domain::model::policies::Policies;
use std::collections::BTreeMap;

/// The policies of one repository, or of all that have any.
pub fn load(sql: &dyn Sql, only: Option<RepositoryId>) -> Result<BTreeMap<RepositoryId, Policies>> {
    let only = only.map(RepositoryId::get);
    let query = "SELECT repository_id, silence_limit, keep_for, keep_per_ref FROM policies WHERE CAST(?1 AS BIGINT) IS NULL OR repository_id = ?1";
    let policies = sql.all(query, values![only], |row| {
        let time = |at| -> Result<_> { Ok(row.get::<Option<i64>>(at)?.map(SignedDuration::from_millis)) };
        let policies = Policies {
            inactivity_timeout: time(1)?,
            stage_timeouts: BTreeMap::new(),
            keep_for: time(2)?,
            keep_per_ref: row.get(3)?,
        };
        Ok((rows::repository_id(row.get(0)?)?, policies))
    })?;
    let mut found: BTreeMap<RepositoryId, Policies> = policies.into_iter().collect();
    let query = "SELECT repository_id, stage, silence_limit FROM stage_limits WHERE CAST(?1 AS BIGINT) IS NULL OR repository_id = ?1";
    let stages: Vec<(i64, String, Option<i64>)> =
        sql.all(query, values![only], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for (repository, stage, limit) in stages {
        if let Some(policies) = found.get_mut(&rows::repository_id(repository)?) {
            policies.stage_timeouts.insert(stage, limit.map(SignedDuration::from_millis));
        }
    }
    Ok(found)
}

/// Writes the policies of a repository, all together.
pub fn store(sql: &dyn Sql, repository: RepositoryId, policies: &Policies) -> Result<()> {
    let ms =
        |time: Option<SignedDuration>| time.map(|time| i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    let id = repository.get();
    sql.execute("DELETE FROM stage_limits WHERE repository_id = ?1", values![id])?;
    sql.execute("DELETE FROM policies WHERE repository_id = ?1", values![id])?;
    if *policies == Policies::default() {
        return Ok(());
    }
    let row = values![id, ms(policies.inactivity_timeout), ms(policies.keep_for), policies.keep_per_ref];
    let write =
        "INSERT INTO policies (repository_id, silence_limit, keep_for, keep_per_ref) VALUES (?1, ?2, ?3, ?4)";
    sql.execute(write, row)?;
    let write = "INSERT INTO stage_limits (repository_id, stage, silence_limit) VALUES (?1, ?2, ?3)";
    for (stage, limit) in &policies.stage_timeouts {
        sql.execute(write, values![id, stage, ms(*limit)])?;
    }
    Ok(())
}

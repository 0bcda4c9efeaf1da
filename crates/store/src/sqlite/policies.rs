//! Policies: rows in and out.

use super::failed;
use crate::rows;
use domain::Result;
use domain::SignedDuration;
use domain::model::ids::RepositoryId;
use domain::model::policies::Policies;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// The policies of one repository, or of all that have any.
pub fn load(sql: &Connection, only: Option<RepositoryId>) -> Result<BTreeMap<RepositoryId, Policies>> {
    let only = only.map(RepositoryId::get);
    let mut found = BTreeMap::new();
    let query = "SELECT repository_id, silence_limit, keep_for, keep_per_ref FROM policies WHERE ?1 IS NULL OR repository_id = ?1";
    type Raw = (i64, Option<i64>, Option<i64>, Option<u32>);
    let raws: Vec<Raw> = sql
        .prepare_cached(query)
        .and_then(|mut s| {
            s.query_map([only], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?.collect()
        })
        .map_err(failed)?;
    for (repository, silence_limit, keep_for, keep_per_ref) in raws {
        let policies = Policies {
            silence_limit: silence_limit.map(SignedDuration::from_millis),
            stage_limits: BTreeMap::new(),
            keep_for: keep_for.map(SignedDuration::from_millis),
            keep_per_ref,
        };
        found.insert(rows::repository_id(repository)?, policies);
    }
    let query =
        "SELECT repository_id, stage, silence_limit FROM stage_limits WHERE ?1 IS NULL OR repository_id = ?1";
    let stages: Vec<(i64, String, Option<i64>)> = sql
        .prepare_cached(query)
        .and_then(|mut s| s.query_map([only], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect())
        .map_err(failed)?;
    for (repository, stage, limit) in stages {
        if let Some(policies) = found.get_mut(&rows::repository_id(repository)?) {
            policies.stage_limits.insert(stage, limit.map(SignedDuration::from_millis));
        }
    }
    Ok(found)
}

/// Writes the policies of a repository, all together.
pub fn store(sql: &Connection, repository: RepositoryId, policies: &Policies) -> Result<()> {
    let ms =
        |time: Option<SignedDuration>| time.map(|time| i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    let id = repository.get();
    sql.execute("DELETE FROM stage_limits WHERE repository_id = ?1", [id]).map_err(failed)?;
    sql.execute("DELETE FROM policies WHERE repository_id = ?1", [id]).map_err(failed)?;
    if *policies == Policies::default() {
        return Ok(());
    }
    let row = params![id, ms(policies.silence_limit), ms(policies.keep_for), policies.keep_per_ref];
    let write =
        "INSERT INTO policies (repository_id, silence_limit, keep_for, keep_per_ref) VALUES (?1, ?2, ?3, ?4)";
    sql.execute(write, row).map_err(failed)?;
    let write = "INSERT INTO stage_limits (repository_id, stage, silence_limit) VALUES (?1, ?2, ?3)";
    for (stage, limit) in &policies.stage_limits {
        sql.execute(write, params![id, stage, ms(*limit)]).map_err(failed)?;
    }
    Ok(())
}

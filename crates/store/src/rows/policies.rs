//! Policies of repositories.

use crate::sql::{Columns as _, Sql, ToValue as _, columns, table, values};
use domain::model::ids::RepositoryId;
use domain::model::policies::Policies;
use domain::{Result, SignedDuration};
use std::collections::BTreeMap;

table! {
    /// Policies of repositories.
    POLICIES "policies";
    key repository_id: Int;
    fixed inactivity_timeout: Int, keep_for: Int, keep_per_ref: Int;
    row PolicyValues;
}

// Without the limits of stages.
columns! {
    Policies from "p": inactivity_timeout, keep_for, keep_per_ref
    => Self { inactivity_timeout, stage_timeouts: BTreeMap::new(), keep_for, keep_per_ref }
}

table! {
    /// Inactivity timeouts of single stages. NULL: none.
    STAGE_LIMITS "stage_limits";
    key repository_id: Int, stage: Text;
    fixed inactivity_timeout: Int;
    row StageLimitValues;
}

/// The policies of one repository, or of all that have any.
pub fn load(sql: &dyn Sql, only: Option<RepositoryId>) -> Result<BTreeMap<RepositoryId, Policies>> {
    let query = format!(
        "SELECT p.repository_id, {} FROM policies p WHERE CAST(?1 AS BIGINT) IS NULL OR p.repository_id = ?1",
        Policies::COLUMNS
    );
    let mut found: BTreeMap<RepositoryId, Policies> = sql.all(&query, values![only])?.into_iter().collect();
    let query = "SELECT repository_id, stage, inactivity_timeout FROM stage_limits
                 WHERE CAST(?1 AS BIGINT) IS NULL OR repository_id = ?1";
    let stages: Vec<(RepositoryId, String, Option<SignedDuration>)> = sql.all(query, values![only])?;
    for (repository, stage, timeout) in stages {
        if let Some(policies) = found.get_mut(&repository) {
            policies.stage_timeouts.insert(stage, timeout);
        }
    }
    Ok(found)
}

/// Replaces the policies of a repository.
pub fn store(sql: &dyn Sql, repository: RepositoryId, policies: &Policies) -> Result<()> {
    sql.execute("DELETE FROM stage_limits WHERE repository_id = ?1", values![repository])?;
    sql.execute("DELETE FROM policies WHERE repository_id = ?1", values![repository])?;
    if *policies == Policies::default() {
        return Ok(());
    }
    let row = PolicyValues {
        repository_id: repository.into(),
        inactivity_timeout: policies.inactivity_timeout.to_value(),
        keep_for: policies.keep_for.to_value(),
        keep_per_ref: policies.keep_per_ref.to_value(),
    };
    sql.insert(&POLICIES, row)?;
    for (stage, timeout) in &policies.stage_timeouts {
        let row = StageLimitValues {
            repository_id: repository.into(),
            stage: stage.to_value(),
            inactivity_timeout: timeout.to_value(),
        };
        sql.insert(&STAGE_LIMITS, row)?;
    }
    Ok(())
}

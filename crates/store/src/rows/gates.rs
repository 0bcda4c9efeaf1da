//! Merge gates: the versions of the rules of repositories, and the announcements and overrides of commits.

pub(super) mod body;

use super::{of_ids, verdicts};
use crate::sql::{Columns as _, Sql, ToValue as _, Value, columns, table, values};
use domain::model::gates::{Expectation, GateRules, Override};
use domain::model::ids::{RepositoryId, UserId};
use domain::ports::NewOverride;
use domain::{Result, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

table! {
    /// Versions of rules.
    GATE_RULES "gate_rules";
    key repository_id: Int, version: Int;
    fixed changed_by: Int, changed_at: Int, body: Blob;
    row GateRulesValues;
}

table! {
    /// Announcements of build systems, numbered in each commit.
    GATE_EXPECTATIONS "gate_expectations";
    key repository_id: Int, sha: Text, number: Int;
    fixed announced_by: Int, announced_at: Int, body: Blob;
    row ExpectationValues;
}

table! {
    /// Overrides, numbered in each commit.
    GATE_OVERRIDES "gate_overrides";
    key repository_id: Int, sha: Text, number: Int;
    fixed target: Text, requirement: Text, decided_by: Int, reason: Text, decided_at: Int, rules_version: Int,
        withdrawn_by: Int, withdrawn_at: Int;
    row OverrideValues;
}

columns! {
    GateRules from "g": version, changed_by: UserId, changed_at, body: Vec<u8>
    => Self { version, changed_by: Some(changed_by), changed_at, set: body::read_rules(&body)? }
}

columns! {
    Expectation from "e": announced_by: UserId, announced_at: Timestamp, body: Vec<u8>
    => body::read_expectation(&body, announced_by, announced_at)?
}

columns! {
    Override from "o": number, target, requirement, decided_by: UserId, decided_by_name = "u.name", reason, decided_at,
        rules_version, withdrawn_at, withdrawn_by, withdrawn_by_name = "w.name"
    => Self {
        number,
        target,
        requirement,
        by: Some(decided_by),
        by_name: decided_by_name,
        reason,
        at: decided_at,
        rules_version,
        withdrawn_at,
        withdrawn_by,
        withdrawn_by_name,
    }
}

/// A version of the rules; without `version` the last one.
pub fn rules(sql: &dyn Sql, repository: RepositoryId, version: Option<i64>) -> Result<Option<GateRules>> {
    let query = format!(
        "SELECT {} FROM gate_rules g WHERE g.repository_id = ?1 AND (CAST(?2 AS BIGINT) IS NULL OR g.version = ?2)
         ORDER BY g.version DESC LIMIT 1",
        GateRules::COLUMNS
    );
    sql.first(&query, values![repository, version])
}

/// The version of the rules that was in force at this time.
pub fn rules_at(sql: &dyn Sql, repository: RepositoryId, time: Timestamp) -> Result<Option<GateRules>> {
    let query = format!(
        "SELECT {} FROM gate_rules g WHERE g.repository_id = ?1 AND g.changed_at <= ?2
         ORDER BY g.version DESC LIMIT 1",
        GateRules::COLUMNS
    );
    sql.first(&query, values![repository, time])
}

/// The names of the users that rules mention.
pub fn user_names(sql: &dyn Sql, users: &BTreeSet<UserId>) -> Result<BTreeMap<UserId, String>> {
    let ids = users.iter().map(|id| id.get().into()).collect();
    let rows: Vec<(UserId, String)> =
        of_ids(sql, &ids, |list| format!("SELECT id, name FROM users WHERE id IN ({list})"))?;
    Ok(rows.into_iter().collect())
}

/// Inserts a version of the rules.
pub fn insert_rules(
    sql: &dyn Sql,
    repository: RepositoryId,
    rules: &GateRules,
    changed_by: UserId,
) -> Result<()> {
    let row = GateRulesValues {
        repository_id: repository.into(),
        version: rules.version.into(),
        changed_by: changed_by.into(),
        changed_at: rules.changed_at.to_value(),
        body: body::of_rules(&rules.set).into(),
    };
    sql.insert(&GATE_RULES, row)
}

/// The refs of the pipelines of a commit.
pub fn refs(sql: &dyn Sql, repository: RepositoryId, sha: &str) -> Result<Vec<String>> {
    let query = "SELECT DISTINCT ref FROM pipelines INDEXED BY pipelines_by_identity
        WHERE repository_id = ?1 AND sha = ?2";
    sql.all(query, values![repository, sha])
}

/// The announcements of a commit with their numbers, in this order, also those that later ones replaced.
pub fn expectations(sql: &dyn Sql, repository: RepositoryId, sha: &str) -> Result<Vec<(i64, Expectation)>> {
    let query = format!(
        "SELECT e.number, {} FROM gate_expectations e WHERE e.repository_id = ?1 AND e.sha = ?2 ORDER BY e.number",
        Expectation::COLUMNS
    );
    sql.all(&query, values![repository, sha])
}

/// Inserts an announcement with this number.
pub fn insert_expectation(
    sql: &dyn Sql,
    repository: RepositoryId,
    sha: &str,
    number: i64,
    expectation: &Expectation,
) -> Result<()> {
    let row = ExpectationValues {
        repository_id: repository.into(),
        sha: sha.into(),
        number: number.into(),
        announced_by: expectation.by.map_or(0, UserId::get).into(),
        announced_at: expectation.at.to_value(),
        body: body::of_expectation(expectation).into(),
    };
    sql.insert(&GATE_EXPECTATIONS, row)
}

/// Deletes a replaced announcement.
pub fn delete_expectation(sql: &dyn Sql, repository: RepositoryId, sha: &str, number: i64) -> Result<()> {
    let delete = "DELETE FROM gate_expectations WHERE repository_id = ?1 AND sha = ?2 AND number = ?3";
    sql.execute(delete, values![repository, sha, number]).map(drop)
}

/// The overrides of a commit in order of their numbers.
pub fn overrides(sql: &dyn Sql, repository: RepositoryId, sha: &str) -> Result<Vec<Override>> {
    let query = format!(
        "SELECT {} FROM gate_overrides o LEFT JOIN users u ON u.id = o.decided_by
         LEFT JOIN users w ON w.id = o.withdrawn_by
         WHERE o.repository_id = ?1 AND o.sha = ?2 ORDER BY o.number",
        Override::COLUMNS
    );
    sql.all(&query, values![repository, sha])
}

/// Inserts an override with this number.
pub fn insert_override(
    sql: &dyn Sql,
    repository: RepositoryId,
    sha: &str,
    number: i64,
    new: &NewOverride,
) -> Result<()> {
    let row = OverrideValues {
        repository_id: repository.into(),
        sha: sha.into(),
        number: number.into(),
        target: new.target.to_value(),
        requirement: new.requirement.to_value(),
        decided_by: new.by.into(),
        reason: new.reason.to_value(),
        decided_at: new.at.to_value(),
        rules_version: new.rules_version.into(),
        withdrawn_by: Value::Null,
        withdrawn_at: Value::Null,
    };
    sql.insert(&GATE_OVERRIDES, row)
}

/// Withdraws an override. False if it is withdrawn already, or does not exist.
pub fn withdraw(
    sql: &dyn Sql,
    (repository, sha, number): (RepositoryId, &str, i64),
    by: UserId,
    at: Timestamp,
) -> Result<bool> {
    let update = "UPDATE gate_overrides SET withdrawn_by = ?4, withdrawn_at = ?5
        WHERE repository_id = ?1 AND sha = ?2 AND number = ?3 AND withdrawn_at IS NULL";
    Ok(sql.execute(update, values![repository, sha, number, by, at])? > 0)
}

/// Deletes the announcements, overrides and records of a commit that has no pipeline any more. False if it has one.
pub fn delete_of_commit(sql: &dyn Sql, repository: RepositoryId, sha: &str) -> Result<bool> {
    let others = "SELECT 1 FROM pipelines WHERE repository_id = ?1 AND sha = ?2 LIMIT 1";
    if sql.exists(others, values![repository, sha])? {
        return Ok(false);
    }
    for delete in [
        "DELETE FROM gate_expectations WHERE repository_id = ?1 AND sha = ?2",
        "DELETE FROM gate_overrides WHERE repository_id = ?1 AND sha = ?2",
    ] {
        sql.execute(delete, values![repository, sha])?;
    }
    verdicts::delete_of_commit(sql, repository, sha)?;
    Ok(true)
}

/// Deletes the announcements, overrides and records of a commit if it has no pipeline, and none of them is as late as
/// `since`. False if it is not so.
pub fn delete_expired(sql: &dyn Sql, repository: RepositoryId, sha: &str, since: Timestamp) -> Result<bool> {
    let kept = "SELECT 1 FROM pipelines WHERE repository_id = ?1 AND sha = ?2
        UNION ALL SELECT 1 FROM gate_expectations WHERE repository_id = ?1 AND sha = ?2 AND announced_at >= ?3
        UNION ALL SELECT 1 FROM gate_evaluations WHERE repository_id = ?1 AND sha = ?2 AND changed_at >= ?3
        UNION ALL SELECT 1 FROM gate_overrides WHERE repository_id = ?1 AND sha = ?2 AND decided_at >= ?3 LIMIT 1";
    if sql.exists(kept, values![repository, sha, since])? {
        return Ok(false);
    }
    for delete in [
        "DELETE FROM gate_expectations WHERE repository_id = ?1 AND sha = ?2 AND announced_at < ?3",
        "DELETE FROM gate_overrides WHERE repository_id = ?1 AND sha = ?2 AND decided_at < ?3",
    ] {
        sql.execute(delete, values![repository, sha, since])?;
    }
    verdicts::delete_of_commit(sql, repository, sha)?;
    Ok(true)
}

/// At most `limit` commits with announcements, overrides or records, but without a pipeline and without anything newer.
pub fn expired_commits(
    sql: &dyn Sql,
    repository: RepositoryId,
    since: Timestamp,
    limit: u32,
) -> Result<Vec<String>> {
    let without = "NOT EXISTS (SELECT 1 FROM pipelines p WHERE p.repository_id = ?1 AND p.sha = f.sha)
        AND NOT EXISTS (SELECT 1 FROM gate_expectations e WHERE e.repository_id = ?1 AND e.sha = f.sha
                        AND e.announced_at >= ?2)
        AND NOT EXISTS (SELECT 1 FROM gate_overrides o WHERE o.repository_id = ?1 AND o.sha = f.sha
                        AND o.decided_at >= ?2)
        AND NOT EXISTS (SELECT 1 FROM gate_evaluations v WHERE v.repository_id = ?1 AND v.sha = f.sha
                        AND v.changed_at >= ?2)";
    let query = format!(
        "SELECT f.sha FROM gate_expectations f WHERE f.repository_id = ?1 AND f.announced_at < ?2 AND {without}
         UNION SELECT f.sha FROM gate_overrides f WHERE f.repository_id = ?1 AND f.decided_at < ?2 AND {without}
         UNION SELECT f.sha FROM gate_evaluations f WHERE f.repository_id = ?1 AND f.changed_at < ?2 AND {without}
         LIMIT ?3"
    );
    sql.all(&query, values![repository, since, limit])
}

//! Destinations.

use crate::sql::{Columns as _, Sql, ToValue as _, Value, columns, corrupt, table, values};
use domain::model::destinations::{Choice, Destination, Selection};
use domain::model::ids::{DestinationId, RepositoryId};
use domain::{Result, Timestamp};

table! {
    /// Destinations.
    DESTINATIONS "destinations";
    key id: Int;
    fixed repository_id: Int, kind: Text, url: Text, project: Text, token: Text, choice: Text, jobs: Text,
        except_sources: Text, enabled: Int, failing_since: Int, paused_until: Int, created_at: Int, reset_after: Int;
    new_row NewDestinationValues;
}

columns! {
    Destination from "w": id, repository_id, kind, url, project, token, choice: String, jobs: String,
        except_sources: String, enabled, failing_since, paused_until, created_at
    => Self {
        id,
        repository_id,
        kind,
        url,
        project,
        token,
        selection: selection(&choice, &jobs, &except_sources)?,
        enabled,
        failing_since,
        paused_until,
        created_at,
    }
}

/// A destination that is enabled, and what it receives.
pub struct Forwarding {
    pub destination: DestinationId,
    pub selection: Selection,
}

columns! {
    Forwarding from "w": id, choice: String, jobs: String, except_sources: String
    => Self { destination: id, selection: selection(&choice, &jobs, &except_sources)? }
}

fn selection(choice: &str, jobs: &str, except_sources: &str) -> Result<Selection> {
    let lines = |text: &str| text.lines().map(str::to_owned).collect();
    let choice = match choice {
        "pipeline" => Choice::Pipeline,
        "jobs" => Choice::Jobs(lines(jobs)),
        "gate" => Choice::Gate,
        other => return Err(corrupt(other)),
    };
    Ok(Selection { choice, except_sources: lines(except_sources) })
}

/// The destinations of a repository that are enabled, in order of id.
pub fn forwardings(sql: &dyn Sql, repository: RepositoryId) -> Result<Vec<Forwarding>> {
    let query = format!(
        "SELECT {} FROM destinations w WHERE w.repository_id = ?1 AND w.enabled = 1 ORDER BY w.id",
        Forwarding::COLUMNS
    );
    sql.all(&query, values![repository])
}

/// A destination, locked until the commit.
pub fn load_locked(
    sql: &dyn Sql,
    repository: RepositoryId,
    id: DestinationId,
) -> Result<Option<Destination>> {
    let query = format!(
        "SELECT {} FROM destinations w WHERE w.repository_id = ?1 AND w.id = ?2{}",
        Destination::COLUMNS,
        sql.flavor().for_update()
    );
    sql.first(&query, values![repository, id])
}

/// A destination, if it exists.
pub fn find(sql: &dyn Sql, id: DestinationId) -> Result<Option<Destination>> {
    let query = format!("SELECT {} FROM destinations w WHERE w.id = ?1", Destination::COLUMNS);
    sql.first(&query, values![id])
}

/// The destinations of a repository in order of id.
pub fn load(sql: &dyn Sql, repository: RepositoryId) -> Result<Vec<Destination>> {
    let query = format!(
        "SELECT {} FROM destinations w WHERE w.repository_id = ?1 ORDER BY w.id",
        Destination::COLUMNS
    );
    sql.all(&query, values![repository])
}

pub fn exists(sql: &dyn Sql, repository: RepositoryId, id: DestinationId) -> Result<bool> {
    sql.exists("SELECT 1 FROM destinations WHERE repository_id = ?1 AND id = ?2", values![repository, id])
}

pub fn count(sql: &dyn Sql, repository: RepositoryId) -> Result<usize> {
    let count: i64 =
        sql.one("SELECT count(*) FROM destinations WHERE repository_id = ?1", values![repository])?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Inserts a destination; its id is ignored, the new one is returned.
pub fn insert(sql: &dyn Sql, new: &Destination) -> Result<DestinationId> {
    let row = NewDestinationValues {
        repository_id: new.repository_id.to_value(),
        kind: new.kind.to_value(),
        url: new.url.to_value(),
        project: new.project.to_value(),
        token: new.token.to_value(),
        choice: new.selection.choice.as_str().into(),
        jobs: new.selection.choice.patterns().join("\n").into(),
        except_sources: new.selection.except_sources.join("\n").into(),
        enabled: new.enabled.to_value(),
        failing_since: Value::Null,
        paused_until: Value::Null,
        created_at: new.created_at.to_value(),
        reset_after: Value::Null,
    };
    sql.insert_new(&DESTINATIONS, row)
}

/// Updates all columns that may change.
pub fn update(sql: &dyn Sql, changed: &Destination) -> Result<()> {
    let update = "UPDATE destinations SET url = ?2, project = ?3, token = ?4, choice = ?5, jobs = ?6,
        except_sources = ?7, enabled = ?8, failing_since = ?9, paused_until = ?10 WHERE id = ?1";
    let row = values![
        changed.id,
        changed.url,
        changed.project,
        changed.token,
        changed.selection.choice.as_str(),
        changed.selection.choice.patterns().join("\n"),
        changed.selection.except_sources.join("\n"),
        changed.enabled,
        changed.failing_since,
        changed.paused_until,
    ];
    sql.execute(update, row).map(drop)
}

/// Begins to delete the records of sent states. Records that were deleted before are deleted again.
pub fn begin_reset(sql: &dyn Sql, id: DestinationId) -> Result<()> {
    sql.execute("UPDATE destinations SET reset_after = 0 WHERE id = ?1", values![id]).map(drop)
}

/// The state after which it is to be forgotten what was sent; `None`: nothing is.
pub fn reset_after(sql: &dyn Sql, id: DestinationId) -> Result<Option<i64>> {
    let query = "SELECT reset_after FROM destinations WHERE id = ?1 AND reset_after IS NOT NULL";
    sql.first(query, values![id])
}

/// Notes until which state is forgotten what was sent; `None`: of all.
pub fn set_reset_after(sql: &dyn Sql, id: DestinationId, after: Option<i64>) -> Result<()> {
    sql.execute("UPDATE destinations SET reset_after = ?2 WHERE id = ?1", values![id, after]).map(drop)
}

/// The destinations for which it is not yet forgotten what was sent.
pub const RESETTING: &str =
    "SELECT repository_id, id FROM destinations WHERE reset_after IS NOT NULL ORDER BY id LIMIT 10";

/// Some destinations for which it is not yet forgotten what was sent.
pub fn resetting(sql: &dyn Sql) -> Result<Vec<(RepositoryId, DestinationId)>> {
    sql.all(RESETTING, values![])
}

/// Notes that the forge responded.
pub fn set_working(sql: &dyn Sql, id: DestinationId) -> Result<()> {
    let update = "UPDATE destinations SET failing_since = NULL WHERE id = ?1 AND failing_since IS NOT NULL";
    sql.execute(update, values![id]).map(drop)
}

/// Notes that the forge did not respond, or could not serve a request.
pub fn set_failing(sql: &dyn Sql, id: DestinationId, at: Timestamp) -> Result<()> {
    let update = "UPDATE destinations SET failing_since = ?2 WHERE id = ?1 AND failing_since IS NULL";
    sql.execute(update, values![id, at]).map(drop)
}

/// Makes no attempts before `until`.
pub fn pause(sql: &dyn Sql, id: DestinationId, until: Timestamp) -> Result<()> {
    let update = "UPDATE destinations SET paused_until = ?2
        WHERE id = ?1 AND (paused_until IS NULL OR paused_until < ?2)";
    sql.execute(update, values![id, until]).map(drop)
}

/// Ends pauses that would end after `latest`; returns their number.
pub fn end_pauses(sql: &dyn Sql, latest: Timestamp) -> Result<u64> {
    sql.execute("UPDATE destinations SET paused_until = NULL WHERE paused_until > ?1", values![latest])
}

pub fn delete(sql: &dyn Sql, repository: RepositoryId, id: DestinationId) -> Result<bool> {
    let delete = "DELETE FROM destinations WHERE repository_id = ?1 AND id = ?2";
    Ok(sql.execute(delete, values![repository, id])? > 0)
}

//! Merge requests and their reported heads. The statements are public so that tests check their query plans.

use crate::sql::{Columns as _, Sql, columns, table, values};
use domain::model::ids::{MergeRequestIid, RepositoryId};
use domain::model::merge_requests::{HeadRecord, HeadUpdate, Times};
use domain::{Result, Timestamp};

table! {
    /// Known merge requests: by a pipeline on their ref, or by a reported head.
    MERGE_REQUESTS "merge_requests", upsert;
    key repository_id: Int, iid: Int;
    least created_at: Int;
    greatest updated_at: Int;
    row MergeRequestValues;
}

table! {
    /// Reported heads of merge requests, numbered in each merge request.
    MERGE_REQUEST_HEADS "merge_request_heads";
    key repository_id: Int, iid: Int, number: Int;
    fixed source_branch: Text, target_branch: Text, head_sha: Text, after_pipeline: Int, reported_at: Int;
}

columns! {
    HeadRecord from "h": source_branch, target_branch, head_sha, after_pipeline, reported_at
    => Self { head: HeadUpdate { source_branch, target_branch, head_sha }, after: after_pipeline, at: reported_at }
}

/// The number of the last heads of a merge request that are kept.
pub const HEADS_MAX: u32 = 100;

/// The last heads of a merge request.
pub fn heads_query() -> String {
    format!(
        "SELECT {} FROM merge_request_heads h WHERE h.repository_id = ?1 AND h.iid = ?2
            ORDER BY h.number DESC LIMIT ?3",
        HeadRecord::COLUMNS
    )
}

/// Inserts a head with the next number.
const INSERT_HEAD: &str = "INSERT INTO merge_request_heads
    (repository_id, iid, number, source_branch, target_branch, head_sha, after_pipeline, reported_at)
    SELECT ?1, ?2, coalesce(max(number), 0) + 1, ?3, ?4, ?5, ?6, ?7 FROM merge_request_heads
    WHERE repository_id = ?1 AND iid = ?2";

/// Deletes all heads of a merge request but the last.
pub const DELETE_OLD_HEADS: &str =
    "DELETE FROM merge_request_heads WHERE repository_id = ?1 AND iid = ?2 AND number <=
    (SELECT max(number) FROM merge_request_heads WHERE repository_id = ?1 AND iid = ?2) - ?3";

/// When a merge request became known, and when it last changed.
pub const TIMES: &str =
    "SELECT created_at, updated_at FROM merge_requests WHERE repository_id = ?1 AND iid = ?2";

/// A page of merge requests, the greatest iid first.
pub const PAGE: &str =
    "SELECT iid FROM merge_requests WHERE repository_id = ?1 AND iid < ?2 ORDER BY iid DESC LIMIT ?3";

impl MergeRequestValues<'static> {
    pub fn new(repository: RepositoryId, iid: MergeRequestIid, times: Times) -> Self {
        Self {
            repository_id: repository.into(),
            iid: iid.into(),
            created_at: times.created_at.into(),
            updated_at: times.updated_at.into(),
        }
    }
}

/// When a known merge request became known, and when it last changed.
pub fn times(sql: &dyn Sql, repository: RepositoryId, iid: MergeRequestIid) -> Result<Option<Times>> {
    let found: Option<(Timestamp, Timestamp)> = sql.first(TIMES, values![repository, iid])?;
    Ok(found.map(|(created_at, updated_at)| Times { created_at, updated_at }))
}

/// The last heads of a merge request, the last one first.
pub fn heads(sql: &dyn Sql, repository: RepositoryId, iid: MergeRequestIid) -> Result<Vec<HeadRecord>> {
    sql.all(&heads_query(), values![repository, iid, HEADS_MAX])
}

/// Adds a head, and deletes those beyond [`HEADS_MAX`].
pub fn insert_head(
    sql: &dyn Sql,
    repository: RepositoryId,
    iid: MergeRequestIid,
    record: &HeadRecord,
) -> Result<()> {
    sql.insert(&MERGE_REQUESTS, MergeRequestValues::new(repository, iid, Times::at(record.at)))?;
    let HeadUpdate { source_branch, target_branch, head_sha } = &record.head;
    let row = values![repository, iid, source_branch, target_branch, head_sha, record.after, record.at];
    sql.execute(INSERT_HEAD, row)?;
    sql.execute(DELETE_OLD_HEADS, values![repository, iid, HEADS_MAX]).map(drop)
}

//! Merge requests: what was said of them, and the few pipelines that the model chooses from. Each is one step in an index.

use crate::engine::{Engine, SqlStore};
use crate::idempotency::{self, IdempotencyKey};
use crate::jobs::load_stages;
use crate::pipelines::load_pipeline;
use crate::rows;
use crate::sql::{Row, Sql, ToValue, values};
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use async_trait::async_trait;
use domain::Timestamp;
use domain::error::{Error, Result};
use domain::model::ids::{MergeRequestIid, RepositoryId};
use domain::model::merge_requests::{
    self, CandidatePipeline, HeadRecord, HeadUpdate, MergeRequest, MergeRequestDetails, choose_pipeline,
    head, next_head, ref_for,
};
use domain::model::page::ListPage;
use domain::ports::{IdempotentRequest, MergeRequests};

/// At most so many of the last words of a merge request are looked at.
const WORDS_MAX: u32 = 100;

pub const WORDS: &str =
    "SELECT source_branch, target_branch, head_sha, after_pipeline, said_at FROM merge_request_words
    WHERE repository_id = ?1 AND iid = ?2 ORDER BY number DESC LIMIT ?3";
/// Newest pipeline on a ref.
pub const ON_REF: &str = "SELECT id, sha, created_at FROM pipelines INDEXED BY pipelines_by_ref
    WHERE repository_id = ?1 AND ref = ?2 ORDER BY id DESC LIMIT 1";
/// Those after a pipeline.
pub const ON_REF_AFTER: &str = "SELECT id, sha, created_at FROM pipelines INDEXED BY pipelines_by_ref
    WHERE repository_id = ?1 AND ref = ?2 AND id > ?3 ORDER BY id DESC LIMIT ?4";
/// Newest pipeline of a commit on a ref.
pub const OF_COMMIT: &str = "SELECT id, sha, created_at FROM pipelines WHERE repository_id = ?1 AND id =
    (SELECT max(p.id) FROM pipelines p INDEXED BY pipelines_by_identity WHERE p.repository_id = ?1 AND p.ref = ?2 AND p.sha = ?3)";
/// Newest pipeline of the heads that were said, on the branches they were said to be on.
pub const OF_WORDS: &str = "SELECT id, sha, created_at FROM pipelines WHERE repository_id = ?1 AND id = (SELECT max(p.id) FROM
    (SELECT head_sha, source_branch FROM merge_request_words WHERE repository_id = ?1 AND iid = ?2 ORDER BY number DESC LIMIT ?3) w
    CROSS JOIN pipelines p INDEXED BY pipelines_by_identity
    ON p.repository_id = ?1 AND p.sha = w.head_sha AND p.ref = w.source_branch)";
/// Words that are looked at no more.
pub const OLD_WORDS: &str =
    "DELETE FROM merge_request_words WHERE repository_id = ?1 AND iid = ?2 AND number <=
    (SELECT max(number) FROM merge_request_words WHERE repository_id = ?1 AND iid = ?2) - ?3";
pub const PAGE: &str =
    "SELECT iid FROM merge_requests WHERE repository_id = ?1 AND iid < ?2 ORDER BY iid DESC LIMIT ?3";

#[async_trait]
impl<E: Engine> MergeRequests for SqlStore<E> {
    async fn set_merge_request(
        &self,
        repository: RepositoryId,
        iid: MergeRequestIid,
        said: HeadUpdate,
        once: Option<IdempotentRequest>,
        now: Timestamp,
    ) -> Result<MergeRequest> {
        let mut needs = PrefetchHints::for_repository(repository);
        needs
            .repeats
            .extend(once.as_ref().map(|once| IdempotencyKey::new(repository, once.by, &once.idempotency)));
        let write = move |unit: &mut UnitOfWork| set(unit, repository, iid, said.clone(), once.as_ref(), now);
        self.write_pipelines(needs, write).await
    }

    async fn merge_request(
        &self,
        repository: RepositoryId,
        iid: MergeRequestIid,
    ) -> Result<Option<MergeRequestDetails>> {
        self.snapshot(move |sql| actual_head(sql, repository, iid)).await
    }

    async fn merge_requests(
        &self,
        repository: RepositoryId,
        before: Option<MergeRequestIid>,
        limit: u32,
    ) -> Result<ListPage<MergeRequest>> {
        self.snapshot(move |sql| page(sql, repository, before, limit)).await
    }
}

fn know(sql: &dyn Sql, repository: RepositoryId, iid: MergeRequestIid) -> Result<()> {
    let write = "INSERT INTO merge_requests (repository_id, iid) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    sql.execute(write, values![repository.get(), iid.get()])?;
    Ok(())
}

fn set(
    unit: &mut UnitOfWork,
    repository: RepositoryId,
    iid: MergeRequestIid,
    said: HeadUpdate,
    once: Option<&IdempotentRequest>,
    now: Timestamp,
) -> Result<MergeRequest> {
    let last = unit.counters(repository)?.ok_or(Error::RepositoryNotFound)?.pipeline;
    let repeated = match once {
        Some(IdempotentRequest { by, idempotency }) => {
            let repeat = IdempotencyKey::new(repository, *by, idempotency);
            let repeated = idempotency::find(unit, &repeat, &idempotency.digest)?.is_some();
            if !repeated {
                unit.pending_rows().add_idempotent_response(repeat, &idempotency.digest, String::new(), now);
            }
            repeated
        }
        None => false,
    };
    // What this group reported was said before.
    unit.flush()?;
    let sql = unit.sql();
    let words = head_records(sql, repository, iid)?;
    if let Some(told) = next_head(&words, said, last, now).filter(|_| !repeated) {
        know(sql, repository, iid)?;
        let write = "INSERT INTO merge_request_words
            (repository_id, iid, number, source_branch, target_branch, head_sha, after_pipeline, said_at)
            SELECT ?1, ?2, coalesce(max(number), 0) + 1, ?3, ?4, ?5, ?6, ?7 FROM merge_request_words WHERE repository_id = ?1 AND iid = ?2";
        let row = values![
            repository.get(),
            iid.get(),
            told.head.source_branch,
            told.head.target_branch,
            told.head.head_sha,
            told.after,
            told.at.as_millisecond(),
        ];
        sql.execute(write, row)?;
        sql.execute(OLD_WORDS, values![repository.get(), iid.get(), WORDS_MAX])?;
    }
    load(sql, repository, iid)?
        .ok_or_else(|| Error::Internal("a merge request is gone that was just written".into()))
}

fn actual_head(
    sql: &dyn Sql,
    repository: RepositoryId,
    iid: MergeRequestIid,
) -> Result<Option<MergeRequestDetails>> {
    let Some(merge_request) = load(sql, repository, iid)? else { return Ok(None) };
    let (mut stages, mut is_latest) = (Vec::new(), false);
    if let Some(pipeline) = &merge_request.pipeline {
        stages = load_stages(sql, repository, pipeline.id)?;
        let newest = newest(sql, ON_REF, values![&repository.get(), &pipeline.identity.git_ref], false)?;
        is_latest = newest.is_some_and(|newest| newest.id == pipeline.id);
    }
    Ok(Some(MergeRequestDetails { merge_request, stages, is_latest }))
}

fn page(
    sql: &dyn Sql,
    repository: RepositoryId,
    before: Option<MergeRequestIid>,
    limit: u32,
) -> Result<ListPage<MergeRequest>> {
    let below = before.map_or(i64::MAX, |iid| iid.get().into());
    // One more tells whether this is the last page.
    let mut iids: Vec<i64> = sql.all(PAGE, values![repository.get(), below, limit + 1], |row| row.get(0))?;
    let more = iids.len() > limit as usize;
    iids.truncate(limit as usize);
    let mut found = ListPage { items: Vec::with_capacity(iids.len()), next: None };
    for iid in iids {
        let iid = MergeRequestIid::new(iid).map_err(rows::corrupt)?;
        found.items.extend(load(sql, repository, iid)?);
        found.next = more.then_some(iid.get());
    }
    Ok(found)
}

fn load(sql: &dyn Sql, repository: RepositoryId, iid: MergeRequestIid) -> Result<Option<MergeRequest>> {
    let words = head_records(sql, repository, iid)?;
    let on_ref = on_ref(sql, repository, iid, &words)?;
    let Some(sha) = head(&words, &on_ref) else { return Ok(None) };
    let pipelines = candidates(sql, repository, iid, sha, words.first(), &on_ref)?;
    let pipeline = match choose_pipeline(sha, &pipelines) {
        Some(chosen) => load_pipeline(sql, repository, chosen.id)?,
        None => None,
    };
    Ok(MergeRequest::new(iid, &words, &on_ref, pipeline))
}

/// Of each kind the newest: on its ref, of the heads that were said, and of the head on either ref; and on its ref of the commit of the newest of
/// these, which is shown while the head has none.
fn candidates(
    sql: &dyn Sql,
    repository: RepositoryId,
    iid: MergeRequestIid,
    sha: &str,
    told: Option<&HeadRecord>,
    on_ref: &[CandidatePipeline],
) -> Result<Vec<CandidatePipeline>> {
    let repo = repository.get();
    let of_commit = |sha: &str| newest(sql, OF_COMMIT, values![repo, ref_for(iid), sha], true);
    let mut found: Vec<CandidatePipeline> = on_ref.to_vec();
    if !on_ref.is_empty() {
        found.extend(of_commit(sha)?);
    }
    if let Some(told) = told {
        found.extend(newest(sql, OF_COMMIT, values![repo, told.head.source_branch, sha], false)?);
        found.extend(newest(sql, OF_WORDS, values![repo, iid.get(), WORDS_MAX], false)?);
    }
    if !on_ref.is_empty()
        && found.iter().all(|seen| seen.sha != sha)
        && let Some(shown) = merge_requests::newest(&found).filter(|shown| !shown.own_ref)
    {
        found.extend(of_commit(&shown.sha)?);
    }
    Ok(found)
}

/// The newest pipeline on its ref; where it is of a commit that an earlier word named, also those that may have moved the head before it.
fn on_ref(
    sql: &dyn Sql,
    repository: RepositoryId,
    iid: MergeRequestIid,
    words: &[HeadRecord],
) -> Result<Vec<CandidatePipeline>> {
    let repo = repository.get();
    let newest = newest(sql, ON_REF, values![repo, ref_for(iid)], true)?;
    if let (Some(newest), Some((last, earlier))) = (&newest, words.split_first())
        && earlier.iter().any(|word| word.head.head_sha == newest.sha)
    {
        let after = values![repo, ref_for(iid), last.after, WORDS_MAX];
        let mut later = sql.all(ON_REF_AFTER, after, |row| candidate(row, true))?;
        later.insert(0, newest.clone());
        return Ok(later);
    }
    Ok(newest.into_iter().collect())
}

/// Reads a pipeline as it is seen, from the first columns.
fn candidate(row: &dyn Row, own_ref: bool) -> Result<CandidatePipeline> {
    Ok(CandidatePipeline {
        id: rows::pipeline_id(row.get(0)?)?,
        sha: row.get(1)?,
        own_ref,
        created_at: rows::time(row.get(2)?)?,
    })
}

fn newest(
    sql: &dyn Sql,
    query: &str,
    of: &[&dyn ToValue],
    own_ref: bool,
) -> Result<Option<CandidatePipeline>> {
    sql.first(query, of, |row| candidate(row, own_ref))
}

/// What was said, the last word first.
fn head_records(sql: &dyn Sql, repository: RepositoryId, iid: MergeRequestIid) -> Result<Vec<HeadRecord>> {
    let read = |row: &dyn Row| {
        let said =
            HeadUpdate { source_branch: row.get(0)?, target_branch: row.get(1)?, head_sha: row.get(2)? };
        Ok(HeadRecord { head: said, after: row.get(3)?, at: rows::time(row.get(4)?)? })
    };
    sql.all(WORDS, values![repository.get(), iid.get(), WORDS_MAX], read)
}

//! Merge requests: their reported heads, and the few pipelines among which the model chooses. Each query is a
//! few index lookups.

pub mod find;

use crate::engine::{Engine, SqlStore};
use crate::gates;
use crate::jobs;
use crate::rows::idempotency::IdempotencyKey;
use crate::rows::merge_requests::{HEADS_MAX, PAGE, heads, insert_head, times};
use crate::rows::{pipelines, stages};
use crate::sql::{Sql, ToValue, values};
use crate::unapplied::ReadScope;
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use crate::writer::{Flow, Load};
use async_trait::async_trait;
use domain::Timestamp;
use domain::error::{Error, Result};
use domain::model::access::Caller;
use domain::model::ids::{MergeRequestIid, PipelineId, RepositoryId};
use domain::model::jobs::filters::CommitJobFilter;
use domain::model::merge_requests::filters::MergeRequestFilter;
use domain::model::merge_requests::{
    self, CandidatePipeline, CommitOverview, HeadRecord, HeadUpdate, MergeRequest, MergeRequestDetails,
    MergeRequestResults, choose_pipeline, head, next_head, ref_for,
};
use domain::model::page::{ListPage, Page, PageWithTotal};
use domain::model::repositories::{Repository, RepositoryFilter};
use domain::ports::{IdempotentRequest, MergeRequests};
use std::collections::BTreeSet;

/// The newest pipeline of a ref.
pub const NEWEST_OF_REF: &str = "SELECT id, sha FROM pipelines INDEXED BY pipelines_by_ref
    WHERE repository_id = ?1 AND ref = ?2 ORDER BY id DESC LIMIT 1";
/// The newest pipelines of a ref after a pipeline.
pub const OF_REF_AFTER: &str = "SELECT id, sha FROM pipelines INDEXED BY pipelines_by_ref
    WHERE repository_id = ?1 AND ref = ?2 AND id > ?3 ORDER BY id DESC LIMIT ?4";
/// The newest pipeline of a commit on a ref.
pub const OF_COMMIT: &str = "SELECT id, sha FROM pipelines WHERE repository_id = ?1 AND id =
    (SELECT max(p.id) FROM pipelines p INDEXED BY pipelines_by_identity WHERE p.repository_id = ?1
    AND p.ref = ?2 AND p.sha = ?3)";
/// The newest pipeline of the reported heads on their source branches.
pub const OF_HEADS: &str = "SELECT id, sha FROM pipelines WHERE repository_id = ?1
    AND id = (SELECT max(p.id) FROM
    (SELECT head_sha, source_branch FROM merge_request_heads WHERE repository_id = ?1 AND iid = ?2
    ORDER BY number DESC LIMIT ?3) h
    CROSS JOIN pipelines p INDEXED BY pipelines_by_identity
    ON p.repository_id = ?1 AND p.sha = h.head_sha AND p.ref = h.source_branch)";
/// The oldest and the newest pipeline of a commit.
pub const ENDS_OF_COMMIT: &str = "SELECT min(id), max(id) FROM pipelines INDEXED BY pipelines_by_identity
    WHERE repository_id = ?1 AND sha = ?2";
/// The refs of the merge requests with pipelines of a commit.
pub const REFS_OF_COMMIT: &str = "SELECT DISTINCT ref FROM pipelines INDEXED BY pipelines_by_identity
    WHERE repository_id = ?1 AND sha = ?2 AND ref >= 'refs/merge-requests/' AND ref < 'refs/merge-requests0'";
/// The merge requests with a commit as one of their reported heads: one pass over the heads of the repository, of
/// which a merge request keeps few.
pub const WITH_HEAD: &str =
    "SELECT DISTINCT iid FROM merge_request_heads WHERE repository_id = ?1 AND head_sha = ?2";

#[async_trait]
impl<E: Engine> MergeRequests for SqlStore<E> {
    async fn set_merge_request(
        &self,
        repository: RepositoryId,
        iid: MergeRequestIid,
        update: HeadUpdate,
        once: Option<IdempotentRequest>,
        now: Timestamp,
    ) -> Result<MergeRequest> {
        let mut hints = PrefetchHints::for_repository(repository);
        let key = |once: &IdempotentRequest| IdempotencyKey::new(repository, once.by, &once.idempotency);
        hints.idempotency_keys.extend(once.as_ref().map(key));
        let write =
            move |unit: &mut UnitOfWork| set(unit, repository, iid, update.clone(), once.as_ref(), now);
        self.write_pipelines(Load::one(Flow::Repository(repository)), hints, write).await
    }

    async fn merge_request(
        &self,
        repository: RepositoryId,
        iid: MergeRequestIid,
    ) -> Result<Option<MergeRequestDetails>> {
        self.snapshot(ReadScope::Repository(repository), move |sql| actual_head(sql, repository, iid)).await
    }

    async fn merge_request_updates(
        &self,
        repository: RepositoryId,
        iid: MergeRequestIid,
    ) -> Result<Vec<HeadRecord>> {
        self.snapshot(ReadScope::Repository(repository), move |sql| heads(sql, repository, iid)).await
    }

    async fn merge_request_results(
        &self,
        repository: RepositoryId,
        iid: MergeRequestIid,
    ) -> Result<Option<MergeRequestResults>> {
        self.scan(Some(repository), move |sql| results(sql, repository, iid)).await
    }

    async fn commit_overview(&self, repository: RepositoryId, sha: &str) -> Result<CommitOverview> {
        let sha = sha.to_owned();
        self.scan(Some(repository), move |sql| commit_overview(sql, repository, &sha)).await
    }

    async fn merge_requests_of_commit(
        &self,
        repository: RepositoryId,
        sha: &str,
        page: Page,
    ) -> Result<PageWithTotal<MergeRequest>> {
        let sha = sha.to_owned();
        self.scan(Some(repository), move |sql| of_commit(sql, repository, &sha, page)).await
    }

    async fn merge_requests(
        &self,
        repository: RepositoryId,
        before: Option<MergeRequestIid>,
        limit: u32,
    ) -> Result<ListPage<MergeRequest>> {
        self.snapshot(ReadScope::Repository(repository), move |sql| page(sql, repository, before, limit))
            .await
    }

    async fn find_merge_requests(
        &self,
        repository: RepositoryId,
        filter: MergeRequestFilter,
        page: Option<Page>,
    ) -> Result<PageWithTotal<MergeRequest>> {
        self.scan(Some(repository), move |sql| find::in_repository(sql, repository, &filter, page)).await
    }

    async fn visible_merge_requests(
        &self,
        viewer: &Caller,
        repositories: RepositoryFilter,
        filter: MergeRequestFilter,
        page: Option<Page>,
    ) -> Result<PageWithTotal<(Repository, MergeRequest)>> {
        let viewer = viewer.clone();
        self.scan(None, move |sql| find::visible(sql, &viewer, &repositories, &filter, page)).await
    }
}

/// Whether a request is a repetition. Stores its key if it is not.
fn is_repeated(
    unit: &mut UnitOfWork,
    repository: RepositoryId,
    once: &IdempotentRequest,
    now: Timestamp,
) -> Result<bool> {
    let IdempotentRequest { by, idempotency } = once;
    let key = IdempotencyKey::new(repository, *by, idempotency);
    if unit.find_response(&key, &idempotency.digest)?.is_some() {
        return Ok(true);
    }
    unit.add_response(key, &idempotency.digest, String::new(), now);
    Ok(false)
}

fn set(
    unit: &mut UnitOfWork,
    repository: RepositoryId,
    iid: MergeRequestIid,
    update: HeadUpdate,
    once: Option<&IdempotentRequest>,
    now: Timestamp,
) -> Result<MergeRequest> {
    let last = unit.counters(repository)?.ok_or(Error::RepositoryNotFound)?.pipeline;
    let repeated = match once {
        Some(once) => is_repeated(unit, repository, once, now)?,
        None => false,
    };
    // The queries must see the pipelines of this group.
    unit.flush()?;
    let sql = unit.sql();
    let known = heads(sql, repository, iid)?;
    if let Some(record) = next_head(&known, update, last, now).filter(|_| !repeated) {
        insert_head(sql, repository, iid, &record)?;
        // Another target has other rules.
        gates::mark(unit, repository, &record.head.head_sha, now)?;
    }
    load(unit.sql(), repository, iid)?
        .ok_or_else(|| Error::Internal("a merge request does not exist after it was written".into()))
}

fn actual_head(
    sql: &dyn Sql,
    repository: RepositoryId,
    iid: MergeRequestIid,
) -> Result<Option<MergeRequestDetails>> {
    let Some(merge_request) = load(sql, repository, iid)? else { return Ok(None) };
    let (mut stages, mut is_latest) = (Vec::new(), false);
    if let Some(pipeline) = &merge_request.pipeline {
        stages = stages::load(sql, repository, pipeline.id)?;
        let newest = newest(sql, NEWEST_OF_REF, values![repository, pipeline.identity.git_ref], false)?;
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
    let before = before.map_or(i64::MAX, |iid| iid.get().into());
    // One row more shows whether this is the last page.
    let mut iids: Vec<MergeRequestIid> = sql.all(PAGE, values![repository, before, limit + 1])?;
    let more = iids.len() > limit as usize;
    iids.truncate(limit as usize);
    let mut page = ListPage { items: Vec::with_capacity(iids.len()), next: None };
    for iid in iids {
        page.items.extend(load(sql, repository, iid)?);
        page.next = more.then_some(iid.get());
    }
    Ok(page)
}

fn results(
    sql: &dyn Sql,
    repository: RepositoryId,
    iid: MergeRequestIid,
) -> Result<Option<MergeRequestResults>> {
    let Some(merge_request) = load(sql, repository, iid)? else { return Ok(None) };
    let of_head = CommitJobFilter { sha: merge_request.head_sha.clone(), ..CommitJobFilter::default() };
    let counts = jobs::of_commit::find(sql, repository, &of_head, None)?.counts;
    Ok(Some(MergeRequestResults { merge_request, counts }))
}

fn commit_overview(sql: &dyn Sql, repository: RepositoryId, sha: &str) -> Result<CommitOverview> {
    let ends: (Option<PipelineId>, Option<PipelineId>) = sql.one(ENDS_OF_COMMIT, values![repository, sha])?;
    let pipeline = |id: Option<PipelineId>| match id {
        Some(id) => pipelines::load(sql, repository, id),
        None => Ok(None),
    };
    let only_last = Page { offset: 0, limit: 1 };
    Ok(CommitOverview {
        oldest_pipeline: pipeline(ends.0)?,
        newest_pipeline: pipeline(ends.1)?,
        merge_request: of_commit(sql, repository, sha, only_last)?.items.pop(),
    })
}

fn of_commit(
    sql: &dyn Sql,
    repository: RepositoryId,
    sha: &str,
    page: Page,
) -> Result<PageWithTotal<MergeRequest>> {
    let refs: Vec<String> = sql.all(REFS_OF_COMMIT, values![repository, sha])?;
    let with_head: Vec<MergeRequestIid> = sql.all(WITH_HEAD, values![repository, sha])?;
    let on_refs = refs.iter().filter_map(|git_ref| merge_requests::iid_from_ref(git_ref));
    let iids: BTreeSet<MergeRequestIid> = on_refs.chain(with_head).collect();
    let total = iids.len() as u64;
    let mut items = Vec::new();
    for iid in iids.into_iter().rev().skip(page.offset as usize).take(page.limit as usize) {
        items.extend(load(sql, repository, iid)?);
    }
    Ok(PageWithTotal { items, total })
}

/// The target branches of the merge requests whose head is a commit.
pub fn targets_of_head(sql: &dyn Sql, repository: RepositoryId, sha: &str) -> Result<Vec<String>> {
    let page = Page { offset: 0, limit: TARGETS_MAX };
    let known = of_commit(sql, repository, sha, page)?.items.into_iter();
    Ok(known.filter(|known| known.head_sha == sha).filter_map(|known| Some(known.branches?.1)).collect())
}

/// Most merge requests of a commit whose target branches are looked up.
const TARGETS_MAX: u32 = 100;

fn load(sql: &dyn Sql, repository: RepositoryId, iid: MergeRequestIid) -> Result<Option<MergeRequest>> {
    let Some(times) = times(sql, repository, iid)? else { return Ok(None) };
    let heads = heads(sql, repository, iid)?;
    let on_ref = on_ref(sql, repository, iid, &heads)?;
    let Some(sha) = head(&heads, &on_ref) else { return Ok(None) };
    let candidates = candidates(sql, repository, iid, sha, heads.first(), &on_ref)?;
    let pipeline = match choose_pipeline(sha, &candidates) {
        Some(chosen) => pipelines::load(sql, repository, chosen.id)?,
        None => None,
    };
    Ok(MergeRequest::new(iid, &heads, &on_ref, times, pipeline))
}

/// The newest pipeline of each kind: on the ref of the merge request, of the reported heads, and of the head
/// on either ref. If the head has none, also the one of the commit of the newest candidate on the ref of the
/// merge request, which is shown then.
fn candidates(
    sql: &dyn Sql,
    repository: RepositoryId,
    iid: MergeRequestIid,
    sha: &str,
    last: Option<&HeadRecord>,
    on_ref: &[CandidatePipeline],
) -> Result<Vec<CandidatePipeline>> {
    let of_commit = |sha: &str| newest(sql, OF_COMMIT, values![repository, ref_for(iid), sha], true);
    let mut found: Vec<CandidatePipeline> = on_ref.to_vec();
    if !on_ref.is_empty() {
        found.extend(of_commit(sha)?);
    }
    if let Some(last) = last {
        found.extend(newest(sql, OF_COMMIT, values![repository, last.head.source_branch, sha], false)?);
        found.extend(newest(sql, OF_HEADS, values![repository, iid, HEADS_MAX], false)?);
    }
    if !on_ref.is_empty()
        && found.iter().all(|candidate| candidate.sha != sha)
        && let Some(shown) = merge_requests::newest(&found).filter(|shown| !shown.own_ref)
    {
        found.extend(of_commit(&shown.sha)?);
    }
    Ok(found)
}

/// The newest pipeline on the ref of the merge request. If its commit is an earlier reported head, also the
/// pipelines that may have moved the head before it.
fn on_ref(
    sql: &dyn Sql,
    repository: RepositoryId,
    iid: MergeRequestIid,
    heads: &[HeadRecord],
) -> Result<Vec<CandidatePipeline>> {
    let newest = newest(sql, NEWEST_OF_REF, values![repository, ref_for(iid)], true)?;
    if let (Some(newest), Some((last, earlier))) = (&newest, heads.split_first())
        && earlier.iter().any(|record| record.head.head_sha == newest.sha)
    {
        let rows: Vec<CandidateRow> =
            sql.all(OF_REF_AFTER, values![repository, ref_for(iid), last.after, HEADS_MAX])?;
        let later = rows.into_iter().map(|row| candidate(row, true));
        return Ok(std::iter::once(newest.clone()).chain(later).collect());
    }
    Ok(newest.into_iter().collect())
}

/// Id and commit of a pipeline.
type CandidateRow = (PipelineId, String);

fn candidate((id, sha): CandidateRow, own_ref: bool) -> CandidatePipeline {
    CandidatePipeline { id, sha, own_ref }
}

fn newest(
    sql: &dyn Sql,
    query: &str,
    values: &[&dyn ToValue],
    own_ref: bool,
) -> Result<Option<CandidatePipeline>> {
    Ok(sql.first(query, values)?.map(|row| candidate(row, own_ref)))
}

//! The past: pipelines, commits and gates as they were at an earlier moment, from the kept reports.

use crate::engine::{Engine, SqlStore};
use crate::gates::facts::facts_of;
use crate::jobs::of_commit;
use crate::rows::{deletions, gates, pipelines, reports, verdicts};
use crate::sql::{FromRow, Sql, values};
use async_trait::async_trait;
use domain::Timestamp;
use domain::error::{Invalid, Problem, Result};
use domain::model::as_of::{
    Arrivals, AsOf, LastReport, Moment, REPORTS_MAX, Replay, announced_by, overrides_at,
};
use domain::model::gates::{Expectation, GateFacts, Requirement, announcements_kept_since, split_replaced};
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::jobs::{Job, JobResult, LatestResults};
use domain::model::page::ListPage;
use domain::model::pipelines::{Pipeline, PipelineState, stage_name};
use domain::model::verification::IMPORT;
use domain::ports::{CommitPipeline, GateRecord, PastCommit, PastGateRecord, PastPipeline, PastStates};
use std::collections::HashMap;
use std::ops::ControlFlow;

#[async_trait]
impl<E: Engine> PastStates for SqlStore<E> {
    async fn pipeline_as_of(
        &self,
        repository: RepositoryId,
        id: PipelineId,
        as_of: AsOf,
    ) -> Result<Option<PastPipeline>> {
        self.scan(Some(repository), move |sql| pipeline(sql, repository, id, as_of)).await
    }

    async fn last_report_as_of(
        &self,
        repository: RepositoryId,
        job: JobId,
        as_of: AsOf,
    ) -> Result<Option<i64>> {
        self.scan(Some(repository), move |sql| last_report(sql, repository, job, as_of)).await
    }

    async fn commit_as_of(
        &self,
        repository: RepositoryId,
        sha: &str,
        as_of: AsOf,
        before: Option<PipelineId>,
        limit: u32,
        job_limit: u32,
    ) -> Result<PastCommit> {
        let sha = sha.to_owned();
        let read = move |sql: &dyn Sql| {
            let mut past = PastReader::new(sql, repository, &sha, as_of)?;
            let page = past.page(before, limit, job_limit)?;
            Ok(PastCommit { page, moment: past.moment()? })
        };
        self.scan(Some(repository), read).await
    }

    async fn gate_record_as_of(
        &self,
        repository: RepositoryId,
        sha: &str,
        target: Option<&str>,
        as_of: AsOf,
    ) -> Result<PastGateRecord> {
        let (sha, target) = (sha.to_owned(), target.map(str::to_owned));
        let read = move |sql: &dyn Sql| {
            let mut past = PastReader::new(sql, repository, &sha, as_of)?;
            let record = past.gate_record(&sha, target.as_deref())?;
            let next_report = past.pipelines.iter().filter_map(|(_, arrivals)| arrivals.next).min();
            Ok(PastGateRecord { record, moment: past.moment()?, next_report })
        };
        self.scan(Some(repository), read).await
    }
}

fn pipeline(
    sql: &dyn Sql,
    repository: RepositoryId,
    id: PipelineId,
    as_of: AsOf,
) -> Result<Option<PastPipeline>> {
    let Some(stored) = pipelines::load_state(sql, repository, id)? else { return Ok(None) };
    let arrivals = arrivals(sql, repository, id, as_of)?;
    let mut past = PastReader::of(sql, repository, as_of, vec![(id, arrivals)])?;
    let state = past.state(stored, &arrivals)?;
    Ok(Some(PastPipeline { state, moment: past.moment()? }))
}

fn last_report(sql: &dyn Sql, repository: RepositoryId, job: JobId, as_of: AsOf) -> Result<Option<i64>> {
    let query = "SELECT p.id FROM jobs j JOIN pipelines p ON p.repository_id = j.repository_id AND p.id = j.pipeline_id
        WHERE j.repository_id = ?1 AND j.id = ?2";
    let pipeline: Option<PipelineId> = sql.first(query, values![repository, job])?;
    let Some(pipeline) = pipeline else { return Ok(None) };
    let arrivals = arrivals(sql, repository, pipeline, as_of)?;
    // It refuses a report of another pipeline.
    PastReader::of(sql, repository, as_of, vec![(pipeline, arrivals)])?;
    Ok(Some(arrivals.last.map_or(0, |(last, ..)| last)))
}

/// The last report of a past state of a pipeline, in order of arrival.
fn arrivals(sql: &dyn Sql, repository: RepositoryId, id: PipelineId, as_of: AsOf) -> Result<Arrivals> {
    let mut arrivals = Arrivals::default();
    // The join with jobs keeps SQLite from scanning all reports.
    let query = "SELECT r.seq, r.job_id, r.received_at FROM jobs j CROSS JOIN reports r
            ON r.repository_id = j.repository_id AND r.job_id = j.id
        WHERE j.repository_id = ?1 AND j.pipeline_id = ?2";
    sql.stream(query, values![repository, id], &mut |row| {
        let (number, job, received_at): (i64, JobId, Timestamp) = FromRow::from_row(row, 0)?;
        arrivals.add(as_of, number, job, received_at);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(arrivals)
}

/// Reads the past of some pipelines.
struct PastReader<'a> {
    sql: &'a dyn Sql,
    repository: RepositoryId,
    as_of: AsOf,
    at: Timestamp,
    /// The pipelines, ascending by id.
    pipelines: Vec<(PipelineId, Arrivals)>,
    kept_since: Option<Timestamp>,
    /// The reports that may still be replayed.
    left: u64,
}

impl<'a> PastReader<'a> {
    /// Of the pipelines of a commit.
    fn new(sql: &'a dyn Sql, repository: RepositoryId, sha: &str, as_of: AsOf) -> Result<Self> {
        let query = "SELECT id FROM pipelines INDEXED BY pipelines_by_identity
            WHERE repository_id = ?1 AND sha = ?2 ORDER BY id";
        let ids: Vec<PipelineId> = sql.all(query, values![repository, sha])?;
        let of = |id: PipelineId| Ok((id, arrivals(sql, repository, id, as_of)?));
        let mut past = Self::of(sql, repository, as_of, ids.into_iter().map(of).collect::<Result<_>>()?)?;
        // The commit may have had further pipelines until the last deletion.
        past.kept_since = deletions::load(sql, repository)?;
        Ok(past)
    }

    fn of(
        sql: &'a dyn Sql,
        repository: RepositoryId,
        as_of: AsOf,
        pipelines: Vec<(PipelineId, Arrivals)>,
    ) -> Result<Self> {
        let named_at = || pipelines.iter().find_map(|(_, arrivals)| arrivals.named_at);
        let at = match as_of {
            AsOf::Time(time) => time,
            AsOf::Report(_) => named_at().ok_or_else(|| Invalid::new(AsOf::FIELD, Problem::Unknown))?,
        };
        Ok(Self { sql, repository, as_of, at, pipelines, kept_since: None, left: REPORTS_MAX })
    }

    /// A pipeline as it was; `None`: it did not exist, or its state is not kept.
    fn state(&mut self, stored: PipelineState, arrivals: &Arrivals) -> Result<Option<PipelineState>> {
        let Some((first, job, first_at)) = arrivals.first else {
            // An import without jobs.
            let created_at = stored.pipeline.created_at;
            self.reaches(Some(created_at));
            return Ok(Some(stored).filter(|_| created_at <= self.at));
        };
        let imported = self.is_import(job, first)?;
        let last = match arrivals.last {
            None if !imported => {
                self.reaches(Some(first_at));
                return Ok(None);
            }
            // The present state is what the rules of that time gave.
            Some(_) if !imported && arrivals.include_all() => return Ok(Some(stored)),
            last => last.map_or(0, |(last, ..)| last),
        };
        let too_many = Invalid::new("reports", Problem::TooMany { max: REPORTS_MAX as usize });
        self.left = self.left.checked_sub(arrivals.count).ok_or(too_many)?;
        let by_time = matches!(self.as_of, AsOf::Time(_));
        let id = stored.pipeline.id;
        let mut replay = Replay::new(&stored, self.at);
        // Times of receipt do not show which part of an import was known, so a time needs all of it.
        let until = if imported && by_time { i64::MAX } else { last };
        reports::each_of_pipeline(self.sql, (self.repository, id), until, |report| {
            if report.entry.report_id > last && report.entry.dialect != IMPORT {
                return Ok(ControlFlow::Break(()));
            }
            replay.add(report)?;
            Ok(ControlFlow::Continue(()))
        })?;
        let known_since = replay.imported_until().filter(|_| by_time);
        let state = match known_since.is_some_and(|since| self.at < since) {
            true => None,
            false => replay.finish()?,
        };
        self.reaches(known_since);
        Ok(state)
    }

    /// States before this time may lack something.
    fn reaches(&mut self, since: Option<Timestamp>) {
        self.kept_since = self.kept_since.max(since);
    }

    fn is_import(&self, job: JobId, number: i64) -> Result<bool> {
        let first = reports::history(self.sql, self.repository, job, number - 1, 1)?;
        Ok(first.first().is_some_and(|report| report.dialect == IMPORT))
    }

    fn moment(&self) -> Result<Moment> {
        let last = self.pipelines.iter().filter_map(|(id, arrivals)| Some((arrivals.last?, *id)));
        let last_report = match last.max() {
            None => None,
            Some(((number, job_id, _), pipeline_id)) => {
                let found = reports::history(self.sql, self.repository, job_id, number - 1, 1)?;
                found.into_iter().next().map(|entry| LastReport { pipeline_id, job_id, entry })
            }
        };
        Ok(Moment { at: self.at, last_report, kept_since: self.kept_since })
    }

    /// A page of the pipelines, newest first.
    fn page(
        &mut self,
        before: Option<PipelineId>,
        limit: u32,
        job_limit: u32,
    ) -> Result<ListPage<CommitPipeline>> {
        let (limit, mut items, mut next) = (limit as usize, Vec::new(), None);
        let earlier = |(id, _): &&(PipelineId, Arrivals)| before.is_none_or(|before| *id < before);
        let pipelines: Vec<_> = self.pipelines.iter().rev().filter(earlier).copied().collect();
        for (id, arrivals) in pipelines {
            let Some(stored) = pipelines::load_state(self.sql, self.repository, id)? else { continue };
            let Some(state) = self.state(stored, &arrivals)? else { continue };
            if items.len() == limit {
                next = items.last().map(|last: &CommitPipeline| last.pipeline.id.get());
                break;
            }
            items.push(CommitPipeline::of(state, job_limit));
        }
        Ok(ListPage { items, next })
    }

    fn gate_record(&mut self, sha: &str, target: Option<&str>) -> Result<GateRecord> {
        let rules = gates::rules_at(self.sql, self.repository, self.at)?;
        let announced = gates::expectations(self.sql, self.repository, sha)?;
        self.reaches(announcements_kept_since(&announced));
        let by_time = |(number, expectation)| {
            let mut of_time = announced_by(vec![expectation], self.at);
            of_time.pop().map(|expectation: Expectation| (number, expectation))
        };
        let (holding, _) = split_replaced(announced.into_iter().filter_map(by_time).collect());
        let overrides = overrides_at(gates::overrides(self.sql, self.repository, sha)?, self.at);
        let mut read = CommitFacts::default();
        let requirements: Vec<&Requirement> = match (&rules, target) {
            (Some(rules), Some(target)) => rules.set.requirements(target).collect(),
            _ => Vec::new(),
        };
        for (id, arrivals) in self.pipelines.clone() {
            self.add_facts(id, &arrivals, !requirements.is_empty(), &mut read)?;
        }
        let cutoffs = self.pipelines.iter();
        let cutoffs: HashMap<PipelineId, i64> =
            cutoffs.map(|(id, arrivals)| (*id, arrivals.last.map_or(0, |(last, ..)| last))).collect();
        let newest = read.latest.jobs(&[]);
        let until = |id: PipelineId| cutoffs.get(&id).copied().unwrap_or(0);
        let (jobs, count) = facts_of(self.sql, self.repository, sha, &requirements, newest, &until)?;
        let numbers = holding.last().map_or(0, |(number, _)| *number);
        let decisions = overrides.len() + overrides.iter().filter(|of| of.withdrawn_at.is_some()).count();
        let kept = verdicts::evaluation_row(self.sql, self.repository, sha)?.unwrap_or_default();
        let kept_first_at = kept.first_at.filter(|first_at| *first_at <= self.at);
        let first_at = read
            .first_at
            .into_iter()
            .chain(kept_first_at)
            .chain(holding.iter().map(|(_, of)| of.first_at))
            .min();
        let facts = GateFacts {
            jobs,
            first_at,
            changes: read.versions + numbers + count + i64::try_from(decisions).unwrap_or(i64::MAX >> 1),
            expectations: holding.into_iter().map(|(_, expectation)| expectation).collect(),
            overrides,
            recorded_time: None,
        };
        read.refs.sort_unstable();
        read.refs.dedup();
        let last_report = self.pipelines.iter().filter_map(|(_, arrivals)| Some(arrivals.last?.0)).max();
        Ok(GateRecord { rules, facts, refs: read.refs, last_report: last_report.unwrap_or(0) })
    }

    /// Adds a pipeline to the facts of its commit; without `replay` only that it existed.
    fn add_facts(
        &mut self,
        id: PipelineId,
        arrivals: &Arrivals,
        replay: bool,
        facts: &mut CommitFacts,
    ) -> Result<()> {
        if !replay {
            if arrivals.last.is_some()
                && let Some(pipeline) = pipelines::load(self.sql, self.repository, id)?
            {
                facts.add_pipeline(&pipeline, arrivals);
            }
            return Ok(());
        }
        let Some(stored) = pipelines::load_state(self.sql, self.repository, id)? else { return Ok(()) };
        let Some(state) = self.state(stored, arrivals)? else { return Ok(()) };
        facts.add_pipeline(&state.pipeline, arrivals);
        for job in state.jobs.iter().filter(|job| job.newest) {
            facts.add_job(&state, job);
            of_commit::check_memory(&facts.latest)?;
        }
        Ok(())
    }
}

/// The pipelines of a commit, put together.
#[derive(Default)]
struct CommitFacts {
    latest: LatestResults,
    refs: Vec<String>,
    versions: i64,
    first_at: Option<Timestamp>,
}

impl CommitFacts {
    fn add_pipeline(&mut self, pipeline: &Pipeline, arrivals: &Arrivals) {
        self.refs.push(pipeline.identity.git_ref.clone());
        self.versions = self.versions.saturating_add(pipeline.version);
        if let Some((_, _, first_at)) = arrivals.first {
            self.first_at = Some(self.first_at.map_or(first_at, |at| at.min(first_at)));
        }
    }

    fn add_job(&mut self, state: &PipelineState, job: &Job) {
        let Job { attempt, name, .. } = job;
        self.latest.add(&JobResult {
            pipeline: state.pipeline.id,
            source: &state.pipeline.identity.source,
            stage: stage_name(&state.stages, job.stage_id),
            name,
            name_ignores_case: attempt.name_ignores_case(),
            attempt: (job.id, attempt.status, attempt.allow_failure),
            recency: attempt.recency(),
        });
    }
}

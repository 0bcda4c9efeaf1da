//! The facts about a commit for its gate.

use crate::jobs::of_commit;
use crate::rows::deleted_pipelines::not_deleted;
use crate::rows::{counters, gates, id_list, reports, verdicts};
use crate::sql::{FromRow, Sql, parameters, values};
use domain::Timestamp;
use domain::error::{Error, Result};
use domain::model::gates::{
    Expectation, GateFacts, JobFact, Permitted, PermittedAttempt, ReportFact, Requirement, RuleSet,
    split_replaced,
};
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::jobs::LatestJob;
use domain::ports::GateRecord;
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

/// The number of attempts whose reports one query reads.
const ATTEMPTS: usize = 256;
/// Most memory for the attempts that requirements with reporters need, in bytes.
const MEMORY_MAX: usize = 64 << 20;

/// The rules of the repository, and what is known about a commit. Without `target`, no jobs.
pub fn record(
    sql: &dyn Sql,
    repository: RepositoryId,
    sha: &str,
    target: Option<&str>,
) -> Result<GateRecord> {
    let rules = gates::rules(sql, repository, None)?;
    let pipelines = pipelines(sql, repository, sha)?;
    let (holding, _) = split_replaced(gates::expectations(sql, repository, sha)?);
    let (numbers, expectations): (Vec<i64>, Vec<Expectation>) = holding.into_iter().unzip();
    let overrides = gates::overrides(sql, repository, sha)?;
    let mut refs: Vec<String> = pipelines.iter().map(|pipeline| pipeline.git_ref.clone()).collect();
    refs.sort_unstable();
    refs.dedup();
    let (jobs, reports) = match (&rules, target) {
        (Some(rules), Some(target)) => {
            jobs(sql, repository, sha, &rules.set.requirements(target).collect::<Vec<_>>())?
        }
        (Some(rules), None) if names_reporters(&rules.set) => {
            (Vec::new(), count_reports(sql, repository, sha)?)
        }
        _ => (Vec::new(), 0),
    };
    let withdrawn = overrides.iter().filter(|decision| decision.withdrawn_at.is_some()).count();
    // A report that repeats the status of another reporter changes no pipeline.
    let changes = i64::try_from(overrides.len() + withdrawn).unwrap_or(i64::MAX).saturating_add(reports);
    // The last number counts replaced announcements too.
    let changes = changes.saturating_add(numbers.last().copied().unwrap_or(0));
    // Those of deleted pipelines stay.
    let kept = verdicts::evaluation_row(sql, repository, sha)?.unwrap_or_default();
    let changes = changes.saturating_add(kept.removed_changes);
    let facts = GateFacts {
        jobs,
        first_at: first_of(&pipelines, &expectations, kept.first_at),
        changes: pipelines.iter().map(|pipeline| pipeline.version).fold(changes, i64::saturating_add),
        expectations,
        overrides,
        recorded_time: kept.recorded_time,
    };
    let last_report = counters::last_report(sql, repository)?;
    Ok(GateRecord { rules, facts, refs, last_report })
}

/// The first fact about a commit.
pub fn first_at(sql: &dyn Sql, repository: RepositoryId, sha: &str) -> Result<Option<Timestamp>> {
    let (holding, _) = split_replaced(gates::expectations(sql, repository, sha)?);
    let expectations: Vec<Expectation> = holding.into_iter().map(|(_, expectation)| expectation).collect();
    let kept = verdicts::evaluation_row(sql, repository, sha)?.unwrap_or_default();
    Ok(first_of(&pipelines(sql, repository, sha)?, &expectations, kept.first_at))
}

fn first_of(
    pipelines: &[CommitPipeline],
    expectations: &[Expectation],
    kept: Option<Timestamp>,
) -> Option<Timestamp> {
    let reported = pipelines.iter().filter_map(|pipeline| pipeline.first_at);
    reported.chain(expectations.iter().map(|expectation| expectation.first_at)).chain(kept).min()
}

fn names_reporters(set: &RuleSet) -> bool {
    set.rules.iter().flat_map(|rule| &rule.requirements).any(|requirement| !requirement.reporters.is_empty())
}

/// The first report of a commit that has pipelines, and what the deletion of one of them takes from the number of
/// changes of its facts, at most.
pub fn facts_of_deleted(
    sql: &dyn Sql,
    repository: RepositoryId,
    sha: &str,
    id: PipelineId,
) -> Result<(Option<Timestamp>, i64)> {
    let first_at = pipelines(sql, repository, sha)?.iter().filter_map(|pipeline| pipeline.first_at).min();
    let reports = "SELECT count(*) FROM jobs j CROSS JOIN reports r
        ON r.repository_id = j.repository_id AND r.job_id = j.id WHERE j.repository_id = ?1 AND j.pipeline_id = ?2";
    let reports: i64 = sql.one(reports, values![repository, id])?;
    let version = "SELECT version FROM pipelines WHERE repository_id = ?1 AND id = ?2";
    let version: Option<i64> = sql.first(version, values![repository, id])?;
    Ok((first_at, version.unwrap_or(0).saturating_add(reports).saturating_add(1)))
}

/// The number of the reports of a commit.
fn count_reports(sql: &dyn Sql, repository: RepositoryId, sha: &str) -> Result<i64> {
    let query = format!(
        "SELECT count(*) FROM pipelines p INDEXED BY pipelines_by_identity
         CROSS JOIN jobs j ON j.repository_id = p.repository_id AND j.pipeline_id = p.id
         CROSS JOIN reports r ON r.repository_id = j.repository_id AND r.job_id = j.id
         WHERE p.repository_id = ?1 AND p.sha = ?2 AND {}",
        not_deleted("j")
    );
    sql.one(&query, values![repository, sha])
}

/// A pipeline of the commit.
struct CommitPipeline {
    git_ref: String,
    version: i64,
    /// The receipt of its first report; `None`: it has none.
    first_at: Option<Timestamp>,
}

fn pipelines(sql: &dyn Sql, repository: RepositoryId, sha: &str) -> Result<Vec<CommitPipeline>> {
    // The first report of a pipeline is of its first attempt.
    let query = "SELECT p.ref, p.version, (SELECT r.received_at FROM reports r WHERE r.repository_id = ?1
            AND r.job_id = (SELECT min(j.id) FROM jobs j WHERE j.repository_id = ?1 AND j.pipeline_id = p.id)
            ORDER BY r.seq LIMIT 1)
        FROM pipelines p INDEXED BY pipelines_by_identity WHERE p.repository_id = ?1 AND p.sha = ?2";
    let rows: Vec<(String, i64, Option<Timestamp>)> = sql.all(query, values![repository, sha])?;
    let pipeline = |(git_ref, version, first_at)| CommitPipeline { git_ref, version, first_at };
    Ok(rows.into_iter().map(pipeline).collect())
}

/// The jobs of the commit, and the number of the reports of those whose requirements name reporters.
fn jobs(
    sql: &dyn Sql,
    repository: RepositoryId,
    sha: &str,
    requirements: &[&Requirement],
) -> Result<(Vec<JobFact>, i64)> {
    // Without requirements, the gate is unset.
    if requirements.is_empty() {
        return Ok((Vec::new(), 0));
    }
    let newest = of_commit::newest(sql, repository, sha, None)?;
    facts_of(sql, repository, sha, requirements, newest, &|_| i64::MAX)
}

/// The facts about these jobs of the commit. `until`: the number of the last report of a pipeline that counts.
pub fn facts_of(
    sql: &dyn Sql,
    repository: RepositoryId,
    sha: &str,
    requirements: &[&Requirement],
    newest: Vec<LatestJob>,
    until: &dyn Fn(PipelineId) -> i64,
) -> Result<(Vec<JobFact>, i64)> {
    let mut restricted: HashMap<JobKey, (usize, Vec<&[Permitted]>)> = HashMap::new();
    for (at, job) in newest.iter().enumerate() {
        let lists = JobFact::reporter_lists(requirements.iter().copied(), job);
        if !lists.is_empty() {
            restricted.extend(spellings(job).map(|key| (key, (at, lists.clone()))));
        }
    }
    let (mut attempts, reports) = attempts(sql, repository, sha, &restricted, until)?;
    let fact = |(at, job): (usize, LatestJob)| {
        let LatestJob {
            id, pipeline_id, source, stage, name, name_ignores_case, status, allow_failure, ..
        } = job;
        let attempts = attempts.remove(&at).unwrap_or_default();
        JobFact { id, pipeline_id, source, stage, name, name_ignores_case, status, allow_failure, attempts }
    };
    Ok((newest.into_iter().enumerate().map(fact).collect(), reports))
}

/// Every spelling of a job.
fn spellings(job: &LatestJob) -> impl Iterator<Item = JobKey> {
    let names = [&job.name].into_iter().chain(&job.other_spellings);
    names.map(|name| (job.source.clone(), job.stage.clone(), name.clone()))
}

/// Source, stage and name of a job.
type JobKey = (String, String, String);
/// By the position of the job.
type AttemptsOfJobs = HashMap<usize, Vec<PermittedAttempt>>;

/// The attempts of these jobs after the reports of the reporters that requirements name, and the number of all reports
/// of these attempts. One row is in memory at a time, beside the attempts.
fn attempts(
    sql: &dyn Sql,
    repository: RepositoryId,
    sha: &str,
    restricted: &HashMap<JobKey, (usize, Vec<&[Permitted]>)>,
    until: &dyn Fn(PipelineId) -> i64,
) -> Result<(AttemptsOfJobs, i64)> {
    let mut attempts = AttemptsOfJobs::new();
    let mut count = 0;
    let mut memory_bytes = 0;
    let found = found_attempts(sql, repository, sha, restricted)?;
    for found in found.chunks(ATTEMPTS) {
        let ids = found.iter().map(|(id, ..)| id.get().into()).collect();
        let Some((values, ids)) = id_list(sql.flavor(), repository, &ids) else { continue };
        let mut reduced: BTreeMap<JobId, (usize, PermittedAttempt)> = found
            .iter()
            .map(|(id, pipeline_id, (at, lists))| {
                (*id, (*at, PermittedAttempt::new(*id, *pipeline_id, lists)))
            })
            .collect();
        reports::each_with_reporter(sql, &parameters(&values), &ids, |reporter, report| {
            if report.entry.report_id > until(report.pipeline_id) {
                return Ok(());
            }
            count += 1;
            if let Some((_, attempt)) = reduced.get_mut(&report.job_id) {
                attempt.add(&ReportFact::of_stored(reporter, report));
            }
            Ok(())
        })?;
        for (at, attempt) in reduced.into_values() {
            memory_bytes += attempt.memory_bytes();
            attempts.entry(at).or_default().push(attempt);
        }
        check_memory(memory_bytes)?;
    }
    for of_job in attempts.values_mut() {
        of_job.sort_by_key(|attempt| (attempt.pipeline_id, attempt.id));
    }
    Ok((attempts, count))
}

/// An attempt, its pipeline, and the position of its job with the lists of reporters.
type FoundAttempt<'a> = (JobId, PipelineId, &'a (usize, Vec<&'a [Permitted]>));

/// The attempts of these jobs.
fn found_attempts<'a>(
    sql: &dyn Sql,
    repository: RepositoryId,
    sha: &str,
    restricted: &'a HashMap<JobKey, (usize, Vec<&'a [Permitted]>)>,
) -> Result<Vec<FoundAttempt<'a>>> {
    let mut found = Vec::new();
    if restricted.is_empty() {
        return Ok(found);
    }
    let query = format!(
        "SELECT j.id, j.pipeline_id, p.source, s.name, j.name FROM pipelines p INDEXED BY pipelines_by_identity
         CROSS JOIN jobs j ON j.repository_id = p.repository_id AND j.pipeline_id = p.id
         CROSS JOIN stages s ON s.repository_id = j.repository_id AND s.pipeline_id = j.pipeline_id
             AND s.id = j.stage_id
         WHERE p.repository_id = ?1 AND p.sha = ?2 AND {}",
        not_deleted("j")
    );
    sql.stream(&query, values![repository, sha], &mut |row| {
        let (id, pipeline_id, key): (JobId, PipelineId, JobKey) = FromRow::from_row(row, 0)?;
        if let Some(job) = restricted.get(&key) {
            found.push((id, pipeline_id, job));
            check_memory(found.len() * size_of::<FoundAttempt<'_>>())?;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

fn check_memory(bytes: usize) -> Result<()> {
    match bytes > MEMORY_MAX {
        true => Err(Error::Unavailable(format!(
            "the attempts of the jobs of a commit need more than {} MiB",
            MEMORY_MAX >> 20
        ))),
        false => Ok(()),
    }
}

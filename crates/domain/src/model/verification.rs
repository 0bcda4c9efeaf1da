//! Verification: builds a pipeline again from its reports, by the same rules, and compares it with the stored
//! one.
//!
//! Some values of an import are in no report, so they are not verified: when the pipeline was created and
//! last changed, and positions of stages that no report gives.

mod details;
mod differences;

pub use details::{StoredDetails, verify_details};

use super::history::HistoryEntry;
use super::ids::{JobId, PipelineId};
use super::imports::{ImportedJob, ImportedPipeline, ImportedStage};
use super::jobs::Job;
use super::pipelines::{Counters, PipelineIdentity, PipelineState, Stage};
use super::reports::{Arrival, Authority, Effect, FieldSet, PipelineChoice, Reason, Report, Rules};
use differences::Differences;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Debug;
use std::sync::Arc;

/// The dialect of the reports of an import.
pub const IMPORT: &str = "import";

/// A stored report with all its fields.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredReport {
    /// The attempt in its row.
    pub job_id: JobId,
    /// The pipeline in its row.
    pub pipeline_id: PipelineId,
    /// The report and its result.
    pub entry: HistoryEntry,
    /// The reporter named the attempt by its id.
    pub names_job: bool,
    /// As [`Report::name_ignores_case`].
    pub name_ignores_case: bool,
    /// The reported position of the stage.
    pub stage_order: Option<i32>,
    /// The reported page of the pipeline.
    pub web_url: Option<String>,
    /// The reported user who started the pipeline.
    pub trigger_user: Option<String>,
}

/// A stored pipeline with everything that is verified.
#[derive(Debug, Clone)]
pub struct PipelineRecord {
    /// The pipeline, its stages and jobs.
    pub state: PipelineState,
    /// All its reports, in order of arrival.
    pub reports: Vec<StoredReport>,
    /// The details that its reports gave.
    pub details: Vec<StoredDetails>,
}

/// The kind of entity that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntityKind {
    /// Counts and counters of a repository, and rows without a parent.
    Repository,
    /// A pipeline.
    Pipeline,
    /// A stage.
    Stage,
    /// A job.
    Job,
    /// A report.
    Report,
}

impl EntityKind {
    /// The name of the variant.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Repository => "repository",
            Self::Pipeline => "pipeline",
            Self::Stage => "stage",
            Self::Job => "job",
            Self::Report => "report",
        }
    }
}

/// A stored value that differs from the result of the reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The kind of entity.
    pub kind: EntityKind,
    /// The id of the entity in the repository; the number of a report.
    pub id: i64,
    /// The field.
    pub field: String,
    /// The stored value; `None`: nothing.
    pub stored: Option<String>,
    /// The value that follows from the reports; `None`: nothing.
    pub rebuilt: Option<String>,
}

/// Builds a pipeline again from `reports`, the reports of all its attempts in order of arrival, and returns
/// the differences of `stored`.
pub fn verify(stored: &PipelineState, reports: &[StoredReport]) -> Vec<Difference> {
    let imported = reports.iter().take_while(|report| report.entry.dialect == IMPORT).count();
    let differences = verify_from(stored, reports, imported, imported > 0 || reports.is_empty());
    // An import without jobs has no report, but its pipeline does not start at version 0.
    let has_greater_version = |d: &Difference| {
        d.kind == EntityKind::Pipeline && d.field == "version" && number(&d.stored) > number(&d.rebuilt)
    };
    if imported == 0 && differences.iter().any(has_greater_version) {
        let as_import = verify_from(stored, reports, 0, true);
        return if as_import.is_empty() { as_import } else { differences };
    }
    differences
}

fn number(text: &Option<String>) -> Option<i64> {
    text.as_ref().and_then(|text| text.parse().ok())
}

/// Verifies a pipeline whose first `imported` reports are of an import. `is_import`: an import created the
/// pipeline.
fn verify_from(
    stored: &PipelineState,
    reports: &[StoredReport],
    imported: usize,
    is_import: bool,
) -> Vec<Difference> {
    let mut differences = Differences(Vec::new());
    let (imported, reported) = reports.split_at(imported);
    let start = match reported.first() {
        Some(first) if !is_import => {
            let pipeline = &stored.pipeline;
            let (identity, now) = (Arc::clone(&pipeline.identity), first.entry.received_at);
            Some(PipelineState::new(pipeline.id, pipeline.repository_id, identity, now))
        }
        _ => rebuild_import(stored, imported, reported, &mut differences),
    };
    let Some(mut state) = start else { return differences.0 };
    for report in reported {
        if !verify_report(&mut state, stored, report, &mut differences) {
            // The following reports depend on this one.
            return differences.0;
        }
    }
    differences.pipelines(&stored.pipeline, &state.pipeline, is_import);
    differences.stages(stored, &state, is_import);
    differences.jobs(&stored.jobs, &state);
    differences.0
}

/// The pipeline after its import. `later` are the reports after it.
fn rebuild_import(
    stored: &PipelineState,
    reports: &[StoredReport],
    later: &[StoredReport],
    differences: &mut Differences,
) -> Option<PipelineState> {
    let mut by_job: HashMap<JobId, &StoredReport> = HashMap::new();
    for report in reports {
        if by_job.insert(report.job_id, report).is_some() {
            differences.differ(EntityKind::Job, report.job_id.get().into(), "import", Some("2"), Some("1"));
            return None;
        }
        differences.pipeline_id(stored, report);
    }
    let mut stages: Vec<(i64, ImportedStage)> =
        stored.stages.iter().map(|stage| imported_stage(stored, stage, &by_job, later)).collect();
    stages.sort_by_key(|(first, _)| *first);
    let first = reports.first();
    let pipeline = &stored.pipeline;
    let times = pipeline.label_times;
    let web_url = match first {
        Some(report) => report.web_url.clone(),
        None if times.web_url.is_none() => pipeline.web_url.clone(),
        None => label_before(later, |report| &report.web_url, FieldSet::WEB_URL),
    };
    let trigger_user = match first {
        Some(report) => report.trigger_user.clone(),
        None if times.trigger_user.is_none() => pipeline.trigger_user.clone(),
        None => label_before(later, |report| &report.trigger_user, FieldSet::TRIGGER_USER),
    };
    let imported = ImportedPipeline {
        repository_id: pipeline.repository_id,
        id: Some(pipeline.id),
        identity: PipelineIdentity::clone(&pipeline.identity),
        web_url,
        trigger_user,
        created_at: pipeline.created_at,
        stages: stages.into_iter().map(|(_, stage)| stage).collect(),
    };
    // The reports of an import have consecutive numbers.
    let report = first.map_or(0, |report| report.entry.report_id - 1);
    let output = match imported.build(&mut Counters { report, ..Counters::default() }) {
        Ok(output) => output,
        Err(error) => {
            differences.differ(
                EntityKind::Pipeline,
                pipeline.id.get().into(),
                "import",
                None,
                Some(&error.to_string()),
            );
            return None;
        }
    };
    for (job, report) in output.state.jobs.iter().filter_map(|job| Some((job, by_job.get(&job.id)?))) {
        differences.results(report, Reason::Created, FieldSet::STATUS, job.attempt.status);
    }
    Some(output.state)
}

/// The label that an import without jobs gave, as far as its later reports show: the first one that has the
/// label and did not change it has the same one.
fn label_before(
    later: &[StoredReport],
    label: fn(&StoredReport) -> &Option<String>,
    field: FieldSet,
) -> Option<String> {
    let first = later.iter().find(|report| label(report).is_some())?;
    let repeats = first.entry.reason != Reason::Created && !first.entry.changed.contains(field);
    label(first).clone().filter(|_| repeats)
}

/// Most positions that [`order_before`] tries.
const TRIED_ORDERS_MAX: usize = 100;

/// The position that an import without jobs gave to a stage, as far as its later reports show: one with which
/// exactly those reports changed it that record the change.
fn order_before(stored: &PipelineState, stage: &Stage, later: &[StoredReport]) -> Option<i32> {
    let end = stage.sort_id_reported.then_some(stage.sort_id);
    let is_of_stage =
        |report: &&StoredReport| stored.job(report.job_id).is_some_and(|j| j.stage_id == stage.id);
    let reports: Vec<&StoredReport> = later.iter().filter(is_of_stage).collect();
    let fits = |start: &Option<i32>| {
        let mut current = *start;
        let all_fit = reports.iter().all(|report| {
            let order = report.stage_order.filter(|order| current.is_none_or(|current| *order < current));
            current = order.or(current);
            let entry = &report.entry;
            let tells = entry.reason != Reason::Created && entry.state.rules != Rules::First;
            let repeats =
                entry.reason != Reason::Repeated || report.stage_order.is_none_or(|o| current == Some(o));
            !tells || repeats && entry.changed.contains(FieldSet::STAGE_ORDER) == order.is_some()
        });
        all_fit && current == end
    };
    let orders: BTreeSet<i32> = reports.iter().filter_map(|report| report.stage_order).collect();
    let orders = orders.into_iter().take(TRIED_ORDERS_MAX).map(Some);
    [None, end].into_iter().chain(orders).find(fits).unwrap_or(end)
}

/// A stage after its import, with the number of its first report. If all its jobs came later, they may have
/// created the stage, or the import was without jobs: its position is not verified.
fn imported_stage(
    stored: &PipelineState,
    stage: &Stage,
    by_job: &HashMap<JobId, &StoredReport>,
    later: &[StoredReport],
) -> (i64, ImportedStage) {
    let stage_jobs = stored.jobs.iter().filter(|job| job.stage_id == stage.id);
    let mut imported: Vec<(&Job, &StoredReport)> =
        stage_jobs.filter_map(|job| Some((&**job, *by_job.get(&job.id)?))).collect();
    imported.sort_by_key(|(_, report)| report.entry.report_id);
    let first = imported.first().map(|(_, report)| *report);
    let jobs = imported.iter().map(|(job, report)| ImportedJob {
        id: Some(job.id),
        name: job.name.clone(),
        state: report.entry.state.clone(),
        created_at: report.entry.received_at,
        updated_at: Some(job.updated_at),
    });
    let stage = ImportedStage {
        id: Some(stage.id),
        name: stage.name.clone(),
        sort_id: first.map_or_else(|| order_before(stored, stage, later), |report| report.stage_order),
        jobs: jobs.collect(),
    };
    (first.map_or(0, |report| report.entry.report_id), stage)
}

/// Applies one report. False when it belongs to another attempt than the stored one; the rest cannot be
/// compared then.
fn verify_report(
    state: &mut PipelineState,
    stored: &PipelineState,
    report: &StoredReport,
    differences: &mut Differences,
) -> bool {
    let entry = &report.entry;
    let arrival = Arrival { received_at: entry.received_at, seq: entry.report_id };
    differences.pipeline_id(stored, report);
    let Some(job) = stored.job(report.job_id) else {
        differences.report(report, "job_id", Some(&report.job_id.to_string()), None);
        return false;
    };
    let applied = if entry.state.authority == Authority::Reporter {
        let Some(stage) = stored.stages.iter().find(|stage| stage.id == job.stage_id) else {
            differences.differ(
                EntityKind::Job,
                job.id.get().into(),
                "stage_id",
                Some(&job.stage_id.to_string()),
                None,
            );
            return false;
        };
        // A new stage or attempt gets the stored id.
        let mut counters =
            Counters { stage: stage.id.get() - 1, job: job.id.get() - 1, ..Counters::default() };
        let is_known = state.job(job.id).is_some();
        match state.apply(&report_from_record(stored, stage, job, report), arrival, &mut counters) {
            Ok((receipt, _)) if receipt.effect == Effect::Created && is_known => {
                differences.report(report, "job_id", Some(&job.id.to_string()), Some("new"));
                return false;
            }
            applied => applied,
        }
    } else {
        state.close(report.job_id, &entry.state, arrival)
    };
    match applied {
        Ok((receipt, _)) if receipt.job_id == report.job_id => {
            differences.results(report, receipt.reason, receipt.changed, receipt.status);
            true
        }
        Ok((receipt, _)) => {
            differences.report(
                report,
                "job_id",
                Some(&report.job_id.to_string()),
                Some(&receipt.job_id.to_string()),
            );
            false
        }
        Err(error) => {
            differences.report(report, "effect", Some(entry.effect.as_str()), Some(&error.to_string()));
            false
        }
    }
}

/// Applies one report to a past state. `stored` has the ids and names of the stages and attempts. False when the report
/// belongs to another attempt than the stored one.
pub(super) fn replay_report(
    state: &mut PipelineState,
    stored: &PipelineState,
    report: &StoredReport,
) -> bool {
    verify_report(state, stored, report, &mut Differences(Vec::new()))
}

/// The pipeline after these reports of its import; `None`: they are no import. Times of changes after `at` are replaced
/// by it, because an import does not report them.
pub(super) fn replay_import(
    stored: &PipelineState,
    reports: &[StoredReport],
    at: Timestamp,
) -> Option<PipelineState> {
    let imported: HashSet<JobId> = reports.iter().map(|report| report.job_id).collect();
    let jobs = stored.jobs.iter().filter(|job| imported.contains(&job.id));
    let jobs = jobs.map(|job| Job { updated_at: job.updated_at.min(at), ..Job::clone(job) });
    let jobs: Vec<Arc<Job>> = jobs.map(Arc::new).collect();
    // A stage whose attempts all came later did not exist, as far as the reports show.
    let has_jobs = |jobs: &[Arc<Job>], stage: &Stage| jobs.iter().any(|job| job.stage_id == stage.id);
    let stages =
        stored.stages.iter().filter(|stage| has_jobs(&jobs, stage) || !has_jobs(&stored.jobs, stage));
    let of_import = PipelineState::load(stored.pipeline.clone(), stages.cloned().collect(), jobs);
    rebuild_import(&of_import, reports, &[], &mut Differences(Vec::new()))
}

/// The report as it was received, with the spelling of the name that its job has.
fn report_from_record(stored: &PipelineState, stage: &Stage, job: &Job, report: &StoredReport) -> Report {
    let pipeline = &stored.pipeline;
    Report {
        sha: pipeline.identity.sha.clone(),
        git_ref: pipeline.identity.git_ref.clone(),
        ref_is_default: false,
        stage: stage.name.clone(),
        stage_order: report.stage_order,
        name: job.name.clone(),
        name_ignores_case: report.name_ignores_case,
        job_id: report.names_job.then_some(job.id),
        pipeline: PipelineChoice::Id(pipeline.id),
        source: pipeline.identity.source.clone(),
        web_url: report.web_url.clone(),
        trigger_user: report.trigger_user.clone(),
        // The rules need only the key of them.
        details: None,
        state: report.entry.state.clone(),
    }
}

#[cfg(test)]
pub(super) mod tests;

//! Verification: a pipeline is built again from its reports, by the rules that built it, and compared with what is stored.
//!
//! What only an import knows is believed: when an imported pipeline was created and last changed, and places that nobody said.

mod differences;

use super::history::HistoryEntry;
use super::ids::{JobId, PipelineId};
use super::imports::{ImportedJob, ImportedPipeline, ImportedStage};
use super::jobs::Job;
use super::pipelines::{Counters, PipelineState, Stage};
use super::reports::{Arrival, Authority, Effect, FieldSet, PipelineChoice, Reason, Report};
use differences::Differences;
use std::collections::HashMap;
use std::fmt::Debug;

/// The dialect of reports that an import made.
pub const IMPORT: &str = "import";

/// A report as it is stored, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredReport {
    /// The attempt it is stored with.
    pub job_id: JobId,
    /// The pipeline it is stored with.
    pub pipeline_id: PipelineId,
    /// What it said and did.
    pub entry: HistoryEntry,
    /// What it said of its stage's place.
    pub stage_order: Option<i32>,
    /// What it said of its pipeline's link.
    pub web_url: Option<String>,
    /// What it said of who started the pipeline.
    pub trigger_user: Option<String>,
}

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntityKind {
    /// Counts and counters of a repository, and rows that belong to nothing.
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
    /// Its word.
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

/// Something stored that is not what its reports make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Of what.
    pub kind: EntityKind,
    /// Its id in the repository; a report's number.
    pub id: i64,
    /// Which field.
    pub field: String,
    /// What is stored; `None`: nothing.
    pub stored: Option<String>,
    /// What follows from the reports; `None`: nothing.
    pub rebuilt: Option<String>,
}

/// Builds a pipeline again from `reports`, which are all of its attempts' in order of arrival, and says what `stored` has otherwise.
pub fn verify(stored: &PipelineState, reports: &[StoredReport]) -> Vec<Difference> {
    let imported = reports.iter().take_while(|report| report.entry.dialect == IMPORT).count();
    let found = verify_from(stored, reports, imported, imported > 0 || reports.is_empty());
    // An import without jobs leaves no report; but its pipeline did not begin at version 0.
    let is_older = |d: &Difference| {
        d.kind == EntityKind::Pipeline && d.field == "version" && number(&d.stored) > number(&d.rebuilt)
    };
    if imported == 0 && found.iter().any(is_older) {
        let again = verify_from(stored, reports, 0, true);
        return if again.is_empty() { again } else { found };
    }
    found
}

fn number(text: &Option<String>) -> Option<i64> {
    text.as_ref().and_then(|text| text.parse().ok())
}

/// The same, with the first `imported` reports made by an import, where `is_import`.
fn verify_from(
    stored: &PipelineState,
    reports: &[StoredReport],
    imported: usize,
    is_import: bool,
) -> Vec<Difference> {
    let mut found = Differences(Vec::new());
    let (brought, told) = reports.split_at(imported);
    let begun = match told.first() {
        Some(first) if !is_import => {
            let pipeline = &stored.pipeline;
            let (identity, now) = (pipeline.identity.clone(), first.entry.received_at);
            Some(PipelineState::new(pipeline.id, pipeline.repository_id, identity, now))
        }
        _ => import(stored, brought, &mut found),
    };
    let Some(mut run) = begun else { return found.0 };
    for report in told {
        if !replay_report(&mut run, stored, report, &mut found) {
            // What follows was built on it.
            return found.0;
        }
    }
    found.pipelines(&stored.pipeline, &run.pipeline, is_import);
    found.stages(stored, &run, is_import);
    found.jobs(&stored.jobs, &run);
    found.0
}

/// The pipeline as its import made it.
fn import(
    stored: &PipelineState,
    reports: &[StoredReport],
    found: &mut Differences,
) -> Option<PipelineState> {
    let mut of_job: HashMap<JobId, &StoredReport> = HashMap::new();
    for report in reports {
        if of_job.insert(report.job_id, report).is_some() {
            found.differ(EntityKind::Job, report.job_id.get().into(), "import", Some("2"), Some("1"));
            return None;
        }
        found.whose(stored, report);
    }
    let mut stages: Vec<(i64, ImportedStage)> =
        stored.stages.iter().map(|stage| imported_stage(stored, stage, &of_job)).collect();
    stages.sort_by_key(|(first, _)| *first);
    let first = reports.first();
    let said = |of: fn(&StoredReport) -> &Option<String>, held: &Option<String>| {
        first.map_or_else(|| held.clone(), |report| of(report).clone())
    };
    let pipeline = &stored.pipeline;
    let imported = ImportedPipeline {
        repository_id: pipeline.repository_id,
        id: Some(pipeline.id),
        identity: pipeline.identity.clone(),
        web_url: said(|report| &report.web_url, &pipeline.web_url),
        trigger_user: said(|report| &report.trigger_user, &pipeline.trigger_user),
        created_at: pipeline.created_at,
        stages: stages.into_iter().map(|(_, stage)| stage).collect(),
    };
    // Its reports were numbered one after the other.
    let report = first.map_or(0, |report| report.entry.report_id - 1);
    let built = match imported.build(&mut Counters { report, ..Counters::default() }) {
        Ok(built) => built,
        Err(error) => {
            found.differ(
                EntityKind::Pipeline,
                pipeline.id.get().into(),
                "import",
                None,
                Some(&error.to_string()),
            );
            return None;
        }
    };
    for (job, report) in built.state.jobs.iter().filter_map(|job| Some((job, of_job.get(&job.id)?))) {
        found.results(report, Reason::Created, FieldSet::STATUS, job.attempt.status);
    }
    Some(built.state)
}

/// A stage as an import made it, with the number of its first report. One whose jobs all came later may have been made by them, or have
/// come empty: its place is believed.
fn imported_stage(
    stored: &PipelineState,
    stage: &Stage,
    of_job: &HashMap<JobId, &StoredReport>,
) -> (i64, ImportedStage) {
    let of_stage = stored.jobs.iter().filter(|job| job.stage_id == stage.id);
    let mut brought: Vec<(&Job, &StoredReport)> =
        of_stage.filter_map(|job| Some((job, *of_job.get(&job.id)?))).collect();
    brought.sort_by_key(|(_, report)| report.entry.report_id);
    let first = brought.first().map(|(_, report)| *report);
    let believed = stage.sort_id_reported.then_some(stage.sort_id);
    let jobs = brought.iter().map(|(job, report)| ImportedJob {
        id: Some(job.id),
        name: job.name.clone(),
        state: report.entry.state.clone(),
        created_at: report.entry.received_at,
        updated_at: Some(job.updated_at),
    });
    let stage = ImportedStage {
        id: Some(stage.id),
        name: stage.name.clone(),
        sort_id: first.map_or(believed, |report| report.stage_order),
        jobs: jobs.collect(),
    };
    (first.map_or(0, |report| report.entry.report_id), stage)
}

/// Takes one report in. False where it goes elsewhere than it is stored: the rest cannot be compared then.
fn replay_report(
    run: &mut PipelineState,
    stored: &PipelineState,
    report: &StoredReport,
    found: &mut Differences,
) -> bool {
    let entry = &report.entry;
    let arrival = Arrival { received_at: entry.received_at, seq: entry.report_id };
    found.whose(stored, report);
    let Some(job) = stored.job(report.job_id) else {
        found.report(report, "job_id", Some(&report.job_id.to_string()), None);
        return false;
    };
    let applied = if entry.state.authority == Authority::Reporter {
        let Some(stage) = stored.stages.iter().find(|stage| stage.id == job.stage_id) else {
            found.differ(
                EntityKind::Job,
                job.id.get().into(),
                "stage_id",
                Some(&job.stage_id.to_string()),
                None,
            );
            return false;
        };
        // Whatever is new gets the id that it has.
        let mut counters =
            Counters { stage: stage.id.get() - 1, job: job.id.get() - 1, ..Counters::default() };
        let is_known = run.job(job.id).is_some();
        match run.apply(&report_from_record(stored, stage, job, report), arrival, &mut counters) {
            Ok((receipt, _)) if receipt.effect == Effect::Created && is_known => {
                found.report(report, "job_id", Some(&job.id.to_string()), Some("new"));
                return false;
            }
            applied => applied,
        }
    } else {
        run.close(report.job_id, &entry.state, arrival)
    };
    match applied {
        Ok((receipt, _)) if receipt.job_id == report.job_id => {
            found.results(report, receipt.reason, receipt.changed, receipt.status);
            true
        }
        Ok((receipt, _)) => {
            found.report(
                report,
                "job_id",
                Some(&report.job_id.to_string()),
                Some(&receipt.job_id.to_string()),
            );
            false
        }
        Err(error) => {
            found.report(report, "effect", Some(entry.effect.as_str()), Some(&error.to_string()));
            false
        }
    }
}

/// The report as it came.
fn report_from_record(stored: &PipelineState, stage: &Stage, job: &Job, report: &StoredReport) -> Report {
    let pipeline = &stored.pipeline;
    Report {
        sha: pipeline.identity.sha.clone(),
        git_ref: pipeline.identity.git_ref.clone(),
        ref_is_default: false,
        stage: stage.name.clone(),
        stage_order: report.stage_order,
        name: job.name.clone(),
        pipeline: PipelineChoice::Id(pipeline.id),
        source: pipeline.identity.source.clone(),
        web_url: report.web_url.clone(),
        trigger_user: report.trigger_user.clone(),
        state: report.entry.state.clone(),
    }
}

#[cfg(test)]
mod tests;

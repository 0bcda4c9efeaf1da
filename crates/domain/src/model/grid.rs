//! The grid of a ref: its jobs as rows, its latest pipelines as columns, newest first.

use super::comparisons::ComparedJob;
use super::ids::{JobId, PipelineId, StageId};
use super::pipelines::{Pipeline, Stage};
use super::status::Status;
use jiff::SignedDuration;
use std::collections::{HashMap, HashSet};

/// Most pipelines of one grid.
pub const PIPELINES_MAX: u32 = 50;
/// Most attempts that one grid reads. Of pipelines that have more attempts together, the older ones are left to
/// the next page; the newest pipeline is always read.
pub const ATTEMPTS_MAX: u32 = 50_000;
/// Most rows of one grid: the failing ones first.
pub const ROWS_MAX: usize = 500;

/// The pipelines of a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridFilter {
    /// Only pipelines of this ref.
    pub git_ref: String,
    /// Only pipelines of this source; `None`: of all sources.
    pub source: Option<String>,
    /// Only pipelines with a smaller id.
    pub before: Option<PipelineId>,
    /// The greatest number of pipelines.
    pub limit: u32,
    /// The greatest number of attempts to read, beyond those of the newest pipeline.
    pub attempts_max: u32,
}

/// An attempt with the fields that a grid uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridAttempt {
    /// Its pipeline.
    pub pipeline: PipelineId,
    /// Its id.
    pub id: JobId,
    /// Its stage.
    pub stage: StageId,
    /// The name of its job.
    pub name: String,
    /// Its status.
    pub status: Status,
    /// A failure does not make the pipeline fail.
    pub allow_failure: bool,
    /// True for the newest attempt of its job in the pipeline.
    pub newest: bool,
    /// The time from its start to its end, if both are known.
    pub duration: Option<SignedDuration>,
}

/// Some pipelines of a ref with all their attempts, read in one snapshot.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GridPipelines {
    /// The pipelines, newest first.
    pub pipelines: Vec<Pipeline>,
    /// Their stages in display order; a pipeline without stages is not in the map.
    pub stages: HashMap<PipelineId, Vec<Stage>>,
    /// Their attempts, ascending by id in each pipeline.
    pub attempts: Vec<GridAttempt>,
    /// The `before` of the next page; `None`: there are no older pipelines.
    pub next: Option<PipelineId>,
}

/// The health of a row. The order is that of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowHealth {
    /// The latest attempt that succeeded, failed or timed out did not succeed, and may not fail.
    Failing,
    /// An earlier one of these pipelines has such an attempt, or the job succeeded and failed on one commit.
    Unsteady,
    /// Neither.
    Steady,
}

impl RowHealth {
    /// The names, in the order of the variants.
    pub const NAMES: &'static [&'static str] = &["failing", "unsteady", "steady"];

    /// The name of the variant.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// A job in a pipeline: its newest attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridCell {
    /// The newest attempt.
    pub id: JobId,
    /// The status of the newest attempt.
    pub status: Status,
    /// A failure does not make the pipeline fail.
    pub allow_failure: bool,
    /// The number of attempts in this pipeline.
    pub attempts: u32,
    /// The attempts in this pipeline both succeeded and failed.
    pub flaky: bool,
    /// The time from start to end of the newest attempt, if both are known.
    pub duration: Option<SignedDuration>,
}

impl GridCell {
    /// Whether the job failed or timed out, and may not fail.
    pub fn failed(&self) -> bool {
        self.status.fails_pipeline(self.allow_failure)
    }
}

/// A job of the ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridRow {
    /// The name of the job.
    pub name: String,
    /// Its health.
    pub health: RowHealth,
    /// The number of commits of this grid on which the job succeeded and also failed or timed out, each of one source.
    pub flaky_commits: u32,
    /// One cell for each pipeline, in the order of the pipelines; `None`: the pipeline does not have the job.
    pub cells: Vec<Option<GridCell>>,
}

/// The jobs of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridStage {
    /// The name of the stage.
    pub name: String,
    /// The jobs: failing ones first, then unsteady ones, each by name, in which
    /// numbers count as numbers.
    pub rows: Vec<GridRow>,
}

/// The grid.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grid {
    /// The pipelines, newest first.
    pub pipelines: Vec<Pipeline>,
    /// The stages: those with failing jobs first, each in display order of the newest pipeline that has it. They
    /// have at most [`ROWS_MAX`] jobs together, failing ones before others.
    pub stages: Vec<GridStage>,
    /// The number of all jobs, also of those that are left out.
    pub row_count: usize,
    /// The number of all failing jobs, also of those that are left out.
    pub failing_count: usize,
    /// The `before` of the next page; `None`: there are no older pipelines.
    pub next: Option<PipelineId>,
}

impl Grid {
    /// Arranges attempts as a grid.
    pub fn arrange(found: GridPipelines) -> Self {
        let GridPipelines { pipelines, stages, attempts, next } = found;
        let column: HashMap<PipelineId, usize> =
            pipelines.iter().enumerate().map(|(at, pipeline)| (pipeline.id, at)).collect();
        let (order, names) = stage_names(&pipelines, &stages);
        let mut rows: HashMap<(usize, String), Vec<Option<Merged>>> = HashMap::new();
        for attempt in attempts {
            let (Some(column), Some(stage)) = (column.get(&attempt.pipeline), names.get(&attempt.stage))
            else {
                continue;
            };
            let key = (*stage, attempt.name.clone());
            let cells = rows.entry(key).or_insert_with(|| vec![None; pipelines.len()]);
            cells[*column].get_or_insert_with(Merged::default).add(&attempt);
        }
        let row_count = rows.len();
        let mut stages: Vec<GridStage> =
            order.into_iter().map(|name| GridStage { name, rows: Vec::new() }).collect();
        for ((stage, name), cells) in rows {
            stages[stage].rows.push(row(name, cells, &pipelines));
        }
        for stage in &mut stages {
            stage
                .rows
                .sort_by_cached_key(|row| (row.health, with_padded_numbers(&row.name), row.name.clone()));
        }
        stages.retain(|stage| !stage.rows.is_empty());
        stages.sort_by_key(|stage| failing(stage) == 0);
        let failing_count = stages.iter().map(failing).sum();
        truncate(&mut stages);
        Self { pipelines, stages, row_count, failing_count, next }
    }
}

/// The name with zeros before its numbers, so that `job 2` comes before `job 10`.
fn with_padded_numbers(name: &str) -> String {
    const DIGITS: usize = 12;
    let mut out = String::with_capacity(name.len() + DIGITS);
    let mut rest = name;
    while !rest.is_empty() {
        let text = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (text, after) = rest.split_at(text);
        let number = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (number, after) = after.split_at(number);
        out.push_str(text);
        if !number.is_empty() {
            out.extend(std::iter::repeat_n('0', DIGITS.saturating_sub(number.len())));
            out.push_str(number);
        }
        rest = after;
    }
    out
}

/// The number of failing rows, which come first.
fn failing(stage: &GridStage) -> usize {
    stage.rows.iter().take_while(|row| row.health == RowHealth::Failing).count()
}

/// Keeps [`ROWS_MAX`] rows: the failing ones of all stages first, then the others.
fn truncate(stages: &mut Vec<GridStage>) {
    let mut left_failing = ROWS_MAX;
    let mut left = ROWS_MAX.saturating_sub(stages.iter().map(failing).sum::<usize>());
    for stage in stages.iter_mut() {
        let of_failing = failing(stage).min(left_failing);
        let others = (stage.rows.len() - failing(stage)).min(left);
        (left_failing, left) = (left_failing - of_failing, left - others);
        stage.rows.truncate(of_failing + others);
    }
    stages.retain(|stage| !stage.rows.is_empty());
}

/// The names of the stages in display order, and the position of each stage in them.
fn stage_names(
    pipelines: &[Pipeline],
    stages: &HashMap<PipelineId, Vec<Stage>>,
) -> (Vec<String>, HashMap<StageId, usize>) {
    let (mut order, mut known) = (Vec::new(), HashMap::new());
    let mut names = HashMap::new();
    for stage in pipelines.iter().filter_map(|pipeline| stages.get(&pipeline.id)).flatten() {
        let at = *known.entry(stage.name.as_str()).or_insert_with(|| {
            order.push(stage.name.clone());
            order.len() - 1
        });
        names.insert(stage.id, at);
    }
    (order, names)
}

/// The attempts of a job in a pipeline.
#[derive(Debug, Clone, Default)]
struct Merged {
    newest: Option<GridCell>,
    attempts: u32,
    succeeded: bool,
    failed: bool,
}

impl Merged {
    fn add(&mut self, attempt: &GridAttempt) {
        self.attempts += 1;
        self.succeeded |= attempt.status == Status::Success;
        self.failed |= attempt.status.is_bad();
        if attempt.newest || self.newest.is_none() {
            self.newest = Some(GridCell {
                id: attempt.id,
                status: attempt.status,
                allow_failure: attempt.allow_failure,
                attempts: 0,
                flaky: false,
                duration: attempt.duration,
            });
        }
    }

    fn cell(&self) -> Option<GridCell> {
        let flaky = self.succeeded && self.failed;
        self.newest.map(|newest| GridCell { attempts: self.attempts, flaky, ..newest })
    }
}

fn row(name: String, merged: Vec<Option<Merged>>, pipelines: &[Pipeline]) -> GridRow {
    let mut commits: HashMap<(&str, &str), (bool, bool)> = HashMap::new();
    for (merged, pipeline) in merged.iter().zip(pipelines) {
        let Some(merged) = merged else { continue };
        let commit = (pipeline.identity.source.as_str(), pipeline.identity.sha.as_str());
        let seen = commits.entry(commit).or_default();
        *seen = (seen.0 || merged.succeeded, seen.1 || merged.failed);
    }
    let flaky_commits = commits.values().filter(|seen| seen.0 && seen.1).count();
    let cells: Vec<Option<GridCell>> =
        merged.iter().map(|merged| merged.as_ref().and_then(Merged::cell)).collect();
    // Canceled and skipped jobs neither fail nor pass.
    let has_result = |cell: &&GridCell| cell.status == Status::Success || cell.status.is_bad();
    let mut results = cells.iter().flatten().filter(has_result);
    let health = match results.next() {
        Some(latest) if latest.failed() => RowHealth::Failing,
        _ if flaky_commits > 0 || results.any(GridCell::failed) => RowHealth::Unsteady,
        _ => RowHealth::Steady,
    };
    GridRow { name, health, flaky_commits: u32::try_from(flaky_commits).unwrap_or(u32::MAX), cells }
}

/// The jobs of each pipeline, as [comparisons](super::comparisons) compare them: the newest attempts.
pub fn compared_jobs(found: &GridPipelines) -> Vec<(PipelineId, Vec<ComparedJob>)> {
    let names: HashMap<StageId, &str> =
        found.stages.values().flatten().map(|stage| (stage.id, stage.name.as_str())).collect();
    let known: HashSet<PipelineId> = found.pipelines.iter().map(|pipeline| pipeline.id).collect();
    let mut jobs: HashMap<PipelineId, Vec<ComparedJob>> = HashMap::new();
    let newest = found.attempts.iter().filter(|attempt| attempt.newest && known.contains(&attempt.pipeline));
    for attempt in newest {
        jobs.entry(attempt.pipeline).or_default().push(ComparedJob {
            stage: names.get(&attempt.stage).copied().unwrap_or_default().to_owned(),
            name: attempt.name.clone(),
            id: attempt.id,
            status: attempt.status,
            allow_failure: attempt.allow_failure,
            duration: attempt.duration,
        });
    }
    let mut of = |pipeline: &Pipeline| (pipeline.id, jobs.remove(&pipeline.id).unwrap_or_default());
    found.pipelines.iter().map(&mut of).collect()
}

#[cfg(test)]
mod tests;

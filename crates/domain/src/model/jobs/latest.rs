//! The jobs of a commit in several pipelines: of the attempts of each job, the one whose status was reported last.

use super::super::attempts::Recency;
use super::super::ids::{JobId, PipelineId};
use super::super::status::Status;
use super::super::text;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::slice;

/// The newest attempt of a job in one of several pipelines.
#[derive(Debug, Clone, Copy)]
pub struct JobResult<'a> {
    /// The pipeline.
    pub pipeline: PipelineId,
    /// The source of the pipeline.
    pub source: &'a str,
    /// The name of the stage.
    pub stage: &'a str,
    /// The name of the job in this pipeline.
    pub name: &'a str,
    /// Case does not distinguish the name.
    pub name_ignores_case: bool,
    /// The attempt, with its status and `allow_failure`.
    pub attempt: (JobId, Status, bool),
    /// How late its status was reported.
    pub recency: Recency,
}

/// Chooses among the attempts of several pipelines, in whichever order they come. It holds one attempt for each source,
/// stage and spelling of a name, and the pipelines of each.
///
/// Spellings are one job if case does not distinguish any of them, and no pipeline has two of them as two jobs. The job
/// has the spelling of the attempt that counts.
#[derive(Debug, Default)]
pub struct LatestResults {
    /// By source, stage and name.
    spellings: HashMap<String, Spelling>,
    /// The key that is looked up.
    key: String,
    memory_bytes: usize,
}

/// Separates the parts of a key: texts have no control characters.
const SEPARATOR: char = '\0';

/// A job of a commit, with the attempt that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatestJob {
    /// The attempt.
    pub id: JobId,
    /// The pipeline of the attempt.
    pub pipeline_id: PipelineId,
    /// The source of the pipeline.
    pub source: String,
    /// The name of the stage.
    pub stage: String,
    /// The name of the job, in the spelling of the attempt.
    pub name: String,
    /// Case does not distinguish the name.
    pub name_ignores_case: bool,
    /// The other spellings of the name.
    pub other_spellings: Vec<String>,
    /// The status of the attempt.
    pub status: Status,
    /// Whether the attempt may fail.
    pub allow_failure: bool,
}

impl LatestJob {
    fn new(latest: Latest, spellings: &[NamedSpelling]) -> Option<Self> {
        let counting = spellings.iter().position(|(_, spelling)| spelling.latest.order == latest.order)?;
        let mut parts = spellings[counting].0.splitn(3, SEPARATOR).map(str::to_owned);
        let (source, stage, name) = (parts.next()?, parts.next()?, parts.next()?);
        let others = spellings.iter().enumerate().filter(|(at, _)| *at != counting);
        let others = others.filter_map(|(_, (key, _))| key.rsplit(SEPARATOR).next());
        Some(Self {
            id: latest.order.1,
            pipeline_id: latest.pipeline,
            source,
            stage,
            name,
            name_ignores_case: spellings[counting].1.name_ignores_case,
            other_spellings: others.map(str::to_owned).collect(),
            status: latest.status,
            allow_failure: latest.allow_failure,
        })
    }
}

#[derive(Debug)]
struct Spelling {
    latest: Latest,
    name_ignores_case: bool,
    pipelines: Vec<PipelineId>,
}

/// A spelling with its key.
type NamedSpelling = (String, Spelling);

/// An attempt that may count, with its status and `allow_failure`.
#[derive(Debug, Clone, Copy)]
struct Latest {
    order: (Recency, JobId),
    pipeline: PipelineId,
    status: Status,
    allow_failure: bool,
}

impl Latest {
    fn later(self, other: Self) -> Self {
        if other.order > self.order { other } else { self }
    }
}

impl LatestResults {
    /// Adds an attempt.
    pub fn add(&mut self, result: &JobResult<'_>) {
        self.key.clear();
        for part in [result.source, result.stage] {
            self.key.push_str(part);
            self.key.push(SEPARATOR);
        }
        self.key.push_str(result.name);
        let (id, status, allow_failure) = result.attempt;
        let order = (result.recency, id);
        let latest = Latest { order, pipeline: result.pipeline, status, allow_failure };
        let Some(known) = self.spellings.get_mut(&self.key) else {
            self.memory_bytes += size_of::<NamedSpelling>() + self.key.len();
            let name_ignores_case = result.name_ignores_case;
            let spelling = Spelling { latest, name_ignores_case, pipelines: vec![result.pipeline] };
            self.spellings.insert(self.key.clone(), spelling);
            return;
        };
        self.memory_bytes += size_of::<PipelineId>();
        known.pipelines.push(result.pipeline);
        known.latest = known.latest.later(latest);
        known.name_ignores_case |= result.name_ignores_case;
    }

    /// About the bytes in memory.
    pub const fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// The attempts that count, descending by id. With `named`, stages and names, those of the jobs that have or had
    /// one of these spellings.
    pub fn finish(self, named: &[(String, String)]) -> Vec<(JobId, Status, bool)> {
        let mut attempts: Vec<(JobId, Status, bool)> = Vec::new();
        self.each_job(named, |latest, _| {
            attempts.push((latest.order.1, latest.status, latest.allow_failure));
        });
        attempts.sort_unstable_by_key(|(id, ..)| Reverse(*id));
        attempts
    }

    /// The jobs, ascending by the id of the attempt that counts; with `named` as [`Self::finish`].
    pub fn jobs(self, named: &[(String, String)]) -> Vec<LatestJob> {
        let mut jobs: Vec<LatestJob> = Vec::new();
        self.each_job(named, |latest, spellings| jobs.extend(LatestJob::new(latest, spellings)));
        jobs.sort_unstable_by_key(|job| job.id);
        jobs
    }

    /// Passes the attempt that counts of each job, with the spellings of the job.
    fn each_job(self, named: &[(String, String)], mut job: impl FnMut(Latest, &[NamedSpelling])) {
        let mut ignoring_case: HashMap<String, Vec<NamedSpelling>> = HashMap::new();
        for entry in self.spellings {
            if entry.1.name_ignores_case {
                ignoring_case.entry(name_without_case(&entry.0)).or_default().push(entry);
            } else if is_named(&entry.0, named) {
                job(entry.1.latest, slice::from_ref(&entry));
            }
        }
        for spellings in ignoring_case.into_values() {
            let of_named = |(key, _): &&NamedSpelling| is_named(key, named);
            if have_common_pipeline(&spellings) {
                for entry in spellings.iter().filter(of_named) {
                    job(entry.1.latest, slice::from_ref(entry));
                }
            } else if spellings.iter().any(|spelling| of_named(&spelling))
                && let Some(latest) =
                    spellings.iter().map(|(_, spelling)| spelling.latest).reduce(Latest::later)
            {
                job(latest, &spellings);
            }
        }
    }
}

/// Whether a pipeline has two of these spellings.
fn have_common_pipeline(spellings: &[NamedSpelling]) -> bool {
    if let [_] = spellings {
        return false;
    }
    let mut pipelines: Vec<PipelineId> =
        spellings.iter().flat_map(|(_, spelling)| &spelling.pipelines).copied().collect();
    pipelines.sort_unstable();
    pipelines.windows(2).any(|two| two[0] == two[1])
}

/// Whether `named` has the stage and the name of a key, or is empty.
fn is_named(key: &str, named: &[(String, String)]) -> bool {
    let of_source = key.split_once(SEPARATOR).map_or(key, |(_, rest)| rest);
    let parts = of_source.split_once(SEPARATOR);
    named.is_empty() || parts.is_some_and(|parts| named.iter().any(|(stage, name)| parts == (stage, name)))
}

fn name_without_case(key: &str) -> String {
    match key.rsplit_once(SEPARATOR) {
        Some((before, name)) => format!("{before}{SEPARATOR}{}", text::without_case(name)),
        None => key.to_owned(),
    }
}

#[cfg(test)]
mod tests;

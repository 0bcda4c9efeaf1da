//! The jobs that build systems announced for a commit.

use super::facts::{AnnouncedJob, Expectation, GateFacts, JobFact};
use super::patterns::JobName;
use super::rules::{Permitted, Requirement};
use crate::model::status::Status;
use crate::model::text;
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::HashMap;

/// An announced job, and the jobs of the commit that are it.
#[derive(Debug, Clone)]
pub(super) struct Announced<'a> {
    pub job: &'a AnnouncedJob,
    name: JobName<'a>,
    /// Its name, if a job that ignores case may be it.
    without_case: Option<JobName<'a>>,
    /// The first announcement that holds.
    pub at: Timestamp,
    /// Indices of [`GateFacts::jobs`], ascending.
    pub jobs: Vec<usize>,
}

/// The announced jobs, each once, in order of stage and name.
pub(super) fn announced<'a>(facts: &'a GateFacts) -> Vec<Announced<'a>> {
    let of_list =
        |list: &'a Expectation| list.jobs.iter().map(|job| ((job, list.source.as_deref()), list.at));
    let mut first: Vec<_> = holding(&facts.expectations).flat_map(of_list).collect();
    // Each list is sorted already.
    first.sort();
    first.dedup_by_key(|(job, _)| *job);
    if first.is_empty() {
        return Vec::new();
    }
    let mut by_name: HashMap<(bool, Cow<'_, str>), Vec<usize>> = HashMap::new();
    for (at, job) in facts.jobs.iter().enumerate() {
        let name = match job.name_ignores_case {
            true => Cow::Owned(text::without_case(&job.name)),
            false => Cow::Borrowed(job.name.as_str()),
        };
        by_name.entry((job.name_ignores_case, name)).or_default().push(at);
    }
    let jobs_of = |announced: &AnnouncedJob, source: Option<&str>| -> Vec<usize> {
        let exact = by_name.get(&(false, Cow::Borrowed(announced.name.as_str())));
        let ignoring_case = by_name.get(&(true, Cow::Owned(text::without_case(&announced.name))));
        let of_name = exact.into_iter().chain(ignoring_case).flatten().copied();
        let is = |job: &JobFact| {
            announced.stage.as_ref().is_none_or(|stage| *stage == job.stage)
                && source.is_none_or(|source| source == job.source)
        };
        let mut jobs: Vec<usize> = of_name.filter(|at| is(&facts.jobs[*at])).collect();
        jobs.sort_unstable();
        jobs
    };
    let found = first.into_iter().map(|((job, source), at)| {
        let jobs = jobs_of(job, source);
        let may_ignore_case = jobs.is_empty() || jobs.iter().any(|at| facts.jobs[*at].name_ignores_case);
        let without_case = may_ignore_case.then(|| JobName::new(&job.name, true));
        Announced { job, name: JobName::new(&job.name, false), without_case, at, jobs }
    });
    found.collect()
}

impl Announced<'_> {
    /// Whether the job was not reported yet, or has not ended.
    pub fn is_outstanding(&self, facts: &GateFacts) -> bool {
        let unfinished = |at: &usize| facts.jobs.get(*at).is_some_and(is_unfinished);
        self.jobs.is_empty() || self.jobs.iter().any(unfinished)
    }
}

fn is_unfinished(job: &JobFact) -> bool {
    matches!(job.status, Status::Pending | Status::Running)
}

/// An announced job that has not ended.
#[derive(Debug, Clone, Copy)]
pub struct OutstandingJob<'a> {
    /// The job as it was announced.
    pub announced: &'a AnnouncedJob,
    /// The first announcement that holds.
    pub at: Timestamp,
    /// The job that was reported and has not ended; `None`: it was not reported yet.
    pub job: Option<&'a JobFact>,
}

/// The announced jobs that have not ended, in order of stage and name.
pub fn outstanding(facts: &GateFacts) -> Vec<OutstandingJob<'_>> {
    let of_announced = |announced: Announced<'_>| {
        let jobs = announced.jobs.iter().filter_map(|at| facts.jobs.get(*at));
        jobs.into_iter().find(|job| is_unfinished(job))
    };
    let outstanding = announced(facts).into_iter().filter(|announced| announced.is_outstanding(facts));
    outstanding
        .map(|announced| OutstandingJob {
            announced: announced.job,
            at: announced.at,
            job: of_announced(announced),
        })
        .collect()
}

/// The announcements that hold: a complete list replaces the earlier ones of its reporter, credential and source.
fn holding(expectations: &[Expectation]) -> impl Iterator<Item = &Expectation> {
    let mut last_complete = HashMap::new();
    for (at, expectation) in expectations.iter().enumerate() {
        if expectation.complete {
            last_complete.insert(expectation.reporter(), at);
        }
    }
    expectations.iter().enumerate().filter_map(move |(at, expectation)| {
        let replaced = last_complete.get(&expectation.reporter()).is_some_and(|last| at < *last);
        (!replaced).then_some(expectation)
    })
}

/// When every permitted reporter of the requirement had given a complete list; `None`: not all have, or the
/// requirement permits everybody, so that there may be more. A list of one source says nothing about the others.
pub(super) fn all_lists_at(requirement: &Requirement, facts: &GateFacts) -> Option<Timestamp> {
    let complete = |permitted: &Permitted| {
        let lists = facts.expectations.iter().filter(|list| {
            list.complete && list.source.is_none() && permitted.is(list.by, list.credential.as_ref())
        });
        lists.map(|list| list.at).min()
    };
    let lists: Option<Vec<Timestamp>> = requirement.reporters.iter().map(complete).collect();
    lists?.into_iter().max()
}

/// Whether the requirement is about the announced job. Without a stage it may be in any.
pub(super) fn is_about(requirement: &Requirement, announced: &Announced) -> bool {
    let matches = |name: &JobName| match &announced.job.stage {
        Some(stage) => requirement.matches(stage, name),
        None => requirement.job.matches_job(name),
    };
    matches(&announced.name) || announced.without_case.as_ref().is_some_and(matches)
}

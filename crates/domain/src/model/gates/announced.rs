//! The jobs that build systems announced for a commit.

use super::facts::{AnnouncedJob, Expectation, GateFacts, JobFact};
use super::patterns::{JobName, JobNames};
use super::rules::{Permitted, Requirement};
use crate::model::text;
use jiff::Timestamp;
use std::collections::HashMap;

/// An announced job, and the jobs of the commit that are it.
#[derive(Debug, Clone)]
pub(super) struct Announced<'a> {
    pub job: &'a AnnouncedJob,
    /// The first announcement that holds.
    pub at: Timestamp,
    /// Indices of [`GateFacts::jobs`], ascending.
    pub jobs: Vec<usize>,
}

/// The announced jobs of a commit.
#[derive(Debug, Clone, Default)]
pub(super) struct AnnouncedJobs<'a> {
    /// Each once, in order of stage and name.
    all: Vec<Announced<'a>>,
    names: JobNames<'a>,
    /// The names of those that a job may be that ignores case, and their indices.
    names_without_case: (JobNames<'a>, Vec<usize>),
}

impl<'a> AnnouncedJobs<'a> {
    pub(super) fn of(facts: &'a GateFacts) -> Self {
        let of_list =
            |list: &'a Expectation| list.jobs.iter().map(|job| ((job, list.source.as_deref()), list.at));
        let mut first: Vec<_> = holding(&facts.expectations).flat_map(of_list).collect();
        // Each list is sorted already.
        first.sort();
        first.dedup_by_key(|(job, _)| *job);
        if first.is_empty() {
            return Self::default();
        }
        let by_name = JobsByName::new(&facts.jobs);
        let all = first.into_iter().map(|((job, source), at)| {
            let is = |of: &JobFact| {
                job.stage.as_ref().is_none_or(|stage| *stage == of.stage)
                    && source.is_none_or(|source| source == of.source)
            };
            let mut jobs = by_name.with(&job.name);
            jobs.retain(|at| is(&facts.jobs[*at]));
            Announced { job, at, jobs }
        });
        let all: Vec<Announced<'a>> = all.collect();
        let may_ignore_case =
            |of: &Announced| of.jobs.is_empty() || of.jobs.iter().any(|at| facts.jobs[*at].name_ignores_case);
        let without_case: Vec<usize> = (0..all.len()).filter(|at| may_ignore_case(&all[*at])).collect();
        let name = |at: usize, ignores_case| JobName::new(&all[at].job.name, ignores_case);
        let names = (0..all.len()).map(|at| name(at, false)).collect();
        let names_without_case = without_case.iter().map(|at| name(*at, true)).collect();
        Self { names, names_without_case: (names_without_case, without_case), all }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Announced<'a>> {
        self.all.iter()
    }

    /// The announced jobs that a requirement is about, in no order and some twice. Without a stage they may be in any.
    pub(super) fn about(&self, requirement: &Requirement) -> impl Iterator<Item = &Announced<'a>> {
        let (names_without_case, indices) = &self.names_without_case;
        let ignoring_case = names_without_case.matching(&requirement.job).map(|at| indices[at]);
        let named = self.names.matching(&requirement.job).chain(ignoring_case).map(|at| &self.all[at]);
        named.filter(|of| of.job.stage.as_ref().is_none_or(|stage| requirement.has_stage(stage)))
    }
}

/// The jobs of a commit by name.
struct JobsByName<'a> {
    /// Names that distinguish case, sorted, each with the index of its job.
    exact: Vec<(&'a str, usize)>,
    /// Names that ignore case, without it.
    ignoring_case: Vec<(String, usize)>,
}

impl<'a> JobsByName<'a> {
    fn new(jobs: &'a [JobFact]) -> Self {
        let (ignoring_case, exact): (Vec<usize>, Vec<usize>) =
            (0..jobs.len()).partition(|at| jobs[*at].name_ignores_case);
        let mut exact: Vec<_> = exact.into_iter().map(|at| (jobs[at].name.as_str(), at)).collect();
        let ignoring_case = ignoring_case.into_iter().map(|at| (text::without_case(&jobs[at].name), at));
        let mut ignoring_case: Vec<_> = ignoring_case.collect();
        exact.sort_unstable();
        ignoring_case.sort_unstable();
        Self { exact, ignoring_case }
    }

    /// The indices of the jobs with this name, ascending.
    fn with(&self, name: &str) -> Vec<usize> {
        let mut jobs: Vec<usize> = equal(&self.exact, name).map(|(_, at)| *at).collect();
        if !self.ignoring_case.is_empty() {
            let name = text::without_case(name);
            jobs.extend(equal(&self.ignoring_case, &name).map(|(_, at)| *at));
            jobs.sort_unstable();
        }
        jobs
    }
}

/// The entries with this name, of sorted ones.
fn equal<'n, T: AsRef<str>>(sorted: &'n [(T, usize)], name: &'n str) -> impl Iterator<Item = &'n (T, usize)> {
    let first = sorted.partition_point(|(known, _)| known.as_ref() < name);
    sorted[first..].iter().take_while(move |(known, _)| known.as_ref() == name)
}

impl Announced<'_> {
    /// Whether the job was not reported yet, or has not ended.
    pub fn is_outstanding(&self, facts: &GateFacts) -> bool {
        let unfinished = |at: &usize| facts.jobs.get(*at).is_some_and(|job| !job.status.is_finished());
        self.jobs.is_empty() || self.jobs.iter().any(unfinished)
    }
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
    let unfinished = |announced: &Announced<'_>| {
        let mut jobs = announced.jobs.iter().filter_map(|at| facts.jobs.get(*at));
        jobs.find(|job| !job.status.is_finished())
    };
    let all = AnnouncedJobs::of(facts).all.into_iter();
    let outstanding = all.filter(|announced| announced.is_outstanding(facts));
    let found = outstanding.map(|announced| OutstandingJob {
        announced: announced.job,
        at: announced.at,
        job: unfinished(&announced),
    });
    found.collect()
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
/// requirement permits all users, so that there may be more. A list of one source does not cover the others.
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

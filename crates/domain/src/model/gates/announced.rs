//! The jobs that build systems announced for a commit.

use super::facts::{AnnouncedJob, Expectation, GateFacts, JobFact};
use super::patterns::Pairs;
use super::rules::{Permitted, Requirement};
use jiff::Timestamp;
use std::collections::HashMap;

/// An announced job, and the jobs of the commit that are it.
#[derive(Debug, Clone)]
pub(super) struct Announced<'a> {
    pub job: &'a AnnouncedJob,
    /// Those of its name.
    pub pairs: Pairs,
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
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, job) in facts.jobs.iter().enumerate() {
        by_name.entry(&job.name).or_default().push(at);
    }
    let jobs_of = |announced: &AnnouncedJob, source: Option<&str>| -> Vec<usize> {
        let of_name = by_name.get(announced.name.as_str()).into_iter().flatten().copied();
        let is = |job: &JobFact| {
            announced.stage.as_ref().is_none_or(|stage| *stage == job.stage)
                && source.is_none_or(|source| source == job.source)
        };
        of_name.filter(|at| is(&facts.jobs[*at])).collect()
    };
    let found = first.into_iter().map(|((job, source), at)| Announced {
        job,
        pairs: Pairs::of(&job.name),
        at,
        jobs: jobs_of(job, source),
    });
    found.collect()
}

/// The announcements that hold: a complete list replaces the earlier ones of its reporter and source.
fn holding(expectations: &[Expectation]) -> impl Iterator<Item = &Expectation> {
    let mut last_complete = HashMap::new();
    for (at, expectation) in expectations.iter().enumerate() {
        if expectation.complete {
            last_complete.insert((expectation.by, &expectation.source), at);
        }
    }
    expectations.iter().enumerate().filter_map(move |(at, expectation)| {
        let replaced =
            last_complete.get(&(expectation.by, &expectation.source)).is_some_and(|last| at < *last);
        (!replaced).then_some(expectation)
    })
}

/// When every permitted reporter of the requirement had given a complete list; `None`: not all have, or the
/// requirement permits everybody, so that there may be more.
pub(super) fn all_lists_at(requirement: &Requirement, facts: &GateFacts) -> Option<Timestamp> {
    let complete = |permitted: &Permitted| {
        let lists = facts
            .expectations
            .iter()
            .filter(|list| list.complete && permitted.is(list.by, list.credential.as_ref()));
        lists.map(|list| list.at).min()
    };
    let lists: Option<Vec<Timestamp>> = requirement.reporters.iter().map(complete).collect();
    lists?.into_iter().max()
}

/// Whether the requirement is about the announced job. Without a stage it may be in any.
pub(super) fn is_about(requirement: &Requirement, announced: &Announced) -> bool {
    let AnnouncedJob { stage, name } = announced.job;
    requirement.job.may_match(announced.pairs)
        && match stage {
            Some(stage) => requirement.matches(stage, name),
            None => requirement.job.matches(name),
        }
}

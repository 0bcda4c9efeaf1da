//! The table of cases of the jobs of a commit in several pipelines.

use super::*;
use crate::model::attempts::Attempt;
use crate::model::reports::{Arrival, Authority, ReportedState};
use jiff::Timestamp;

/// An attempt `[~][source:]stage/name=status@second[/pipeline]`, whose id is its position, as is that of its pipeline
/// if there is none; `~`: case does not distinguish the name.
fn add(results: &mut LatestResults, at: usize, line: &str) {
    let (line, name_ignores_case) = line.strip_prefix('~').map_or((line, false), |line| (line, true));
    let (job, result) = line.split_once('=').unwrap();
    let (source, job) = job.split_once(':').unwrap_or(("external", job));
    let (stage, name) = job.split_once('/').unwrap();
    let (result, pipeline) = result.split_once('/').map_or((result, None), |(r, p)| (r, Some(p)));
    let pipeline = PipelineId::new(pipeline.map_or(at as i64 + 1, |id| id.parse().unwrap())).unwrap();
    let (status, second) = result.split_once('@').unwrap();
    let status = Status::parse(status).unwrap();
    let received_at = Timestamp::from_second(second.parse().unwrap()).unwrap();
    let reported = ReportedState::with_status(status, Authority::Reporter);
    let attempt = Attempt::new(&reported, Arrival { received_at, seq: 1 });
    let recency = Recency::new(status, &attempt.evidence, received_at);
    let attempt = (JobId::new(at as i64 + 1).unwrap(), status, false);
    results.add(&JobResult { pipeline, source, stage, name, name_ignores_case, attempt, recency });
}

/// The positions of the attempts that count, newest first.
fn counting(lines: &[&str], named: &[(&str, &str)]) -> Vec<i32> {
    let named: Vec<_> = named.iter().map(|(stage, name)| ((*stage).into(), (*name).into())).collect();
    let of = |order: &mut dyn Iterator<Item = (usize, &&str)>| {
        let mut results = LatestResults::default();
        order.for_each(|(at, line)| add(&mut results, at, line));
        results.finish(&named).iter().map(|(id, ..)| id.get()).collect::<Vec<_>>()
    };
    let found = of(&mut lines.iter().enumerate());
    assert_eq!(of(&mut lines.iter().enumerate().rev()), found, "in the other order: {lines:?}");
    found
}

#[test]
fn the_results_that_count_follow_the_table() {
    for (lines, ids) in [
        (&[][..], &[][..]),
        // One job: the status that was reported last.
        (&["s/a=failed@1", "s/a=success@2"], &[2]),
        (&["s/a=failed@3", "s/a=success@2"], &[1]),
        // Another stage, source or name is another job.
        (&["s/a=failed@1", "t/a=success@2", "x:s/a=success@3", "s/b=success@4"], &[4, 3, 2, 1]),
        // Case distinguishes names.
        (&["s/A=failed@1", "s/a=success@2"], &[2, 1]),
        // Unless the reports of both say that it does not, in every script.
        (&["~s/A=failed@1", "~s/a=success@2"], &[2]),
        (&["~s/A=failed@3", "~s/a=success@2"], &[1]),
        (&["~s/ÄÖ=failed@1", "~s/äö=success@2"], &[2]),
        (&["~s/A=failed@1", "s/a=success@2"], &[2, 1]),
        (&["~S/a=failed@1", "~s/a=success@2"], &[2, 1]),
        (&["~X:s/a=failed@1", "~x:s/a=success@2"], &[2, 1]),
        // A spelling has this property in all pipelines if it has it in one.
        (&["~s/A=failed@1", "s/a=success@2", "~s/a=running@0"], &[2]),
        (&["~s/Ab=failed@1", "~s/aB=success@2", "s/ab=failed@3"], &[3, 2]),
        // Two spellings in one pipeline are two jobs, in all pipelines.
        (&["~s/A=failed@1/7", "~s/a=success@2/7"], &[2, 1]),
        (&["~s/A=failed@1/7", "s/a=success@2/7", "~s/a=success@3/8"], &[3, 1]),
        (&["~s/A=failed@1/7", "~s/a=success@2/8", "~s/A=success@3/8"], &[3, 2]),
    ] {
        assert_eq!(counting(lines, &[]), ids, "{lines:?}");
    }
}

#[test]
fn a_job_is_found_by_each_of_its_spellings() {
    let lines = ["~s/A=failed@1", "~s/a=success@2", "s/b=success@3", "s/B=success@4"];
    for (named, ids) in [
        (&[("s", "A")][..], &[2][..]),
        (&[("s", "a")], &[2]),
        (&[("s", "b"), ("t", "B")], &[3]),
        (&[("t", "a")], &[]),
        (&[("s", "a"), ("s", "A"), ("s", "B")], &[4, 2]),
    ] {
        assert_eq!(counting(&lines, named), ids, "{named:?}");
    }
}

#[test]
fn a_job_has_the_name_of_the_attempt_that_counts_and_knows_the_other_spellings() {
    let mut results = LatestResults::default();
    for (at, line) in ["~s/A=failed@3", "~s/a=success@2", "x:s/b=success@3"].iter().enumerate() {
        add(&mut results, at, line);
    }
    let jobs = results.jobs(&[]);
    let named = |job: &LatestJob| {
        (
            job.pipeline_id.get(),
            [&*job.source, &job.stage, &job.name].join("/"),
            job.other_spellings.join("/"),
        )
    };
    let named: Vec<_> = jobs.iter().map(named).collect();
    assert_eq!(named, [(1, "external/s/A".into(), "a".into()), (3, "x/s/b".into(), String::new())]);
}

#[test]
fn memory_grows_with_the_spellings_and_little_with_the_pipelines() {
    let mut results = LatestResults::default();
    add(&mut results, 0, "s/a=failed@1");
    let one = results.memory_bytes();
    for at in 1..100 {
        add(&mut results, at, "s/a=failed@1");
    }
    assert_eq!(results.memory_bytes(), one + 99 * size_of::<PipelineId>());
    add(&mut results, 100, "s/b=failed@1");
    assert_eq!(results.memory_bytes(), 2 * one + 99 * size_of::<PipelineId>());
}

//! The past of a pipeline is the state that it had.

use super::super::gates::{Verdict, announcements_kept_since, split_replaced, surplus_replaced};
use super::super::ids::UserId;
use super::super::jobs::Job;
use super::super::pipelines::{Pipeline, Stage};
use super::super::verification::tests::{Scenario, any_step, at};
use super::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use std::sync::Arc;

fn replay(stored: &PipelineState, reports: &[StoredReport]) -> Option<PipelineState> {
    let last = reports.last().map_or(at(0), |report| report.entry.received_at);
    let mut replay = Replay::new(stored, last);
    for report in reports {
        replay.add(report.clone()).unwrap();
    }
    replay.finish().unwrap()
}

fn parts(state: &PipelineState) -> (&Pipeline, &[Stage], &[Arc<Job>]) {
    (&state.pipeline, &state.stages, &state.jobs)
}

proptest! {
    /// The replay of the first reports gives the state that the store had after them, also if others came later:
    /// status, times, attempts, stages and evidence.
    #[test]
    fn every_past_state_is_the_one_that_the_pipeline_had(
        steps in prop::collection::vec(any_step(), 1..30)
    ) {
        let mut scenario = Scenario::new();
        (scenario.state.pipeline.created_at, scenario.state.pipeline.updated_at) = (at(101), at(101));
        let mut states = Vec::new();
        for step in &steps {
            scenario.apply(step);
            states.push(scenario.state.clone());
        }
        for (count, state) in (1..).zip(&states) {
            let past = replay(&scenario.state, &scenario.history[..count]).unwrap();
            prop_assert_eq!(parts(&past), parts(state), "after {} reports", count);
        }
        prop_assert!(replay(&scenario.state, &[]).is_none());
    }

    /// An import gives each attempt as it was, except the times of changes and stages without jobs.
    #[test]
    fn the_past_after_an_import_is_known(
        imported in prop::collection::vec(any_step(), 1..8), steps in prop::collection::vec(any_step(), 0..20)
    ) {
        let mut scenario = Scenario::imported(&imported);
        let import = scenario.history.len();
        let mut states = vec![scenario.state.clone()];
        for step in &steps {
            scenario.apply(step);
            states.push(scenario.state.clone());
        }
        let attempts = |state: &PipelineState| -> Vec<Job> {
            state.jobs.iter().map(|job| Job { updated_at: at(0), ..Job::clone(job) }).collect()
        };
        let stages = |state: &PipelineState| -> Vec<_> {
            let has_jobs = |id| state.jobs.iter().any(|job| job.stage_id == id);
            state.stages.iter().filter(|stage| has_jobs(stage.id)).map(|s| (s.id, s.status)).collect()
        };
        for (count, state) in (import..).zip(&states) {
            let past = replay(&scenario.state, &scenario.history[..count]).unwrap();
            prop_assert_eq!(attempts(&past), attempts(state));
            prop_assert_eq!(stages(&past), stages(state));
            prop_assert_eq!(past.pipeline.status, state.pipeline.status);
            prop_assert_eq!(past.pipeline.job_count, state.pipeline.job_count);
        }
    }

    /// In whichever order the reports are found, the past ends with the last one that was received by the time.
    #[test]
    fn the_last_report_by_a_time_is_found(
        seconds in prop::collection::vec(0i64..50, 1..20), limit in 0i64..50, turn in 0usize..20
    ) {
        let mut reports: Vec<(i64, i64)> = (1..).zip(seconds).collect();
        let last = reports.iter().filter(|(_, second)| *second <= limit).map(|(number, _)| *number).max();
        let shift = turn % reports.len();
        reports.rotate_left(shift);
        let mut arrivals = Arrivals::default();
        let job = JobId::new(1).unwrap();
        for (number, second) in &reports {
            arrivals.add(AsOf::Time(at(limit)), *number, job, at(*second));
        }
        prop_assert_eq!(arrivals.last.map(|(number, ..)| number), last);
        prop_assert_eq!(arrivals.first.map(|(number, ..)| number), Some(1));
        prop_assert_eq!((arrivals.newest, arrivals.count), (reports.len() as i64, reports.len() as u64));
    }
}

#[test]
fn a_moment_is_a_time_or_a_report() {
    let now = at(100);
    let parse = |text: &str| AsOf::parse(text, now).map_err(|invalid| invalid.problem);
    assert_eq!(parse(&at(99).to_string()), Ok(AsOf::Time(at(99))));
    assert_eq!(parse(&now.to_string()), Ok(AsOf::Time(now)));
    assert_eq!(parse("report:12"), Ok(AsOf::Report(12)));
    assert_eq!(AsOf::Report(12).to_string(), "report:12");
    assert_eq!(parse(&AsOf::Time(at(5)).to_string()), Ok(AsOf::Time(at(5))));
    assert_eq!(parse(&at(101).to_string()), Err(Problem::InFuture));
    for invalid in
        ["", "12", "report:", "report:0", "report:+1", "report:-1", "report: 1", "2026-11-29", "now"]
    {
        assert_eq!(parse(invalid), Err(Problem::NotMoment), "{invalid}");
    }
    assert_eq!(parse("report:99999999999999999999"), Err(Problem::NotMoment));
}

#[test]
fn a_report_includes_what_arrived_before_it() {
    let mut arrivals = Arrivals::default();
    let job = |id| JobId::new(id).unwrap();
    for (number, id) in [(7, 2), (3, 1), (5, 2)] {
        arrivals.add(AsOf::Report(5), number, job(id), at(number));
    }
    let expected = Arrivals {
        first: Some((3, job(1), at(3))),
        last: Some((5, job(2), at(5))),
        named_at: Some(at(5)),
        next: Some(7),
        newest: 7,
        count: 3,
    };
    assert_eq!(arrivals, expected);
    assert!(!arrivals.include_all());
}

fn expectation(by: i64, second: i64, first: i64, complete: bool) -> Expectation {
    Expectation {
        by: UserId::new(by).ok(),
        credential: None,
        at: at(second),
        first_at: at(first),
        source: None,
        jobs: Vec::new(),
        complete,
    }
}

#[test]
fn replaced_announcements_are_kept_up_to_a_number() {
    let complete = |number: i64| (number, expectation(1, number, 1, true));
    let known: Vec<_> = (1..=30).map(complete).chain([(31, expectation(2, 31, 31, false))]).collect();
    assert_eq!(announcements_kept_since(&known), None);
    let (holding, replaced) = split_replaced(known);
    assert_eq!(holding.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [30, 31]);
    let surplus = surplus_replaced(&replaced, UserId::new(1).ok());
    assert_eq!(surplus, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(surplus_replaced(&replaced, UserId::new(2).ok()), Vec::<i64>::new());
    let kept: Vec<_> =
        replaced.into_iter().chain(holding).filter(|(number, _)| !surplus.contains(number)).collect();
    assert_eq!(announcements_kept_since(&kept), Some(at(10)));
}

#[test]
fn announcements_and_overrides_are_those_of_the_time() {
    let announced = announced_by(vec![expectation(1, 5, 5, false), expectation(1, 7, 7, false)], at(6));
    assert_eq!(announced, [expectation(1, 5, 5, false)]);
    let decision = |number, second, withdrawn: Option<i64>| Override {
        number,
        target: "main".into(),
        requirement: None,
        by: None,
        by_name: None,
        reason: "r".into(),
        at: at(second),
        rules_version: 1,
        withdrawn_at: withdrawn.map(at),
        withdrawn_by: None,
        withdrawn_by_name: None,
    };
    let all = vec![decision(1, 3, Some(5)), decision(2, 3, Some(9)), decision(3, 8, None)];
    assert_eq!(overrides_at(all, at(6)), [decision(1, 3, Some(5)), decision(2, 3, None)]);
}

#[test]
fn a_report_without_its_attempt_is_an_error() {
    let mut scenario = Scenario::new();
    let mut step = any_step().new_tree(&mut TestRunner::deterministic()).unwrap().current();
    step.close = false;
    scenario.apply(&step);
    scenario.history[0].job_id = JobId::new(9).unwrap();
    let mut replay = Replay::new(&scenario.state, at(500));
    assert!(matches!(replay.add(scenario.history[0].clone()), Err(Error::Internal(_))));
}

fn recorded(second: i64, last_report: i64, version: i64) -> RecordedVerdict {
    RecordedVerdict {
        number: 1,
        target: "main".into(),
        at: at(second),
        last_report,
        verdict: Verdict::Passed,
        version,
        rules_version: 1,
        results: Vec::new(),
        next_due: Some(at(400)),
    }
}

/// A moment after this report, of which everything is kept.
fn moment(second: i64, last_report: i64) -> Moment {
    let mut scenario = Scenario::new();
    let mut step = any_step().new_tree(&mut TestRunner::deterministic()).unwrap().current();
    step.close = false;
    scenario.apply(&step);
    let mut entry = scenario.history[0].entry.clone();
    entry.report_id = last_report;
    let (pipeline_id, job_id) = (scenario.state.pipeline.id, JobId::new(1).unwrap());
    let last_report = Some(LastReport { pipeline_id, job_id, entry });
    Moment { at: at(second), last_report, kept_since: None }
}

#[test]
fn a_recorded_verdict_counts_if_it_was_made_from_the_facts_of_the_moment() {
    let nothing = GateFacts::default();
    let counts = |record: RecordedVerdict, (second, last_report, version)| {
        let moment = moment(second, last_report);
        let facts =
            PastFacts { moment: &moment, facts: &nothing, rules_version: 1, version, next_report: None };
        facts.has_record(AsOf::Time(moment.at), &record)
    };
    assert!(counts(recorded(100, 7, 5), (100, 7, 5)) && counts(recorded(100, 9, 5), (9_000, 7, 5)));
    assert!(!counts(recorded(100, 7, 5), (9_000, 8, 6)), "however long ago the report was");
    assert!(!counts(recorded(100, 7, 5), (9_000, 7, 6)), "an announcement, an override or the end of a wait");
    assert!(!counts(RecordedVerdict { rules_version: 2, ..recorded(100, 7, 5) }, (200, 7, 5)));
    assert!(counts(recorded(5_000, 7, 5), (200, 7, 5)), "by a clock that was ahead");
    assert!(!counts(recorded(5_000, 8, 5), (200, 7, 5)) && !counts(recorded(5_000, 7, 6), (200, 7, 5)));
}

#[test]
fn a_record_may_have_more_than_what_is_kept() {
    let counts = |record: &RecordedVerdict, second, announced_at| {
        let moment = Moment { kept_since: Some(at(1_000)), ..moment(second, 7) };
        let facts = GateFacts {
            expectations: vec![expectation(1, announced_at, announced_at, false)],
            ..GateFacts::default()
        };
        let past =
            PastFacts { moment: &moment, facts: &facts, rules_version: 1, version: 3, next_report: None };
        past.has_record(AsOf::Time(moment.at), record)
    };
    let record = recorded(100, 7, 5);
    assert!(counts(&record, 300, 99), "made from a pipeline that was deleted");
    assert!(!counts(&record, 300, 200), "an announcement followed");
    assert!(!counts(&record, 400, 99), "a wait has ended");
    assert!(!counts(&record, 99, 50) && !counts(&recorded(100, 6, 5), 300, 99));
}

#[test]
fn a_record_of_a_report_takes_no_later_report_of_the_commit_into_account() {
    let (moment, nothing) = (moment(100, 7), GateFacts::default());
    let counts = |last_report, next_report| {
        let facts = PastFacts { moment: &moment, facts: &nothing, rules_version: 1, version: 5, next_report };
        facts.has_record(AsOf::Report(7), &recorded(50, last_report, 5))
    };
    assert!(counts(7, None) && counts(900, None), "reports of other commits");
    assert!(counts(11, Some(12)) && !counts(12, Some(12)) && !counts(6, Some(12)));
}

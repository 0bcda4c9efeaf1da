//! A pipeline that follows from its reports has no differences, and every other change of it is reported.

use super::*;
use crate::model::details::DetailsKey;
use crate::model::ids::{RepositoryId, StageId};
use crate::model::pipelines::PipelineIdentity;
use crate::model::reports::{Adjustments, Receipt, ReportedState, Rule, Rules};
use crate::model::status::Status;
use jiff::Timestamp;
use proptest::prelude::*;
use std::sync::Arc;

pub(in crate::model) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn identity() -> PipelineIdentity {
    PipelineIdentity { sha: "a".repeat(40), git_ref: "main".into(), source: "ci".into(), key: String::new() }
}

/// A pipeline and its history.
pub(in crate::model) struct Scenario {
    pub(in crate::model) state: PipelineState,
    pub(in crate::model) history: Vec<StoredReport>,
    counters: Counters,
}

#[derive(Debug, Clone)]
pub(in crate::model) struct Step {
    stage: u8,
    name: u8,
    status: usize,
    build: Option<u8>,
    url: Option<u8>,
    second: Option<i64>,
    order: Option<i32>,
    pub(in crate::model) close: bool,
    extra: bool,
    rules: Rules,
}

pub(in crate::model) fn any_step() -> impl Strategy<Value = Step> {
    let origin = (prop::option::of(0..3u8), prop::option::of(0..3u8), prop::option::of(0..90i64));
    (
        (0..3u8, 0..3u8, 0..7usize),
        origin,
        (prop::option::of(1..5i32), prop::bool::weighted(0.1), any::<bool>()),
    )
        .prop_map(|((stage, name, status), (build, url, second), (order, close, extra))| Step {
            stage,
            name,
            status,
            build,
            url,
            second,
            order,
            close,
            extra,
            rules: Rules::default(),
        })
}

impl Step {
    fn state(&self) -> ReportedState {
        ReportedState {
            third_build_id: self.build.map(|build| format!("b{build}")),
            target_url: self.url.map(|url| format!("http://ci/{url}")),
            description: self.extra.then(|| format!("d{}", self.status)),
            coverage: self.extra.then_some(1.5),
            allow_failure: self.extra.then_some(self.status.is_multiple_of(2)),
            occurred_at: self.second.map(at),
            occurred_at_receipt: self.extra,
            // One attempt has no room for two of them.
            details: self.extra.then(|| {
                Box::new(DetailsKey { digest: [self.status as u8; 32], bytes: 3 << 20, annotations: 2 })
            }),
            rules: self.rules,
            ..ReportedState::with_status(
                Status::parse(Status::NAMES[self.status]).unwrap(),
                Authority::Reporter,
            )
        }
    }
}

impl Scenario {
    fn job(&mut self, at: usize) -> &mut Job {
        Arc::make_mut(&mut self.state.jobs[at])
    }

    pub(in crate::model) fn new() -> Self {
        let state = PipelineState::new(
            PipelineId::new(6).unwrap(),
            RepositoryId::new(1).unwrap(),
            identity(),
            at(100),
        );
        Self { state, history: Vec::new(), counters: Counters::default() }
    }

    /// An imported pipeline: three stages, and jobs that are not in the order of their ids.
    pub(in crate::model) fn imported(steps: &[Step]) -> Self {
        let job = |(n, step): (usize, &Step)| ImportedJob {
            id: Some(JobId::new(100 - n as i64).unwrap()),
            name: format!("n{}", step.name),
            state: step.state(),
            created_at: at(n as i64),
            updated_at: step.second.map(at),
        };
        let (half, rest) = steps.split_at(steps.len() / 2);
        let stage = |id: i64, sort_id, steps: &[Step], first: usize| ImportedStage {
            id: Some(StageId::new(id).unwrap()),
            name: format!("s{}", id % 3),
            sort_id,
            jobs: steps.iter().enumerate().map(|(n, step)| job((first + n, step))).collect(),
        };
        let imported = ImportedPipeline {
            repository_id: RepositoryId::new(1).unwrap(),
            id: None,
            identity: identity(),
            web_url: Some("http://ci/p".into()),
            trigger_user: None,
            created_at: at(50),
            stages: vec![
                stage(7, None, rest, half.len()),
                stage(5, Some(9), half, 0),
                stage(3, None, &[], 0),
            ],
        };
        let mut counters = Counters { report: 40, ..Counters::default() };
        let mut built = imported.build(&mut counters).unwrap();
        built.state.pipeline.version = 77;
        let mut scenario = Self { state: built.state, history: Vec::new(), counters };
        for (job, (report, arrival)) in scenario.state.jobs.clone().iter().zip(&built.reports) {
            let receipt = Receipt {
                report_id: arrival.seq,
                pipeline_id: scenario.state.pipeline.id,
                stage_id: job.stage_id,
                job_id: job.id,
                attempt: job.attempt_number,
                effect: Effect::Created,
                reason: Reason::Created,
                changed: FieldSet::STATUS,
                adjusted: Adjustments::default(),
                status: job.attempt.status,
                pipeline_status: scenario.state.pipeline.status,
            };
            scenario.record(IMPORT, Some(report), &report.state, *arrival, receipt);
        }
        scenario.history.sort_by_key(|report| report.entry.report_id);
        scenario
    }

    pub(in crate::model) fn apply(&mut self, step: &Step) {
        self.counters.report += 1;
        let arrival = Arrival { received_at: at(100 + self.counters.report), seq: self.counters.report };
        let mut reported = step.state();
        if let Some(job) = self.state.jobs.first().filter(|_| step.close) {
            reported = ReportedState {
                rules: step.rules,
                ..ReportedState::with_status(Status::TimedOut, Authority::Watchdog)
            };
            let (receipt, _) = self.state.close(job.id, &reported, arrival).unwrap();
            return self.record("watchdog", None, &reported, arrival, receipt);
        }
        let report = Report {
            sha: identity().sha,
            git_ref: identity().git_ref,
            ref_is_default: false,
            stage: format!("s{}", step.stage),
            stage_order: step.order,
            // Two spellings.
            name: format!("{}{}", if step.extra { 'N' } else { 'n' }, step.name),
            name_ignores_case: step.extra,
            job_id: None,
            pipeline: PipelineChoice::Key(String::new()),
            source: "ci".into(),
            web_url: step.url.map(|url| format!("http://ci/{url}")),
            trigger_user: step.extra.then(|| "zhang".into()),
            details: None,
            state: reported,
        };
        let (receipt, _) = self.state.apply(&report, arrival, &mut self.counters).unwrap();
        self.record("native", Some(&report), &report.state, arrival, receipt);
    }

    fn record(
        &mut self,
        dialect: &str,
        report: Option<&Report>,
        reported: &ReportedState,
        arrival: Arrival,
        receipt: Receipt,
    ) {
        self.history.push(StoredReport {
            job_id: receipt.job_id,
            pipeline_id: receipt.pipeline_id,
            entry: HistoryEntry {
                report_id: arrival.seq,
                reporter_id: None,
                reporter: None,
                credential: None,
                credential_name: None,
                dialect: dialect.into(),
                received_at: arrival.received_at,
                state: reported.clone(),
                effect: receipt.effect,
                reason: receipt.reason,
                changed: receipt.changed,
                status_after: Some(receipt.status),
                closing_reason: None,
            },
            names_job: report.is_some_and(|report| report.job_id == Some(receipt.job_id)),
            name_ignores_case: report.is_some_and(|report| report.name_ignores_case),
            stage_order: report.and_then(|report| report.stage_order),
            web_url: report.and_then(|report| report.web_url.clone()),
            trigger_user: report.and_then(|report| report.trigger_user.clone()),
        });
    }
}

proptest! {
    #[test]
    fn reports_cause_no_difference(steps in prop::collection::vec(any_step(), 1..30)) {
        let mut scenario = Scenario::new();
        // The first report creates the pipeline, so the pipeline has its time.
        scenario.state.pipeline.created_at = at(101);
        scenario.state.pipeline.updated_at = at(101);
        steps.iter().for_each(|step| scenario.apply(step));
        prop_assert_eq!(verify(&scenario.state, &scenario.history), vec![]);
    }

    #[test]
    fn reports_of_an_older_version_cause_no_difference(steps in prop::collection::vec(any_step(), 1..30)) {
        let mut scenario = Scenario::new();
        (scenario.state.pipeline.created_at, scenario.state.pipeline.updated_at) = (at(101), at(101));
        steps.iter().for_each(|step| scenario.apply(&Step { rules: Rules::First, ..step.clone() }));
        for (n, report) in scenario.history.iter_mut().enumerate() {
            let entry = &mut report.entry;
            // The oldest version recorded no status after the report either.
            entry.status_after = entry.status_after.filter(|_| n % 2 == 0);
            entry.reason = Reason::derive(&entry.state, entry.effect, entry.changed, entry.status_after);
        }
        prop_assert_eq!(verify(&scenario.state, &scenario.history), vec![]);
    }

    /// A store of an older version that goes on with this one, loaded from its rows in between.
    #[test]
    fn old_and_new_reports_cause_no_difference(
        old in prop::collection::vec(any_step(), 1..20), new in prop::collection::vec(any_step(), 1..20)
    ) {
        let mut scenario = Scenario::new();
        (scenario.state.pipeline.created_at, scenario.state.pipeline.updated_at) = (at(101), at(101));
        old.iter().for_each(|step| scenario.apply(&Step { rules: Rules::First, ..step.clone() }));
        for job in &mut scenario.state.jobs {
            let attempt = &mut Arc::make_mut(job).attempt;
            let (created_at, url) = (attempt.created_at, attempt.target_url.as_deref());
            let bytes = attempt.evidence.to_bytes(created_at, url);
            attempt.evidence =
                crate::model::attempts::Evidence::from_bytes(&bytes, created_at, url).unwrap();
        }
        new.iter().for_each(|step| scenario.apply(step));
        prop_assert_eq!(verify(&scenario.state, &scenario.history), vec![]);
    }

    #[test]
    fn an_import_and_reports_cause_no_difference(
        imported in prop::collection::vec(any_step(), 0..8), steps in prop::collection::vec(any_step(), 0..20)
    ) {
        let mut scenario = Scenario::imported(&imported);
        steps.iter().for_each(|step| scenario.apply(step));
        prop_assert_eq!(verify(&scenario.state, &scenario.history), vec![]);
    }
}

fn step(stage: u8, name: u8, status: usize, build: u8) -> Step {
    let (url, second, order) = (None, None, None);
    Step {
        stage,
        name,
        status,
        build: Some(build),
        url,
        second,
        order,
        close: false,
        extra: false,
        rules: Rules::default(),
    }
}

/// A pipeline without differences: two attempts of one job, and another job.
fn valid_scenario() -> Scenario {
    let mut scenario = Scenario::new();
    (scenario.state.pipeline.created_at, scenario.state.pipeline.updated_at) = (at(101), at(101));
    for step in [step(0, 0, 1, 1), step(0, 0, 3, 1), step(0, 0, 2, 2), step(1, 1, 2, 3)] {
        scenario.apply(&step);
    }
    assert_eq!(verify(&scenario.state, &scenario.history), vec![]);
    scenario
}

/// The differences after `change`.
fn differences_after(change: impl FnOnce(&mut Scenario)) -> Vec<String> {
    let mut scenario = valid_scenario();
    change(&mut scenario);
    let text = |d: &Difference| {
        let text_of = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".into());
        format!("{} {} {}: {}, {}", d.kind.as_str(), d.id, d.field, text_of(&d.stored), text_of(&d.rebuilt))
    };
    verify(&scenario.state, &scenario.history).iter().map(text).collect()
}

#[test]
fn every_other_change_is_reported() {
    let differences = differences_after(|scenario| scenario.job(1).attempt.status = Status::Failed);
    assert_eq!(differences, ["job 2 status: failed, success"]);
    let differences = differences_after(|scenario| scenario.state.pipeline.status = Status::Failed);
    assert_eq!(differences, ["pipeline 6 status: failed, success"]);
    let differences = differences_after(|scenario| scenario.state.stages[1].status = Status::Failed);
    assert_eq!(differences, ["stage 2 status: failed, success"]);
    let differences = differences_after(|scenario| {
        scenario.job(0).newest = true;
        scenario.job(1).newest = false;
    });
    assert_eq!(differences, ["job 1 newest: true, false", "job 2 newest: false, true"]);
    let differences = differences_after(|scenario| scenario.state.pipeline.job_count = 4);
    assert_eq!(differences, ["pipeline 6 job_count: 4, 3"]);
    let differences = differences_after(|scenario| scenario.job(2).attempt.finished_at = None);
    assert_eq!(differences, ["job 3 finished_at: -, 2023-11-14T22:15:04Z"]);
    let differences = differences_after(|scenario| scenario.job(0).attempt_number = 3);
    assert_eq!(differences, ["job 1 number: 3, 1"]);
    let differences = differences_after(|scenario| scenario.history[1].entry.effect = Effect::Late);
    assert_eq!(differences, ["report 2 effect: late, changed"]);
    let differences =
        differences_after(|scenario| scenario.history[1].entry.reason = Reason::Won(Rule::Severity));
    assert_eq!(differences, ["report 2 reason: won_by_severity, won_by_rank"]);
    let differences = differences_after(|scenario| scenario.history[3].job_id = JobId::new(2).unwrap());
    assert_eq!(differences, ["report 4 job_id: 2, new"]);
    let differences = differences_after(|scenario| drop(scenario.history.pop()));
    assert!(differences.contains(&"job 3 reports: -, -".to_owned()), "{differences:?}");
    let differences = differences_after(|scenario| drop(scenario.history.remove(1)));
    assert!(differences.contains(&"job 1 status: failed, running".to_owned()), "{differences:?}");
}

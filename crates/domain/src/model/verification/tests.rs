//! What the reports made is found right, and whatever is changed behind their back is named.

use super::*;
use crate::model::ids::RepositoryId;
use crate::model::ids::StageId;
use crate::model::pipelines::PipelineIdentity;
use crate::model::reports::{Receipt, ReportedState, Rule};
use crate::model::status::Status;
use jiff::Timestamp;
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn identity() -> PipelineIdentity {
    PipelineIdentity { sha: "a".repeat(40), git_ref: "main".into(), source: "ci".into(), key: String::new() }
}

/// A pipeline and its history.
struct Kept {
    run: PipelineState,
    history: Vec<StoredReport>,
    counters: Counters,
}

#[derive(Debug, Clone)]
struct Line {
    stage: u8,
    name: u8,
    status: usize,
    build: Option<u8>,
    url: Option<u8>,
    second: Option<i64>,
    order: Option<i32>,
    close: bool,
    extra: bool,
}

fn line() -> impl Strategy<Value = Line> {
    let whence = (prop::option::of(0..3u8), prop::option::of(0..3u8), prop::option::of(0..90i64));
    (
        (0..3u8, 0..3u8, 0..7usize),
        whence,
        (prop::option::of(1..5i32), prop::bool::weighted(0.1), any::<bool>()),
    )
        .prop_map(|((stage, name, status), (build, url, second), (order, close, extra))| Line {
            stage,
            name,
            status,
            build,
            url,
            second,
            order,
            close,
            extra,
        })
}

impl Line {
    fn said(&self) -> ReportedState {
        ReportedState {
            third_build_id: self.build.map(|build| format!("b{build}")),
            target_url: self.url.map(|url| format!("http://ci/{url}")),
            description: self.extra.then(|| format!("d{}", self.status)),
            coverage: self.extra.then_some(1.5),
            allow_failure: self.extra.then_some(self.status.is_multiple_of(2)),
            occurred_at: self.second.map(at),
            ..ReportedState::with_status(
                Status::parse(Status::NAMES[self.status]).unwrap(),
                Authority::Reporter,
            )
        }
    }
}

impl Kept {
    fn new() -> Self {
        let run = PipelineState::new(
            PipelineId::new(6).unwrap(),
            RepositoryId::new(1).unwrap(),
            identity(),
            at(100),
        );
        Self { run, history: Vec::new(), counters: Counters::default() }
    }

    /// As an import brings it along: two stages, the jobs not in the order of their ids.
    fn imported(lines: &[Line]) -> Self {
        let job = |(n, line): (usize, &Line)| ImportedJob {
            id: Some(JobId::new(100 - n as i64).unwrap()),
            name: format!("n{}", line.name),
            state: line.said(),
            created_at: at(n as i64),
            updated_at: line.second.map(at),
        };
        let (half, rest) = lines.split_at(lines.len() / 2);
        let stage = |id: i64, sort_id, lines: &[Line], first: usize| ImportedStage {
            id: Some(StageId::new(id).unwrap()),
            name: format!("s{}", id % 3),
            sort_id,
            jobs: lines.iter().enumerate().map(|(n, line)| job((first + n, line))).collect(),
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
        let mut kept = Self { run: built.state, history: Vec::new(), counters };
        for (job, (report, arrival)) in kept.run.jobs.clone().iter().zip(&built.reports) {
            let receipt = Receipt {
                report_id: arrival.seq,
                pipeline_id: kept.run.pipeline.id,
                stage_id: job.stage_id,
                job_id: job.id,
                attempt: job.attempt_number,
                effect: Effect::Created,
                reason: Reason::Created,
                changed: FieldSet::STATUS,
                status: job.attempt.status,
                pipeline_status: kept.run.pipeline.status,
            };
            kept.note(IMPORT, Some(report), &report.state, *arrival, receipt);
        }
        kept.history.sort_by_key(|report| report.entry.report_id);
        kept
    }

    fn tell(&mut self, line: &Line) {
        self.counters.report += 1;
        let arrival = Arrival { received_at: at(100 + self.counters.report), seq: self.counters.report };
        let mut said = line.said();
        if let Some(job) = self.run.jobs.first().filter(|_| line.close) {
            said = ReportedState::with_status(Status::TimedOut, Authority::Watchdog);
            let (receipt, _) = self.run.close(job.id, &said, arrival).unwrap();
            return self.note("watchdog", None, &said, arrival, receipt);
        }
        let report = Report {
            sha: identity().sha,
            git_ref: identity().git_ref,
            ref_is_default: false,
            stage: format!("s{}", line.stage),
            stage_order: line.order,
            name: format!("n{}", line.name),
            pipeline: PipelineChoice::Key(String::new()),
            source: "ci".into(),
            web_url: line.url.map(|url| format!("http://ci/{url}")),
            trigger_user: line.extra.then(|| "zhang".into()),
            state: said,
        };
        let (receipt, _) = self.run.apply(&report, arrival, &mut self.counters).unwrap();
        self.note("native", Some(&report), &report.state, arrival, receipt);
    }

    fn note(
        &mut self,
        dialect: &str,
        report: Option<&Report>,
        said: &ReportedState,
        arrival: Arrival,
        of: Receipt,
    ) {
        self.history.push(StoredReport {
            job_id: of.job_id,
            pipeline_id: of.pipeline_id,
            entry: HistoryEntry {
                report_id: arrival.seq,
                reporter: None,
                dialect: dialect.into(),
                received_at: arrival.received_at,
                state: said.clone(),
                effect: of.effect,
                reason: of.reason,
                changed: of.changed,
                status_after: Some(of.status),
                closing_reason: None,
            },
            stage_order: report.and_then(|report| report.stage_order),
            web_url: report.and_then(|report| report.web_url.clone()),
            trigger_user: report.and_then(|report| report.trigger_user.clone()),
        });
    }
}

proptest! {
    #[test]
    fn what_reports_made_is_found_right(lines in prop::collection::vec(line(), 1..30)) {
        let mut kept = Kept::new();
        // The first makes the pipeline, so its time is its beginning.
        kept.run.pipeline.created_at = at(101);
        kept.run.pipeline.updated_at = at(101);
        lines.iter().for_each(|line| kept.tell(line));
        prop_assert_eq!(verify(&kept.run, &kept.history), vec![]);
    }

    #[test]
    fn reports_of_an_older_version_are_found_right(lines in prop::collection::vec(line(), 1..30)) {
        let mut kept = Kept::new();
        (kept.run.pipeline.created_at, kept.run.pipeline.updated_at) = (at(101), at(101));
        lines.iter().for_each(|line| kept.tell(line));
        for (n, report) in kept.history.iter_mut().enumerate() {
            let entry = &mut report.entry;
            // The oldest version recorded no status after the report either.
            entry.status_after = entry.status_after.filter(|_| n % 2 == 0);
            entry.reason = Reason::stored_or_derived(None, &entry.state, entry.effect, entry.changed, entry.status_after);
        }
        prop_assert_eq!(verify(&kept.run, &kept.history), vec![]);
    }

    #[test]
    fn what_an_import_and_reports_made_is_found_right(
        brought in prop::collection::vec(line(), 0..8), lines in prop::collection::vec(line(), 0..20)
    ) {
        let mut kept = Kept::imported(&brought);
        lines.iter().for_each(|line| kept.tell(line));
        prop_assert_eq!(verify(&kept.run, &kept.history), vec![]);
    }
}

fn line_of(stage: u8, name: u8, status: usize, build: u8) -> Line {
    let (url, second, order) = (None, None, None);
    Line { stage, name, status, build: Some(build), url, second, order, close: false, extra: false }
}

/// Two attempts of one job and one other.
fn sound() -> Kept {
    let mut kept = Kept::new();
    (kept.run.pipeline.created_at, kept.run.pipeline.updated_at) = (at(101), at(101));
    for line in [line_of(0, 0, 1, 1), line_of(0, 0, 3, 1), line_of(0, 0, 2, 2), line_of(1, 1, 2, 3)] {
        kept.tell(&line);
    }
    assert_eq!(verify(&kept.run, &kept.history), vec![]);
    kept
}

/// What is said of a pipeline after `change`.
fn said_after(change: impl FnOnce(&mut Kept)) -> Vec<String> {
    let mut kept = sound();
    change(&mut kept);
    let say = |d: &Difference| {
        let of = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".into());
        format!("{} {} {}: {}, {}", d.kind.as_str(), d.id, d.field, of(&d.stored), of(&d.rebuilt))
    };
    verify(&kept.run, &kept.history).iter().map(say).collect()
}

#[test]
fn what_was_changed_behind_their_back_is_named() {
    let broken = said_after(|kept| kept.run.jobs[1].attempt.status = Status::Failed);
    assert_eq!(broken, ["job 2 status: failed, success"]);
    let broken = said_after(|kept| kept.run.pipeline.status = Status::Failed);
    assert_eq!(broken, ["pipeline 6 status: failed, success"]);
    let broken = said_after(|kept| kept.run.stages[1].status = Status::Failed);
    assert_eq!(broken, ["stage 2 status: failed, success"]);
    let broken = said_after(|kept| {
        kept.run.jobs[0].newest = true;
        kept.run.jobs[1].newest = false;
    });
    assert_eq!(broken, ["job 1 newest: true, false", "job 2 newest: false, true"]);
    let broken = said_after(|kept| kept.run.pipeline.job_count = 4);
    assert_eq!(broken, ["pipeline 6 job_count: 4, 3"]);
    let broken = said_after(|kept| kept.run.jobs[2].attempt.finished_at = None);
    assert_eq!(broken, ["job 3 finished_at: -, 2023-11-14T22:15:04Z"]);
    let broken = said_after(|kept| kept.run.jobs[0].attempt_number = 3);
    assert_eq!(broken, ["job 1 number: 3, 1"]);
    let broken = said_after(|kept| kept.history[1].entry.effect = Effect::Late);
    assert_eq!(broken, ["report 2 effect: late, changed"]);
    let broken = said_after(|kept| kept.history[1].entry.reason = Reason::Won(Rule::Severity));
    assert_eq!(broken, ["report 2 reason: won_by_severity, won_by_rank"]);
    let broken = said_after(|kept| kept.history[3].job_id = JobId::new(2).unwrap());
    assert_eq!(broken, ["report 4 job_id: 2, new"]);
    let broken = said_after(|kept| drop(kept.history.pop()));
    assert!(broken.contains(&"job 3 reports: -, -".to_owned()), "{broken:?}");
    let broken = said_after(|kept| drop(kept.history.remove(1)));
    assert!(broken.contains(&"job 1 status: failed, running".to_owned()), "{broken:?}");
}

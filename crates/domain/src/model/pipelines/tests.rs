//! The attempt of a report, the newest attempt, and the state of stages and pipelines.

use super::*;
use crate::model::jobs::Job;
use crate::model::reports::{
    Arrival, Authority, Effect, PipelineChoice, Reason, Report, ReportInput, ReportedState, Rule,
    truncate_to_millis,
};
use crate::model::status::Status::*;
use proptest::prelude::*;
use std::sync::Arc;

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

/// `stage/name:status` then any of `#build`, `=url`, `@second` in this order.
fn report(line: &str) -> Report {
    let (line, second) = line.split_once('@').map_or((line, None), |(l, t)| (l, Some(t)));
    let (line, url) = line.split_once('=').map_or((line, None), |(l, u)| (l, Some(u)));
    let (line, build) = line.split_once('#').map_or((line, None), |(l, b)| (l, Some(b)));
    let (job, status) = line.split_once(':').unwrap();
    let (stage, name) = job.split_once('/').unwrap_or(("external", job));
    ReportInput {
        sha: Some(SHA.into()),
        git_ref: Some("main".into()),
        stage: Some(stage.into()),
        name: Some(name.into()),
        status: Some(status.into()),
        third_build_id: build.map(Into::into),
        target_url: url.map(|u| format!("http://ci/{u}")),
        occurred_at: second.map(|s| at(s.parse().unwrap()).to_string()),
        ..ReportInput::default()
    }
    .check(at(100_000))
    .unwrap()
}

struct Scenario {
    state: PipelineState,
    counters: Counters,
    effects: Vec<Effect>,
}

fn empty() -> Scenario {
    let identity = PipelineIdentity {
        sha: SHA.into(),
        git_ref: "main".into(),
        source: "external".into(),
        key: String::new(),
    };
    let state =
        PipelineState::new(PipelineId::new(6).unwrap(), RepositoryId::new(1).unwrap(), identity, at(50_000));
    Scenario { state, counters: Counters::default(), effects: Vec::new() }
}

impl Scenario {
    fn report(&mut self, lines: &str) -> &mut Self {
        for line in lines.split_whitespace() {
            self.counters.report += 1;
            let arrival = Arrival {
                received_at: truncate_to_millis(at(50_000 + self.counters.report)),
                seq: self.counters.report,
            };
            let (receipt, changed_rows) =
                self.state.apply(&report(line), arrival, &mut self.counters).unwrap();
            self.effects.push(receipt.effect);
            // The attempt of the report is always written.
            assert!(!changed_rows.jobs.is_empty());
            assert_eq!(receipt.pipeline_status, self.state.pipeline.status);
        }
        self
    }

    /// The attempts in order, `name.number:status`; retried ones in brackets.
    fn jobs(&self) -> String {
        let show = |job: &Arc<Job>| {
            let text = format!("{}.{}:{}", job.name, job.attempt_number, job.attempt.status.as_str());
            if job.newest { text } else { format!("({text})") }
        };
        self.state.jobs.iter().map(show).collect::<Vec<_>>().join(" ")
    }
}

fn scenario(lines: &str) -> Scenario {
    let mut scenario = empty();
    scenario.report(lines);
    scenario
}

#[test]
fn attempts_by_build_id() {
    for (lines, want) in [
        ("a:running#1 a:success#1", "a.1:success"),
        ("a:failed#1 a:running#2", "(a.1:failed) a.2:running"),
        // A late report of the old attempt belongs to the old attempt.
        ("a:running#1 a:running#2 a:failed#1", "(a.1:failed) a.2:running"),
        // The same name in two stages is two jobs.
        ("x/a:running#1 y/a:success#1", "a.1:running a.1:success"),
        // The times decide which attempt is newer, in any order of arrival.
        ("a:running#2@20 a:failed#1@10", "a.1:running (a.2:failed)"),
        ("a:failed#1@10 a:running#2@20", "(a.1:failed) a.2:running"),
        // An attempt without times is newer when it arrived later.
        ("a:running#2@20 a:failed#1", "(a.1:running) a.2:failed"),
        // First reported without an id: the attempt gets the id, unless it is finished.
        ("a:pending a:running#1", "a.1:running"),
        ("a:success a:running#1", "(a.1:success) a.2:running"),
        // Later reported without an id: the newest attempt.
        ("a:running#1 a:success", "a.1:success"),
    ] {
        assert_eq!(scenario(lines).jobs(), want, "{lines}");
    }
}

#[test]
fn attempts_without_build_id() {
    for (lines, want) in [
        ("a:pending a:running a:success", "a.1:success"),
        ("a:success a:pending", "(a.1:success) a.2:pending"),
        ("a:failed a:running", "(a.1:failed) a.2:running"),
        ("a:failed a:success", "a.1:success"),
        // A repeat of `running` without a url is no new attempt.
        ("a:running a:running", "a.1:running"),
        ("a:running=1 a:running=1", "a.1:running"),
        ("a:running=1 a:running=2", "(a.1:running) a.2:running"),
        // A report with a known url is a late repeat.
        ("a:running=1 a:success=1 a:running=1", "a.1:success"),
        ("a:pending=q a:running=1 a:success=1 a:pending=q", "a.1:success"),
        ("a:running=1 a:failed=1 a:running=2 a:running=1", "(a.1:failed) a.2:running"),
        // A late end must not end the new attempt.
        ("a:running=1 a:running=2 a:failed=1", "(a.1:failed) a.2:running"),
        ("a:running=1 a:failed=1 a:running=2 a:failed=1 a:success=2", "(a.1:failed) a.2:success"),
        // Queued with one url and finished with another, unknown one: the same attempt.
        ("a:pending=q a:success=1", "a.1:success"),
        // Canceled while it was queued (Buildbot sends the url of the request again).
        ("a:pending=q a:canceled=q", "a.1:canceled"),
        // Rebuilt: another request, another build.
        (
            "a:pending=q a:running=1 a:failed=1 a:pending=r a:running=2 a:success=2",
            "(a.1:failed) a.2:success",
        ),
        // Buildbot: queued, built, retried, built again (reporters fact 3.1).
        ("a:pending=q a:running=1 a:pending=1 a:running=2 a:success=2", "(a.1:running) a.2:success"),
        // Older by its own time: late, no new attempt.
        ("a:success@20 a:running@10", "a.1:success"),
        ("a:success@20 a:running@30", "(a.1:success) a.2:running"),
    ] {
        assert_eq!(scenario(lines).jobs(), want, "{lines}");
    }
}

#[test]
fn statuses_follow_from_the_newest_attempts() {
    let mut scenario = scenario("build/a:success#1 test/b:running#1");
    let statuses = |s: &Scenario| {
        let stages: Vec<_> =
            s.state.ordered_stages().iter().map(|stage| (stage.name.clone(), stage.status)).collect();
        (s.state.pipeline.status, stages)
    };
    assert_eq!(statuses(&scenario), (Running, vec![("build".into(), Success), ("test".into(), Running)]));
    assert_eq!(statuses(scenario.report("test/b:failed#1")).0, Failed);
    assert_eq!(statuses(scenario.report("test/b:running#2")).0, Running);
    assert_eq!(
        statuses(scenario.report("test/b:success#2")),
        (Success, vec![("build".into(), Success), ("test".into(), Success)])
    );
    assert_eq!(scenario.state.pipeline.job_count, 3);
}

#[test]
fn receipts_have_the_reason_of_their_effect() {
    let mut scenario = empty();
    let mut reason = |text: &str| {
        scenario.counters.report += 1;
        let seq = scenario.counters.report;
        let arrival = Arrival { received_at: at(50_000 + seq), seq };
        let (receipt, _) = match text.strip_prefix("close:") {
            Some(status) => {
                let status = Status::parse(status).unwrap();
                let closing = ReportedState::with_status(status, Authority::Operator);
                scenario.state.close(scenario.state.jobs.last().unwrap().id, &closing, arrival).unwrap()
            }
            None => scenario.state.apply(&report(text), arrival, &mut scenario.counters).unwrap(),
        };
        assert_eq!(receipt.effect, receipt.reason.effect(), "{text}");
        receipt.reason
    };
    for (text, expected) in [
        ("a:pending", Reason::Created),
        ("a:pending", Reason::Repeated),
        // The attempt gets its build id.
        ("a:pending#1", Reason::FieldsUpdated),
        ("a:running#1", Reason::Won(Rule::Rank)),
        ("a:running#1=url", Reason::FieldsUpdated),
        ("close:canceled", Reason::Won(Rule::Rank)),
        ("a:running#1", Reason::Late(Rule::Rank)),
        ("a:success#1", Reason::Won(Rule::Authority)),
        ("close:failed", Reason::Late(Rule::Authority)),
        ("a:failed#1", Reason::Won(Rule::Severity)),
        ("a:success#1", Reason::Late(Rule::Severity)),
        ("a:success#1@20", Reason::Won(Rule::TimePresence)),
        ("a:failed#1@10", Reason::Late(Rule::Time)),
        // Another build id is another attempt.
        ("a:running#2", Reason::Created),
    ] {
        assert_eq!(reason(text), expected, "{text}");
    }
}

#[test]
fn the_times_of_a_pipeline_span_its_jobs() {
    let mut scenario = scenario("a:running#1@10 b:running#1@12 a:success#1@20");
    assert_eq!(
        (scenario.state.pipeline.started_at, scenario.state.pipeline.finished_at),
        (Some(at(10)), None)
    );
    scenario.report("b:success#1@31");
    assert_eq!(scenario.state.pipeline.finished_at, Some(at(31)));
    assert_eq!(scenario.state.pipeline.created_at, at(10), "the earliest reported time");
    scenario.report("c:pending#1");
    assert_eq!((scenario.state.pipeline.status, scenario.state.pipeline.finished_at), (Running, None));
}

#[test]
fn only_changes_increment_the_version() {
    let mut scenario = scenario("a:running#1");
    let before = scenario.state.pipeline.clone();
    scenario.report("a:running#1 a:pending#1");
    assert_eq!(scenario.effects[1..], [Effect::Repeated, Effect::Late]);
    assert_eq!(scenario.state.pipeline, before);
    scenario.report("a:success#1");
    assert_eq!(scenario.state.pipeline.version, before.version + 1);
}

#[test]
fn stages_have_the_reported_order() {
    let mut scenario = scenario("deploy/a:pending build/b:pending");
    let names =
        |s: &Scenario| s.state.ordered_stages().iter().map(|stage| stage.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&scenario), ["deploy", "build"], "by default in order of arrival");
    let mut placed = report("deploy/a:running");
    for order in [9, 5, 7] {
        placed.stage_order = Some(order);
        let arrival = Arrival { received_at: at(60_000), seq: 9 };
        scenario.state.apply(&placed, arrival, &mut scenario.counters).unwrap();
    }
    assert_eq!(names(&scenario), ["build", "deploy"]);
    assert_eq!(scenario.state.ordered_stages()[1].sort_id, 5, "the least reported position");
}

#[test]
fn a_report_for_another_commit_is_refused_and_changes_nothing() {
    let mut scenario = scenario("a:running#1");
    let before = (scenario.state.pipeline.clone(), scenario.state.jobs.clone());
    let mut foreign = report("b:running");
    foreign.pipeline = PipelineChoice::Id(PipelineId::new(6).unwrap());
    foreign.sha = "f".repeat(40);
    let arrival = Arrival { received_at: at(60_000), seq: 9 };
    let error = scenario.state.apply(&foreign, arrival, &mut scenario.counters).unwrap_err();
    assert_eq!(error, Invalid::new("sha", Problem::Contradicts { other: "pipeline_id" }).into());
    assert_eq!((scenario.state.pipeline.clone(), scenario.state.jobs.clone()), before);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// A loaded pipeline makes the same decisions as the one in memory: every input of a decision is in the
    /// rows.
    #[test]
    fn loading_changes_no_decision(
        steps in proptest::collection::vec((0usize..3, 0usize..7, 0usize..4, 0usize..4, 0usize..4), 1..25),
    ) {
        let lines: Vec<String> = steps.iter().map(|(name, status, build, url, second)| {
            let mut line = format!("{}:{}", ["a", "b", "x/a"][*name], Status::ALL[*status].as_str());
            if *build > 0 { line += &format!("#{build}"); }
            if *url > 0 { line += &format!("={url}"); }
            if *second > 0 { line += &format!("@{second}"); }
            line
        }).collect();
        let mut in_memory = empty();
        let mut reloaded = empty();
        for line in &lines {
            in_memory.report(line);
            reloaded.report(line);
            let PipelineState { pipeline, stages, jobs, .. } = reloaded.state.clone();
            reloaded.state = PipelineState::load(pipeline, stages, jobs);
        }
        prop_assert_eq!(&in_memory.effects, &reloaded.effects);
        prop_assert_eq!(in_memory.jobs(), reloaded.jobs());
        prop_assert_eq!(&in_memory.state.pipeline, &reloaded.state.pipeline);
        prop_assert_eq!(&in_memory.state.stages, &reloaded.state.stages);
        // Exactly one attempt of each job is the newest one.
        for job in &in_memory.state.jobs {
            let attempts = in_memory.state.jobs.iter().filter(|j| j.name == job.name && j.stage_id == job.stage_id);
            prop_assert_eq!(attempts.filter(|j| j.newest).count(), 1);
        }
    }

    /// Attempts whose reports all have times give the same newest attempt and the same state in any order.
    #[test]
    fn attempts_with_times_converge(
        mut steps in proptest::collection::vec((0usize..7, 1usize..4, 0i64..40), 1..8),
        order in any::<u64>(),
    ) {
        // The attempts of a job follow each other in time; with equal starts the newest one would be
        // undefined.
        steps.sort_unstable();
        steps.dedup();
        let line = |(status, build, second): &(usize, usize, i64)| {
            format!("a:{}#{build}@{}", Status::ALL[*status].as_str(), second * 3 + *build as i64)
        };
        let result = |steps: &[(usize, usize, i64)]| {
            let s = scenario(&steps.iter().map(line).collect::<Vec<_>>().join(" "));
            let newest = s.state.jobs.iter().find(|j| j.newest).unwrap().attempt.clone();
            (newest.third_build_id, newest.status, newest.started_at, newest.finished_at, s.state.pipeline.status)
        };
        let expected = result(&steps);
        let mut shuffled = steps.clone();
        let mut seed = order;
        for i in (1..shuffled.len()).rev() {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            shuffled.swap(i, (seed >> 33) as usize % (i + 1));
        }
        prop_assert_eq!(result(&shuffled), expected);
    }
}

mod changes;
mod kept_status;
mod lookup;
mod names;

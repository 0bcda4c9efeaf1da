//! Reports without a status.

use super::*;
use crate::model::ids::JobId;
use crate::model::reports::{Authority, Effect, Receipt, ReportedState};

/// Applies a report without a status to the attempt with this id.
fn change(scenario: &mut Scenario, job: i64, fields: ReportInput) -> Receipt {
    let input = ReportInput {
        sha: Some(SHA.into()),
        git_ref: Some("main".into()),
        name: Some("build".into()),
        job_id: Some(JobId::new(job).unwrap()),
        ..fields
    };
    let report = input.check(at(100_000)).unwrap();
    scenario.counters.report += 1;
    let seq = scenario.counters.report;
    let arrival = Arrival { received_at: truncate_to_millis(at(50_000 + seq)), seq };
    scenario.state.apply(&report, arrival, &mut scenario.counters).unwrap().0
}

fn described(text: &str) -> ReportInput {
    ReportInput { description: Some(text.into()), ..ReportInput::default() }
}

#[test]
fn an_attempt_keeps_its_status_whatever_it_is_by_then() {
    for lines in [
        "build:pending",
        "build:running",
        "build:success",
        "build:failed@9",
        "build:success#1 build:failed#1@9",
        "build:success build:running build:failed",
    ] {
        let mut scenario = scenario(lines);
        let newest = scenario.state.jobs.len();
        let before = scenario.state.jobs[newest - 1].clone();
        for text in ["first", "second"] {
            let receipt = change(&mut scenario, newest as i64, described(text));
            assert_eq!((receipt.effect, receipt.status), (Effect::Changed, before.attempt.status), "{lines}");
            let attempt = &scenario.state.jobs[newest - 1].attempt;
            assert_eq!(attempt.description.as_deref(), Some(text), "{lines}");
            assert_eq!(
                (attempt.status, attempt.started_at, attempt.finished_at),
                (before.attempt.status, before.attempt.started_at, before.attempt.finished_at),
                "{lines}"
            );
        }
        assert_eq!(scenario.state.jobs.len(), newest, "{lines}");
    }
}

#[test]
fn a_new_attempt_without_a_status_is_queued_and_one_that_the_server_ended_stays_ended() {
    let mut scenario = scenario("build:failed#1");
    let other = ReportInput { third_build_id: Some("2".into()), ..described("again") };
    assert_eq!(change(&mut scenario, 1, other).status, Pending);
    assert_eq!(scenario.jobs(), "(build.1:failed) build.2:pending");
    let ended = ReportedState::with_status(TimedOut, Authority::Watchdog);
    let arrival = Arrival { received_at: at(60_000), seq: 9 };
    scenario.state.close(JobId::new(2).unwrap(), &ended, arrival).unwrap();
    let said = change(&mut scenario, 2, described("late"));
    assert_eq!((said.status, scenario.state.jobs[1].attempt.started_at), (TimedOut, None));
    assert_eq!(scenario.state.jobs[1].attempt.authority(), Authority::Watchdog);
    // A start is dropped while the attempt is queued.
    let mut queued = super::scenario("build:pending");
    let started = || ReportInput { started_at: Some(at(7).to_string()), ..described("started") };
    change(&mut queued, 1, started());
    assert_eq!(queued.state.jobs[0].attempt.started_at, None);
    queued.report("build:running");
    change(&mut queued, 1, started());
    assert_eq!(queued.state.jobs[0].attempt.started_at, Some(at(7)));
    // Only a report that names its attempt may have no status.
    let unnamed = ReportInput { job_id: None, sha: Some(SHA.into()), ..described("") };
    assert_eq!(unnamed.check(at(100_000)).unwrap_err().field, "status");
}

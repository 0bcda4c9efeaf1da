//! What a receipt says its report changed is exactly what it changed, in the pipeline as a whole, and its
//! reason is true.

use super::*;
use crate::model::ids::JobId;
use crate::model::reports::{FieldSet, Receipt};
use std::collections::BTreeMap;

/// Everything that a report of a job may change, by the names of the changed fields.
fn snapshot(state: &PipelineState, job: JobId) -> BTreeMap<&'static str, Option<String>> {
    let job = state.job(job).unwrap();
    let stage = state.stages.iter().find(|stage| stage.id == job.stage_id).unwrap();
    let newest = state.jobs.iter().find(|j| j.stage_id == job.stage_id && j.name == job.name && j.newest);
    job.attempt
        .values()
        .chain([
            ("newest", newest.map(|job| job.id.to_string())),
            ("stage_order", stage.sort_id_reported.then(|| stage.sort_id.to_string())),
            ("web_url", state.pipeline.web_url.clone()),
            ("trigger_user", state.pipeline.trigger_user.clone()),
        ])
        .collect()
}

fn apply(scenario: &mut Scenario, report: &Report, received: i64) -> Receipt {
    scenario.counters.report += 1;
    let arrival = Arrival { received_at: at(received), seq: scenario.counters.report };
    scenario.state.apply(report, arrival, &mut scenario.counters).unwrap().0
}

/// Applies a report and checks its receipt against the state before and after it.
fn check(scenario: &mut Scenario, report: &Report, received: i64) -> Receipt {
    let before = scenario.state.clone();
    let receipt = apply(scenario, report, received);
    let after = &scenario.state;
    let (reason, changed) = (receipt.reason, receipt.changed.names().collect::<Vec<_>>());
    let Some(old) = before.job(receipt.job_id) else {
        assert_eq!((reason, changed), (Reason::Created, vec!["status"]), "{report:?}");
        return receipt;
    };
    let (was, is) = (snapshot(&before, receipt.job_id), snapshot(after, receipt.job_id));
    let mut differing: Vec<&str> = was.keys().copied().filter(|field| was[field] != is[field]).collect();
    let order = |field: &&str| FieldSet::NAMES.iter().position(|name| name == field);
    differing.sort_by_key(order);
    assert_eq!(changed, differing, "{reason:?} {report:?}");
    assert_eq!(after.pipeline.version > before.pipeline.version, !changed.is_empty(), "{report:?}");
    let job = after.job(receipt.job_id).unwrap();
    match reason {
        Reason::Created => panic!("the attempt exists: {report:?}"),
        Reason::Repeated | Reason::Superseded => assert!(changed.is_empty(), "{report:?}"),
        Reason::FieldsUpdated | Reason::Won(_) => assert!(!changed.is_empty(), "{report:?}"),
        Reason::Late(_) => assert_eq!(job.attempt.status, old.attempt.status, "{report:?}"),
    }
    if reason == Reason::Repeated {
        // Every value that it gives is the current one.
        let state = &report.state;
        let text = |field: &Option<String>| field.clone();
        for (field, given) in [
            ("status", Some(state.status.as_str().to_owned())),
            ("target_url", text(&state.target_url)),
            ("description", text(&state.description)),
            ("allow_failure", state.allow_failure.map(|allow| allow.to_string())),
            ("stage_order", report.stage_order.map(|order| order.to_string())),
            ("web_url", text(&report.web_url)),
            ("trigger_user", text(&report.trigger_user)),
        ] {
            assert!(given.is_none() || given == is[field], "{field}: {report:?}");
        }
    }
    receipt
}

#[test]
fn labels_and_positions_are_changes_too() {
    let with = |line: &str, order: Option<i32>, web_url: &str, user: &str| Report {
        stage_order: order,
        web_url: Some(web_url.to_owned()).filter(|url| !url.is_empty()),
        trigger_user: Some(user.to_owned()).filter(|user| !user.is_empty()),
        ..report(line)
    };
    let mut scenario = empty();
    for (given, received, reason, changed) in [
        (with("a:running#1", Some(5), "b", "amy"), 10, Reason::Created, "status"),
        (with("a:running#1", Some(5), "b", "amy"), 11, Reason::Repeated, ""),
        // The later label is shown, whatever it says.
        (with("a:running#1", None, "a", ""), 12, Reason::FieldsUpdated, "web_url"),
        (with("a:running#1", None, "", "ben"), 13, Reason::FieldsUpdated, "trigger_user"),
        (with("a:running#1", Some(3), "", ""), 14, Reason::FieldsUpdated, "stage_order"),
        // The report has other values, and none of them is kept.
        (with("a:running#1", Some(9), "", ""), 15, Reason::Superseded, ""),
        (with("a:running#1", None, "c", ""), 9, Reason::FieldsUpdated, "started_at"),
        // A late report with a label.
        (with("a:pending#1", None, "d", ""), 16, Reason::Late(Rule::Rank), "web_url"),
        // The other attempt is the newest again: its start is later.
        (with("a:running#2@30", None, "", ""), 17, Reason::Created, "status"),
        (with("a:running#1@40", None, "", ""), 18, Reason::Won(Rule::TimePresence), "started_at,newest"),
    ] {
        let receipt = check(&mut scenario, &given, received);
        let names = receipt.changed.names().collect::<Vec<_>>().join(",");
        assert_eq!((receipt.reason, names.as_str()), (reason, changed), "{given:?}");
    }
}

type AnyReport = (u8, u8, usize, Option<u8>, Option<u8>, Option<i64>);
type Extras = (Option<i32>, Option<u8>, Option<u8>, Option<bool>, Option<i64>, i64);

fn any_report() -> impl Strategy<Value = (AnyReport, Extras)> {
    let small = || prop::option::of(0..3u8);
    (
        (0..2u8, 0..2u8, 0..7usize, small(), small(), prop::option::of(0..9i64)),
        (
            prop::option::of(1..4i32),
            small(),
            small(),
            prop::option::of(any::<bool>()),
            prop::option::of(0..9i64),
            0..20i64,
        ),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// In every sequence of reports, also of clocks that go back.
    #[test]
    fn receipts_are_true(reports in prop::collection::vec(any_report(), 1..25)) {
        let mut scenario = empty();
        for ((stage, name, status, build, url, second), (order, label, text, allow, started, received)) in reports {
            let mut given = report(&format!("s{stage}/n{name}:{}", Status::NAMES[status]));
            given.state.third_build_id = build.map(|build| format!("b{build}"));
            given.state.target_url = url.map(|url| format!("http://ci/{url}"));
            given.state.occurred_at = second.map(at);
            given.state.description = text.map(|text| format!("t{text}"));
            given.state.allow_failure = allow;
            given.state.started_at = started.map(at).filter(|_| status != 0);
            given.stage_order = order;
            given.web_url = label.map(|label| format!("http://ci/p{label}"));
            given.trigger_user = label.map(|label| format!("u{label}"));
            check(&mut scenario, &given, received);
        }
    }
}

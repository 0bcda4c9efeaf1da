//! Names that case does not distinguish.

use super::*;
use crate::model::reports::Receipt;
use std::collections::BTreeMap;

/// Reports as in [`Scenario::report`], by a reporter whose names have no case.
fn report_ignoring_case(scenario: &mut Scenario, lines: &str) -> Vec<Receipt> {
    let lines = lines.split_whitespace().map(|line| Report { name_ignores_case: true, ..report(line) });
    lines.map(|report| apply(scenario, &report)).collect()
}

fn apply(scenario: &mut Scenario, report: &Report) -> Receipt {
    scenario.counters.report += 1;
    let seq = scenario.counters.report;
    let arrival = Arrival { received_at: truncate_to_millis(at(50_000 + seq)), seq };
    scenario.state.apply(report, arrival, &mut scenario.counters).unwrap().0
}

#[test]
fn reports_in_another_case_are_of_the_same_job() {
    for (lines, want) in [
        ("CI/Build:pending CI/Build:success", "Build.1:success"),
        ("Build:pending BUILD:success build:failed", "Build.1:failed"),
        ("Build:failed=1 bUILD:pending=2", "(Build.1:failed) Build.2:pending"),
        ("Ärger:success äRGER:failed", "Ärger.1:failed"),
        ("构建:success 构建:failed", "构建.1:failed"),
        // The same name in two stages is two jobs.
        ("x/Build:success y/build:failed", "Build.1:success build.1:failed"),
    ] {
        let mut scenario = empty();
        report_ignoring_case(&mut scenario, lines);
        assert_eq!(scenario.jobs(), want, "{lines}");
    }
}

#[test]
fn the_exact_name_has_precedence_and_other_reporters_distinguish_case() {
    let mut scenario = scenario("build:success BUILD:running");
    assert_eq!(scenario.jobs(), "build.1:success BUILD.1:running");
    report_ignoring_case(&mut scenario, "BUILD:failed");
    assert_eq!(scenario.jobs(), "build.1:success BUILD.1:failed");
    // Neither has this spelling: it is of the first one.
    report_ignoring_case(&mut scenario, "Build:skipped");
    assert_eq!(scenario.jobs(), "build.1:skipped BUILD.1:failed");
    let other = Report { name_ignores_case: true, ..report("buiLD:running") };
    assert!(scenario.state.has_job_of(&other));
    assert!(!scenario.state.has_job_of(&report("buiLD:running")));
}

fn any_line() -> impl Strategy<Value = (String, usize, String)> {
    let name = proptest::sample::select(&["ci/build", "ci/test", "ärger"][..]);
    let rest = ("pending|running|success|failed|skipped", "(#[12])?", "(=[ab])?", "(@[0-9])?");
    (name, 0_usize..4, rest).prop_map(|(name, case, (status, build, url, second))| {
        (name.to_owned(), case, format!(":{status}{build}{url}{second}"))
    })
}

fn spelled(name: &str, case: usize) -> String {
    match case {
        0 => name.to_owned(),
        1 => name.to_uppercase(),
        at => name
            .char_indices()
            .map(|(n, c)| if n % at == 0 { c.to_uppercase().to_string() } else { c.to_string() })
            .collect(),
    }
}

proptest! {
    /// Whatever their spelling, reports have the results that they have in one spelling.
    #[test]
    fn the_spelling_changes_no_result(lines in proptest::collection::vec(any_line(), 1..20)) {
        let (mut mixed, mut plain) = (empty(), empty());
        for (name, case, rest) in &lines {
            // A slash would name a stage.
            let name = name.replace('/', "-");
            let one = report_ignoring_case(&mut mixed, &format!("{}{rest}", spelled(&name, *case)));
            let other = report_ignoring_case(&mut plain, &format!("{name}{rest}"));
            prop_assert_eq!(one, other);
        }
    }

    /// Reports with a build id give the same jobs and statuses in any order of arrival.
    #[test]
    fn no_order_of_spellings_changes_a_status(
        lines in proptest::collection::vec(any_line(), 1..8),
        other in proptest::collection::vec(any::<proptest::sample::Index>(), 8),
    ) {
        let line = |(name, case, rest): &(String, usize, String)| {
            let status = rest[1..].split(['#', '=', '@']).next().unwrap_or_default();
            format!("{}:{status}#1", spelled(&name.replace('/', "-"), *case))
        };
        let lines: Vec<String> = lines.iter().map(line).collect();
        let mut shuffled = lines.clone();
        for (at, index) in other.iter().enumerate().take(lines.len()) {
            shuffled.swap(at, index.index(lines.len()));
        }
        let statuses = |lines: &[String]| {
            let mut scenario = empty();
            report_ignoring_case(&mut scenario, &lines.join(" "));
            let jobs = scenario.state.jobs.iter();
            let of_jobs = jobs.map(|job| (job.name.to_lowercase(), (job.attempt_number, job.attempt.status.as_str())));
            let by_name: BTreeMap<_, _> = of_jobs.collect();
            (scenario.state.jobs.len(), by_name, scenario.state.pipeline.status)
        };
        let result = statuses(&lines);
        prop_assert_eq!(result.0, result.1.len(), "a spelling of its own made a job of its own");
        prop_assert_eq!(statuses(&shuffled), result);
    }
}

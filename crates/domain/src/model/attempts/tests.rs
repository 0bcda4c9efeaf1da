//! The tables of cases of the reducer.

use super::*;
use crate::model::reports::{Effect, digest_of_url};
use crate::model::status::Status::*;

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

pub(super) fn arrival(seq: i64) -> Arrival {
    Arrival { received_at: at(10_000), seq }
}

pub(super) fn state(status: Status) -> ReportedState {
    ReportedState {
        third_build_id: Some("b1".into()),
        ..ReportedState::with_status(status, Authority::Reporter)
    }
}

/// Reduces reports `status[@second]`, separated by spaces, in order of arrival. `-` before a report: no build
/// id. Returns the attempt and the reasons of all reports after the first.
fn reduce(line: &str) -> (Attempt, Vec<Reason>) {
    let mut attempt: Option<Attempt> = None;
    let mut reasons = Vec::new();
    for (n, text) in line.split_whitespace().enumerate() {
        let (has_build, text) = text.strip_prefix('-').map_or((true, text), |rest| (false, rest));
        let (status, second) =
            text.split_once('@').map_or((text, None), |(s, t)| (s, Some(t.parse().unwrap())));
        let mut reported = state(Status::parse(status).unwrap());
        reported.occurred_at = second.map(at);
        reported.third_build_id = reported.third_build_id.filter(|_| has_build);
        let arrival = Arrival { received_at: at(10_000 + n as i64), seq: n as i64 + 1 };
        match &mut attempt {
            None => attempt = Some(Attempt::new(&reported, arrival)),
            Some(attempt) => reasons.push(attempt.reduce(&reported, arrival).0),
        }
    }
    (attempt.unwrap(), reasons)
}

#[test]
fn statuses_and_effects_follow_the_table() {
    use Effect::*;
    let cases: &[(&str, Status, &[Effect])] = &[
        // The usual order, repeats and late reports.
        ("pending running success", Success, &[Changed, Changed]),
        ("pending success", Success, &[Changed]),
        ("running running running", Running, &[Repeated, Repeated]),
        ("success success", Success, &[Repeated]),
        ("success running", Success, &[Late]),
        ("success pending running", Success, &[Late, Late]),
        ("running pending", Running, &[Late]),
        ("failed running@5 success", Failed, &[Late, Late]),
        // Two ends: the later time wins, a time wins over no time, else the worse end wins.
        ("success@5 failed@9", Failed, &[Changed]),
        ("failed@9 success@5", Failed, &[Late]),
        ("failed@5 success@9", Success, &[Changed]),
        ("success@9 failed@5", Success, &[Late]),
        ("failed success@1", Success, &[Changed]),
        ("success@1 failed", Success, &[Late]),
        ("success failed", Failed, &[Changed]),
        ("failed success", Failed, &[Late]),
        ("canceled timedout", TimedOut, &[Changed]),
        ("skipped success", Success, &[Changed]),
        // The rank is compared before the time: a finished attempt stays finished.
        ("success@5 running@9", Success, &[Late]),
        ("running@9 success@5", Success, &[Changed]),
        // Without build id, the last to arrive of one rank.
        ("-success -failed", Failed, &[Changed]),
        ("-failed -success", Success, &[Changed]),
        ("-failed -success -failed", Failed, &[Changed, Changed]),
        ("-success -pending", Success, &[Late]),
        ("-failed@5 -success@4", Failed, &[Late]),
    ];
    for (line, status, effects) in cases {
        let (attempt, reasons) = reduce(line);
        let seen: Vec<Effect> = reasons.iter().map(|reason| reason.effect()).collect();
        assert_eq!((attempt.status, seen.as_slice()), (*status, *effects), "{line}");
    }
}

#[test]
fn the_last_report_has_the_reason_of_the_table() {
    use Reason::*;
    for (line, reason) in [
        ("pending running", Won(Rule::Rank)),
        ("running@9 success@5", Won(Rule::Rank)),
        ("success running", Late(Rule::Rank)),
        ("success@5 running@9", Late(Rule::Rank)),
        ("success@5 failed@9", Won(Rule::Time)),
        ("failed@9 success@5", Late(Rule::Time)),
        // The same end at another time moves `finished_at`.
        ("success@5 success@9", Won(Rule::Time)),
        ("success@9 success@5", Late(Rule::Time)),
        // The same rank at another time changes nothing that is shown.
        ("pending@5 pending@9", Repeated),
        ("failed success@1", Won(Rule::TimePresence)),
        ("success@1 failed", Late(Rule::TimePresence)),
        ("success@1 success", Late(Rule::TimePresence)),
        ("-success -failed", Won(Rule::Arrival)),
        ("-success@5 -failed@5", Won(Rule::Arrival)),
        // A report with build id has the first position in the order of arrival.
        ("-success failed", Late(Rule::Arrival)),
        ("failed -success", Won(Rule::Arrival)),
        ("success failed", Won(Rule::Severity)),
        ("success@5 failed@5", Won(Rule::Severity)),
        ("failed success", Late(Rule::Severity)),
        ("failed@5 success@5", Late(Rule::Severity)),
        ("success success", Repeated),
        ("-success -success", Repeated),
    ] {
        let (_, reasons) = reduce(line);
        assert_eq!(reasons.last(), Some(&reason), "{line}");
    }
    // The authority is compared after the rank and before the time.
    let (watchdog, operator) = (closed(TimedOut, Authority::Watchdog), closed(Canceled, Authority::Operator));
    let early = ReportedState { occurred_at: Some(at(1)), ..state(Success) };
    for (first, second, reason) in [
        (&state(Running), &watchdog, Won(Rule::Rank)),
        (&watchdog, &operator, Won(Rule::Authority)),
        (&operator, &watchdog, Late(Rule::Authority)),
        (&watchdog, &early, Won(Rule::Authority)),
        (&early, &operator, Late(Rule::Authority)),
        (&operator, &closed(Failed, Authority::Operator), Won(Rule::Arrival)),
        (&operator, &operator, Repeated),
        (&watchdog, &state(Running), Late(Rule::Rank)),
        // Only other fields change.
        (&state(Running), &ReportedState { coverage: Some(1.0), ..state(Running) }, FieldsUpdated),
    ] {
        let mut attempt = Attempt::new(first, arrival(1));
        assert_eq!(attempt.reduce(second, arrival(2)).0, reason, "{first:?} {second:?}");
    }
}

#[test]
fn times_come_from_the_reporter_where_it_has_them() {
    let (attempt, _) = reduce("pending@1 running@2 success@9");
    assert_eq!(
        (attempt.created_at, attempt.started_at, attempt.finished_at),
        (at(1), Some(at(2)), Some(at(9)))
    );
    // Without a time of the reporter: the receipt of the first report with this status.
    let (attempt, _) = reduce("pending running running success success");
    assert_eq!(
        (attempt.created_at, attempt.started_at, attempt.finished_at),
        (at(10_000), Some(at(10_001)), Some(at(10_003)))
    );
    // A job that was never reported running has no start, as in GitLab; an unfinished one has no end.
    assert_eq!(reduce("pending success").0.started_at, None);
    assert_eq!(reduce("pending running").0.finished_at, None);
    // A late report of `running` gives a start, but never one after the end.
    let (attempt, _) = reduce("success running");
    assert_eq!((attempt.started_at, attempt.finished_at), (Some(at(10_000)), Some(at(10_000))));
    // A reported `started_at` or `finished_at` wins over the time of a report.
    let mut attempt = reduce("running@2").0;
    attempt.reduce(
        &ReportedState { started_at: Some(at(1)), finished_at: Some(at(8)), ..state(Success) },
        arrival(9),
    );
    assert_eq!((attempt.started_at, attempt.finished_at), (Some(at(1)), Some(at(8))));
}

#[test]
fn a_repeat_changes_nothing() {
    let report = ReportedState {
        target_url: Some("http://ci/1".into()),
        description: Some("done".into()),
        coverage: Some(81.5),
        allow_failure: Some(true),
        ..state(Failed)
    };
    let mut attempt = Attempt::new(&report, arrival(1));
    let before = attempt.clone();
    assert_eq!(
        attempt.reduce(&report, Arrival { received_at: at(20_000), seq: 2 }),
        (Reason::Repeated, FieldSet::default())
    );
    // Only the evidence knows the second receipt.
    attempt.evidence = before.evidence.clone();
    assert_eq!(attempt, before);
}

#[test]
fn texts_follow_the_newest_report_that_has_them() {
    let text =
        |status, description: &str| ReportedState { description: Some(description.into()), ..state(status) };
    let mut attempt = Attempt::new(&text(Running, "step 1"), arrival(1));
    assert_eq!(attempt.reduce(&state(Success), arrival(2)).0.effect(), Effect::Changed);
    assert_eq!(attempt.description.as_deref(), Some("step 1"), "a report without a text leaves it");
    attempt.reduce(&text(Success, "all good"), arrival(3));
    assert_eq!(
        attempt.reduce(&text(Running, "step 2"), arrival(4)),
        (Reason::Late(Rule::Rank), FieldSet::default())
    );
    assert_eq!(attempt.description.as_deref(), Some("all good"));
    // Without build id, a later text replaces the earlier one while the status stays, as users of GitLab need
    // it.
    let without_build =
        |description: &str| ReportedState { third_build_id: None, ..text(Running, description) };
    let mut attempt = Attempt::new(&without_build("10%"), arrival(1));
    assert_eq!(attempt.reduce(&without_build("90%"), arrival(2)).0.effect(), Effect::Changed);
    assert_eq!(attempt.reduce(&without_build("20%"), arrival(3)).0.effect(), Effect::Changed);
    assert_eq!(attempt.description.as_deref(), Some("20%"));
}

#[test]
fn a_line_of_progress_moves_on_whatever_it_says() {
    // The reports of one running attempt: the text, the time of the reporter, and the time of receipt.
    type Line = (&'static str, Option<i64>, i64);
    let cases: &[(&[Line], &str)] = &[
        (&[("step 9", None, 1), ("step 10", None, 2)], "step 10"),
        (&[("step 9", Some(1), 1), ("step 10", Some(2), 2)], "step 10"),
        // In the order of the times of the reporter, however they arrive.
        (&[("step 10", Some(2), 1), ("step 9", Some(1), 2)], "step 10"),
        (&[("b", Some(1), 9), ("a", Some(3), 7), ("c", Some(2), 8)], "a"),
        // Without a time of the reporter, the time of receipt counts.
        (&[("b", Some(5), 5), ("a", None, 6)], "a"),
        (&[("b", None, 5), ("a", Some(6), 6)], "a"),
        (&[("b", None, 7), ("a", Some(6), 8)], "b"),
        // At one time, the last to arrive.
        (&[("b", Some(1), 1), ("a", Some(1), 1)], "a"),
        (&[("b", None, 1), ("a", None, 1)], "a"),
        // A text that is reported again is the newest one.
        (&[("a", Some(1), 1), ("b", Some(3), 3), ("a", Some(4), 4), ("b", Some(2), 5)], "a"),
        (&[("a", Some(1), 1), ("a", Some(4), 4), ("b", Some(2), 5)], "a"),
        // An empty text clears.
        (&[("a", None, 1), ("", None, 2)], ""),
    ];
    for (lines, text) in cases {
        for has_build in [true, false] {
            let mut attempt: Option<Attempt> = None;
            for (n, (description, occurred, received)) in lines.iter().enumerate() {
                let reported = ReportedState {
                    third_build_id: has_build.then(|| "b1".into()),
                    target_url: Some(format!("http://ci/{description}")),
                    description: Some((*description).into()),
                    coverage: Some(description.len() as f64),
                    occurred_at: occurred.map(at),
                    ..ReportedState::with_status(Running, Authority::Reporter)
                };
                let arrival = Arrival { received_at: at(*received), seq: n as i64 + 1 };
                match &mut attempt {
                    None => attempt = Some(Attempt::new(&reported, arrival)),
                    Some(attempt) => drop(attempt.reduce(&reported, arrival)),
                }
            }
            let attempt = attempt.unwrap();
            assert_eq!(attempt.description.as_deref(), Some(*text), "{lines:?}");
            assert_eq!(attempt.target_url, Some(format!("http://ci/{text}")), "{lines:?}");
            assert_eq!(attempt.coverage, Some(text.len() as f64), "{lines:?}");
        }
    }
}

/// What a report changed and what its reason says must be the same.
#[test]
fn the_reason_is_true_in_every_case() {
    use Reason::*;
    let described = |text: &str, occurred: Option<i64>| ReportedState {
        description: Some(text.into()),
        occurred_at: occurred.map(at),
        ..state(Pending)
    };
    let (description, none) = (FieldSet::DESCRIPTION, FieldSet::default());
    let started = |second| ReportedState { started_at: Some(at(second)), ..state(Running) };
    let allowed = |allow| ReportedState { allow_failure: Some(allow), ..state(Running) };
    let occurred = |status, second| ReportedState { occurred_at: Some(at(second)), ..state(status) };
    for (name, first, second, received, reason, changed) in [
        (
            "a newer text",
            described("step 9", None),
            described("step 10", None),
            20_000,
            FieldsUpdated,
            description,
        ),
        ("the same text", described("a", None), described("a", None), 20_000, Repeated, none),
        ("a text received earlier", described("a", None), described("b", None), 5_000, Superseded, none),
        (
            "an earlier text",
            described("a", Some(5)),
            described("b", Some(4)),
            20_000,
            Late(Rule::Time),
            FieldSet::CREATED_AT,
        ),
        // The status is newer, the text is older than the one that was received later.
        (
            "an older text",
            described("a", None),
            described("b", Some(4)),
            20_000,
            Won(Rule::TimePresence),
            FieldSet::CREATED_AT,
        ),
        ("another value of a tie", allowed(true), allowed(false), 20_000, Superseded, none),
        ("the value of a tie", allowed(false), allowed(true), 20_000, FieldsUpdated, FieldSet::ALLOW_FAILURE),
        ("another start", started(5), started(4), 20_000, FieldsUpdated, FieldSet::CREATED_AT),
        ("the same start", started(5), started(5), 20_000, Repeated, none),
        (
            "an earlier creation",
            occurred(Success, 9),
            occurred(Pending, 3),
            20_000,
            Late(Rule::Rank),
            FieldSet::CREATED_AT,
        ),
        ("a later time", occurred(Pending, 5), occurred(Pending, 9), 20_000, Repeated, none),
    ] {
        let mut attempt = Attempt::new(&first, arrival(1));
        let before = attempt.clone();
        let result = attempt.reduce(&second, Arrival { received_at: at(received), seq: 2 });
        let names = |fields: FieldSet| fields.names().collect::<Vec<_>>();
        assert_eq!((result.0, names(result.1)), (reason, names(changed)), "{name}");
        let visible = |attempt: &Attempt| attempt.values().collect::<Vec<_>>();
        assert_eq!(result.1.is_empty(), visible(&attempt) == visible(&before), "{name}");
    }
}

#[test]
fn reported_urls_are_saved() {
    let url = |n: usize| Some(format!("http://ci/{n}"));
    let mut attempt = Attempt::new(&ReportedState { target_url: url(0), ..state(Pending) }, arrival(1));
    for n in 1..200 {
        attempt.reduce(&ReportedState { target_url: url(n), ..state(Running) }, arrival(2));
    }
    let has = |n: usize| attempt.has_url(digest_of_url(&url(n).unwrap()));
    assert!(has(0) && has(63) && !has(500));
    assert_eq!(attempt.evidence.urls.len(), URLS_MAX, "bounded");
}

/// A report of the watchdog or of an operator.
fn closed(status: Status, authority: Authority) -> ReportedState {
    ReportedState { third_build_id: None, authority, ..state(status) }
}

#[test]
fn an_end_of_the_build_system_wins_over_a_closing() {
    let (watchdog, operator) = (closed(TimedOut, Authority::Watchdog), closed(Canceled, Authority::Operator));
    let ends = |reports: &[ReportedState]| {
        let mut attempt = Attempt::new(&reports[0], arrival(1));
        let mut last = Effect::Created;
        for (n, reported) in reports.iter().enumerate().skip(1) {
            last = attempt.reduce(reported, arrival(n as i64 + 1)).0.effect();
        }
        (attempt.status, last)
    };
    let running = state(Running);
    assert_eq!(ends(&[running.clone(), watchdog.clone()]), (TimedOut, Effect::Changed));
    // A later report of `running` does not change the closing; a reported end does.
    assert_eq!(ends(&[running.clone(), watchdog.clone(), running.clone()]), (TimedOut, Effect::Late));
    assert_eq!(ends(&[running.clone(), watchdog.clone(), state(Success)]), (Success, Effect::Changed));
    assert_eq!(ends(&[running.clone(), state(Success), watchdog.clone()]), (Success, Effect::Late));
    // Also a milder end, and one that occurred before the closing.
    assert_eq!(ends(&[running.clone(), watchdog.clone(), state(Skipped)]), (Skipped, Effect::Changed));
    let early = ReportedState { occurred_at: Some(at(1)), ..state(Failed) };
    assert_eq!(ends(&[running.clone(), watchdog.clone(), early]), (Failed, Effect::Changed));
    // The operator has more authority than the watchdog and less than the build system.
    assert_eq!(ends(&[running.clone(), watchdog.clone(), operator.clone()]), (Canceled, Effect::Changed));
    assert_eq!(ends(&[running.clone(), operator.clone(), watchdog]), (Canceled, Effect::Late));
    assert_eq!(ends(&[running.clone(), operator.clone(), state(Success)]), (Success, Effect::Changed));
    assert_eq!(
        ends(&[running, operator, closed(Failed, Authority::Operator)]),
        (Failed, Effect::Changed),
        "a second closing replaces the first"
    );
}

mod at_receipt;
mod errors;
mod properties;

//! The reducer's table of cases, and its properties: any order, any repeats, any batches.

use super::*;
use crate::model::status::Status::*;
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn arrival(seq: i64) -> Arrival {
    Arrival { received_at: at(10_000), seq }
}

fn said(status: Status) -> ReportedState {
    ReportedState {
        third_build_id: Some("b1".into()),
        ..ReportedState::with_status(status, Authority::Reporter)
    }
}

/// A line of the table: `status[@second]`, several separated by spaces, in order of arrival. `-` before: no build id.
fn run(line: &str) -> (Attempt, Vec<Effect>) {
    let mut attempt: Option<Attempt> = None;
    let mut effects = Vec::new();
    for (n, word) in line.split_whitespace().enumerate() {
        let (bare, word) = word.strip_prefix('-').map_or((false, word), |rest| (true, rest));
        let (status, second) =
            word.split_once('@').map_or((word, None), |(s, t)| (s, Some(t.parse().unwrap())));
        let mut said = said(Status::parse(status).unwrap());
        said.occurred_at = second.map(at);
        if bare {
            said.third_build_id = None;
        }
        let arrival = Arrival { received_at: at(10_000 + n as i64), seq: n as i64 + 1 };
        match &mut attempt {
            None => attempt = Some(Attempt::new(&said, arrival)),
            Some(attempt) => effects.push(attempt.reduce(&said, arrival).0),
        }
    }
    (attempt.unwrap(), effects)
}

#[test]
fn the_table() {
    use Effect::*;
    let cases: &[(&str, Status, &[Effect])] = &[
        // The plain way, and what reporters do to it.
        ("pending running success", Success, &[Changed, Changed]),
        ("pending success", Success, &[Changed]),
        ("running running running", Running, &[Repeated, Repeated]),
        ("success success", Success, &[Repeated]),
        ("success running", Success, &[Late]),
        ("success pending running", Success, &[Late, Late]),
        ("running pending", Running, &[Late]),
        ("failed running@5 success", Failed, &[Late, Late]),
        // Two ends: by time where both say it, by time said before time unsaid, else the worse.
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
        // Rank goes before time: a finished attempt stays finished.
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
        let (attempt, seen) = run(line);
        assert_eq!((attempt.status, seen.as_slice()), (*status, *effects), "{line}");
    }
}

#[test]
fn times_come_from_the_reporter_where_it_has_them() {
    let (attempt, _) = run("pending@1 running@2 success@9");
    assert_eq!(
        (attempt.created_at, attempt.started_at, attempt.finished_at),
        (at(1), Some(at(2)), Some(at(9)))
    );
    // Ours where it has none: receipt of the first report that says so.
    let (attempt, _) = run("pending running running success success");
    assert_eq!(
        (attempt.created_at, attempt.started_at, attempt.finished_at),
        (at(10_000), Some(at(10_001)), Some(at(10_003)))
    );
    // A job that was never seen running has no start (GitLab does the same), and an unfinished one no end.
    assert_eq!(run("pending success").0.started_at, None);
    assert_eq!(run("pending running").0.finished_at, None);
    // A late `running` gives a start, but never one after the end.
    let (attempt, _) = run("success running");
    assert_eq!((attempt.started_at, attempt.finished_at), (Some(at(10_000)), Some(at(10_000))));
    // In so many words beats what the time of a report implies.
    let mut attempt = run("running@2").0;
    attempt.reduce(
        &ReportedState { started_at: Some(at(1)), finished_at: Some(at(8)), ..said(Success) },
        arrival(9),
    );
    assert_eq!((attempt.started_at, attempt.finished_at), (Some(at(1)), Some(at(8))));
}

#[test]
fn a_repeat_changes_nothing_at_all() {
    let report = ReportedState {
        target_url: Some("http://ci/1".into()),
        description: Some("done".into()),
        coverage: Some(81.5),
        allow_failure: Some(true),
        ..said(Failed)
    };
    let mut attempt = Attempt::new(&report, arrival(1));
    let before = attempt.clone();
    assert_eq!(
        attempt.reduce(&report, Arrival { received_at: at(20_000), seq: 2 }),
        (Effect::Repeated, FieldSet::default())
    );
    assert_eq!(attempt, before);
}

#[test]
fn texts_follow_the_newest_report_that_has_them() {
    let text =
        |status, description: &str| ReportedState { description: Some(description.into()), ..said(status) };
    let mut attempt = Attempt::new(&text(Running, "step 1"), arrival(1));
    assert_eq!(attempt.reduce(&said(Success), arrival(2)).0, Effect::Changed);
    assert_eq!(attempt.description.as_deref(), Some("step 1"), "a report without a text leaves it");
    attempt.reduce(&text(Success, "all good"), arrival(3));
    assert_eq!(attempt.reduce(&text(Running, "step 2"), arrival(4)), (Effect::Late, FieldSet::default()));
    assert_eq!(attempt.description.as_deref(), Some("all good"));
    // Without build id, the text may be refreshed while the status stays: GitLab's users ask for it.
    let bare = |description: &str| ReportedState { third_build_id: None, ..text(Running, description) };
    let mut attempt = Attempt::new(&bare("10%"), arrival(1));
    assert_eq!(attempt.reduce(&bare("90%"), arrival(2)).0, Effect::Changed);
    assert_eq!(attempt.reduce(&bare("20%"), arrival(3)).0, Effect::Changed);
    assert_eq!(attempt.description.as_deref(), Some("20%"));
}

#[test]
fn urls_carried_are_remembered() {
    let url = |n: usize| Some(format!("http://ci/{n}"));
    let mut attempt = Attempt::new(&ReportedState { target_url: url(0), ..said(Pending) }, arrival(1));
    for n in 1..200 {
        attempt.reduce(&ReportedState { target_url: url(n), ..said(Running) }, arrival(2));
    }
    assert!(attempt.has_target_url("http://ci/0") && attempt.has_target_url("http://ci/63"));
    assert!(!attempt.has_target_url("http://ci/500"));
    assert_eq!(attempt.evidence.urls.len(), URLS_MAX, "bounded");
}

/// The word of somebody who is not the build system.
fn closed(status: Status, authority: Authority) -> ReportedState {
    ReportedState { third_build_id: None, authority, ..said(status) }
}

#[test]
fn a_reported_end_wins_over_a_guessed_one_whenever_it_comes() {
    let (watchdog, operator) = (closed(TimedOut, Authority::Watchdog), closed(Canceled, Authority::Operator));
    let ends = |reports: &[ReportedState]| {
        let mut attempt = Attempt::new(&reports[0], arrival(1));
        let mut last = Effect::Created;
        for (n, said) in reports.iter().enumerate().skip(1) {
            last = attempt.reduce(said, arrival(n as i64 + 1)).0;
        }
        (attempt.status, last)
    };
    let running = said(Running);
    assert_eq!(ends(&[running.clone(), watchdog.clone()]), (TimedOut, Effect::Changed));
    // Alive after all: not yet at its end, so the guess stands; then the end comes.
    assert_eq!(ends(&[running.clone(), watchdog.clone(), running.clone()]), (TimedOut, Effect::Late));
    assert_eq!(ends(&[running.clone(), watchdog.clone(), said(Success)]), (Success, Effect::Changed));
    assert_eq!(ends(&[running.clone(), said(Success), watchdog.clone()]), (Success, Effect::Late));
    // Even one that is milder, and one that happened before the guess.
    assert_eq!(ends(&[running.clone(), watchdog.clone(), said(Skipped)]), (Skipped, Effect::Changed));
    let early = ReportedState { occurred_at: Some(at(1)), ..said(Failed) };
    assert_eq!(ends(&[running.clone(), watchdog.clone(), early]), (Failed, Effect::Changed));
    // An operator knows better than the watchdog, and less than the build system.
    assert_eq!(ends(&[running.clone(), watchdog.clone(), operator.clone()]), (Canceled, Effect::Changed));
    assert_eq!(ends(&[running.clone(), operator.clone(), watchdog]), (Canceled, Effect::Late));
    assert_eq!(ends(&[running.clone(), operator.clone(), said(Success)]), (Success, Effect::Changed));
    assert_eq!(
        ends(&[running, operator, closed(Failed, Authority::Operator)]),
        (Failed, Effect::Changed),
        "an operator may change their mind"
    );
}

fn any_time() -> impl Strategy<Value = Option<Timestamp>> {
    prop_oneof![2 => Just(None), 3 => (0i64..4).prop_map(|s| Some(at(s)))]
}

fn any_text(options: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    proptest::option::of(proptest::sample::select(options).prop_map(str::to_owned))
}

/// Few different values, so that ties are the rule.
fn any_said() -> impl Strategy<Value = ReportedState> {
    (
        proptest::sample::select(&Status::ALL[..]),
        any_text(&["http://ci/a", "http://ci/b"]),
        any_text(&["x", "y"]),
        proptest::option::of(proptest::sample::select(&[0.0, 50.0][..])),
        proptest::option::of(any::<bool>()),
        any_time(),
        any_time(),
        any_time(),
        proptest::sample::select(&[Authority::Watchdog, Authority::Operator, Authority::Reporter][..]),
    )
        .prop_map(
            |(
                status,
                target_url,
                description,
                coverage,
                allow_failure,
                occurred_at,
                started_at,
                finished_at,
                authority,
            )| ReportedState {
                status,
                // Only an end is ever given by another than the reporter.
                authority: if status.is_finished() { authority } else { Authority::Reporter },
                third_build_id: Some("b1".into()),
                target_url,
                description,
                coverage,
                allow_failure,
                occurred_at,
                started_at: started_at.filter(|_| status != Pending),
                finished_at: finished_at.filter(|_| status.is_finished()),
            },
        )
}

fn fold<'a>(reports: impl IntoIterator<Item = &'a ReportedState>) -> Attempt {
    let mut seq = 0;
    let mut attempt: Option<Attempt> = None;
    for said in reports {
        seq += 1;
        match &mut attempt {
            None => attempt = Some(Attempt::new(said, arrival(seq))),
            Some(attempt) => drop(attempt.reduce(said, arrival(seq))),
        }
    }
    attempt.unwrap()
}

fn permutations(len: usize, visit: &mut impl FnMut(&[usize])) {
    fn go(order: &mut Vec<usize>, from: usize, visit: &mut impl FnMut(&[usize])) {
        if from == order.len() {
            return visit(order);
        }
        for i in from..order.len() {
            order.swap(from, i);
            go(order, from + 1, visit);
            order.swap(from, i);
        }
    }
    go(&mut (0..len).collect(), 0, visit);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// All permutations of up to 6 reports of one attempt end in the same state, evidence and all.
    #[test]
    fn every_order_ends_the_same(reports in proptest::collection::vec(any_said(), 1..=6)) {
        let want = fold(&reports);
        let mut wrong = None;
        permutations(reports.len(), &mut |order| {
            let got = fold(order.iter().map(|&i| &reports[i]));
            if got != want {
                wrong = Some((order.to_vec(), got));
            }
        });
        prop_assert_eq!(wrong, None, "wanted {:?}", want);
    }

    /// So do repeats, wherever they come.
    #[test]
    fn repeats_end_the_same(reports in proptest::collection::vec(any_said(), 1..=6), again in proptest::collection::vec(0usize..6, 0..=12)) {
        let once = fold(&reports);
        let twice = reports.iter().chain(again.iter().filter_map(|&i| reports.get(i)));
        prop_assert_eq!(fold(twice), once);
    }

    /// The rank never goes back, with or without build ids.
    #[test]
    fn rank_never_goes_back(reports in proptest::collection::vec((any_said(), any::<bool>()), 1..=12)) {
        let mut attempt: Option<Attempt> = None;
        for (n, (mut said, bare)) in reports.into_iter().enumerate() {
            if bare {
                said.third_build_id = None;
            }
            let Some(attempt) = &mut attempt else {
                attempt = Some(Attempt::new(&said, arrival(1)));
                continue;
            };
            let before = attempt.status.rank();
            attempt.reduce(&said, arrival(n as i64 + 1));
            prop_assert!(attempt.status.rank() >= before.max(said.status.rank()));
            prop_assert_eq!(attempt.finished_at.is_some(), attempt.status.is_finished());
            prop_assert!(attempt.finished_at.is_none_or(|end| attempt.started_at.is_none_or(|start| start <= end)));
        }
    }

    /// What is stored is what was known.
    #[test]
    fn evidence_survives_bytes(reports in proptest::collection::vec(any_said(), 1..=6)) {
        let evidence = fold(&reports).evidence;
        prop_assert_eq!(Evidence::from_bytes(&evidence.to_bytes()), Some(evidence));
    }

    /// Bytes that we did not write are refused, not believed and not fatal.
    #[test]
    fn foreign_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Some(evidence) = Evidence::from_bytes(&bytes) {
            prop_assert!(bytes[0] == 1 && !evidence.to_bytes().is_empty());
        }
    }
}

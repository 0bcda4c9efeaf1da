//! Properties of the reducer: reports in any order, with any repeats, and the reason of each report.

use super::*;
use crate::model::conclusions::Conclusion;
use proptest::prelude::*;

fn any_time() -> impl Strategy<Value = Option<Timestamp>> {
    prop_oneof![2 => Just(None), 3 => (0i64..4).prop_map(|s| Some(at(s)))]
}

fn any_text(options: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    proptest::option::of(proptest::sample::select(options).prop_map(str::to_owned))
}

/// A report that converges in any order. Few different values, so that equal ones are frequent.
fn any_state() -> impl Strategy<Value = ReportedState> {
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
        (proptest::option::of(proptest::sample::select(&Conclusion::ALL[..])), any::<bool>()),
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
                (conclusion, at_receipt),
            )| ReportedState {
                status,
                conclusion: conclusion.filter(|conclusion| conclusion.status() == status),
                // Operator and watchdog report only ends.
                authority: if status.is_finished() { authority } else { Authority::Reporter },
                third_build_id: Some("b1".into()),
                target_url,
                description,
                coverage,
                allow_failure,
                occurred_at,
                // Ends that are ordered by their receipt are in the order of their arrival: see `at_receipt`.
                occurred_at_receipt: at_receipt && (occurred_at.is_some() || !status.is_finished()),
                started_at: started_at.filter(|_| status != Pending),
                finished_at: finished_at.filter(|_| status.is_finished()),
                ..ReportedState::with_status(status, authority)
            },
        )
}

fn fold<'a>(reports: impl IntoIterator<Item = &'a ReportedState>) -> Attempt {
    let mut seq = 0;
    let mut attempt: Option<Attempt> = None;
    for reported in reports {
        seq += 1;
        match &mut attempt {
            None => attempt = Some(Attempt::new(reported, arrival(seq))),
            Some(attempt) => drop(attempt.reduce(reported, arrival(seq))),
        }
    }
    attempt.unwrap()
}

/// The attempt as far as it does not depend on the order of arrival: without the texts for display, except
/// where every report that has one also has a time of the reporter, and these times differ.
fn converging<'a>(reports: impl IntoIterator<Item = &'a ReportedState>) -> Attempt {
    let mut attempt = fold(reports);
    (attempt.target_url, attempt.description, attempt.coverage) = Default::default();
    let FieldOrders { allow_failure, .. } = attempt.evidence.fields;
    attempt.evidence.fields = FieldOrders { allow_failure, ..FieldOrders::default() };
    attempt
}

/// The criteria of the order of reports, most significant first, each as a number. A missing time is the
/// least one.
fn criteria(reported: &ReportedState, arrival: Arrival) -> [(Rule, i64); 6] {
    let seq = if reported.third_build_id.is_some() { 0 } else { arrival.seq };
    [
        (Rule::Rank, reported.status.rank() as i64),
        (Rule::Authority, reported.authority as i64),
        (Rule::TimePresence, reported.occurred_at.is_some().into()),
        (Rule::Time, reported.occurred_at.map_or(i64::MIN, Timestamp::as_millisecond)),
        (Rule::Arrival, seq),
        (
            Rule::Severity,
            i64::from(reported.status.severity()) * 8
                + i64::from(reported.conclusion.map_or(0, Conclusion::number)),
        ),
    ]
}

/// True when `derived`, which an old row gets, may stand for the reason of the reducer.
fn may_be_derived(exact: Reason, derived: Reason) -> bool {
    match (exact, derived) {
        (Reason::Won(_) | Reason::FieldsUpdated, Reason::Won(Rule::Unrecorded) | Reason::FieldsUpdated) => {
            true
        }
        // The time or the arrival of the other report is not known.
        (Reason::Late(Rule::Time | Rule::Severity), Reason::Late(Rule::TimeOrSeverity)) => true,
        (Reason::Late(Rule::Arrival), Reason::Late(Rule::Time | Rule::TimeOrSeverity)) => true,
        (Reason::Late(Rule::TimePresence | Rule::Arrival), Reason::Late(Rule::Severity)) => true,
        (Reason::Late(Rule::TimePresence | Rule::Arrival), Reason::Late(Rule::Unrecorded)) => true,
        // No report of an older version was superseded.
        (Reason::Superseded, Reason::Late(_)) => true,
        // Operators and the watchdog have no build id and no time, except in these tests.
        (Reason::Late(_), Reason::Late(Rule::Authority)) => true,
        _ => exact == derived,
    }
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

    /// All permutations of up to 6 reports of one attempt give the same state and evidence.
    #[test]
    fn every_order_gives_the_same_state(reports in proptest::collection::vec(any_state(), 1..=6)) {
        let want = converging(&reports);
        let mut wrong = None;
        permutations(reports.len(), &mut |order| {
            let got = converging(order.iter().map(|&i| &reports[i]));
            if got != want {
                wrong = Some((order.to_vec(), got));
            }
        });
        prop_assert_eq!(wrong, None, "wanted {:?}", want);
    }

    /// Repeats at any position give the same state.
    #[test]
    fn repeats_give_the_same_state(
        reports in proptest::collection::vec(any_state(), 1..=6),
        repeats in proptest::collection::vec(0usize..6, 0..=12),
    ) {
        let once = converging(&reports);
        let twice = reports.iter().chain(repeats.iter().filter_map(|&i| reports.get(i)));
        prop_assert_eq!(converging(twice), once);
    }

    /// Texts with different times of the reporter are the same after any order of arrival and any repeats.
    #[test]
    fn texts_with_times_converge(
        reports in proptest::collection::vec(any_state(), 1..=6).prop_shuffle(),
        order in proptest::collection::vec(0usize..6, 0..=12),
    ) {
        let dated: Vec<ReportedState> = (0..)
            .zip(&reports)
            .map(|(n, reported)| ReportedState { occurred_at: Some(at(n)), ..reported.clone() })
            .collect();
        let texts = |attempt: Attempt| (attempt.target_url, attempt.description, attempt.coverage);
        let want = texts(fold(&dated));
        let arrived = order.iter().filter_map(|&i| dated.get(i)).chain(dated.iter().rev());
        prop_assert_eq!(texts(fold(arrived)), want);
    }

    /// By the first rules, which replay stored reports, all fields converge.
    #[test]
    fn every_order_gave_the_same_state_by_the_first_rules(
        reports in proptest::collection::vec(any_state(), 1..=5),
    ) {
        let old: Vec<ReportedState> =
            reports.into_iter().map(|reported| ReportedState { rules: Rules::First, ..reported }).collect();
        let want = fold(&old);
        let mut wrong = None;
        permutations(old.len(), &mut |order| {
            let got = fold(order.iter().map(|&i| &old[i]));
            if got != want {
                wrong = Some((order.to_vec(), got));
            }
        });
        prop_assert_eq!(wrong, None, "wanted {:?}", want);
    }

    /// The rank never goes back, with or without build ids.
    #[test]
    fn rank_never_goes_back(reports in proptest::collection::vec((any_state(), any::<bool>()), 1..=12)) {
        let mut attempt: Option<Attempt> = None;
        for (n, (mut reported, has_build)) in reports.into_iter().enumerate() {
            reported.third_build_id = reported.third_build_id.filter(|_| has_build);
            let Some(attempt) = &mut attempt else {
                attempt = Some(Attempt::new(&reported, arrival(1)));
                continue;
            };
            let before = attempt.status.rank();
            attempt.reduce(&reported, arrival(n as i64 + 1));
            prop_assert!(attempt.status.rank() >= before.max(reported.status.rank()));
            prop_assert_eq!(attempt.finished_at.is_some(), attempt.status.is_finished());
            prop_assert!(attempt.finished_at.is_none_or(|end| attempt.started_at.is_none_or(|start| start <= end)));
        }
    }

    /// The reason of every report agrees with what the report changed, and its rule is the first criterion in
    /// which the report differs from the one that had won the status.
    #[test]
    fn the_reason_fits_the_change(reports in proptest::collection::vec((any_state(), any::<bool>()), 2..=12)) {
        let mut winner: Option<(ReportedState, Arrival)> = None;
        let mut attempt: Option<Attempt> = None;
        for (n, (mut reported, has_build)) in reports.into_iter().enumerate() {
            reported.third_build_id = reported.third_build_id.filter(|_| has_build);
            let arrival = arrival(n as i64 + 1);
            let (Some(attempt), Some(won)) = (&mut attempt, &mut winner) else {
                attempt = Some(Attempt::new(&reported, arrival));
                winner = Some((reported, arrival));
                continue;
            };
            let before = attempt.clone();
            let (reason, changed) = attempt.reduce(&reported, arrival);

            let visible = |attempt: &Attempt| {
                let evidence = Evidence { conclusion: attempt.conclusion(), ..before.evidence.clone() };
                Attempt { evidence, ..attempt.clone() }
            };
            let (new, old) = (criteria(&reported, arrival), criteria(&won.0, won.1));
            let first = new.iter().zip(&old).find(|(new, old)| new.1 != old.1);
            match reason {
                Reason::Created => prop_assert!(false, "the attempt exists"),
                Reason::Won(rule) => {
                    prop_assert!(!changed.is_empty());
                    prop_assert!(first.is_some_and(|(new, old)| new.0 == rule && new.1 > old.1), "{:?}", first);
                    prop_assert_eq!(attempt.status, reported.status);
                }
                Reason::Late(rule) => {
                    prop_assert!(first.is_some_and(|(new, old)| new.0 == rule && new.1 < old.1), "{:?}", first);
                    prop_assert_eq!(attempt.status, before.status);
                }
                Reason::FieldsUpdated => {
                    prop_assert!(!changed.is_empty() && !changed.contains(FieldSet::STATUS));
                    prop_assert_eq!(attempt.status, reported.status);
                }
                Reason::Repeated | Reason::Superseded => {
                    prop_assert_eq!(attempt.status, reported.status);
                    prop_assert_eq!(attempt.differs(&reported), reason == Reason::Superseded);
                }
            }
            prop_assert_eq!(changed.is_empty(), visible(attempt) == before, "{:?}", changed);
            let derived = Reason::derive(&reported, reason.effect(), changed, Some(attempt.status));
            // Reports of older versions have no conclusions.
            let of_older = reported.conclusion.is_none() && before.conclusion().is_none();
            prop_assert!(!of_older || may_be_derived(reason, derived), "{:?} {:?}", reason, derived);
            // A report that wins by its severity has the same order as the one before.
            if (attempt.result(), attempt.evidence.status) != (before.result(), before.evidence.status) {
                *won = (reported, arrival);
            }
        }
    }

    /// Serialized evidence parses to the same evidence.
    #[test]
    fn evidence_round_trips(
        reports in proptest::collection::vec(any_state(), 1..=6), ignores_case: bool,
    ) {
        let mut attempt = fold(&reports);
        if ignores_case {
            attempt.add_name_rule();
        }
        let (created_at, url) = (attempt.created_at, attempt.target_url.as_deref());
        let bytes = attempt.evidence.to_bytes(created_at, url);
        let recency = Recency::new(attempt.status, &attempt.evidence, created_at);
        prop_assert_eq!(read_recency(&bytes, attempt.status, created_at), Some((recency, ignores_case)));
        prop_assert_eq!(Evidence::from_bytes(&bytes, created_at, url), Some(attempt.evidence));
    }

    /// Other bytes are refused and cause no panic.
    #[test]
    fn foreign_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for url in [None, Some("https://ci/1")] {
            if Evidence::from_bytes(&bytes, Timestamp::UNIX_EPOCH, url).is_some() {
                prop_assert!((1..=2).contains(&bytes[0]));
                prop_assert!(read_recency(&bytes, Success, Timestamp::UNIX_EPOCH).is_some());
            }
        }
    }
}

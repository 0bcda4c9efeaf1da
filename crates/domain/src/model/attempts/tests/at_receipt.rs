//! Statuses that change when the server receives them, such as the end of a check run without `completed_at`.

use super::*;
use proptest::prelude::*;

/// Reduces reports in order of arrival: `status@second` with the time of the reporter, which is also that of the end,
/// `status!second` with the time of receipt at which the status changed, `status` without a time. Returns the attempt
/// and the reasons of all reports after the first.
fn reduce(line: &str) -> (Attempt, Vec<Reason>) {
    let mut attempt: Option<Attempt> = None;
    let mut reasons = Vec::new();
    for (reported, arrival) in (1..).zip(line.split_whitespace()).map(|(seq, text)| parse(text, seq)) {
        match &mut attempt {
            None => attempt = Some(Attempt::new(&reported, arrival)),
            Some(attempt) => reasons.push(attempt.reduce(&reported, arrival).0),
        }
    }
    (attempt.unwrap(), reasons)
}

fn parse(text: &str, seq: i64) -> (ReportedState, Arrival) {
    let (status, second) = text.split_once(['@', '!']).unwrap_or((text, "50"));
    let (status, second) = (Status::parse(status).unwrap(), at(second.parse().unwrap()));
    let occurred_at = text.contains('@').then_some(second);
    let finished_at = occurred_at.filter(|_| status.is_finished());
    let occurred_at_receipt = text.contains('!');
    let received_at = if occurred_at_receipt { second } else { at(50) };
    let reported = ReportedState { occurred_at, occurred_at_receipt, finished_at, ..state(status) };
    (reported, Arrival { received_at, seq })
}

#[test]
fn the_time_of_receipt_orders_the_ends_of_an_attempt() {
    use Reason::*;
    // The status, the second of the end, and the reason of the last report.
    for (line, status, end, reason) in [
        ("success@5 failed!9", Failed, 9, Won(Rule::Time)),
        ("failed@5 success!9", Success, 9, Won(Rule::Time)),
        ("success@9 failed!5", Success, 9, Late(Rule::Time)),
        ("failed!9 success@5", Failed, 9, Late(Rule::Time)),
        ("success!5 failed@9", Failed, 9, Won(Rule::Time)),
        ("failed!5 success!9", Success, 9, Won(Rule::Time)),
        ("success!5 failed@5", Failed, 5, Won(Rule::Severity)),
        // An end without any time is earlier.
        ("failed success!9", Success, 9, Won(Rule::TimePresence)),
        ("success!9 failed", Success, 9, Late(Rule::TimePresence)),
        // The rank still comes first.
        ("success!5 running!9", Success, 5, Late(Rule::Rank)),
        ("running@9 success!5", Success, 5, Won(Rule::Rank)),
        // A repeat changes nothing that is shown, and other ends before it stay late.
        ("success!5 success!9", Success, 5, Repeated),
        ("success@5 success!9", Success, 5, Repeated),
        ("success@5 success!9 failed@7", Success, 5, Late(Rule::Time)),
        ("success!5 success!9 failed@7", Success, 5, Late(Rule::Time)),
        // A time of the reporter for the same status replaces that of receipt, also an earlier one.
        ("success!9 success@5", Success, 5, Won(Rule::TimePresence)),
        ("success!9 success@5 success@6", Success, 5, Late(Rule::Time)),
        ("success!9 success@5 failed@7", Success, 5, Late(Rule::Time)),
        ("success!9 failed@7 success@5", Success, 5, Won(Rule::TimePresence)),
        ("success!9 success@5 failed!12", Failed, 12, Won(Rule::Time)),
        ("success@5 failed!9 success@12", Success, 12, Won(Rule::Time)),
    ] {
        let (attempt, reasons) = reduce(line);
        assert_eq!((attempt.status, attempt.finished_at), (status, Some(at(end))), "{line}");
        assert_eq!(reasons.last(), Some(&reason), "{line}");
    }
}

#[test]
fn the_time_of_receipt_starts_nothing() {
    let (attempt, _) = reduce("running@20 success!9");
    assert_eq!((attempt.effective_start(), attempt.created_at), (Some(at(20)), at(20)));
    let (attempt, _) = reduce("success!9");
    assert_eq!((attempt.effective_start(), attempt.started_at), (None, None));
    // The reports of the first rules and those of operators have no such time.
    assert!(!ReportedState::with_status(Failed, Authority::Operator).occurred_at_receipt);
}

proptest! {
    /// The status does not depend on the order in which ends with a time of the reporter and of receipt are applied,
    /// and repeats do not change it.
    #[test]
    fn ends_converge(
        ends in proptest::collection::vec(
            (proptest::sample::select(&[Success, Failed, Canceled][..]), 0..6_i64, any::<bool>()),
            1..=8,
        ),
        seed in proptest::collection::vec(0..8_usize, 0..=8),
    ) {
        let text = |(status, second, at_receipt): &(Status, i64, bool)| {
            format!("{}{}{second}", status.as_str(), if *at_receipt { '!' } else { '@' })
        };
        let in_order: Vec<String> = ends.iter().map(text).collect();
        let repeats = seed.iter().filter_map(|at| in_order.get(*at).cloned());
        let other: Vec<String> = repeats.chain(in_order.iter().rev().cloned()).collect();
        let (one, other) = (reduce(&in_order.join(" ")).0, reduce(&other.join(" ")).0);
        prop_assert_eq!((one.status, one.evidence.status), (other.status, other.evidence.status));
    }

    /// A repeat of the last report changes nothing that is shown, and evidence is read as it was written.
    #[test]
    fn a_repeat_changes_nothing_that_is_shown(
        ends in proptest::collection::vec(
            (proptest::sample::select(&[Running, Success, Failed][..]), 0..6_i64, any::<bool>()),
            1..=6,
        ),
    ) {
        let text = |(status, second, at_receipt): &(Status, i64, bool)| {
            format!("{}{}{second}", status.as_str(), if *at_receipt { '!' } else { '@' })
        };
        let line = ends.iter().map(text).collect::<Vec<_>>().join(" ");
        let (mut attempt, _) = reduce(&line);
        let shown = |attempt: &Attempt| attempt.values().collect::<Vec<_>>();
        let before = shown(&attempt);
        let (last, arrival) = parse(line.split(' ').next_back().unwrap(), 9);
        let later = Arrival { received_at: at(90), ..arrival };
        if (last.status, last.occurred_at_receipt) == (attempt.status, true) {
            prop_assert_eq!(attempt.reduce(&last, later), (Reason::Repeated, FieldSet::default()), "{}", line);
        }
        prop_assert_eq!(shown(&attempt), before);
        let bytes = attempt.evidence.to_bytes(attempt.created_at, None);
        let read = Evidence::from_bytes(&bytes, attempt.created_at, None);
        prop_assert_eq!(read, Some(attempt.evidence.clone()));
        let recency = Recency::new(attempt.status, &attempt.evidence, attempt.created_at);
        prop_assert_eq!(read_recency(&bytes, attempt.status, attempt.created_at), Some((recency, false)));
    }
}

//! Ends that are ordered by their receipt, such as the end of a check run without `completed_at`.

use super::*;
use proptest::prelude::*;

/// Reduces reports in order of arrival: `status@second` with the time of the reporter, which is also that of the end,
/// `status!second` with the time of receipt that orders the end, `status` without a time. Returns the attempt
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
fn an_end_without_a_time_wins_over_every_end_that_arrived_before() {
    use Reason::*;
    // The status, the second of the end, and the reason of the last report.
    for (line, status, end, reason) in [
        ("success@5 failed!9", Failed, 9, Won(Rule::Time)),
        ("failed@5 success!9", Success, 9, Won(Rule::Time)),
        // The clock of the reporter, of another node, or of this one before it was set back, is ahead.
        ("success@9 failed!5", Failed, 9, Won(Rule::Arrival)),
        ("success!9 failed!5", Failed, 9, Won(Rule::Arrival)),
        ("failed!9 success!5", Success, 9, Won(Rule::Arrival)),
        ("failed@9 success!9", Success, 9, Won(Rule::Arrival)),
        ("success!9 failed!5 success!1", Success, 9, Won(Rule::Arrival)),
        ("failed!5 success@9 failed!7 success!8", Success, 9, Won(Rule::Arrival)),
        ("failed!9 success@5", Failed, 9, Late(Rule::Time)),
        ("success!5 failed@9", Failed, 9, Won(Rule::Time)),
        ("failed!5 success!9", Success, 9, Won(Rule::Time)),
        ("success!5 failed@5", Failed, 5, Won(Rule::Severity)),
        ("success@9 failed!5 success@7", Failed, 9, Late(Rule::Time)),
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
        ("success@9 success!5", Success, 9, Repeated),
        ("success@9 success!5 failed!7", Failed, 9, Won(Rule::Arrival)),
        // A time of the reporter for the same end is shown; another end before the receipt stays late.
        ("success!9 success@5", Success, 5, Won(Rule::TimePresence)),
        ("success!9 success@5 success@7", Success, 7, Won(Rule::Time)),
        ("success!9 success@7 success@5", Success, 7, Late(Rule::Time)),
        ("success@5 success!9 success@7", Success, 7, Won(Rule::Time)),
        ("success!5 success!9 success@3", Success, 3, Won(Rule::TimePresence)),
        ("success!9 success@5 failed@7", Success, 5, Late(Rule::Time)),
        ("success!9 failed@7 success@5", Success, 5, Won(Rule::TimePresence)),
        ("success!9 success@5 failed!12", Failed, 12, Won(Rule::Time)),
        ("success@12 failed!5 failed@7 success@10", Failed, 7, Late(Rule::Time)),
        ("success@5 failed!9 success@12", Success, 12, Won(Rule::Time)),
        ("success@5 failed!9 success@8", Failed, 9, Late(Rule::Time)),
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
    /// The last end without a time counts, whatever the clocks of the nodes and of the reporter say.
    #[test]
    fn the_last_end_without_a_time_counts(
        reports in proptest::collection::vec(
            (proptest::sample::select(&[Pending, Running, Success, Failed][..]), 0..6_i64, any::<bool>()),
            0..=8,
        ),
        last in proptest::sample::select(&[Success, Failed, Canceled][..]),
        second in 0..6_i64,
    ) {
        let text = |(status, second, at_receipt): &(Status, i64, bool)| {
            format!("{}{}{second}", status.as_str(), if *at_receipt { '!' } else { '@' })
        };
        let line = reports.iter().map(text).chain([format!("{}!{second}", last.as_str())]);
        prop_assert_eq!(reduce(&line.collect::<Vec<_>>().join(" ")).0.status, last);
    }

    /// Reports that are no ends, and ends with a time among themselves, may arrive in any order.
    #[test]
    fn the_other_reports_converge(
        starts in proptest::collection::vec(
            (proptest::sample::select(&[Pending, Running][..]), 0..6_i64, any::<bool>()), 0..=4,
        ),
        timed in proptest::collection::vec((proptest::sample::select(&[Success, Failed][..]), 0..9_i64), 1..=4),
        ends in proptest::collection::vec((proptest::sample::select(&[Success, Failed][..]), 0..9_i64), 0..=3),
    ) {
        let starts = starts.iter().map(|(status, second, at_receipt)| {
            format!("{}{}{second}", status.as_str(), if *at_receipt { '!' } else { '@' })
        });
        let starts: Vec<String> = starts.collect();
        let timed = timed.iter().map(|(status, second)| format!("{}@{second}", status.as_str()));
        let timed: Vec<String> = timed.collect();
        let ends = ends.iter().map(|(status, second)| format!("{}!{second}", status.as_str()));
        let ends: Vec<String> = ends.collect();
        let whole = |lines: Vec<&String>| {
            let lines: Vec<&str> = lines.into_iter().map(String::as_str).collect();
            let mut attempt = reduce(&lines.join(" ")).0;
            // The receipt of the first report and of the first start.
            attempt.created_at = at(0);
            (attempt.started_at, attempt.evidence.running) = (None, None);
            attempt
        };
        let one = whole(starts.iter().chain(&timed).chain(&ends).collect());
        let other = whole(timed.iter().rev().chain(&timed).chain(&ends).chain(starts.iter().rev()).collect());
        prop_assert_eq!(one, other);
    }

    /// The time of one end is the latest of the reporter, in any order of arrival.
    #[test]
    fn the_time_of_one_end_converges(
        timed in proptest::collection::vec(0..9_i64, 1..=4), received in proptest::collection::vec(0..9_i64, 0..=4),
        places in proptest::collection::vec(any::<prop::sample::Index>(), 4),
    ) {
        let mut ends: Vec<String> = timed.iter().map(|second| format!("success@{second}")).collect();
        for (second, place) in received.iter().zip(places) {
            ends.insert(place.index(ends.len() + 1), format!("success!{second}"));
        }
        let attempt = reduce(&ends.join(" ")).0;
        prop_assert_eq!(attempt.finished_at, timed.iter().max().map(|second| at(*second)), "{:?}", ends);
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
        if last.is_ordered_by_receipt() {
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

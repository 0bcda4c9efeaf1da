//! Records of verdicts, and the targets for which they are made.

use super::*;

fn record(list: &[&str], at: i64) -> RecordedVerdict {
    let (rules, list) = (rules("unit; lint after=5"), facts(list));
    let evaluation = evaluate(Some(&rules), "main", &list, &TrustedTime::new(minute(at)));
    let record = RecordedVerdict::of(&evaluation, "main", 1, 7, minute(at));
    // A record has what it was made from, as far as it names jobs.
    assert_eq!(record.evaluation().verdict, evaluation.verdict);
    for (recorded, result) in record.evaluation().requirements.iter().zip(&evaluation.requirements) {
        assert_eq!((recorded.subject, recorded.reason), (result.subject, result.reason));
    }
    record
}

#[test]
fn a_record_follows_only_a_change() {
    let first = record(&["unit=running"], 1).following(None).unwrap();
    assert_eq!((first.number, first.verdict), (1, Verdict::Pending));
    assert_eq!(record(&["unit=running"], 2).following(Some(&first)), None);
    let mut second = record(&["unit=success"], 2);
    second.version += 1;
    let second = second.following(Some(&first)).unwrap();
    assert_eq!((second.number, second.verdict), (2, Verdict::Pending), "the state of a requirement");
    let behind = RecordedVerdict { version: second.version + 1, ..record(&["unit=failed"], 0) };
    let behind = behind.following(Some(&second)).unwrap();
    assert_eq!((behind.number, behind.at), (3, minute(0)), "numbers order records, not clocks");
    let late = RecordedVerdict { version: second.version - 1, ..record(&["unit=failed"], 3) };
    assert_eq!(late.following(Some(&second)), None, "made from earlier facts");
    let third = RecordedVerdict { version: second.version, ..record(&["unit=success"], 6) };
    let third = third.following(Some(&second)).unwrap();
    assert_eq!((third.number, third.verdict), (3, Verdict::Missing), "only time has passed");

    let changed = third.snapshot("abc", Some(&second)).changed;
    let [lint] = &changed[..] else { panic!("{changed:?}") };
    let (waiting, missing) = (RequirementState::Waiting, RequirementState::Missing);
    assert_eq!(
        (lint.name.as_deref(), lint.previous_state, lint.state),
        (Some("lint"), Some(waiting), Some(missing))
    );
    assert_eq!(third.snapshot("abc", None).changed_count, 2);
    let nothing = GateFacts::default();
    let unset = evaluate(None, "main", &nothing, &TrustedTime::new(minute(9)));
    let unset = RecordedVerdict::of(&unset, "main", 2, 9, minute(9));
    assert_eq!(unset.clone().following(None), None);
    let unset = RecordedVerdict { version: third.version, ..unset }.following(Some(&third)).unwrap();
    let gone: Vec<_> =
        unset.snapshot("abc", Some(&third)).changed.into_iter().map(|gone| gone.state).collect();
    assert_eq!(gone, [None, None], "the rules do not have them any more");
}

#[test]
fn a_recorded_time_has_passed_for_every_clock() {
    let (rules, mut list) = (rules("lint after=5"), facts(&["unit=success"]));
    let behind = TrustedTime::new(minute(4));
    assert_eq!(evaluate(Some(&rules), "main", &list, &behind).verdict, Verdict::Pending);
    list.recorded_time = Some(minute(5));
    let recorded = evaluate(Some(&rules), "main", &list, &behind);
    let own = evaluate(Some(&rules), "main", &list, &TrustedTime::new(minute(6)));
    assert_eq!((recorded.verdict, recorded.version), (Verdict::Missing, own.version));
}

#[test]
fn verdicts_are_recorded_for_every_target_that_a_commit_may_have() {
    let set = rules("unit").set;
    let hints = |merge_requests: &[&str], refs: &[&str]| TargetHints {
        merge_requests: merge_requests.iter().map(|target| (*target).to_owned()).collect(),
        refs: refs.iter().map(|git_ref| (*git_ref).to_owned()).collect(),
        default_branch: "main".into(),
    };
    let targets = |hints: &TargetHints, also: &[&str]| {
        let also = also.iter().map(|target| (*target).to_owned());
        recorded_targets(&set, hints, also).into_iter().collect::<Vec<_>>()
    };
    assert_eq!(targets(&hints(&[], &["dev"]), &[]), ["main"]);
    assert_eq!(targets(&hints(&["a", "refs/heads/b"], &[]), &[]), ["a", "b"]);
    assert_eq!(targets(&hints(&["a"], &["gh-readonly-queue/c/pr-1"]), &["d", "a"]), ["a", "c", "d"]);
    assert_eq!(targets(&hints(&[], &[]), &["d"]), ["d", "main"]);
    let many: Vec<String> = (0..200).map(|number| format!("b{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(targets(&hints(&many, &[]), &[]).len(), 100);
}

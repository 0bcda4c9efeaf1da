//! Properties of the evaluation: facts in any order, and the clock.

use super::*;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const RULES: &[&str] = &[
    "unit",
    "unit absent=passed",
    "unit by=7 absent=passed after=1",
    "* absent=not_applicable after=30",
    "test/* skipped=passed; unit by=7,#5 absent=not_applicable; lint after=0 absent=passed",
];

/// Facts that say different things about few jobs.
const FACTS: &[&str] = &[
    "@7 unit=pending",
    "@7 unit=success",
    "@8 unit=failed^2",
    "@8#5 unit=success^2",
    "@7 test/lint=running",
    "@7 test/lint=skipped",
    "@8 lint=success",
    "@7 other|unit=success",
    "+7:unit",
    "+8:lint,unit",
    "+7:test/lint",
    "!7:unit",
    "!8:",
    "40m:@7 late=success",
];

/// The facts about jobs, from which nothing is withdrawn.
fn any_facts() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(FACTS, 0..=FACTS.len()).prop_shuffle()
}

fn at_age(rules: &GateRules, facts: &GateFacts, age: i64) -> (Verdict, i64) {
    let evaluation = evaluate(Some(rules), "main", facts, &TrustedTime::new(minute(age)));
    (evaluation.verdict, evaluation.version)
}

/// One attempt of each job, and no complete lists: what the order of arrival does not decide.
fn order_free() -> impl Strategy<Value = Vec<&'static str>> {
    let facts: Vec<_> = FACTS.iter().copied().filter(|fact| !fact.contains(['^', '!', 'm'])).collect();
    subsequence(facts.clone(), 0..=facts.len())
}

/// Facts of reporters that no requirement permits.
const STRANGERS: &[&str] = &[
    "@8 unit=success",
    "@8 other|unit=success^2",
    "@9#6 test/unit=success",
    "unit=success^3",
    "!8:",
    "!9:unit",
];

proptest! {
    /// Time alone only ends the wait for absent jobs: what has passed stays, and so does what is missing or failed.
    #[test]
    fn time_alone_never_takes_a_verdict_back(text in select(RULES), list in any_facts(), end in 0i64..200) {
        let (rules, facts) = (rules(text), facts(&list));
        let mut before = at_age(&rules, &facts, 0);
        for age in 1..=end {
            let now = at_age(&rules, &facts, age);
            prop_assert!(now.0 == before.0 || before.0 == Verdict::Pending, "{before:?} {now:?} {list:?}");
            prop_assert!(now.1 >= before.1, "a version grows");
            prop_assert!(now.0 == before.0 || now.1 > before.1, "a new verdict has a new version");
            before = now;
        }
    }

    /// As often as facts and ticks of the clock alternate, a verdict leaves `passed` only with a new fact.
    #[test]
    fn a_verdict_changes_from_passed_only_with_a_fact(
        text in select(RULES),
        list in any_facts(),
        ticks in proptest::collection::vec(0i64..90, FACTS.len()),
    ) {
        let rules = rules(text);
        let mut age = 0;
        for known in 0..=list.len() {
            let facts = facts(&list[..known]);
            let before = at_age(&rules, &facts, age).0;
            age += ticks.get(known).copied().unwrap_or(0);
            let after = at_age(&rules, &facts, age).0;
            prop_assert!(before != Verdict::Passed || after == Verdict::Passed, "{list:?} {known} {age}");
        }
    }

    /// Reports of different attempts, and announcements, give the same verdict in any order.
    #[test]
    fn the_order_of_facts_does_not_matter(
        text in select(RULES),
        orders in order_free().prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle())),
        age in 0i64..200,
    ) {
        let rules = rules(text);
        // The times of receipt are the same: only the order differs.
        let at = |list: &[&'static str]| {
            let mut facts = facts(list);
            facts.jobs.sort_by_key(|job| (job.source.clone(), job.stage.clone(), job.name.clone()));
            facts.expectations.iter_mut().for_each(|expectation| expectation.at = minute(0));
            facts.first_at = facts.first_at.map(|_| minute(0));
            let evaluation = evaluate(Some(&rules), "main", &facts, &TrustedTime::new(minute(age)));
            outcome(&evaluation)
        };
        prop_assert_eq!(at(&orders.0), at(&orders.1));
    }

    /// Whatever else is known.
    #[test]
    fn nothing_passes_while_an_announced_job_has_not_ended(
        text in select(RULES),
        list in any_facts(),
        age in 0i64..2_000,
        place in 0usize..FACTS.len(),
        progress in select(&["", "@7 build/slow=pending", "@8 build/slow=running"][..]),
    ) {
        let mut list = list;
        list.insert(place.min(list.len()), "+9:build/slow");
        if !progress.is_empty() {
            list.insert(place.min(list.len()), progress);
        }
        let verdict = at_age(&rules(text), &facts(&list), age).0;
        prop_assert_ne!(verdict, Verdict::Passed);
    }

    /// An override never makes a target without rules pass, and never makes a verdict worse.
    #[test]
    fn an_override_does_not_hide_that_there_are_no_rules(list in any_facts(), age in 0i64..200) {
        let with: Vec<&str> = list.iter().copied().chain(["override *"]).collect();
        let time = TrustedTime::new(minute(age));
        prop_assert_eq!(evaluate(None, "main", &facts(&with), &time).verdict, Verdict::Unset);
        let other = rules_for(&[("release/*", "unit")]);
        prop_assert_eq!(evaluate(Some(&other), "main", &facts(&with), &time).verdict, Verdict::Unset);
        prop_assert_eq!(evaluate(Some(&rules("unit")), "main", &facts(&with), &time).verdict, Verdict::Passed);
    }

    /// Reports of strangers never make a requirement pass that names reporters.
    #[test]
    fn strangers_satisfy_nothing(
        reports in subsequence(STRANGERS, 1..=6),
        absent in select(&["missing", "passed", "not_applicable"][..]),
        age in 0i64..200,
    ) {
        let reported = reports.iter().any(|fact| fact.contains('='));
        let rules = rules(&format!("unit by=7,#5 absent={absent} after=60"));
        let verdict = at_age(&rules, &facts(&reports), age).0;
        prop_assert!(verdict != Verdict::Passed || !reported && age >= 60, "{reports:?} {verdict:?}");
    }
}

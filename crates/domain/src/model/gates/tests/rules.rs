//! Which rules apply, to which target, and for how long an override holds.

use super::*;
use crate::model::roles::Role;

fn outcome_for(rules: &GateRules, target: &str, list: &[&str]) -> String {
    outcome(&evaluate(Some(rules), target, &facts(list), &TrustedTime::new(minute(0))))
}

#[test]
fn without_a_rule_for_the_target_nothing_passes() {
    let list = ["unit=success", "+7:unit", "override *"];
    assert_eq!(outcome_for(&rules("unit"), "other", &list), "unset:");
    let unset = evaluate(None, "main", &facts(&list), &TrustedTime::new(minute(999))).verdict;
    assert_eq!(unset, Verdict::Unset);
    let empty = GateRules { set: RuleSet::default(), ..rules("unit") };
    assert_eq!(outcome_for(&empty, "main", &list), "unset:");
}

#[test]
fn all_rules_that_match_the_target_apply() {
    let rules = rules_for(&[("*", "lint"), ("main,release/*", "unit"), ("release/*", "sign")]);
    let list = ["lint=success", "unit=failed"];
    assert_eq!(outcome_for(&rules, "feature", &list), "passed: passed");
    assert_eq!(outcome_for(&rules, "main", &list), "failed: passed failed");
    assert_eq!(outcome_for(&rules, "release/1", &list), "failed: passed failed waiting");
}

#[test]
fn the_target_follows_from_merge_requests_queues_and_the_default_branch() {
    let set = &rules("unit").set;
    let choose = |merge_requests: &[&str], refs: &[&str]| {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let (merge_requests, refs) = (texts(merge_requests), texts(refs));
        choose_target(set, &TargetHints { merge_requests, refs, default_branch: "main".into() })
    };
    let queue = "gh-readonly-queue/release/2/pr-1-0";
    for (merge_requests, refs, target) in [
        (&[][..], &[][..], Some("main")),
        (&[], &["feature"], Some("main")),
        (&["release/1"], &["feature"], Some("release/1")),
        (&["refs/heads/release/1", "release/1"], &[queue], Some("release/1")),
        (&[], &["feature", queue], Some("release/2")),
        (&["release/1", "main"], &[], None),
        (&[], &[queue, "gh-readonly-queue/main/pr-1-0"], None),
    ] {
        assert_eq!(choose(merge_requests, refs).as_deref(), target, "{merge_requests:?} {refs:?}");
    }
    let merge_requests = ["release/1", "main", "refs/heads/main"].map(str::to_owned).into();
    let all = targets(set, &TargetHints { merge_requests, refs: Vec::new(), default_branch: "dev".into() });
    assert_eq!(all, ["main", "release/1"]);
}

#[test]
fn queues_of_other_forges_are_described_by_patterns() {
    let queue = |refs: &str, target: Option<&str>| MergeQueueInput {
        refs: Some(refs.to_owned()),
        target: target.map(str::to_owned),
    };
    let queues =
        vec![queue("queue/{target}", None), queue("staging", Some("main")), queue("{target}-merge", None)];
    let set = RuleSetInput { rules: Vec::new(), merge_queues: Some(queues) }
        .check(&KnownMentions::default())
        .unwrap();
    for (git_ref, target) in [
        ("queue/main", Some("main")),
        ("refs/heads/queue/release/1", Some("release/1")),
        ("queue/", None),
        ("staging", Some("main")),
        ("main-merge", Some("main")),
        ("-merge", None),
        ("gh-readonly-queue/main/pr-1-0", None),
        ("主干-merge", Some("主干")),
    ] {
        assert_eq!(set.target_of_queue(git_ref).as_deref(), target, "{git_ref}");
    }
}

#[test]
fn an_override_holds_for_its_target_and_until_the_requirement_changes() {
    let failed = ["unit=failed", "lint=failed", "override *"];
    let first = rules("unit; lint");
    assert_eq!(outcome_for(&first, "main", &failed), "passed: overridden overridden");
    let both = rules_for(&[("main,other", "unit; lint")]);
    assert_eq!(outcome_for(&both, "other", &failed), "failed: failed failed");

    let changed = rules("unit skipped=passed; lint; sign").set.following(Some(&first.set), 2);
    let second = GateRules { version: 2, set: changed, ..first.clone() };
    assert_eq!(outcome_for(&second, "main", &failed), "failed: failed overridden waiting");
    let same = GateRules { version: 3, set: rules("lint; unit").set.following(Some(&first.set), 3), ..first };
    assert_eq!(outcome_for(&same, "main", &failed), "passed: overridden overridden");
}

#[test]
fn who_may_override_follows_from_every_rule_that_applies() {
    let mut set = rules_for(&[("main", "unit"), ("*", "lint")]).set;
    set.rules[0].overriders = Overriders { role: None, users: vec![user(9)] };
    for (target, requirement, by, role, may) in [
        ("main", Some("lint"), 1, Role::Manage, Some(true)),
        ("main", Some("lint"), 1, Role::Report, Some(false)),
        ("main", Some("unit"), 1, Role::Manage, Some(false)),
        ("main", Some("unit"), 9, Role::Report, Some(true)),
        ("main", Some("unit"), 9, Role::Read, Some(false)),
        ("main", None, 9, Role::Report, Some(false)),
        ("main", None, 9, Role::Manage, Some(true)),
        ("other", None, 1, Role::Manage, Some(true)),
        ("other", Some("unit"), 9, Role::Manage, None),
        ("main", Some("nothing"), 9, Role::Manage, None),
    ] {
        assert_eq!(
            set.may_override(target, requirement, user(by), role),
            may,
            "{target} {requirement:?} {by}"
        );
    }
    assert_eq!(RuleSet::default().may_override("main", None, user(9), Role::Manage), None);
}

#[test]
fn a_result_names_its_jobs_and_its_times() {
    let rules = rules("unit-*; lint; sign after=5");
    let list = facts(&["unit-1=failed", "unit-2=success", "unit-3=timedout", "+7:lint"]);
    let evaluation = evaluate(Some(&rules), "main", &list, &TrustedTime::new(minute(9)));
    let [unit, lint, sign, announced] = &evaluation.requirements[..] else { panic!() };
    assert_eq!(unit.reason, Reason::Failed);
    assert_eq!(unit.jobs.iter().map(|job| job.name).collect::<Vec<_>>(), ["unit-1", "unit-3"]);
    let announced_at = minute(0) + SignedDuration::from_secs(3);
    let due = announced_at + ABSENT_AFTER_DEFAULT;
    let waits = Reason::AnnouncedAbsent { stage: None, name: "lint", since: announced_at, due };
    assert_eq!((lint.reason, announced.reason), (waits, waits));
    let missing = Reason::AbsentSince { since: minute(0), meaning: Absent::Missing, by_lists: false };
    assert_eq!(sign.reason, missing);
    assert_eq!(evaluation.next_due, Some(due), "other waits matter no more");
}

#[test]
fn a_jump_of_the_wall_clock_ends_no_period() {
    let mut time = TrustedTime::new(minute(1));
    time.observe(minute(9_999), Some(SignedDuration::from_secs(1)));
    let list = facts(&["lint=success"]);
    let rules = rules("unit absent=passed");
    assert_eq!(outcome(&evaluate(Some(&rules), "main", &list, &time)), "pending: waiting");
    let later = time.after(SignedDuration::from_mins(60));
    assert_eq!(outcome(&evaluate(Some(&rules), "main", &list, &later)), "passed: passed");
}

#[test]
fn many_jobs_are_counted_and_not_all_named() {
    let list: Vec<String> = (0..50).map(|at| format!("unit-{at}=failed")).collect();
    let list: Vec<&str> = list.iter().map(String::as_str).collect();
    let (rules, list) = (rules("unit-*"), facts(&list));
    let evaluation = evaluate(Some(&rules), "main", &list, &TrustedTime::new(minute(0)));
    let result = &evaluation.requirements[0];
    assert_eq!((result.jobs.len(), result.job_count), (DECIDING_MAX, 50));
}

#[test]
fn a_report_without_a_status_gives_no_success_of_somebody_else() {
    let at = |seq| Arrival { received_at: minute(0), seq };
    let mut reports = vec![report("@8 unit=success", at(1)), report("@7 unit=success", at(2))];
    // The attempt had this status already, and the report names it by its id.
    reports[1].4.state.keeps_status = true;
    let list = GateFacts { jobs: jobs(reports), first_at: Some(minute(0)), ..GateFacts::default() };
    let rules = rules("unit by=7");
    let evaluation = evaluate(Some(&rules), "main", &list, &TrustedTime::new(minute(60)));
    assert_eq!(outcome(&evaluation), "missing: wrong_source");
}

#[test]
fn an_announced_job_is_outstanding_until_it_has_ended() {
    let of = |list: &[&str]| -> Vec<String> {
        let facts = facts(list);
        let shown = outstanding(&facts).into_iter().map(|outstanding| {
            let status = outstanding.job.map_or("absent", |job| job.status.as_str());
            format!("{} {status}", outstanding.announced.name)
        });
        shown.collect()
    };
    let announced = "+7:build/compile,pack,test/unit";
    assert_eq!(of(&[announced]), ["pack absent", "compile absent", "unit absent"]);
    let some = [announced, "build/compile=running", "test/unit=failed"];
    assert_eq!(of(&some), ["pack absent", "compile running"]);
    assert_eq!(of(&[announced, "!7:test/unit", "test/unit=success"]), [""; 0]);
    assert_eq!(of(&["build/compile=running"]), [""; 0]);
}

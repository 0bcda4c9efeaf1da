//! The check of rules, announcements and overrides.

use super::*;
use crate::error::{Invalid, Problem};
use crate::model::roles::Role;

fn input(change: impl FnOnce(&mut RuleSetInput)) -> RuleSetInput {
    let requirement = RequirementInput { job: Some("unit".into()), ..RequirementInput::default() };
    let rule =
        RuleInput { targets: vec!["main".into()], requirements: vec![requirement], ..RuleInput::default() };
    let mut input = RuleSetInput { rules: vec![rule], merge_queues: None };
    change(&mut input);
    input
}

fn check(input: RuleSetInput) -> Result<RuleSet, Invalid> {
    let (users, tokens) = ([("ci".to_owned(), user(7))].into(), [5].into());
    input.check(&KnownMentions { users, tokens, keys: ["AKCI".to_owned()].into() })
}

#[test]
fn rules_have_defaults() {
    let set = check(input(|_| {})).unwrap();
    let [rule] = &set.rules[..] else { panic!() };
    let [requirement] = &rule.requirements[..] else { panic!() };
    assert_eq!((requirement.name.as_str(), requirement.absent_after), ("unit", ABSENT_AFTER_DEFAULT));
    assert_eq!((requirement.absent, requirement.skipped), (Absent::Missing, SkippedAs::Failed));
    assert_eq!(rule.overriders, Overriders { role: Some(Role::Manage), users: Vec::new() });
    assert_eq!(set.target_of_queue("refs/heads/gh-readonly-queue/a/b/pr-1-0").as_deref(), Some("a/b"));
    assert_eq!(check(RuleSetInput::default()).unwrap().rules, [], "no rules are rules that apply to nothing");
}

#[test]
fn invalid_rules_name_their_field() {
    type Change = fn(&mut RuleSetInput);
    let first: [(&str, Problem, Change); 22] = [
        ("rules[0].targets", Problem::Missing, |set| set.rules[0].targets.clear()),
        ("rules[0].targets[0]", Problem::Blank, |set| set.rules[0].targets[0].clear()),
        ("rules[0].targets[0]", Problem::NotPattern, |set| set.rules[0].targets[0] = r"a\b".into()),
        ("rules[0].requirements", Problem::Missing, |set| set.rules[0].requirements.clear()),
        ("rules[0].requirements[0].job", Problem::Missing, |set| set.rules[0].requirements[0].job = None),
        ("rules[0].requirements[1].name", Problem::Twice, |set| {
            let again = set.rules[0].requirements[0].clone();
            set.rules[0].requirements.push(again);
        }),
        ("rules[1].requirements[0].name", Problem::Twice, |set| set.rules.push(set.rules[0].clone())),
        ("rules[0].requirements[0].stage", Problem::Blank, |set| {
            set.rules[0].requirements[0].stage = Some(" ".into());
        }),
        ("rules[0].requirements[0].skipped", Problem::NotOneOf { allowed: SkippedAs::NAMES }, |set| {
            set.rules[0].requirements[0].skipped = Some("success".into());
        }),
        ("rules[0].requirements[0].absent", Problem::NotOneOf { allowed: Absent::NAMES }, |set| {
            set.rules[0].requirements[0].absent = Some("failed".into());
        }),
        ("rules[0].requirements[0].absent_after", Problem::OutOfRange { min: 0, max: 315_360_000 }, |set| {
            set.rules[0].requirements[0].absent_after = Some(SignedDuration::from_secs(-1));
        }),
        ("rules[0].requirements[0].reporters", Problem::Missing, |set| {
            set.rules[0].requirements[0].reporters = Some(Vec::new());
        }),
        ("rules[0].requirements[0].reporters[0].user", Problem::NeitherOf { other: "token" }, |set| {
            set.rules[0].requirements[0].reporters = Some(vec![ReporterInput::default()]);
        }),
        ("rules[0].requirements[0].reporters[0].user", Problem::Unknown, |set| {
            set.rules[0].requirements[0].reporters = Some(vec![reporter("nobody")]);
        }),
        (
            "rules[0].requirements[0].reporters[1].token",
            Problem::OutOfRange { min: 1, max: i64::MAX },
            |set| {
                set.rules[0].requirements[0].reporters = Some(vec![reporter("ci"), reporter("#0")]);
            },
        ),
        ("rules[0].requirements[0].reporters[1].token", Problem::Unknown, |set| {
            set.rules[0].requirements[0].reporters = Some(vec![reporter("#5"), reporter("#6")]);
        }),
        ("rules[0].requirements[0].reporters[1].key", Problem::Unknown, |set| {
            set.rules[0].requirements[0].reporters = Some(vec![reporter("AKCI"), reporter("AKX")]);
        }),
        ("rules[0].override.role", Problem::NotOneOf { allowed: &["report", "manage", "none"] }, |set| {
            set.rules[0].overriders = Some(OverridersInput { role: Some("read".into()), users: Vec::new() });
        }),
        ("rules[0].override.users[0]", Problem::Unknown, |set| {
            set.rules[0].overriders = Some(OverridersInput { role: None, users: vec!["nobody".into()] });
        }),
        ("merge_queues[0].refs", Problem::Missing, |set| {
            set.merge_queues = Some(vec![MergeQueueInput::default()]);
        }),
        ("merge_queues[0].target", Problem::Missing, |set| {
            set.merge_queues = Some(vec![MergeQueueInput { refs: Some("staging".into()), target: None }]);
        }),
        ("merge_queues[0].target", Problem::Contradicts { other: "refs" }, |set| {
            let (refs, target) = (Some("queue/{target}/*".into()), Some("main".into()));
            set.merge_queues = Some(vec![MergeQueueInput { refs, target }]);
        }),
    ];
    for (field, problem, change) in first {
        assert_eq!(check(input(change)).unwrap_err(), Invalid::new(field, problem));
    }
}

#[test]
fn announcements_and_overrides_are_checked() {
    let announce = |jobs: Vec<(Option<&str>, Option<&str>)>, complete| {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let jobs = jobs.into_iter().map(|(stage, name)| (text(stage), text(name))).collect();
        ExpectInput { source: None, jobs, complete }.check(user(7), None, minute(0))
    };
    assert_eq!(announce(vec![], false).unwrap_err(), Invalid::new("jobs", Problem::Missing));
    assert_eq!(announce(vec![], true).unwrap().jobs, [], "a build system may have nothing to do");
    let no_name = announce(vec![(None, Some("a")), (None, None)], false);
    assert_eq!(no_name.unwrap_err(), Invalid::new("jobs[1].name", Problem::Missing));
    let blank = announce(vec![(Some(""), Some("a"))], false);
    assert_eq!(blank.unwrap_err(), Invalid::new("jobs[0].stage", Problem::Blank));
    let many = announce(vec![(None, Some("a")); 1_001], false);
    assert_eq!(many.unwrap_err(), Invalid::new("jobs", Problem::TooMany { max: 1_000 }));
    assert_eq!(announce(vec![(None, Some("a")); 2], false).unwrap().jobs.len(), 1);

    let decide = |requirement: Option<&str>, reason: Option<&str>| {
        let text = |text: Option<&str>| text.map(str::to_owned);
        OverrideInput { requirement: text(requirement), reason: text(reason) }.check()
    };
    assert_eq!(decide(None, None).unwrap_err(), Invalid::new("reason", Problem::Missing));
    assert_eq!(decide(None, Some(" ")).unwrap_err(), Invalid::new("reason", Problem::Blank));
    assert_eq!(decide(Some("unit"), Some("known")).unwrap(), (Some("unit".into()), "known".into()));
}

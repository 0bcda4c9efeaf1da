//! Rules of merge gates, announcements, overrides, and what a gate is evaluated from.

use super::{batch, repository, root, user};
use crate::open;
use domain::error::{Error, Invalid, Problem};
use domain::model::credentials::ReportCredential;
use domain::model::gates::{
    ANNOUNCED_JOBS_MAX, ANNOUNCEMENTS_MAX, ExpectInput, Expectation, KnownMentions, MergeQueueInput,
    OverridersInput, RecordedVerdict, ReporterInput, RequirementInput, RuleInput, RuleSet, RuleSetInput,
    Verdict, evaluate,
};
use domain::model::ids::{RepositoryId, UserId};
use domain::model::policies::Policies;
use domain::model::reports::Report;
use domain::model::trusted_time::TrustedTime;
use domain::model::users::User;
use domain::ports::{DueGate, EvaluatedGate, NewOverride, ReportBatch, Store};
use domain::{SignedDuration, Timestamp};
use testkit::{at, report};

/// A rule for `main` with a requirement for each name; the last one names the user as its reporter.
pub fn rules(names: &[&str], reporter: Option<&User>) -> RuleSet {
    let requirement = |name: &&str| RequirementInput {
        job: Some((*name).to_owned()),
        absent_after: Some(SignedDuration::from_mins(5)),
        ..RequirementInput::default()
    };
    let mut requirements: Vec<RequirementInput> = names.iter().map(requirement).collect();
    if let (Some(last), Some(user)) = (requirements.last_mut(), reporter) {
        last.stage = Some("test*".into());
        last.skipped = Some("passed".into());
        last.absent = Some("not_applicable".into());
        last.allow_failure = true;
        last.reporters = Some(vec![
            ReporterInput { user: Some(user.name.clone()), ..ReporterInput::default() },
            ReporterInput { token: Some(9), ..ReporterInput::default() },
            ReporterInput { key: Some("AKCI".into()), ..ReporterInput::default() },
        ]);
    }
    let overriders =
        reporter.map(|user| OverridersInput { role: Some("none".into()), users: vec![user.name.clone()] });
    let rule = RuleInput { targets: vec!["main".into(), "release/*".into()], requirements, overriders };
    let queues = vec![
        MergeQueueInput { refs: Some("queue/{target}/*".into()), target: None },
        MergeQueueInput { refs: Some("staging".into()), target: Some("main".into()) },
    ];
    let users = reporter.map(|user| (user.name.clone(), user.id)).into_iter().collect();
    let known = KnownMentions { users, tokens: [9].into(), keys: ["AKCI".to_owned()].into() };
    RuleSetInput { rules: vec![rule], merge_queues: Some(queues) }.check(&known).unwrap()
}

pub fn announcement(by: UserId, names: &[&str], at: Timestamp) -> Expectation {
    let jobs = names.iter().map(|name| (Some("test".into()), Some((*name).to_owned()))).collect();
    let input = ExpectInput { source: Some("jenkins".into()), jobs, complete: true };
    input.check(by, Some(ReportCredential::Key("AKCI".into())), at).unwrap()
}

/// Adds a version of the rules, an announcement, two overrides, of which one is withdrawn, and a recorded verdict.
pub async fn fill(store: &dyn Store, repository: RepositoryId, user: &User) {
    store
        .set_gate_rules(repository, rules(&["unit", "sign"], Some(user)), user.id, at(1), at(0))
        .await
        .unwrap();
    let sha = "a".repeat(40);
    store.expect_jobs(repository, &sha, announcement(user.id, &["单元测试"], at(10))).await.unwrap();
    for requirement in [None, Some("sign".to_owned())] {
        let (target, reason) = ("main".into(), "已知问题".into());
        let new = NewOverride { target, requirement, by: user.id, reason, at: at(20), rules_version: 1 };
        store.add_override(repository, &sha, new).await.unwrap();
    }
    store.withdraw_override(repository, &sha, 1, user.id, at(21)).await.unwrap();
    let record = store.gate_record(repository, &sha, Some("main")).await.unwrap();
    let time = TrustedTime::new(at(30));
    let evaluation = evaluate(record.rules.as_ref(), "main", &record.facts, &time);
    let evaluated = EvaluatedGate {
        gate: DueGate { repository, sha: sha.clone(), changes: 1 },
        verdicts: vec![RecordedVerdict::of(&evaluation, "main", 1, record.last_report, at(30))],
        first_at: record.facts.first_at,
        next_due: evaluation.next_due,
        time: at(30),
        now: at(30),
    };
    assert_eq!(store.record_verdicts(vec![evaluated]).await, Ok(1));
}

async fn verdict(store: &dyn Store, repository: RepositoryId, sha: &str, now: Timestamp) -> (Verdict, i64) {
    let record = store.gate_record(repository, sha, Some("main")).await.unwrap();
    let evaluation = evaluate(record.rules.as_ref(), "main", &record.facts, &TrustedTime::new(now));
    (evaluation.verdict, evaluation.version)
}

#[tokio::test]
async fn every_version_of_the_rules_is_kept_and_equal_rules_make_none() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let ci = user(store, "ci", false).await;
    assert_eq!(store.gate_rules(repo, None).await.unwrap(), None);
    let first =
        store.set_gate_rules(repo, rules(&["unit", "lint"], Some(&ci)), root.id, at(1), at(0)).await.unwrap();
    assert_eq!((first.rules.version, first.rules.changed_by), (1, Some(root.id)));
    assert_eq!(first.users, [(ci.id, "ci".to_owned()), (root.id, "root".to_owned())].into());
    let again =
        store.set_gate_rules(repo, rules(&["unit", "lint"], Some(&ci)), ci.id, at(2), at(0)).await.unwrap();
    assert_eq!(again, first);
    let second =
        store.set_gate_rules(repo, rules(&["unit", "sign"], None), ci.id, at(3), at(0)).await.unwrap();
    assert_eq!((second.rules.version, second.rules.changed_at), (2, at(3)));
    let since: Vec<i64> =
        second.rules.set.requirements("main").map(|requirement| requirement.since).collect();
    assert_eq!(since, [1, 2], "only one requirement is new");
    assert_eq!(store.gate_rules(repo, None).await.unwrap(), Some(second));
    assert_eq!(store.gate_rules(repo, Some(1)).await.unwrap(), Some(first));
    assert_eq!(store.gate_rules(repo, Some(3)).await.unwrap(), None);
    let other = repository(store, &root, "acme/other").await;
    assert_eq!(store.gate_rules(other, None).await.unwrap(), None);
    let nowhere = RepositoryId::new(77).unwrap();
    let refused = store.set_gate_rules(nowhere, RuleSet::default(), root.id, at(4), at(0)).await;
    assert_eq!(refused, Err(Error::RepositoryNotFound));
}

#[tokio::test]
async fn announcements_and_overrides_are_facts_of_their_commit() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let (sha, other) = ("a".repeat(40), "b".repeat(40));
    let first = announcement(root.id, &["lint", "unit"], at(10));
    assert!(store.expect_jobs(repo, &sha, first.clone()).await.unwrap());
    let repeated = Expectation { at: at(11), ..first.clone() };
    assert!(!store.expect_jobs(repo, &sha, repeated).await.unwrap(), "a repetition");
    let second = announcement(root.id, &["unit"], at(12));
    assert!(store.expect_jobs(repo, &sha, second.clone()).await.unwrap());

    let new = |requirement: Option<&str>| NewOverride {
        target: "main".into(),
        requirement: requirement.map(str::to_owned),
        by: root.id,
        reason: "已知问题".into(),
        at: at(20),
        rules_version: 3,
    };
    let all = store.add_override(repo, &sha, new(None)).await.unwrap();
    let one = store.add_override(repo, &sha, new(Some("unit"))).await.unwrap();
    assert_eq!((all.number, one.number, one.by_name.as_deref()), (1, 2, Some("root")));
    assert_eq!(store.add_override(repo, &other, new(None)).await.unwrap().number, 1);
    let withdrawn = store.withdraw_override(repo, &sha, 1, root.id, at(21)).await.unwrap().unwrap();
    assert_eq!(withdrawn.withdrawn_at, Some(at(21)));
    assert_eq!(withdrawn.withdrawn_by_name.as_deref(), Some("root"));
    let twice = store.withdraw_override(repo, &sha, 1, root.id, at(22)).await.unwrap();
    assert_eq!(twice.as_ref(), Some(&withdrawn), "the first withdrawal counts");
    assert_eq!(store.withdraw_override(repo, &sha, 9, root.id, at(22)).await.unwrap(), None);

    let record = store.gate_record(repo, &sha, Some("main")).await.unwrap();
    let second = Expectation { first_at: at(10), ..second };
    assert_eq!(record.facts.expectations, [second], "the first one was replaced");
    assert_eq!(record.facts.overrides, [withdrawn, one]);
    assert_eq!((record.facts.first_at, record.rules), (Some(at(10)), None));
    let record = store.gate_record(repo, &"c".repeat(40), None).await.unwrap();
    assert_eq!((record.facts.first_at, record.facts.changes), (None, 0));
}

#[tokio::test]
async fn a_commit_has_a_maximum_of_announcements() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let sha = "a".repeat(40);
    let list =
        |by: &User, names: &[&str], complete| Expectation { complete, ..announcement(by.id, names, at(1)) };
    for number in 0..ANNOUNCEMENTS_MAX {
        let next = list(&root, &[&format!("unit-{number}")], false);
        assert!(store.expect_jobs(repo, &sha, next).await.unwrap());
    }
    let refused = store.expect_jobs(repo, &sha, list(&root, &["more"], false)).await;
    let too_many = |max| Err(Error::Invalid(Invalid::new("jobs", Problem::TooMany { max })));
    assert_eq!(refused, too_many(ANNOUNCEMENTS_MAX));
    let ci = user(store, "ci", false).await;
    assert!(store.expect_jobs(repo, &sha, list(&ci, &["unit"], false)).await.unwrap(), "another user");
    assert!(store.expect_jobs(repo, &sha, list(&root, &["unit"], true)).await.unwrap());
    let left = store.gate_record(repo, &sha, Some("main")).await.unwrap().facts;
    assert_eq!((left.expectations.len(), left.changes), (2, 202), "replaced ones take no place");
    let many: Vec<String> = (0..1_000).map(|number| format!("unit-{number}")).collect();
    let mut many: Vec<&str> = many.iter().map(String::as_str).collect();
    for number in 0..ANNOUNCED_JOBS_MAX / many.len() - 1 {
        many[0] = ["a", "b", "c", "d", "e"][number % 5];
        assert!(store.expect_jobs(repo, &sha, list(&root, &many, false)).await.unwrap(), "{number}");
    }
    assert_eq!(store.expect_jobs(repo, &sha, list(&root, &many[1..], false)).await, Ok(true));
    assert_eq!(store.expect_jobs(repo, &sha, list(&root, &many, false)).await, too_many(ANNOUNCED_JOBS_MAX));
}

#[tokio::test]
async fn a_complete_list_replaces_those_of_its_credential_and_source_only() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let sha = "a".repeat(40);
    let list = announcement(root.id, &["unit"], at(10));
    let by_token = Expectation { credential: Some(ReportCredential::Token(8)), at: at(11), ..list.clone() };
    let of_source = Expectation { source: None, at: at(12), ..list.clone() };
    let replacing = Expectation { jobs: Vec::new(), at: at(13), ..list.clone() };
    for list in [&list, &by_token, &of_source, &replacing] {
        assert!(store.expect_jobs(repo, &sha, list.clone()).await.unwrap());
    }
    let facts = store.gate_record(repo, &sha, Some("main")).await.unwrap().facts;
    assert_eq!(facts.expectations, [by_token, of_source, replacing]);
    assert_eq!(
        (facts.first_at, facts.changes),
        (Some(at(10)), 4),
        "the commit is known since the replaced one"
    );
}

#[tokio::test]
async fn a_gate_is_evaluated_from_the_newest_attempts_and_their_reporters() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let ci = user(store, "ci", false).await;
    let repo = repository(store, &root, "acme/demo").await;
    let set = rules(&["build", "unit"], Some(&ci));
    store.set_gate_rules(repo, set, root.id, at(1), at(0)).await.unwrap();
    let sha = "a".repeat(40);
    let send = async |by: &User, credential, report: Report| {
        let batch = ReportBatch { credential, received_at: at(100), ..batch(repo, by, vec![report]) };
        store.record(batch).await.unwrap();
    };
    let mut versions = Vec::new();
    send(&root, None, report('a', "build/build:success")).await;
    versions.push(verdict(store, repo, &sha, at(100)).await);
    send(&root, Some(ReportCredential::Token(8)), report('a', "test/unit:success")).await;
    versions.push(verdict(store, repo, &sha, at(101)).await);
    send(&root, Some(ReportCredential::Token(9)), report('a', "test/unit:success")).await;
    versions.push(verdict(store, repo, &sha, at(102)).await);
    send(&ci, None, report('a', "test/unit:failed")).await;
    versions.push(verdict(store, repo, &sha, at(103)).await);
    let verdicts: Vec<Verdict> = versions.iter().map(|(verdict, _)| *verdict).collect();
    assert_eq!(verdicts, [Verdict::Pending, Verdict::Pending, Verdict::Passed, Verdict::Failed]);
    assert!(versions.is_sorted_by(|one, other| one.1 < other.1), "{versions:?}");

    let record = store.gate_record(repo, &sha, Some("main")).await.unwrap();
    assert_eq!((record.refs, record.facts.first_at), (vec!["main".to_owned()], Some(at(100))));
    let unit = record.facts.jobs.iter().find(|job| job.name == "unit").unwrap();
    assert_eq!((unit.attempts.len(), unit.attempts[0].id), (1, unit.id));
    let other = store.gate_record(repo, &sha, Some("other")).await.unwrap();
    assert!(other.facts.jobs.is_empty(), "no rule applies to this target");
    // A repeated status changes no pipeline, but counts for another reporter.
    let before = store.gate_record(repo, &sha, None).await.unwrap().facts.changes;
    send(&root, Some(ReportCredential::Token(9)), report('a', "test/unit:failed")).await;
    let after = store.gate_record(repo, &sha, None).await.unwrap().facts;
    assert!(after.changes > before && after.jobs.is_empty());
}

#[tokio::test]
async fn what_belongs_to_a_deleted_commit_is_deleted() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let shas = ["a", "b"].map(|digit| digit.repeat(40));
    for (digit, sha) in ['a', 'b'].into_iter().zip(&shas) {
        let report = report(digit, "test/unit:success");
        store.record(batch(repo, &root, vec![report])).await.unwrap();
        store.expect_jobs(repo, sha, announcement(root.id, &["unit"], at(10))).await.unwrap();
    }
    let policies = Policies { keep_per_ref: Some(1), ..Policies::default() };
    let expiry = policies.expiry(&TrustedTime::new(at(1_000))).unwrap();
    let expired = store.expired_pipelines(repo, expiry, None, 10).await.unwrap();
    assert_eq!(expired.len(), 1);
    assert!(store.delete_expired_pipeline(repo, expired[0].id, expiry, at(1_000)).await.unwrap());
    let left = [
        store.gate_record(repo, &shas[0], None).await.unwrap().facts.expectations.len(),
        store.gate_record(repo, &shas[1], None).await.unwrap().facts.expectations.len(),
    ];
    assert_eq!(left, [0, 1]);
}

#[tokio::test]
async fn what_belongs_to_a_commit_without_a_pipeline_is_deleted_by_age() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let [built, announced, overridden, later] = ["a", "b", "c", "d"].map(|digit| digit.repeat(40));
    store.record(batch(repo, &root, vec![report('a', "test/unit:success")])).await.unwrap();
    let new = |seconds| NewOverride {
        target: "main".into(),
        requirement: None,
        by: root.id,
        reason: "known".into(),
        at: at(seconds),
        rules_version: 1,
    };
    for sha in [&built, &announced, &later] {
        store.expect_jobs(repo, sha, announcement(root.id, &["unit"], at(10))).await.unwrap();
    }
    store.add_override(repo, &overridden, new(10)).await.unwrap();
    store.add_override(repo, &later, new(20)).await.unwrap();
    let other = repository(store, &root, "acme/other").await;
    fill(store, other, &root).await;

    assert_eq!(store.delete_expired_gate_facts(repo, at(10), at(500), 10).await.unwrap(), 0);
    assert_eq!(store.delete_expired_gate_facts(repo, at(20), at(500), 1).await.unwrap(), 1);
    assert_eq!(store.delete_expired_gate_facts(repo, at(20), at(500), 10).await.unwrap(), 1);
    assert_eq!(store.delete_expired_gate_facts(repo, at(20), at(500), 10).await.unwrap(), 0);
    let mut left = Vec::new();
    for (repository, sha) in
        [(repo, &built), (repo, &announced), (repo, &overridden), (repo, &later), (other, &built)]
    {
        let facts = store.gate_record(repository, sha, None).await.unwrap().facts;
        left.push((facts.expectations.len(), facts.overrides.len()));
    }
    assert_eq!(left, [(1, 0), (0, 0), (0, 0), (1, 1), (1, 2)]);
    assert_eq!(store.delete_expired_gate_facts(repo, at(21), at(500), 10).await.unwrap(), 1);
}

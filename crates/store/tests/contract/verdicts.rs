//! Recorded verdicts of gates.

use super::forwarded_states::{added as destination, list};
use super::gates::rules;
use super::webhooks::added;
use super::{batch, repository, root};
use crate::{Opened, open};
use domain::actions::verdicts;
use domain::model::deliveries::Payload;
use domain::model::deliveries::shares::ClaimLimits;
use domain::model::destinations::Choice;
use domain::model::events::{Change, VerdictSnapshot};
use domain::model::forwarded_states::{ForgeOutcome, ForgeResponse};
use domain::model::gates::{MARKED_AGE, RECORDS_MAX, RecordedVerdict, RequirementState, RuleSet, Verdict};
use domain::model::ids::RepositoryId;
use domain::model::merge_requests::HeadUpdate;
use domain::model::policies::Policies;
use domain::model::repositories::RepositoryChange;
use domain::model::status::Status;
use domain::model::trusted_time::TrustedTime;
use domain::model::users::User;
use domain::ports::{App, Clock as _, DueGate, EvaluatedGate, NewOverride, RecordRange, ReportBatch};
use domain::{SignedDuration, Timestamp};
use std::sync::Arc;
use testkit::{FixedClock, app, report};

/// A repository on a store, with a rule for `main` that requires the job `unit` within five minutes.
struct Gate {
    app: App,
    clock: Arc<FixedClock>,
    repo: RepositoryId,
    root: User,
    _opened: Opened,
}

impl Gate {
    async fn new(jobs: &[&str]) -> Self {
        let opened = open().await;
        let clock = FixedClock::new();
        let app = app(Arc::clone(&opened.store), Arc::clone(&clock));
        let root = root(&*app.store).await;
        let repo = repository(&*app.store, &root, "acme/demo").await;
        let gate = Self { app, clock, repo, root, _opened: opened };
        gate.set(rules(jobs, None)).await;
        gate
    }

    async fn set(&self, set: RuleSet) {
        let now = self.clock.now();
        self.app
            .store
            .set_gate_rules(self.repo, set, self.root.id, now, self.month_ago(), None)
            .await
            .unwrap();
    }

    fn month_ago(&self) -> Timestamp {
        self.clock.now() - MARKED_AGE
    }

    /// Reports to a repository. `lines`: as [`report`] takes them, about the commit of this digit.
    async fn report_to(&self, repo: RepositoryId, commit: char, lines: &[&str]) {
        let reports = lines.iter().map(|line| report(commit, line)).collect();
        let batch = ReportBatch { received_at: self.clock.now(), ..batch(repo, &self.root, reports) };
        self.app.store.record(batch).await.unwrap();
    }

    async fn report(&self, lines: &[&str]) {
        self.report_to(self.repo, 'a', lines).await;
    }

    /// Records everything that is due, and returns the commits, by their first digit, with the number of records.
    async fn record(&self) -> Vec<(char, usize)> {
        let mut recorded = Vec::new();
        for gate in verdicts::due(&self.app, 100).await.unwrap() {
            let commit = gate.sha.chars().next().unwrap();
            recorded.push((commit, verdicts::record(&self.app, gate).await.unwrap()));
        }
        recorded
    }

    fn pass(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    async fn records(&self, until: Option<Timestamp>) -> Vec<RecordedVerdict> {
        let store = &self.app.store;
        store
            .recorded_verdicts(
                self.repo,
                &"a".repeat(40),
                "main",
                RecordRange { until, ..RecordRange::default() },
                10,
            )
            .await
            .unwrap()
    }

    /// The events about verdicts.
    async fn events(&self) -> Vec<VerdictSnapshot> {
        let events = self.app.store.events(self.repo, 0, 1_000).await.unwrap().events;
        let verdict = |change| match change {
            Change::Verdict(verdict) => Some(verdict),
            Change::Pipeline(..) => None,
        };
        events.into_iter().filter_map(|event| verdict(event.change)).collect()
    }
}

#[tokio::test]
async fn a_change_of_a_verdict_is_recorded_once_with_an_event_and_a_delivery() {
    let gate = Gate::new(&["unit", "lint"]).await;
    let store = &*gate.app.store;
    let webhook = added(store, gate.repo, &["gate"]).await;
    assert_eq!(gate.record().await, [], "nothing is known");
    gate.report(&["s/unit:running#1"]).await;
    let due = verdicts::due(&gate.app, 100).await.unwrap();
    assert_eq!(gate.record().await, [('a', 1)]);
    assert_eq!(verdicts::record(&gate.app, due[0].clone()).await, Ok(0), "another server was faster");
    let first_at = gate.clock.now();

    gate.pass(1);
    gate.report(&["s/unit:success#1"]).await;
    gate.report(&["s/other:failed#1"]).await;
    assert_eq!(gate.record().await, [('a', 1)], "only the state of a requirement changed");
    gate.report(&["s/lint:success#1"]).await;
    assert_eq!(gate.record().await, [], "a commit is evaluated once a second");
    gate.pass(1);
    assert_eq!(gate.record().await, [('a', 1)]);
    gate.pass(1);
    gate.report(&["s/other:success#2"]).await;
    assert_eq!(gate.record().await, [('a', 0)], "no requirement is about it");
    assert_eq!(gate.record().await, []);

    let records = gate.records(None).await;
    let found: Vec<_> = records.iter().map(|record| (record.number, record.verdict)).collect();
    assert_eq!(found, [(3, Verdict::Passed), (2, Verdict::Pending), (1, Verdict::Pending)]);
    assert!(records.is_sorted_by(|later, earlier| later.version > earlier.version), "{records:?}");
    assert_eq!((records[2].last_report, records[1].last_report, records[2].rules_version), (1, 3, 1));
    let states: Vec<_> =
        records[1].results.iter().map(|result| (result.name.as_deref(), result.state())).collect();
    use RequirementState::{Passed, Running, Waiting};
    assert_eq!(states, [(Some("unit"), Passed), (Some("lint"), Waiting)]);
    assert_eq!(gate.records(Some(first_at)).await, records[2..]);

    let events = gate.events().await;
    let verdicts: Vec<_> = events.iter().map(|event| (event.previous_verdict, event.verdict)).collect();
    let pending = Some(Verdict::Pending);
    assert_eq!(verdicts, [(None, Verdict::Pending), (pending, Verdict::Pending), (pending, Verdict::Passed)]);
    let changed = &events[1].changed;
    assert_eq!((changed.len(), changed[0].name.as_deref(), events[1].changed_count), (1, Some("unit"), 1));
    assert_eq!((changed[0].previous_state, changed[0].state), (Some(Running), Some(Passed)));

    let (now, until) = (gate.clock.now(), gate.clock.now() + SignedDuration::from_secs(20));
    let claimed = store.claim_deliveries(now, until, ClaimLimits::of_server(0)).await.unwrap();
    let mut sent = Vec::new();
    for claimed in claimed {
        assert_eq!(claimed.webhook.id, webhook.id);
        let Payload::Event(event) = claimed.payload else { panic!("{claimed:?}") };
        let Change::Verdict(verdict) = event.change else { panic!("{event:?}") };
        sent.push((claimed.kind, verdict));
    }
    let [first, _, last] = &events[..] else { panic!("{events:?}") };
    assert_eq!(sent, [("gate.pending".to_owned(), first.clone()), ("gate.passed".to_owned(), last.clone())]);
}

#[tokio::test]
async fn the_end_of_a_wait_is_recorded() {
    let gate = Gate::new(&["unit"]).await;
    gate.report(&["s/other:success#1"]).await;
    assert_eq!(gate.record().await, [('a', 1)]);
    gate.pass(299);
    assert_eq!(gate.record().await, []);
    gate.pass(1);
    assert_eq!(gate.record().await, [('a', 1)]);
    let events = gate.events().await;
    assert_eq!((events[1].previous_verdict, events[1].verdict), (Some(Verdict::Pending), Verdict::Missing));
    gate.pass(1_000);
    assert_eq!(gate.record().await, [], "nothing else changes by time");

    // Another server, whose trusted time is behind, sees what was recorded.
    let record = gate.app.store.gate_record(gate.repo, &"a".repeat(40), Some("main")).await.unwrap();
    let behind = TrustedTime::new(gate.clock.now() - SignedDuration::from_secs(1_100));
    let evaluation = domain::model::gates::evaluate(record.rules.as_ref(), "main", &record.facts, &behind);
    assert_eq!((evaluation.verdict, evaluation.version), (Verdict::Missing, events[1].version));
}

#[tokio::test]
async fn records_are_in_order_of_their_numbers_also_after_a_jump_of_the_clock() {
    let gate = Gate::new(&["unit"]).await;
    gate.report(&["s/unit:running#1"]).await;
    gate.pass(10_000);
    assert_eq!(gate.record().await, [('a', 1)]);
    gate.pass(-9_990);
    gate.report(&["s/unit:success#1"]).await;
    assert_eq!(gate.record().await, [('a', 1)]);
    let numbers = async |until| {
        let records = gate.records(until).await;
        records.into_iter().map(|record| record.number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(None).await, [2, 1]);
    assert_eq!(numbers(Some(gate.clock.now())).await, [2], "the clock was right again");
    let sha = "a".repeat(40);
    let range = async |range| gate.app.store.recorded_verdicts(gate.repo, &sha, "main", range, 10).await;
    let of_report = RecordRange { until_report: Some(1), ..RecordRange::default() };
    assert_eq!(range(of_report).await.unwrap()[0].number, 1);
    let both = RecordRange { until: Some(gate.clock.now()), ..of_report };
    assert_eq!(range(both).await.unwrap().len(), 2);
    let before = RecordRange { before: Some(2), ..RecordRange::default() };
    assert_eq!(range(before).await.unwrap()[0].number, 1);
}

#[tokio::test]
async fn what_may_change_a_verdict_marks_its_commit() {
    let gate = Gate::new(&["unit"]).await;
    let store = &*gate.app.store;
    let other = repository(store, &gate.root, "acme/other").await;
    gate.report_to(other, 'f', &["s/unit:success#1"]).await;
    assert_eq!(gate.record().await, [], "a repository without rules");

    let sha = "b".repeat(40);
    let decision = NewOverride {
        target: "release/1".into(),
        requirement: None,
        by: gate.root.id,
        reason: "known".into(),
        at: gate.clock.now(),
        rules_version: 1,
    };
    store.add_override(gate.repo, &sha, decision).await.unwrap();
    assert_eq!(gate.record().await, [('b', 2)], "the default branch, and that of the override");
    gate.pass(1);
    store.withdraw_override(gate.repo, &sha, 1, gate.root.id, gate.clock.now()).await.unwrap();
    assert_eq!(gate.record().await, [('b', 1)]);
    gate.pass(1);
    store.withdraw_override(gate.repo, &sha, 1, gate.root.id, gate.clock.now()).await.unwrap();
    assert_eq!(gate.record().await, [], "it was withdrawn");

    // Another target branch of a merge request.
    let update = HeadUpdate {
        head_sha: "c".repeat(40),
        source_branch: "fix".into(),
        target_branch: "release/2".into(),
    };
    let iid = domain::model::ids::MergeRequestIid::new(3).unwrap();
    store.set_merge_request(gate.repo, iid, update, None, gate.clock.now()).await.unwrap();
    assert_eq!(gate.record().await, [('c', 1)]);
    let recorded = store
        .recorded_verdicts(gate.repo, &"c".repeat(40), "release/2", RecordRange::default(), 10)
        .await
        .unwrap();
    assert_eq!(recorded.len(), 1);

    // The rules.
    gate.report(&["s/lint:success#1"]).await;
    assert_eq!(gate.record().await, [('a', 1)]);
    gate.pass(1);
    gate.set(rules(&["lint"], None)).await;
    assert_eq!(gate.record().await, [('a', 1)], "commits with pipelines or announcements");
    gate.pass(1);
    gate.set(RuleSet::default()).await;
    assert_eq!(gate.record().await, [('a', 1)]);
    let verdicts: Vec<Verdict> = gate.records(None).await.iter().map(|record| record.verdict).collect();
    assert_eq!(verdicts, [Verdict::Unset, Verdict::Passed, Verdict::Pending]);
}

#[tokio::test]
async fn another_default_branch_marks_the_commits_that_changed_since() {
    let gate = Gate::new(&["unit"]).await;
    gate.report_to(gate.repo, 'b', &["s/unit:success#1"]).await;
    gate.record().await;
    gate.pass(60);
    gate.report(&["s/unit:success#2"]).await;
    gate.record().await;
    gate.pass(1);
    let change = |default_branch: Option<&str>| RepositoryChange {
        default_branch: default_branch.map(str::to_owned),
        description: Some("it builds".into()),
        ..RepositoryChange::default()
    };
    let (store, now) = (&gate.app.store, gate.clock.now());
    let since = now - SignedDuration::from_secs(30);
    store.change_repository(gate.repo, change(None), now, since).await.unwrap();
    assert_eq!(gate.record().await, [], "the default branch stays");
    store.change_repository(gate.repo, change(Some("release/1")), now, since).await.unwrap();
    assert_eq!(gate.record().await, [('a', 1)]);
    for target in ["release/1", "main"] {
        let sha = "a".repeat(40);
        let recorded =
            store.recorded_verdicts(gate.repo, &sha, target, RecordRange::default(), 9).await.unwrap();
        assert_eq!(recorded.len(), 1, "{target}");
    }
}

#[tokio::test]
async fn the_newest_records_of_a_target_are_kept() {
    let gate = Gate::new(&["unit"]).await;
    gate.report(&["s/unit:running#1"]).await;
    gate.record().await;
    let last = gate.records(None).await.remove(0);
    let commit = DueGate { repository: gate.repo, sha: "a".repeat(40), changes: i64::MAX };
    let record = |n: i64| {
        let verdict = if n % 2 == 0 { Verdict::Failed } else { Verdict::Pending };
        let record = RecordedVerdict { verdict, version: last.version + n, ..last.clone() };
        EvaluatedGate {
            gate: commit.clone(),
            verdicts: vec![record],
            first_at: None,
            next_due: None,
            time: gate.clock.now(),
            now: gate.clock.now(),
        }
    };
    let records = (2..=RECORDS_MAX + 2).map(record).collect();
    let count = usize::try_from(RECORDS_MAX + 1).unwrap();
    assert_eq!(gate.app.store.record_verdicts(records).await, Ok(count), "in one write");
    let sha = "a".repeat(40);
    let all = RecordRange::default();
    let kept = gate.app.store.recorded_verdicts(gate.repo, &sha, "main", all, 5_000).await.unwrap();
    let numbers: Vec<i64> = kept.iter().map(|record| record.number).collect();
    assert_eq!(numbers, (3..=RECORDS_MAX + 2).rev().collect::<Vec<_>>());
    let hints = gate.app.store.gate_hints(gate.repo, &sha).await.unwrap();
    assert_eq!(hints.known, ["main"], "also without the first record");
    assert_eq!(hints.first_at, Some(gate.clock.now()));
}

#[tokio::test]
async fn a_forge_does_not_keep_a_success_without_a_rule() {
    let gate = Gate::new(&["unit"]).await;
    let store = &*gate.app.store;
    destination(store, gate.repo, Choice::Gate).await;
    gate.report(&["s/unit:success#1"]).await;
    gate.report_to(gate.repo, 'b', &["s/unit:success#1"]).await;
    gate.record().await;
    let claim = async || {
        let (now, until) = (gate.clock.now(), gate.clock.now() + SignedDuration::from_secs(45));
        store.claim_forwarded_states(now, until, ClaimLimits::of_server(0)).await.unwrap()
    };
    let claimed = claim().await;
    assert_eq!(claimed.len(), 2);
    for of in claimed {
        assert_eq!(of.wanted.as_ref().map(|wanted| wanted.status), Some(Status::Success));
        // The forge refuses the one of the other commit.
        let code = if of.state.key.sha.starts_with('a') { 201 } else { 422 };
        let response = ForgeResponse { status: code, ..ForgeResponse::default() };
        let (status, now) = (of.forge_status(false, None), gate.clock.now());
        let result = of.result(status, ForgeOutcome::Responded(response), now, &TrustedTime::new(now), 0);
        assert!(store.record_forwarded_state(result).await.unwrap());
    }
    gate.pass(2);
    gate.set(RuleSet::default()).await;
    gate.record().await;
    let claimed = claim().await;
    let wanted: Vec<_> = claimed
        .iter()
        .map(|of| (&of.state.key.sha[..1], of.wanted.as_ref().map(|wanted| wanted.status)))
        .collect();
    assert_eq!(wanted, [("a", Some(Status::Pending))], "a status that the forge has");
}

#[tokio::test]
async fn a_later_evaluation_is_not_replaced_by_an_earlier_one() {
    let gate = Gate::new(&["unit"]).await;
    gate.report(&["s/unit:running#1"]).await;
    let earlier = verdicts::due(&gate.app, 100).await.unwrap().remove(0);
    gate.report(&["s/unit:success#1"]).await;
    assert_eq!(gate.record().await, [('a', 1)]);
    gate.pass(1);
    gate.report(&["s/unit:failed#2"]).await;
    assert_eq!(verdicts::record(&gate.app, earlier.clone()).await, Ok(0));
    assert_eq!(gate.record().await, [('a', 1)], "the mark is still there");
    assert_eq!(gate.records(None).await[0].verdict, Verdict::Failed);
    let deleted = DueGate { sha: "e".repeat(40), ..earlier };
    assert_eq!(verdicts::record(&gate.app, deleted).await, Ok(0), "a commit without a row");
}

#[tokio::test]
async fn the_deletion_of_a_pipeline_lowers_no_version_and_starts_no_wait_again() {
    let gate = Gate::new(&["unit", "lint"]).await;
    let store = &*gate.app.store;
    let forge = destination(store, gate.repo, Choice::Gate).await.id;
    gate.report(&["s/unit:failed#1", "s/x:success#1"]).await;
    gate.pass(200);
    let mut second = report('a', "s/x:success#2");
    second.git_ref = "other".into();
    let later = ReportBatch { received_at: gate.clock.now(), ..batch(gate.repo, &gate.root, vec![second]) };
    store.record(later).await.unwrap();
    gate.report_to(gate.repo, 'd', &["s/unit:success#3"]).await;
    gate.record().await;
    let before = gate.records(None).await.remove(0);
    assert_eq!(before.verdict, Verdict::Failed);
    let forwarded = async |commit: &str| {
        let found = list(store, gate.repo, forge).await;
        let of_commit = found.into_iter().find(|listed| listed.state.key.sha.starts_with(commit))?;
        Some((of_commit.context, of_commit.wanted.map(|wanted| wanted.status)))
    };
    let context = || "stagepost/gate/main".to_owned();
    assert_eq!(forwarded("a").await, Some((context(), Some(Status::Failed))));
    assert_eq!(forwarded("d").await, Some((context(), Some(Status::Pending))));

    let policies = Policies { keep_per_ref: Some(1), ..Policies::default() };
    let delete = async || {
        let expiry = policies.expiry(&TrustedTime::new(gate.clock.now())).unwrap();
        let expired = store.expired_pipelines(gate.repo, expiry, None, 10).await.unwrap();
        assert_eq!(expired.len(), 1);
        assert!(
            store.delete_expired_pipeline(gate.repo, expired[0].id, expiry, gate.clock.now()).await.unwrap()
        );
    };
    delete().await;
    gate.pass(1);
    assert_eq!(gate.record().await, [('a', 1)]);
    let after = gate.records(None).await.remove(0);
    assert_eq!((after.verdict, after.number), (Verdict::Pending, 2), "the failure counts no more");
    assert_eq!(forwarded("a").await, Some((context(), Some(Status::Pending))));
    assert!(after.version > before.version);
    gate.pass(99);
    assert_eq!(gate.record().await, [('a', 1)], "five minutes after the first report");
    assert_eq!(gate.records(None).await[0].verdict, Verdict::Missing);

    // The last pipeline of the commit.
    let mut newest = report('e', "s/x:success#4");
    newest.git_ref = "other".into();
    store.record(batch(gate.repo, &gate.root, vec![newest])).await.unwrap();
    delete().await;
    assert_eq!(gate.records(None).await, []);
    assert_eq!(forwarded("a").await, None);
    assert!(forwarded("d").await.is_some());
    let left = gate.record().await;
    assert!(left.iter().all(|(commit, _)| *commit != 'a'), "{left:?}");
}

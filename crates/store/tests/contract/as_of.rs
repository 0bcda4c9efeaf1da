//! The past: what a pipeline, a commit and a gate were after each report, and at each time.

use super::{batch, gates, reports, repository, root, user};
use crate::open;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::as_of::AsOf;
use domain::model::gates::{Evaluation, RequirementState, Verdict, evaluate};
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::job_closings::JobClosing;
use domain::model::pipelines::PipelineState;
use domain::model::policies::Policies;
use domain::model::reports::{Authority, PipelineChoice};
use domain::model::status::Status;
use domain::model::trusted_time::TrustedTime;
use domain::model::users::User;
use domain::ports::{GateRecord, NewOverride, ReportBatch, Store};
use testkit::{at, report};

fn pipeline_id(id: i64) -> PipelineId {
    PipelineId::new(id).unwrap()
}

async fn record(store: &dyn Store, repo: RepositoryId, by: &User, line: &str, second: i64) {
    let batch = ReportBatch { received_at: at(second), ..batch(repo, by, vec![report('a', line)]) };
    store.record(batch).await.unwrap().remove(0).unwrap();
}

async fn close(store: &dyn Store, repository_id: RepositoryId, job: i64, second: i64) {
    let closing = JobClosing {
        repository_id,
        job_id: JobId::new(job).unwrap(),
        status: Status::TimedOut,
        authority: Authority::Watchdog,
        closed_by: None,
        credential: None,
        dialect: "watchdog",
        reason: Some("2h".into()),
        closed_at: at(second),
        inactive_since: None,
    };
    store.close_jobs(vec![closing]).await.unwrap().remove(0).unwrap();
}

/// What a test compares of a pipeline: everything that is stored.
fn parts(state: &PipelineState) -> String {
    format!("{:?}\n{:?}\n{:?}", state.pipeline, state.stages, state.jobs)
}

async fn past(store: &dyn Store, repo: RepositoryId, as_of: AsOf) -> Result<Option<String>> {
    let past = store.pipeline_as_of(repo, pipeline_id(1), as_of).await?.expect("it exists");
    Ok(past.state.map(|state| parts(&state)))
}

#[tokio::test]
async fn a_pipeline_is_read_as_it_was_after_each_report_and_at_each_time() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let lines = [
        "build/compile:pending#1",
        "build/compile:running#1",
        "test/unit:running#7",
        "build/compile:running#1",
        "build/compile:success#1",
        "closed",
        "build/compile:running#1",
        "test/unit:failed#7",
        "test/unit:running#8",
        "test/unit:success#8",
        "test/unit:failed#8",
    ];
    let mut states = Vec::new();
    for (second, line) in (1..).zip(lines) {
        match line {
            // The watchdog ends the attempt of `unit`.
            "closed" => close(store, repo, 2, second * 10).await,
            line => record(store, repo, &root, line, second * 10).await,
        }
        let state = store.pipeline_state(repo, pipeline_id(1)).await.unwrap().unwrap();
        states.push(parts(&state));
    }
    for (number, state) in (1..).zip(&states) {
        let found = past(store, repo, AsOf::Report(number)).await.unwrap();
        assert_eq!(found.as_ref(), Some(state), "after report {number}");
        for second in [number * 10, number * 10 + 9] {
            let found = past(store, repo, AsOf::Time(at(second))).await.unwrap();
            assert_eq!(found.as_ref(), Some(state), "at second {second}");
        }
    }
    let before = store.pipeline_as_of(repo, pipeline_id(1), AsOf::Time(at(9))).await.unwrap().unwrap();
    assert!(before.state.is_none());
    assert_eq!(before.moment.kept_since, Some(at(10)), "the first report");
    let unknown = Err(Error::Invalid(Invalid::new("as_of", Problem::Unknown)));
    assert_eq!(past(store, repo, AsOf::Report(12)).await, unknown);
    assert!(store.pipeline_as_of(repo, pipeline_id(9), AsOf::Report(1)).await.unwrap().is_none());

    let found = store.pipeline_as_of(repo, pipeline_id(1), AsOf::Time(at(55))).await.unwrap().unwrap();
    let last = found.moment.last_report.clone().unwrap();
    assert_eq!((last.entry.report_id, last.job_id.get(), last.pipeline_id.get()), (5, 1, 1));
    assert_eq!((last.entry.reporter.as_deref(), last.entry.received_at), (Some("root"), at(50)));
    assert!(found.moment.is_complete());
    let found = store.pipeline_as_of(repo, pipeline_id(1), AsOf::Report(6)).await.unwrap().unwrap();
    let last = found.moment.last_report.unwrap();
    assert_eq!((last.entry.dialect.as_str(), last.entry.reporter), ("watchdog", None));
}

/// A clock that was set back: the past is a state that the store had.
#[tokio::test]
async fn reports_that_arrived_before_the_last_one_are_included() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    record(store, repo, &root, "s/a:running#1", 100).await;
    record(store, repo, &root, "s/b:running#1", 900).await;
    record(store, repo, &root, "s/a:success#1", 200).await;
    let expected = parts(&store.pipeline_state(repo, pipeline_id(1)).await.unwrap().unwrap());
    record(store, repo, &root, "s/b:success#1", 300).await;
    assert_eq!(past(store, repo, AsOf::Time(at(250))).await.unwrap(), Some(expected));
}

#[tokio::test]
async fn an_imported_pipeline_has_no_past_before_its_import() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let imported = reports::imported(repo, 1, 'a', 30);
    assert!(store.import_pipeline(imported, root.id, None, at(600)).await.unwrap());
    let whole = store.pipeline_state(repo, pipeline_id(1)).await.unwrap().unwrap();
    let statuses = |state: &PipelineState| {
        state.jobs.iter().map(|job| (job.id, job.attempt.clone())).collect::<Vec<_>>()
    };
    let found = store.pipeline_as_of(repo, pipeline_id(1), AsOf::Time(at(600))).await.unwrap().unwrap();
    let since = found.moment.kept_since.unwrap();
    assert_eq!(found.state.as_ref().map(statuses), Some(statuses(&whole)));
    assert!(found.moment.is_complete());
    let name = whole.jobs[0].name.clone();
    record(store, repo, &root, &format!("later/{name}:failed#9"), 700).await;
    let found = store.pipeline_as_of(repo, pipeline_id(1), AsOf::Time(at(650))).await.unwrap().unwrap();
    let state = found.state.unwrap();
    assert_eq!((statuses(&state), state.pipeline.status), (statuses(&whole), whole.pipeline.status));
    assert_eq!(state.stages.len(), whole.stages.len(), "the later stage is not there");
    let before = since.checked_sub(domain::SignedDuration::from_secs(1)).unwrap();
    let found = store.pipeline_as_of(repo, pipeline_id(1), AsOf::Time(before)).await.unwrap().unwrap();
    assert!(found.state.is_none() && !found.moment.is_complete());
    let sha = "a".repeat(40);
    let found = store.commit_as_of(repo, &sha, AsOf::Time(before), None, 20, 50).await.unwrap();
    assert!(found.page.items.is_empty() && !found.moment.is_complete());
}

fn evaluation(record: &GateRecord, second: i64) -> Evaluation<'_> {
    evaluate(record.rules.as_ref(), "main", &record.facts, &TrustedTime::new(at(second)))
}

/// The verdict, and the states of its requirements and of what was announced.
fn summary(record: &GateRecord, second: i64) -> (Verdict, Vec<RequirementState>) {
    let evaluation = evaluation(record, second);
    (evaluation.verdict, evaluation.requirements.iter().map(|result| result.state()).collect())
}

#[tokio::test]
async fn a_gate_is_read_as_it_was_at_each_step() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let ci = user(store, "ci", false).await;
    let repo = repository(store, &root, "acme/demo").await;
    let sha = "a".repeat(40);
    let decision = |second| NewOverride {
        target: "main".into(),
        requirement: None,
        by: root.id,
        reason: "known".into(),
        at: at(second),
        rules_version: 2,
    };
    let mut seen = Vec::new();
    for second in 1..=14 {
        match second {
            1 => record(store, repo, &root, "build/unit:success", 1).await,
            2 => drop(
                store
                    .set_gate_rules(repo, gates::rules(&["unit"], None), root.id, at(2), at(0), None)
                    .await
                    .unwrap(),
            ),
            3 => assert!(
                store.expect_jobs(repo, &sha, gates::announcement(root.id, &["sign"], at(3))).await.unwrap()
            ),
            4 => record(store, repo, &root, "test/sign:running", 4).await,
            5 => record(store, repo, &root, "test/sign:failed", 5).await,
            6 => record(store, repo, &root, "test/style:running", 6).await,
            7 => {
                // It replaces the first one.
                let next = gates::announcement(root.id, &["style"], at(7));
                assert!(store.expect_jobs(repo, &sha, next).await.unwrap());
            }
            8 => drop(
                store
                    .set_gate_rules(
                        repo,
                        gates::rules(&["unit", "sign"], Some(&ci)),
                        root.id,
                        at(8),
                        at(0),
                        None,
                    )
                    .await
                    .unwrap(),
            ),
            9 => record(store, repo, &ci, "test/sign:success", 9).await,
            10 => record(store, repo, &root, "test/sign:failed#2", 10).await,
            11 => record(store, repo, &root, "test/style:success", 11).await,
            12 => record(store, repo, &root, "build/unit:failed", 12).await,
            13 => drop(store.add_override(repo, &sha, decision(13)).await.unwrap()),
            _ => drop(store.withdraw_override(repo, &sha, 1, root.id, at(14)).await.unwrap()),
        }
        let known = store.gate_record(repo, &sha, Some("main")).await.unwrap();
        seen.push((second, summary(&known, second), known));
    }
    let verdicts: Vec<Verdict> = seen.iter().map(|(_, (verdict, _), _)| *verdict).collect();
    assert!(verdicts.contains(&Verdict::Unset) && verdicts.contains(&Verdict::Passed), "{verdicts:?}");
    assert!(verdicts.contains(&Verdict::Failed) && verdicts.contains(&Verdict::Pending), "{verdicts:?}");
    for (second, expected, known) in &seen {
        let past = store.gate_record_as_of(repo, &sha, Some("main"), AsOf::Time(at(*second))).await.unwrap();
        assert_eq!(summary(&past.record, *second), *expected, "at second {second}");
        assert_eq!(past.record.rules, known.rules, "{second}");
        assert_eq!(past.record.refs, known.refs, "{second}");
        assert_eq!(past.record.facts.first_at, known.facts.first_at, "{second}");
        assert_eq!(past.record.facts.expectations, known.facts.expectations, "{second}");
        assert!(past.moment.is_complete(), "{second}");
        if known.rules.is_some() {
            let versions = [&past.record, known].map(|record| evaluation(record, *second).version);
            assert_eq!(versions[0], versions[1], "{second}: records are compared by it");
        }
        let without = store.gate_record_as_of(repo, &sha, None, AsOf::Time(at(*second))).await.unwrap();
        assert_eq!((without.record.rules, without.record.refs), (past.record.rules, past.record.refs));
    }
    // Report 4 is the one of second 6.
    let past = store.gate_record_as_of(repo, &sha, Some("main"), AsOf::Report(4)).await.unwrap();
    assert_eq!(past.next_report, Some(5));
    assert_eq!((past.moment.at, summary(&past.record, 6)), (at(6), seen[5].1.clone()));
    let nothing = store.gate_record_as_of(repo, &sha, Some("main"), AsOf::Time(at(0))).await.unwrap();
    assert_eq!((nothing.record.rules, nothing.record.facts.first_at), (None, None));
    assert!(nothing.moment.last_report.is_none());
}

#[tokio::test]
async fn a_commit_is_read_with_the_pipelines_that_it_had() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let sha = "a".repeat(40);
    for number in 1..=3_i64 {
        let reports = ["s/a:failed", "s/b:success"].map(|line| {
            let mut report = report('a', line);
            report.pipeline = PipelineChoice::Key(number.to_string());
            report
        });
        let batch = ReportBatch { received_at: at(number * 10), ..batch(repo, &root, reports.to_vec()) };
        store.record(batch).await.unwrap();
    }
    let present = store.commit_pipelines(repo, &sha, None, 20, 1).await.unwrap();
    let past = store.commit_as_of(repo, &sha, AsOf::Time(at(30)), None, 20, 1).await.unwrap();
    assert_eq!((past.page.items, past.page.next), (present.items.clone(), present.next));
    let past = store.commit_as_of(repo, &sha, AsOf::Time(at(29)), None, 1, 1).await.unwrap();
    assert_eq!((&past.page.items[..], past.page.next), (&present.items[1..2], Some(2)));
    let before = past.page.next.map(i64::from).map(pipeline_id);
    let past = store.commit_as_of(repo, &sha, AsOf::Time(at(29)), before, 1, 1).await.unwrap();
    assert_eq!((&past.page.items[..], past.page.next), (&present.items[2..], None));
    let past = store.commit_as_of(repo, &sha, AsOf::Report(1), None, 20, 50).await.unwrap();
    assert_eq!((past.page.items.len(), past.page.items[0].jobs.len()), (1, 1), "half of a batch");
    let unknown = store.commit_as_of(repo, &"b".repeat(40), AsOf::Report(1), None, 20, 50).await;
    assert!(matches!(unknown, Err(Error::Invalid(Invalid { problem: Problem::Unknown, .. }))));
    let never = store.commit_as_of(repo, &"b".repeat(40), AsOf::Time(at(30)), None, 20, 50).await.unwrap();
    assert!(never.page.items.is_empty() && never.moment.is_complete());
}

#[tokio::test]
async fn the_past_says_what_retention_has_deleted() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    for (commit, second) in [('a', 10), ('b', 20), ('c', 30)] {
        let reports = vec![report(commit, "s/a:success")];
        store.record(ReportBatch { received_at: at(second), ..batch(repo, &root, reports) }).await.unwrap();
    }
    let policies = Policies { keep_per_ref: Some(1), ..Policies::default() };
    let expiry = policies.expiry(&TrustedTime::new(at(1_000))).unwrap();
    assert!(store.delete_expired_pipeline(repo, pipeline_id(2), expiry, at(500)).await.unwrap());
    assert!(store.delete_expired_pipeline(repo, pipeline_id(1), expiry, at(510)).await.unwrap());
    let moment = async |digit: &str, second| {
        store
            .commit_as_of(repo, &digit.repeat(40), AsOf::Time(at(second)), None, 20, 50)
            .await
            .unwrap()
            .moment
    };
    for commit in ["a", "c"] {
        let found = moment(commit, 999).await;
        assert_eq!((found.kept_since, found.is_complete()), (Some(at(1_000)), false), "it may have had more");
        assert!(moment(commit, 1_000).await.is_complete());
    }
    let pipeline = store.pipeline_as_of(repo, pipeline_id(3), AsOf::Time(at(30))).await.unwrap().unwrap();
    assert_eq!(pipeline.moment.kept_since, None, "a pipeline is kept as a whole");
}

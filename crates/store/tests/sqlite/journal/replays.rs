//! Reports of every form are the same after a kill, and verify.

use super::{create, id, journaled, killed, open, state};
use crate::contract::batch;
use crate::contract::credentials::credentials;
use domain::model::conclusions::Conclusion;
use domain::model::credentials::ReportCredential;
use domain::model::ids::JobId;
use domain::model::reports::Report;
use domain::ports::{Health as _, Jobs as _, Pipelines as _, ReportBatch, Reports as _};
use testkit::report;

#[tokio::test]
async fn names_without_case_and_conclusions_are_the_same_after_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let (store, root, repo) = create(dir.path()).await;
    let ignoring = |line: &str| Report { name_ignores_case: true, ref_is_default: true, ..report('a', line) };
    let mut error = ignoring("s/BUILD:success");
    error.state.conclusion = Some(Conclusion::Neutral);
    let other = Report { git_ref: "topic".into(), ..report('a', "s/other:running") };
    for (report, pipeline) in [(ignoring("s/Build:running"), 1), (other, 2), (error, 1)] {
        let receipt = store.record(batch(repo, &root, vec![report])).await.unwrap().remove(0).unwrap();
        assert_eq!(receipt.pipeline_id, id(pipeline));
    }
    let copy = killed(dir.path());
    let restarted = open(copy.path());
    for pipeline in 1..3 {
        assert_eq!(state(&store, repo, pipeline).await, state(&restarted, repo, pipeline).await);
    }
    let jobs = restarted.pipeline_state(repo, id(1)).await.unwrap().unwrap().jobs;
    assert_eq!(
        (jobs.len(), jobs[0].name.as_str(), jobs[0].attempt.conclusion()),
        (1, "Build", Some(Conclusion::Neutral))
    );
    let history = restarted.history(repo, jobs[0].id, 0, 100).await.unwrap();
    assert_eq!(
        history.iter().map(|entry| entry.state.conclusion).collect::<Vec<_>>(),
        [None, Some(Conclusion::Neutral)]
    );
    restarted.close().await.unwrap();
    // Of a store that has nothing in memory.
    let reopened = open(copy.path());
    let again = reopened.record(batch(repo, &root, vec![ignoring("s/bUILD:success")])).await.unwrap();
    assert_eq!(again[0].as_ref().unwrap().job_id, jobs[0].id);
    reopened.close().await.unwrap();
    let stored = store::read_only::ReadOnlyStore::sqlite(copy.path()).unwrap();
    let verified = domain::actions::verification::verify_all(&stored, &mut |_| {}).await.unwrap();
    assert_eq!((verified.reports, verified.differences), (4, 0));
}

#[tokio::test]
async fn an_attempt_that_a_report_names_is_the_same_after_a_kill_and_verifies() {
    let dir = tempfile::tempdir().unwrap();
    let (store, root, repo) = create(dir.path()).await;
    // Both attempts have no id of the build system, so only the id of the attempt identifies the first one.
    let first = Some(JobId::new(1).unwrap());
    let late = Report { job_id: first, ..report('a', "s/build:success") };
    // It keeps the status of the attempt.
    let mut described = Report { job_id: first, ..report('a', "s/build:pending") };
    (described.state.keeps_status, described.state.description) = (true, Some("text".into()));
    for (report, job) in
        [(report('a', "s/build:failed"), 1), (described, 1), (report('a', "s/build:running"), 2), (late, 1)]
    {
        let receipt = store.record(batch(repo, &root, vec![report])).await.unwrap().remove(0).unwrap();
        assert_eq!(receipt.job_id.get(), job);
    }
    let copy = killed(dir.path());
    let restarted = open(copy.path());
    assert_eq!(state(&store, repo, 1).await, state(&restarted, repo, 1).await);
    let jobs = restarted.pipeline_state(repo, id(1)).await.unwrap().unwrap().jobs;
    assert_eq!(
        jobs.iter().map(|job| job.attempt.status.as_str()).collect::<Vec<_>>(),
        ["success", "running"]
    );
    restarted.close().await.unwrap();
    let stored = store::read_only::ReadOnlyStore::sqlite(copy.path()).unwrap();
    let verified = domain::actions::verification::verify_all(&stored, &mut |_| {}).await.unwrap();
    assert_eq!((verified.reports, verified.differences), (4, 0));
}

#[tokio::test]
async fn a_replay_keeps_the_credentials() {
    let dir = tempfile::tempdir().unwrap();
    let (store, root, repo) = create(dir.path()).await;
    let sent = [
        None,
        Some(ReportCredential::Token(17)),
        Some(ReportCredential::Key("AKOFCI000001".into())),
        Some(ReportCredential::Session),
    ];
    for credential in sent.clone() {
        let reports = vec![report('a', "s/x:running#1"), report('a', "s/y:running#1")];
        store.record(ReportBatch { credential, ..batch(repo, &root, reports) }).await.unwrap();
    }
    assert_eq!(journaled(dir.path()), 4);
    let copy = killed(dir.path());
    let restarted = open(copy.path());
    assert_eq!(journaled(copy.path()), 0);
    for job in [1, 2] {
        let found = credentials(&restarted, repo, job).await.into_iter();
        assert_eq!(found.map(|(credential, _)| credential).collect::<Vec<_>>(), sent);
    }
}

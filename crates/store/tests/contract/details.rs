//! Details of jobs: what reports say beside the status is stored once, read reduced, and deleted with the pipeline.

use super::{batch, repository, root};
use crate::open;
use domain::model::details::{
    ATTEMPT_DETAILS_MAX, AnnotationInput, Details, DetailsInput, NeededDetails, TestCountsInput,
    TitleAndTests,
};
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::reports::{AdjustmentKind, Effect, FieldSet, Receipt, Report};
use domain::model::retention::Expiry;
use domain::ports::{Idempotency, ReportBatch, Store};
use std::collections::{BTreeMap, HashMap};
use testkit::{at, report, with_details};

/// Details with a title and annotations of these lines.
pub fn input(title: &str, lines: &[i64]) -> DetailsInput {
    let annotation = |line: &i64| AnnotationInput {
        path: Some("src/main.rs".into()),
        start_line: Some(*line),
        level: Some("warning".into()),
        message: Some("没有使用".into()),
        ..AnnotationInput::default()
    };
    DetailsInput {
        title: Some(title.into()),
        annotations: lines.iter().map(annotation).collect(),
        ..DetailsInput::default()
    }
}

/// The details of an attempt.
pub async fn of(store: &dyn Store, repo: RepositoryId, job: JobId) -> Details {
    let pipeline = store.job(repo, job).await.unwrap().unwrap().pipeline.id;
    store.details(repo, pipeline, &[job]).await.unwrap().remove(&job).unwrap_or_default()
}

fn lines(details: &Details) -> Vec<i32> {
    details.annotations.iter().map(|annotation| annotation.start_line).collect()
}

async fn record(store: &dyn Store, batch: ReportBatch) -> Vec<Receipt> {
    store.record(batch).await.unwrap().into_iter().map(Result::unwrap).collect()
}

fn detailed(line: &str, title: &str, annotated: &[i64]) -> Report {
    with_details(report('a', line), input(title, annotated))
}

#[tokio::test]
async fn texts_are_the_latest_and_annotations_add_up() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let reports = vec![
        report('a', "s/x:running#1"),
        detailed("s/x:running#1", "one", &[7]),
        detailed("s/x:running#1", "one", &[7]),
        detailed("s/x:success#1", "two", &[3, 7]),
        detailed("s/x:running#1", "late", &[9]),
        report('a', "s/y:success#1"),
    ];
    let receipts = record(store, batch(repo, &root, reports)).await;
    let changes = |receipt: &Receipt| (receipt.effect, receipt.changed.contains(FieldSet::DETAILS));
    assert_eq!(
        receipts.iter().map(changes).collect::<Vec<_>>(),
        [
            (Effect::Created, false),
            (Effect::Changed, true),
            (Effect::Repeated, false),
            (Effect::Changed, true),
            (Effect::Late, true),
            (Effect::Created, false),
        ]
    );
    let (x, y) = (receipts[0].job_id, receipts[5].job_id);
    let details = of(store, repo, x).await;
    assert_eq!((details.title.as_deref(), lines(&details)), (Some("two"), vec![3, 7, 9]));
    let pipeline = receipts[0].pipeline_id;
    let unknown = JobId::new(4_000).unwrap();
    let found = store.details(repo, pipeline, &[x, y, unknown]).await.unwrap();
    assert_eq!(found.keys().collect::<Vec<_>>(), [&x], "the others have none");
    let other = PipelineId::new(99).unwrap();
    assert!(store.details(repo, other, &[x]).await.unwrap().is_empty(), "of another pipeline");
    let (tests, all) = (NeededDetails::Tests, NeededDetails::TitleAndTests);
    let of = |pipeline, jobs: &[JobId]| jobs.iter().map(|job| (pipeline, *job)).collect::<Vec<_>>();
    let found = store.titles_and_tests(repo, &of(pipeline, &[x, y, unknown]), all).await.unwrap();
    let titles: Vec<_> = found.iter().map(|(id, found)| (*id, found.title.as_deref(), found.tests)).collect();
    assert_eq!(titles, [(x, Some("two"), None)], "no details have counts of tests");
    let counted = |id: &str, failed: i64| {
        let tests = Some(TestCountsInput { failed: Some(failed), ..TestCountsInput::default() });
        with_details(report('a', id), DetailsInput { tests, title: None, ..input("", &[]) })
    };
    let reports = vec![counted("s/x:success#1", 3), counted("s/x:running#1", 4), counted("s/y:success#1", 5)];
    record(store, batch(repo, &root, reports)).await;
    let found = store.titles_and_tests(repo, &of(pipeline, &[x, unknown]), tests).await.unwrap();
    let failed = |found: &HashMap<JobId, TitleAndTests>| {
        found.iter().map(|(id, found)| (*id, found.tests.unwrap().failed)).collect::<BTreeMap<_, _>>()
    };
    assert_eq!(
        failed(&found),
        BTreeMap::from([(x, 3)]),
        "of the latest report of the attempts that were asked for"
    );
    let found = store.titles_and_tests(repo, &of(pipeline, &[x, y]), all).await.unwrap();
    assert_eq!(failed(&found), BTreeMap::from([(x, 3), (y, 5)]));
    assert_eq!((found[&x].title.as_deref(), &found[&y].title), (Some("two"), &None), "of an earlier report");
    assert!(
        store.titles_and_tests(repo, &of(other, &[x]), all).await.unwrap().is_empty(),
        "of another pipeline"
    );
    let history = store.history(repo, x, 0, 10).await.unwrap();
    let keys: Vec<_> =
        history.iter().map(|entry| entry.state.details.as_ref().map(|key| key.annotations)).collect();
    assert_eq!(keys, [None, Some(1), Some(1), Some(2), Some(1), Some(0), Some(0)]);
}

#[tokio::test]
async fn a_repeated_request_adds_nothing() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let idempotency = Some(Idempotency { key: "k".into(), digest: [1; 32] });
    let reports = vec![detailed("s/x:failed", "标题", &[1]), detailed("s/y:failed", "标题", &[1])];
    let batch = ReportBatch { idempotency, ..batch(repo, &root, reports) };
    let first = record(store, batch.clone()).await;
    let again = record(store, batch).await;
    assert_eq!(
        first.iter().map(|r| r.report_id).collect::<Vec<_>>(),
        again.iter().map(|r| r.report_id).collect::<Vec<_>>()
    );
    for receipt in first {
        let details = of(store, repo, receipt.job_id).await;
        assert_eq!((details.title.as_deref(), lines(&details)), (Some("标题"), vec![1]));
        assert_eq!(store.history(repo, receipt.job_id, 0, 10).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_latest_text_is_kept_when_there_are_too_many_details() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let annotated: Vec<i64> = (1..=50).collect();
    let last = ATTEMPT_DETAILS_MAX as i64 + 5;
    let mut reports = Vec::new();
    for n in 1..=last {
        // An adjustment of the same name changes nothing.
        let sent = DetailsInput {
            summary: Some("a\r\n".repeat(20_000)),
            tests: Some(TestCountsInput { failed: Some(-1), ..TestCountsInput::default() }),
            ..input(&n.to_string(), &annotated)
        };
        reports.push(with_details(report('a', "s/x:running#1"), sent));
    }
    let mut job = None;
    for some in reports.chunks(50) {
        for receipt in record(store, batch(repo, &root, some.to_vec())).await {
            assert!(!receipt.adjusted.contains("details", AdjustmentKind::Dropped));
            assert!(receipt.effect == Effect::Created || receipt.changed.contains(FieldSet::DETAILS));
            job = Some(receipt.job_id);
        }
    }
    let job = job.unwrap();
    let details = of(store, repo, job).await;
    assert_eq!((details.title, details.annotations.len()), (Some(last.to_string()), 50));
    let history = store.history(repo, job, 0, 1_000).await.unwrap();
    assert!(history.iter().all(|entry| entry.state.details.is_some()), "all are stored");
}

#[tokio::test]
async fn details_are_deleted_with_their_pipeline() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let old: Vec<Report> = (0..120).map(|n| detailed("s/x:success#1", &n.to_string(), &[])).collect();
    let receipt = record(store, batch(repo, &root, old)).await[0];
    let newer = with_details(report('b', "s/x:success#2"), input("new", &[1]));
    let newer = record(store, batch(repo, &root, vec![newer])).await[0];
    let expiry = Expiry { at: domain::Timestamp::UNIX_EPOCH, unchanged_since: None, min_newer_on_ref: 1 };
    assert!(store.delete_expired_pipeline(repo, receipt.pipeline_id, expiry, at(200)).await.unwrap());
    let found = store.details(repo, receipt.pipeline_id, &[receipt.job_id]).await.unwrap();
    assert!(found.is_empty(), "at once");
    while store.delete_pipeline_rows(repo).await.unwrap().more {}
    assert_eq!(of(store, repo, newer.job_id).await.title.as_deref(), Some("new"));
}

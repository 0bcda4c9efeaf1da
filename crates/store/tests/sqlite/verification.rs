//! Verification of a store.

use super::contract;
use domain::actions::verification::{Finding, verify_all};
use domain::model::ids::PipelineId;
use domain::model::reports::Report;
use domain::model::retention::Expiry;
use domain::model::verification::{PipelineRecord, verify};
use domain::ports::{Health as _, Reports as _, Retention as _, Verification as _};
use rusqlite::Connection;
use store::read_only::ReadOnlyStore;
use store::sqlite::{Options, Sqlite};
use testkit::{at, report, with_details};

#[tokio::test]
async fn a_pipeline_whose_rows_are_being_deleted_does_not_disturb_others() {
    let dir = tempfile::tempdir().unwrap();
    let store = Sqlite::open(dir.path(), Options::default()).unwrap();
    let root = contract::root(&store).await;
    let id = contract::repository(&store, &root, "acme/demo").await;
    let with_link = |commit, job: &str| {
        let mut report = report(commit, &format!("s/{job}:success#{job}"));
        report.state.target_url = Some(format!("https://ci.example.com/acme/demo/builds/{job}"));
        report
    };
    let record = async |reports: Vec<Report>| {
        for receipt in store.record(contract::batch(id, &root, reports)).await.unwrap() {
            receipt.unwrap();
        }
    };
    // One step deletes the reports of the first job, to which those of the second one refer.
    record(vec![with_link('a', "one"); 1_000]).await;
    record((1..=3).map(|_| with_link('a', "two")).collect()).await;
    record(["one", "two", "three"].map(|job| with_link('b', job)).to_vec()).await;
    let pipeline = |number| PipelineId::new(number).unwrap();
    let expiry = Expiry { at: domain::Timestamp::UNIX_EPOCH, unchanged_since: None, min_newer_on_ref: 1 };
    assert!(store.delete_expired_pipeline(id, pipeline(1), expiry, at(200)).await.unwrap());
    let step = store.delete_pipeline_rows(id).await.unwrap();
    assert!(step.more && step.reports == 1_000, "{step:?}");
    store.close().await.unwrap();
    drop(store);

    let store = ReadOnlyStore::sqlite(dir.path()).unwrap();
    let found = store.pipelines_with_reports(id, pipeline(1), pipeline(2)).await.unwrap();
    let [PipelineRecord { state, reports, .. }] = found.as_slice() else {
        panic!("{} pipelines", found.len())
    };
    assert_eq!((state.jobs.len(), reports.len()), (3, 3));
    assert_eq!(verify(state, reports), vec![]);
}

#[tokio::test]
async fn missing_changed_and_unused_details_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let store = Sqlite::open(dir.path(), Options::default()).unwrap();
    let root = contract::root(&store).await;
    let id = contract::repository(&store, &root, "acme/demo").await;
    for (commit, title) in [('a', "one"), ('a', "two"), ('b', "three")] {
        let report = with_details(report(commit, "s/x:failed#1"), contract::details::input(title, &[1]));
        store.record(contract::batch(id, &root, vec![report])).await.unwrap();
    }
    // More than one page of the query.
    let many = (0..40)
        .map(|n| with_details(report('a', "s/x:failed#1"), contract::details::input(&n.to_string(), &[1])))
        .collect();
    store.record(contract::batch(id, &root, many)).await.unwrap();
    store.close().await.unwrap();
    drop(store);
    let differences = async || {
        let store = ReadOnlyStore::sqlite(dir.path()).unwrap();
        let mut found = Vec::new();
        let mut on_finding = |finding: Finding<'_>| {
            if let Finding::Differs { pipeline, difference, .. } = finding {
                let (stored, rebuilt) = (difference.stored.is_some(), difference.rebuilt.is_some());
                let pipeline = pipeline.map(|id| id.get());
                found.push((pipeline, difference.kind.as_str(), difference.field.clone(), stored, rebuilt));
            }
        };
        assert_eq!(verify_all(&store, &mut on_finding).await.unwrap().reports, 43);
        found
    };
    assert_eq!(differences().await, []);
    let change = |statement: &str| {
        assert_eq!(
            Connection::open(dir.path().join("stagepost.db")).unwrap().execute(statement, []).unwrap(),
            1,
            "{statement}"
        );
    };
    change("UPDATE job_details SET content = zeroblob(9) WHERE pipeline_id = 2");
    change(
        "DELETE FROM job_details WHERE pipeline_id = 1 AND digest = (SELECT max(digest) FROM job_details WHERE pipeline_id = 1)",
    );
    change(
        "INSERT INTO job_details SELECT repository_id, 7, digest, content FROM job_details
            WHERE pipeline_id = 1 LIMIT 1",
    );
    change(
        "INSERT INTO job_details SELECT repository_id, 1, zeroblob(32), content FROM job_details
            WHERE pipeline_id = 1 LIMIT 1",
    );
    let details = |pipeline, kind, stored, rebuilt| (pipeline, kind, "details".to_owned(), stored, rebuilt);
    assert_eq!(
        differences().await,
        [
            details(Some(1), "report", false, true),
            details(Some(1), "pipeline", true, false),
            details(Some(2), "report", false, true),
            details(None, "pipeline", true, false),
        ]
    );
}

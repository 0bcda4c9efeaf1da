//! Verification of a store.

use super::contract;
use domain::model::ids::PipelineId;
use domain::model::reports::Report;
use domain::model::retention::Expiry;
use domain::model::verification::verify;
use domain::ports::{Health as _, Reports as _, Retention as _, Verification as _};
use store::read_only::ReadOnlyStore;
use store::sqlite::{Options, Sqlite};
use testkit::{at, report};

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
    let expiry = Expiry { unchanged_since: None, min_newer_on_ref: 1 };
    assert!(store.delete_expired_pipeline(id, pipeline(1), expiry, at(200)).await.unwrap());
    let step = store.delete_pipeline_rows(id).await.unwrap();
    assert!(step.more && step.reports == 1_000, "{step:?}");
    store.close().await.unwrap();
    drop(store);

    let store = ReadOnlyStore::sqlite(dir.path()).unwrap();
    let found = store.pipelines_with_reports(id, pipeline(1), pipeline(2)).await.unwrap();
    let [(state, reports)] = found.as_slice() else { panic!("{} pipelines", found.len()) };
    assert_eq!((state.jobs.len(), reports.len()), (3, 3));
    assert_eq!(verify(state, reports), vec![]);
}

//! The pipelines that a pipeline is compared with.

use super::{batch, repository, root};
use crate::open;
use domain::model::comparisons::RelatedPipelines;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::pipelines::Pipeline;
use domain::model::reports::{PipelineChoice, Report};
use domain::model::users::User;
use domain::ports::Store;
use testkit::report;

/// A report in the pipeline of this key, which is its id too.
fn keyed(status: &str, git_ref: &str, source: &str, key: usize) -> Report {
    let mut report = report('a', &format!("test/unit:{status}#1"));
    (report.git_ref, report.source) = (git_ref.into(), source.into());
    report.pipeline = PipelineChoice::Key(key.to_string());
    report
}

async fn record(store: &dyn Store, root: &User, repo: RepositoryId, reports: Vec<Report>) {
    for part in reports.chunks(100) {
        for receipt in store.record(batch(repo, root, part.to_vec())).await.unwrap() {
            receipt.unwrap();
        }
    }
}

async fn related(store: &dyn Store, repo: RepositoryId, id: i64, older_max: u32) -> RelatedPipelines {
    let head = store.pipeline(repo, PipelineId::new(id).unwrap()).await.unwrap().unwrap();
    store.related_pipelines(repo, &head, older_max).await.unwrap()
}

/// The ids: newer, older, last green, first failed; 0 for none.
fn ids(found: &RelatedPipelines) -> (i32, Vec<i32>, i32, i32) {
    let id = |pipeline: &Option<Pipeline>| pipeline.as_ref().map_or(0, |pipeline| pipeline.id.get());
    let older = found.older.iter().map(|pipeline| pipeline.id.get()).collect();
    (id(&found.newer), older, id(&found.last_green), id(&found.first_failed))
}

#[tokio::test]
async fn a_pipeline_is_compared_with_those_of_its_ref_and_source() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let lines = [
        ("failed", "main", "external"),
        ("success", "main", "external"),
        ("success", "dev", "external"),
        ("canceled", "main", "external"),
        ("timedout", "main", "external"),
        ("success", "main", "jenkins"),
        ("running", "main", "external"),
        ("failed", "main", "external"),
        ("success", "main", "external"),
    ];
    let reports =
        (1..).zip(lines).map(|(key, (status, git_ref, source))| keyed(status, git_ref, source, key));
    record(store, &root, repo, reports.collect()).await;
    for (id, want) in [
        (1, (2, vec![], 0, 1)),
        (2, (4, vec![1], 0, 0)),
        (3, (0, vec![], 0, 0)),
        (5, (7, vec![4, 2, 1], 2, 5)),
        (6, (0, vec![], 0, 0)),
        (7, (8, vec![5, 4, 2], 2, 0)),
        (8, (9, vec![7, 5, 4], 2, 5)),
        (9, (0, vec![8, 7, 5], 2, 0)),
    ] {
        assert_eq!(ids(&related(store, repo, id, 3).await), want, "{id}");
    }
    assert_eq!(related(store, repo, 8, 0).await.older, []);
}

/// The first results of a source may come long after the start of the ref.
#[tokio::test]
async fn a_source_that_never_was_green_fails_since_its_first_failure() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let reports = (1..=400).map(|key| match key {
        150 => keyed("canceled", "main", "jenkins", key),
        200 => keyed("timedout", "main", "jenkins", key),
        300 | 400 => keyed("failed", "main", "jenkins", key),
        _ => keyed("success", "main", "external", key),
    });
    record(store, &root, repo, reports.collect()).await;
    for (id, want) in [
        (150, (200, vec![], 0, 0)),
        (200, (300, vec![150], 0, 200)),
        (300, (400, vec![200, 150], 0, 200)),
        (400, (0, vec![300, 200, 150], 0, 200)),
        (399, (0, vec![398, 397, 396], 398, 0)),
    ] {
        assert_eq!(ids(&related(store, repo, id, 3).await), want, "{id}");
    }
}

#[tokio::test]
async fn the_last_green_pipeline_is_found_however_long_ago_it_was() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let status = |key| match key {
        2 => "success",
        3..=10 => "canceled",
        _ => "failed",
    };
    let reports = (1..=700).map(|key| keyed(status(key), "main", "external", key));
    record(store, &root, repo, reports.collect()).await;
    let found = related(store, repo, 700, 20).await;
    let (newer, older, green, failed) = ids(&found);
    assert_eq!((newer, older.len(), older[0], green, failed), (0, 20, 699, 2, 11));
    assert_eq!(found.last_green.unwrap().job_count, 1, "a whole pipeline");
}

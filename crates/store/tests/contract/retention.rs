//! Policies and deletion: expired pipelines are deleted completely, the others stay, and counts and lists
//! agree at every step.

use super::{batch, repository, root};
use crate::open;
use domain::error::Error;
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::jobs::filters::{JobFilter, JobOrder};
use domain::model::page::{Page, Start, Window};
use domain::model::pipelines::filters::PipelineFilter;
use domain::model::policies::Policies;
use domain::model::reports::PipelineChoice;
use domain::model::retention::Expiry;
use domain::model::retention::{DeletedRows, ExpiredPipeline};
use domain::ports::{ReportBatch, Store};
use domain::{SignedDuration, Timestamp};
use testkit::{at, report};

#[tokio::test]
async fn policies_are_replaced_together() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let (one, two) = (repository(store, &root, "acme/one").await, repository(store, &root, "acme/two").await);
    assert_eq!(store.policies(one).await.unwrap(), Policies::default());
    assert_eq!(store.all_policies().await.unwrap(), []);
    let hours = |n| Some(SignedDuration::from_hours(n));
    let full = Policies {
        inactivity_timeout: hours(2),
        stage_timeouts: [("deploy".into(), hours(6)), ("手动".into(), None)].into(),
        keep_for: hours(24 * 90),
        keep_per_ref: Some(50),
    };
    store.set_policies(one, full.clone()).await.unwrap();
    assert_eq!(store.policies(one).await.unwrap(), full);
    assert_eq!(store.policies(two).await.unwrap(), Policies::default());
    let less = Policies { stage_timeouts: [("deploy".into(), None)].into(), ..Policies::default() };
    store.set_policies(one, less.clone()).await.unwrap();
    assert_eq!(store.all_policies().await.unwrap(), [(one, less)]);
    store.set_policies(one, Policies::default()).await.unwrap();
    assert_eq!(store.all_policies().await.unwrap(), []);
}

/// Pipelines 1 to 12: refs a, b, c in turn, one second apart; 4 is still running; each has three jobs.
async fn fill(store: &dyn Store) -> RepositoryId {
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    for n in 1..=12_i64 {
        let status = if n == 4 { "running" } else { "success" };
        let reports = ["x", "y", "z"].map(|name| {
            let mut report = report('a', &format!("s/{name}:{status}#{n}"));
            report.git_ref = ["a", "b", "c"][(n % 3) as usize].into();
            report.pipeline = PipelineChoice::Key(n.to_string());
            report
        });
        let batch = ReportBatch { received_at: at(n), ..batch(repo, &root, reports.to_vec()) };
        store.record(batch).await.unwrap();
    }
    repo
}

async fn expired(store: &dyn Store, repo: RepositoryId, since: Option<Timestamp>, newer: u32) -> Vec<i32> {
    let expiry = Expiry { at: Timestamp::UNIX_EPOCH, unchanged_since: since, min_newer_on_ref: newer };
    let mut found: Vec<ExpiredPipeline> = Vec::new();
    loop {
        let page = store.expired_pipelines(repo, expiry, found.last().map(Into::into), 2).await.unwrap();
        if page.is_empty() {
            let mut ids: Vec<i32> = found.iter().map(|expired| expired.id.get()).collect();
            ids.sort_unstable();
            return ids;
        }
        found.extend(page);
    }
}

#[tokio::test]
async fn pipelines_that_no_rule_keeps_are_expired() {
    let opened = open().await;
    let store = &*opened.store;
    let repo = fill(store).await;
    // 10, 11 and 12 are the newest of their refs, 4 has not ended.
    assert_eq!(expired(store, repo, Some(at(1_000)), 1).await, [1, 2, 3, 5, 6, 7, 8, 9]);
    assert_eq!(expired(store, repo, Some(at(6)), 1).await, [1, 2, 3, 5]);
    assert_eq!(expired(store, repo, None, 1).await, [1, 2, 3, 5, 6, 7, 8, 9]);
    assert_eq!(expired(store, repo, None, 3).await, [1, 2, 3]);
    assert_eq!(expired(store, repo, None, 4).await, [0; 0]);
    assert_eq!(expired(store, repo, Some(at(3)), 3).await, [1, 2]);
    assert_eq!(expired(store, repo, Some(at(1)), 1).await, [0; 0]);
}

#[tokio::test]
async fn a_pipeline_is_deleted_at_once_and_its_rows_later() {
    let opened = open().await;
    let store = &*opened.store;
    let repo = fill(store).await;
    let id = |n| PipelineId::new(n).unwrap();
    let expiry = Expiry { at: Timestamp::UNIX_EPOCH, unchanged_since: None, min_newer_on_ref: 1 };
    for id_kept in [12, 4, 99] {
        assert!(
            !store.delete_expired_pipeline(repo, id(id_kept), expiry, at(200)).await.unwrap(),
            "{id_kept}"
        );
    }
    let version = store.current_versions(Some((repo, id(1)))).await.unwrap().pipeline;
    assert!(store.delete_expired_pipeline(repo, id(1), expiry, at(200)).await.unwrap());
    assert_ne!(
        store.current_versions(Some((repo, id(1)))).await.unwrap().pipeline,
        version,
        "cached responses are no longer valid"
    );
    assert!(!store.delete_expired_pipeline(repo, id(1), expiry, at(200)).await.unwrap(), "only once");
    for swept in [false, true] {
        assert!(store.pipeline(repo, id(1)).await.unwrap().is_none());
        assert!(store.jobs(repo, id(1), Page { offset: 0, limit: 20 }).await.unwrap().is_none());
        assert!(store.job(repo, JobId::new(1).unwrap()).await.unwrap().is_none());
        assert!(store.history(repo, JobId::new(1).unwrap(), 0, 10).await.unwrap().is_empty());
        assert_eq!(store.count_pipelines(repo, PipelineFilter::default()).await.unwrap(), 11);
        for filter in [
            JobFilter::default(),
            JobFilter { name: Some("x".into()), ..JobFilter::default() },
            JobFilter { git_ref: Some("b".into()), ..JobFilter::default() },
        ] {
            let window = |start| Window { order: JobOrder, descending: false, start, limit: 100 };
            let by_offset =
                store.find_jobs(repo, filter.clone(), window(Start::Offset(0))).await.unwrap().items;
            let by_id =
                store.find_jobs(repo, filter.clone(), window(Start::After(None))).await.unwrap().items;
            let count = store.count_jobs(repo, filter.clone()).await.unwrap();
            assert_eq!((by_offset.len() as u64, by_offset), (count, by_id), "{filter:?}");
        }
        assert_eq!(store.count_jobs(repo, JobFilter::default()).await.unwrap(), 33);
        if !swept {
            let mut all = DeletedRows::default();
            loop {
                let step = store.delete_pipeline_rows(repo).await.unwrap();
                all = DeletedRows {
                    jobs: all.jobs + step.jobs,
                    reports: all.reports + step.reports,
                    more: step.more,
                };
                if !step.more {
                    break;
                }
            }
            assert_eq!(all, DeletedRows { jobs: 3, reports: 3, more: false });
        }
    }
}

#[tokio::test]
async fn a_report_for_a_deleted_pipeline_creates_a_new_one() {
    let opened = open().await;
    let store = &*opened.store;
    let repo = fill(store).await;
    let root = store.users().await.unwrap().remove(0);
    assert!(
        store
            .delete_expired_pipeline(
                repo,
                PipelineId::new(1).unwrap(),
                Expiry { at: Timestamp::UNIX_EPOCH, unchanged_since: None, min_newer_on_ref: 1 },
                at(200)
            )
            .await
            .unwrap()
    );
    let mut late = report('a', "s/x:success#1");
    late.git_ref = "b".into();
    late.pipeline = PipelineChoice::Key("1".into());
    let receipt = store.record(batch(repo, &root, vec![late.clone()])).await.unwrap().remove(0).unwrap();
    assert_eq!((receipt.pipeline_id.get(), receipt.job_id.get()), (13, 37), "with new ids");
    late.pipeline = PipelineChoice::Id(PipelineId::new(1).unwrap());
    let refused = store.record(batch(repo, &root, vec![late])).await.unwrap().remove(0);
    assert_eq!(refused, Err(Error::PipelineNotFound));
}

#[tokio::test]
async fn many_rows_are_deleted_in_small_steps() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    for n in 0..30 {
        // One job with very many reports, and many with few.
        let line =
            |i: i32| if i % 2 == 0 { "s/beat:running#1".to_owned() } else { format!("s/{n}-{i}:success#1") };
        store.record(batch(repo, &root, (0..100).map(|i| report('a', &line(i))).collect())).await.unwrap();
    }
    store.record(batch(repo, &root, vec![report('a', "s/beat:success#1")])).await.unwrap();
    store.record(batch(repo, &root, vec![report('b', "s/x:running#1")])).await.unwrap();
    assert!(
        store
            .delete_expired_pipeline(
                repo,
                PipelineId::new(1).unwrap(),
                Expiry { at: Timestamp::UNIX_EPOCH, unchanged_since: None, min_newer_on_ref: 1 },
                at(200)
            )
            .await
            .unwrap()
    );
    let (mut steps, mut jobs, mut reports) = (0, 0, 0);
    loop {
        let step = store.delete_pipeline_rows(repo).await.unwrap();
        assert!(step.jobs + step.reports <= 1_000, "{step:?}");
        (jobs, reports, steps) = (jobs + step.jobs, reports + step.reports, steps + 1);
        if !step.more {
            break;
        }
    }
    assert_eq!((jobs, reports), (1_501, 3_001));
    assert!(steps > 4, "{steps}");
}

#[tokio::test]
async fn an_import_is_refused_until_the_rows_of_its_id_are_deleted() {
    let opened = open().await;
    let store = &*opened.store;
    let repo = fill(store).await;
    let root = store.users().await.unwrap().remove(0);
    let expiry = Expiry { at: Timestamp::UNIX_EPOCH, unchanged_since: None, min_newer_on_ref: 1 };
    assert!(store.delete_expired_pipeline(repo, PipelineId::new(1).unwrap(), expiry, at(200)).await.unwrap());
    assert_eq!(store.repositories_with_deleted_pipelines().await.unwrap(), [repo]);
    let imported = || super::reports::imported(repo, 1, 'f', 90);
    let refused = store.import_pipeline(imported(), root.id, None, at(200)).await.unwrap_err();
    assert_eq!(refused, domain::error::Invalid::new("id", domain::Problem::Taken).into());
    while store.delete_pipeline_rows(repo).await.unwrap().more {}
    assert_eq!(store.repositories_with_deleted_pipelines().await.unwrap(), []);
    assert!(store.import_pipeline(imported(), root.id, None, at(200)).await.unwrap());
    let list =
        store.jobs(repo, PipelineId::new(1).unwrap(), Page { offset: 0, limit: 20 }).await.unwrap().unwrap();
    assert_eq!(list.jobs.len(), 1);
    assert_eq!(store.count_jobs(repo, JobFilter::default()).await.unwrap(), 34);
}

/// Reports do not refer to the texts of deleted reports whose ids an import uses again.
#[tokio::test]
async fn reports_of_ids_that_are_used_again_have_all_their_texts() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let url = "https://ci.example.com/builds/with/a/long/link";
    let imported = || {
        let mut imported = super::reports::imported(repo, 1, 'f', 90);
        imported.stages[0].jobs[0].state.target_url = Some(url.into());
        imported
    };
    assert!(store.import_pipeline(imported(), root.id, None, at(200)).await.unwrap());
    store.record(batch(repo, &root, vec![report('b', "s/j:success#1")])).await.unwrap();
    let expiry = Expiry { at: Timestamp::UNIX_EPOCH, unchanged_since: None, min_newer_on_ref: 1 };
    assert!(store.delete_expired_pipeline(repo, PipelineId::new(1).unwrap(), expiry, at(200)).await.unwrap());
    while store.delete_pipeline_rows(repo).await.unwrap().more {}

    assert!(store.import_pipeline(imported(), root.id, None, at(201)).await.unwrap());
    let mut later = report('f', "external/任务1:success#b");
    later.state.target_url = Some(url.into());
    store.record(batch(repo, &root, vec![later])).await.unwrap()[0].as_ref().unwrap();
    let history = store.history(repo, JobId::new(90).unwrap(), 0, 100).await.unwrap();
    let urls: Vec<_> = history.iter().map(|entry| entry.state.target_url.as_deref()).collect();
    assert_eq!(urls, [Some(url), Some(url)]);
}

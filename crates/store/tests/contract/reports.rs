//! Reports: concurrent first reports create one pipeline and one job, a refused report writes nothing, and a
//! repeated request gets the same response.

use super::{batch, repository, root, user};
use crate::open;
use domain::error::{Error, Invalid, Problem};
use domain::model::ids::{JobId, PipelineId, StageId};
use domain::model::imports::{ImportedJob, ImportedPipeline, ImportedStage};
use domain::model::page::Page;
use domain::model::pipelines::PipelineIdentity;
use domain::model::pipelines::filters::PipelineFilter;
use domain::model::reports::{AdjustmentKind, Adjustments, Effect, PipelineChoice};
use domain::model::repositories::RepositoryKey;
use domain::model::status::Status;
use domain::ports::{Idempotency, ReportBatch};
use std::collections::HashSet;
use std::sync::Arc;
use testkit::{at, report};

fn id(n: i64) -> PipelineId {
    PipelineId::new(n).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_first_reports_make_one_pipeline_and_one_job() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let repo = repository(&**store, &root, "acme/demo").await;
    let racers: Vec<_> = (0..64)
        .map(|_| {
            let (store, batch) =
                (Arc::clone(store), batch(repo, &root, vec![report('a', "build/one:running#1")]));
            tokio::spawn(async move { store.record(batch).await.unwrap().remove(0).unwrap() })
        })
        .collect();
    let mut ids = HashSet::new();
    let mut created = 0;
    for racer in racers {
        let receipt = racer.await.unwrap();
        ids.insert((receipt.pipeline_id, receipt.stage_id, receipt.job_id));
        created += usize::from(receipt.effect == Effect::Created);
    }
    assert_eq!((ids.len(), created), (1, 1));
    let state = store.pipeline_state(repo, id(1)).await.unwrap().unwrap();
    assert_eq!((state.stages.len(), state.jobs.len(), state.pipeline.job_count), (1, 1, 1));
}

#[tokio::test]
async fn an_acknowledged_report_is_visible() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let repo = repository(&**store, &root, "acme/demo").await;
    for (status, want) in
        [("running", Status::Running), ("success", Status::Success), ("pending", Status::Success)]
    {
        store.record(batch(repo, &root, vec![report('a', &format!("build/one:{status}#1"))])).await.unwrap();
        let list = store.jobs(repo, id(1), Page { offset: 0, limit: 20 }).await.unwrap().unwrap();
        assert_eq!(
            (list.jobs.iter().next().map(|job| job.status), list.pipeline.status, list.stages[0].status),
            (Some(want), want, want)
        );
    }
}

#[tokio::test]
async fn the_stored_state_is_the_decided_one() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let repo = repository(&**store, &root, "acme/demo").await;
    let mut full = report('a', "build/任务1:success#0ede266890ddd33cff76da30090b9780");
    full.stage_order = Some(7);
    full.web_url = Some("https://ci.example.com/p/1".into());
    full.trigger_user = Some("张三".into());
    full.state.target_url = Some("https://ci.example.com/1".into());
    full.state.description = Some("全部通过".into());
    full.state.coverage = Some(81.25);
    full.state.allow_failure = Some(true);
    full.state.occurred_at = Some(at(9));
    full.state.started_at = Some(at(5));
    full.state.finished_at = Some(at(8));
    store.record(batch(repo, &root, vec![full.clone()])).await.unwrap();
    let stored = store.pipeline_state(repo, id(1)).await.unwrap().unwrap();
    // The same decision in memory.
    let mut counters = domain::model::pipelines::Counters { pipeline: 1, ..Default::default() };
    let identity = PipelineIdentity {
        sha: full.sha.clone(),
        git_ref: "main".into(),
        source: "external".into(),
        key: String::new(),
    };
    let mut state = domain::model::pipelines::PipelineState::new(id(1), repo, identity, at(100));
    let arrival = domain::model::reports::Arrival { received_at: at(100), seq: 1 };
    state.apply(&full, arrival, &mut counters).unwrap();
    assert_eq!((stored.pipeline, stored.stages, stored.jobs), (state.pipeline, state.stages, state.jobs));
}

#[tokio::test]
async fn a_refused_report_writes_nothing_and_does_not_affect_others() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let repo = repository(&**store, &root, "acme/demo").await;
    let mut unknown = report('b', "build/one:running");
    unknown.pipeline = PipelineChoice::Id(id(77));
    let mut foreign = report('c', "build/one:running");
    foreign.pipeline = PipelineChoice::Id(id(1));
    let refused = ReportBatch { received_at: at(500), ..batch(repo, &root, vec![unknown.clone()]) };
    let reports = vec![report('a', "build/one:running"), unknown, foreign, report('a', "build/two:running")];
    let receipts = store.record(batch(repo, &root, reports)).await.unwrap();
    assert_eq!(receipts[1], Err(Error::PipelineNotFound));
    assert_eq!(receipts[2], Err(Invalid::new("sha", Problem::Contradicts { other: "pipeline_id" }).into()));
    let (first, last) = (receipts[0].as_ref().unwrap(), receipts[3].as_ref().unwrap());
    assert_eq!((first.report_id, last.report_id, first.pipeline_id, last.pipeline_id), (1, 2, id(1), id(1)));
    assert_eq!(store.count_pipelines(repo, PipelineFilter::default()).await.unwrap(), 1);
    assert_eq!(store.record(refused).await.unwrap(), [Err(Error::PipelineNotFound)]);
    let repository = store.repository(&RepositoryKey::Id(repo)).await.unwrap().unwrap();
    assert_eq!(repository.updated_at, at(100), "a refused report is no activity");
    let other =
        batch(domain::model::ids::RepositoryId::new(99).unwrap(), &root, vec![report('a', "x:running")]);
    assert_eq!(store.record(other).await, Err(Error::RepositoryNotFound));
}

#[tokio::test]
async fn ids_are_counted_per_repository() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    for path in ["acme/one", "acme/two"] {
        let repo = repository(&**store, &root, path).await;
        for commit in ['a', 'b'] {
            store.record(batch(repo, &root, vec![report(commit, "s/j:running#1")])).await.unwrap();
        }
        let state = store.pipeline_state(repo, id(2)).await.unwrap().unwrap();
        assert_eq!(
            (state.stages[0].id, state.jobs[0].id),
            (StageId::new(2).unwrap(), JobId::new(2).unwrap())
        );
    }
}

#[tokio::test]
async fn pages_do_not_shift_while_jobs_are_added() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let repo = repository(&**store, &root, "acme/demo").await;
    let add = |from: usize, to: usize| {
        let reports = (from..to).map(|n| report('a', &format!("s/{n}:running#1"))).collect();
        store.record(batch(repo, &root, reports))
    };
    add(0, 50).await.unwrap();
    let page = |offset, limit| store.jobs(repo, id(1), Page { offset, limit });
    let first = page(10, 10).await.unwrap().unwrap();
    add(50, 130).await.unwrap();
    let second = page(10, 10).await.unwrap().unwrap();
    assert_eq!(first.jobs, second.jobs);
    assert_eq!((first.pipeline.job_count, second.pipeline.job_count), (50, 130));
    assert!(second.jobs.iter().is_sorted_by(|before, after| before.id < after.id));
    assert_eq!(page(120, 100).await.unwrap().unwrap().jobs.len(), 10);
    let past = page(i32::MAX as u32, 100).await.unwrap().unwrap();
    assert_eq!((past.jobs.len(), past.pipeline.job_count), (0, 130));
    assert!(store.jobs(repo, id(2), Page { offset: 0, limit: 1 }).await.unwrap().is_none());
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_response() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let repo = repository(&**store, &root, "acme/demo").await;
    let mut wrong = report('a', "s/one:running#1");
    wrong.pipeline = PipelineChoice::Id(id(5));
    let request = |digest| {
        let mut batch = batch(repo, &root, vec![report('a', "s/one:running#1"), wrong.clone()]);
        batch.idempotency = Some(Idempotency { key: "k1".into(), digest: [digest; 32] });
        batch
    };
    let first = store.record(request(1)).await.unwrap();
    store.record(batch(repo, &root, vec![report('a', "s/one:success#1")])).await.unwrap();
    assert_eq!(store.record(request(1)).await.unwrap(), first, "although the state has changed");
    assert_eq!(store.record(request(2)).await, Err(Error::KeyReused));
    // The same key of another user is another key.
    let other = user(&**store, "other", false).await;
    let mut theirs = request(2);
    theirs.reporter = other.id;
    assert!(store.record(theirs).await.is_ok());
    assert_eq!(store.pipeline_state(repo, id(1)).await.unwrap().unwrap().jobs.len(), 1);
}

pub fn imported(
    repository_id: domain::model::ids::RepositoryId,
    pipeline: i64,
    commit: char,
    job: i64,
) -> ImportedPipeline {
    let job = ImportedJob {
        id: Some(JobId::new(job).unwrap()),
        name: "任务1".into(),
        state: domain::model::reports::ReportedState {
            finished_at: Some(at(31)),
            ..report('a', "s/j:success#b").state
        },
        created_at: at(0),
        updated_at: None,
    };
    let stage = ImportedStage {
        id: Some(StageId::new(123).unwrap()),
        name: "external".into(),
        sort_id: None,
        jobs: vec![job],
    };
    ImportedPipeline {
        repository_id,
        id: Some(id(pipeline)),
        identity: PipelineIdentity {
            sha: commit.to_string().repeat(40),
            git_ref: "main".into(),
            source: "external".into(),
            key: String::new(),
        },
        web_url: None,
        trigger_user: None,
        created_at: at(0),
        stages: vec![stage],
    }
}

#[tokio::test]
async fn imports_keep_their_ids_and_new_ids_follow_them() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let repo = repository(&**store, &root, "acme/demo").await;
    assert_eq!(store.import_pipeline(imported(repo, 6, 'a', 31930), root.id, None, at(200)).await, Ok(true));
    assert_eq!(
        store.import_pipeline(imported(repo, 6, 'a', 31930), root.id, None, at(200)).await,
        Ok(false),
        "known by id"
    );
    assert_eq!(
        store.import_pipeline(imported(repo, 7, 'a', 31931), root.id, None, at(200)).await,
        Ok(false),
        "known by identity"
    );
    let taken = store.import_pipeline(imported(repo, 8, 'b', 31930), root.id, None, at(200)).await;
    assert_eq!(taken, Err(Invalid::new("stages", Problem::Taken).into()));
    let state = store.pipeline_state(repo, id(6)).await.unwrap().unwrap();
    assert_eq!(
        (state.jobs[0].id.get(), state.stages[0].id.get(), state.pipeline.status),
        (31930, 123, Status::Success)
    );
    // A report of the same build belongs to the same job; new ids follow the imported ones.
    let receipts = store
        .record(batch(repo, &root, vec![report('a', "任务1:success#b"), report('c', "x:running")]))
        .await
        .unwrap();
    let receipts: Vec<_> = receipts.into_iter().flatten().collect();
    assert_eq!((receipts[0].job_id.get(), receipts[0].effect), (31930, Effect::Repeated));
    assert_eq!(
        (receipts[1].pipeline_id, receipts[1].stage_id.get(), receipts[1].job_id.get()),
        (id(7), 124, 31931)
    );
}

#[tokio::test]
async fn what_was_adjusted_is_stored_with_the_report() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let repo = repository(&**store, &root, "acme/demo").await;
    let mut cut = report('a', "x/one:running");
    cut.state.adjusted.add("target_url", AdjustmentKind::Truncated);
    cut.state.adjusted.add("updated_at", AdjustmentKind::Dropped);
    cut.state.target_url = Some("http://ci/1".into());
    cut.state.sent_url = Some(u64::MAX - 1);
    let mut reports = batch(repo, &root, vec![cut.clone(), report('a', "x/two:running")]);
    let key = Idempotency { key: "k".into(), digest: [1; 32] };
    reports.idempotency = Some(key);
    let receipts = store.record(reports.clone()).await.unwrap();
    let adjusted = |n: usize| receipts[n].as_ref().unwrap().adjusted;
    assert_eq!((adjusted(0), adjusted(1)), (cut.state.adjusted, Adjustments::default()));
    let again = store.record(reports).await.unwrap();
    assert_eq!(again[0].as_ref().unwrap().adjusted, cut.state.adjusted, "the stored receipt has them");
    let job = receipts[0].as_ref().unwrap().job_id;
    let history = store.history(repo, job, 0, 10).await.unwrap();
    assert_eq!(history.iter().map(|entry| &entry.state).collect::<Vec<_>>(), [&cut.state]);
    // The link as it was sent distinguishes the attempts.
    let mut other = cut.clone();
    other.state.sent_url = Some(7);
    let receipts = store.record(batch(repo, &root, vec![other, cut])).await.unwrap();
    let attempts: Vec<i32> = receipts.iter().map(|receipt| receipt.as_ref().unwrap().attempt).collect();
    assert_eq!(attempts, [2, 1]);
}

#[tokio::test]
async fn displayed_texts_are_the_newest_ones() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let repo = repository(&**store, &root, "acme/demo").await;
    let step = |text: &str| {
        let mut report = report('a', "x/one:running#1");
        report.state.description = Some(text.into());
        report.web_url = Some(format!("http://ci/{text}"));
        report.trigger_user = Some(text.into());
        report
    };
    for (second, text) in [(100, "step 9"), (101, "step 10"), (102, "a")] {
        let mut reports = batch(repo, &root, vec![step(text)]);
        reports.received_at = at(second);
        store.record(reports).await.unwrap();
        let state = store.pipeline_state(repo, id(1)).await.unwrap().unwrap();
        let pipeline = &state.pipeline;
        assert_eq!(state.jobs[0].attempt.description.as_deref(), Some(text));
        assert_eq!(pipeline.web_url, Some(format!("http://ci/{text}")));
        assert_eq!(pipeline.trigger_user.as_deref(), Some(text));
    }
}

/// A store may return the attempt with the receipt, or leave it to a read. Both are the same.
#[tokio::test]
async fn the_attempt_of_a_report_is_the_one_that_is_read() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let other = user(store, "other", false).await;
    let repo = repository(store, &root, "acme/demo").await;
    for (by, status) in [(&root, "pending"), (&root, "running"), (&other, "success")] {
        let batch = batch(repo, by, vec![report('a', &format!("build/one:{status}#1"))]);
        let (receipts, shown) = store.record_and_show(batch).await.unwrap();
        let job = receipts[0].as_ref().unwrap().job_id;
        let read = store.job(repo, job).await.unwrap();
        assert_eq!(read.as_ref().unwrap().reporter.as_ref().unwrap().name, "root", "{status}");
        assert!(shown.is_some() || by.id != root.id, "{status}: it must be read");
        assert!(shown.is_none() || shown == read, "{status}: {shown:?} instead of {read:?}");
    }
}

#[tokio::test]
async fn an_end_at_its_receipt_is_compared_with_the_time_of_another_end() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    // The status, the time of the reporter, and that of receipt. Then the status and the end of the attempt.
    for ((status, occurred, received), (after, end)) in [
        (("success", Some(150), 160), (Status::Success, 150)),
        (("failed", None, 170), (Status::Failed, 170)),
        // Repeated, and before.
        (("failed", None, 180), (Status::Failed, 170)),
        (("success", Some(175), 190), (Status::Failed, 170)),
        (("success", None, 200), (Status::Success, 200)),
        // The clock of another node, or one that was set back.
        (("failed", None, 140), (Status::Failed, 200)),
        (("success", Some(190), 210), (Status::Failed, 200)),
    ] {
        let mut report = report('a', &format!("checks/one:{status}#1"));
        (report.state.occurred_at, report.state.finished_at) = (occurred.map(at), occurred.map(at));
        report.state.occurred_at_receipt = true;
        let batch = ReportBatch { received_at: at(received), ..batch(repo, &root, vec![report]) };
        let receipt = store.record(batch).await.unwrap().remove(0).unwrap();
        assert_eq!(receipt.status, after, "{status} {received}");
        let state = store.pipeline_state(repo, id(1)).await.unwrap().unwrap();
        let attempt = &state.jobs[0].attempt;
        assert_eq!((attempt.status, attempt.finished_at), (after, Some(at(end))), "{status} {received}");
        let history = store.history(repo, receipt.job_id, 0, 10).await.unwrap();
        assert!(history.iter().all(|entry| entry.state.occurred_at_receipt));
    }
}

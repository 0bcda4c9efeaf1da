//! Lists across pipelines: every filter, alone and combined, is compared with a plain implementation; pages
//! are complete and in order, and contain each item once.

use super::{batch, repository, root};
use crate::open;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::jobs::filters::{FoundJob, JobFilter, JobOrder};
use domain::model::page::{ListPage, Start, TimeRange, Window};
use domain::model::pipelines::Pipeline;
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder, RefKind};
use domain::model::reports::PipelineChoice;
use domain::model::status::Status::{self, *};
use domain::ports::{ReportBatch, Store};
use testkit::{at, report};

/// 60 pipelines with 3 prefixes of commits, 4 refs, 2 sources, 2 jobs each and some retries.
async fn fill(store: &dyn Store) -> RepositoryId {
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    // Another repository, whose rows must not appear.
    let other = repository(store, &root, "acme/other").await;
    for n in 0..60_u32 {
        let mut reports = Vec::new();
        for (name, offset) in [("unit", 0), ("lint", 1)] {
            let status = Status::ALL[((n + offset) % 7) as usize].as_str();
            let tries = if n % 5 == 0 { 2 } else { 1 };
            for attempt in 0..tries {
                let mut report = report('a', &format!("stage{}/{name}:{status}#{n}-{name}-{attempt}", n % 2));
                report.sha = format!("{:02x}{:038x}", (n % 3) * 16, n);
                report.git_ref = ["main", "dev", "refs/tags/v1", "dev"][(n % 4) as usize].into();
                report.source = ["external", "jenkins"][(n % 2) as usize].into();
                report.pipeline =
                    PipelineChoice::Key(if n % 6 == 0 { "nightly".into() } else { String::new() });
                report.trigger_user = (n % 3 == 0).then(|| "张三".into());
                report.state.description = (n % 10 == 0).then(|| "100% of 任务".into());
                reports.push(report);
            }
        }
        for repo in [repo, other] {
            let batch =
                ReportBatch { received_at: at(1_000 + i64::from(n)), ..batch(repo, &root, reports.clone()) };
            for receipt in store.record(batch).await.unwrap() {
                receipt.unwrap();
            }
        }
    }
    repo
}

fn window<O>(order: O, descending: bool, start: Start, limit: u32) -> Window<O> {
    Window { order, descending, start, limit }
}

async fn all_pipelines(
    store: &dyn Store,
    repo: RepositoryId,
    filter: &PipelineFilter,
    descending: bool,
) -> Vec<Pipeline> {
    let mut found: Vec<Pipeline> = Vec::new();
    let mut after = None;
    loop {
        let window = window(PipelineOrder::Id, descending, Start::After(after), 7);
        let page: ListPage<Pipeline> = store.find_pipelines(repo, filter.clone(), window).await.unwrap();
        found.extend(page.items);
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

async fn all_jobs(
    store: &dyn Store,
    repo: RepositoryId,
    filter: &JobFilter,
    descending: bool,
) -> Vec<FoundJob> {
    let mut found: Vec<FoundJob> = Vec::new();
    let mut after = None;
    loop {
        let window = window(JobOrder, descending, Start::After(after), 7);
        let page = store.find_jobs(repo, filter.clone(), window).await.unwrap();
        found.extend(page.items);
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

fn in_span(span: TimeRange, at: domain::Timestamp) -> bool {
    span.since.is_none_or(|since| at >= since) && span.until.is_none_or(|until| at < until)
}

fn is<T: PartialEq>(filter: &Option<T>, value: &T) -> bool {
    filter.as_ref().is_none_or(|filter| filter == value)
}

/// A plain implementation of the filter, to compare the store with.
fn pipeline_matches(f: &PipelineFilter, p: &Pipeline, all: &[Pipeline]) -> bool {
    let i = &p.identity;
    let text = f.text.as_deref().unwrap_or_default();
    let newest = |kind: RefKind| {
        let tag = i.git_ref.starts_with("refs/tags/");
        tag == (kind == RefKind::Tag) && !all.iter().any(|o| o.identity.git_ref == i.git_ref && o.id > p.id)
    };
    let own_stage = if i.source == "jenkins" { "stage1" } else { "stage0" };
    let has_job = |(stage, name): &(String, String)| stage == own_stage && matches!(&**name, "unit" | "lint");
    (f.statuses.is_empty() || f.statuses.contains(&p.status))
        && is(&f.git_ref, &i.git_ref)
        && f.sha.as_ref().is_none_or(|sha| i.sha.starts_with(sha))
        && is(&f.source, &i.source)
        && is(&f.key, &i.key)
        && is(&f.trigger_user, &p.trigger_user.clone().unwrap_or_else(|| "root".into()))
        && in_span(f.created, p.created_at)
        && in_span(f.updated, p.updated_at)
        && (text.is_empty() || i.git_ref.contains(text) || i.key.contains(text) || i.sha.starts_with(text))
        && f.newest_of_ref_kind.is_none_or(newest)
        && (f.jobs.is_empty() || f.jobs.iter().any(has_job))
}

fn job_matches(f: &JobFilter, found: &FoundJob) -> bool {
    let (job, i) = (&found.job, &found.pipeline.identity);
    let text = f.text.as_deref().unwrap_or_default();
    (f.statuses.is_empty() || f.statuses.contains(&job.attempt.status))
        && is(&f.pipeline, &found.pipeline.id)
        && is(&f.newest, &job.newest)
        && is(&f.git_ref, &i.git_ref)
        && f.sha.as_ref().is_none_or(|sha| i.sha.starts_with(sha))
        && is(&f.source, &i.source)
        && is(&f.stage, &found.stage)
        && is(&f.name, &job.name)
        && (f.third_build_id.is_none() || f.third_build_id == job.attempt.third_build_id)
        && in_span(f.created, job.attempt.created_at)
        && in_span(f.updated, job.updated_at)
        && (text.is_empty()
            || job.name.contains(text)
            || job.attempt.description.as_ref().is_some_and(|d| d.contains(text)))
}

fn pipeline_filters() -> Vec<PipelineFilter> {
    let job = |stage: &str, name: &str| (stage.to_owned(), name.to_owned());
    let s = |text: &str| Some(text.to_owned());
    let span = |since, until| TimeRange { since: Some(at(since)), until: Some(at(until)) };
    let none = PipelineFilter::default;
    vec![
        none(),
        PipelineFilter { statuses: vec![Failed], ..none() },
        PipelineFilter { statuses: vec![Failed, Running, TimedOut], ..none() },
        PipelineFilter { git_ref: s("dev"), ..none() },
        PipelineFilter { git_ref: s("absent"), ..none() },
        PipelineFilter { sha: s("10"), ..none() },
        PipelineFilter { sha: s(&format!("{:02x}{:038x}", 16, 4)), ..none() },
        PipelineFilter { source: s("jenkins"), ..none() },
        PipelineFilter { key: s("nightly"), ..none() },
        PipelineFilter { trigger_user: s("张三"), ..none() },
        PipelineFilter { trigger_user: s("root"), ..none() },
        PipelineFilter { created: span(1_010, 1_020), ..none() },
        PipelineFilter { updated: span(1_000, 1_030), ..none() },
        PipelineFilter { text: s("tags"), ..none() },
        PipelineFilter { text: s("20000"), ..none() },
        PipelineFilter { text: s("n%g"), ..none() },
        PipelineFilter { newest_of_ref_kind: Some(RefKind::Branch), ..none() },
        PipelineFilter { newest_of_ref_kind: Some(RefKind::Tag), ..none() },
        PipelineFilter { jobs: vec![job("stage0", "unit"), job("stage1", "absent")], ..none() },
        PipelineFilter { jobs: vec![job("stage1", "lint")], sha: s("10"), ..none() },
        PipelineFilter {
            newest_of_ref_kind: Some(RefKind::Branch),
            git_ref: s("dev"),
            statuses: Status::ALL.to_vec(),
            ..none()
        },
        PipelineFilter { git_ref: s("main"), statuses: vec![Success], source: s("external"), ..none() },
        PipelineFilter { sha: s("00"), git_ref: s("main"), created: span(1_000, 1_040), ..none() },
    ]
}

#[tokio::test]
async fn pipelines_are_found_by_every_filter() {
    let opened = open().await;
    let store = &*opened.store;
    let repo = fill(store).await;
    let all = all_pipelines(store, repo, &PipelineFilter::default(), false).await;
    assert_eq!(all.len(), 60);
    for filter in pipeline_filters() {
        let want: Vec<Pipeline> =
            all.iter().filter(|p| pipeline_matches(&filter, p, &all)).cloned().collect();
        assert_eq!(all_pipelines(store, repo, &filter, false).await, want, "{filter:?}");
        let mut newest_first = want.clone();
        newest_first.reverse();
        assert_eq!(all_pipelines(store, repo, &filter, true).await, newest_first, "{filter:?}");
        assert_eq!(
            store.count_pipelines(repo, filter.clone()).await.unwrap(),
            want.len() as u64,
            "{filter:?}"
        );
        for offset in [0, 3, 59, 1_000] {
            let window = window(PipelineOrder::Id, true, Start::Offset(offset), 5);
            let page = store.find_pipelines(repo, filter.clone(), window).await.unwrap();
            let want: Vec<Pipeline> = newest_first.iter().skip(offset as usize).take(5).cloned().collect();
            assert_eq!(page.items, want, "{filter:?} from {offset}");
        }
        type Key = fn(&Pipeline) -> (String, i64);
        let orders: [(PipelineOrder, Key); 3] = [
            (PipelineOrder::Status, |p| (p.status.as_str().into(), 0)),
            (PipelineOrder::Ref, |p| (p.identity.git_ref.clone(), 0)),
            (PipelineOrder::UpdatedAt, |p| (String::new(), p.updated_at.as_millisecond())),
        ];
        for (order, key) in orders {
            let mut sorted = want.clone();
            sorted.sort_by_key(|p| (key(p), p.id));
            let page = store
                .find_pipelines(repo, filter.clone(), window(order, false, Start::Offset(2), 100))
                .await
                .unwrap();
            assert_eq!(page.items, sorted.get(2..).unwrap_or_default(), "{filter:?} by {order:?}");
        }
    }
}

#[tokio::test]
async fn jobs_are_found_by_every_filter() {
    let opened = open().await;
    let store = &*opened.store;
    let repo = fill(store).await;
    let all = all_jobs(store, repo, &JobFilter::default(), false).await;
    assert_eq!(all.len(), 144);
    let s = |text: &str| Some(text.to_owned());
    let span = |since, until| TimeRange { since: Some(at(since)), until: Some(at(until)) };
    let none = JobFilter::default;
    for filter in [
        none(),
        JobFilter { pipeline: Some(PipelineId::new(11).unwrap()), ..none() },
        JobFilter { pipeline: Some(PipelineId::new(99).unwrap()), ..none() },
        JobFilter {
            pipeline: Some(PipelineId::new(1).unwrap()),
            newest: Some(true),
            statuses: vec![Pending],
            ..none()
        },
        JobFilter { statuses: vec![Running], ..none() },
        JobFilter { statuses: vec![Failed, TimedOut, Pending], ..none() },
        JobFilter { newest: Some(false), ..none() },
        JobFilter { newest: Some(true), ..none() },
        JobFilter { git_ref: s("dev"), ..none() },
        JobFilter { sha: s("20"), ..none() },
        JobFilter { sha: s(&format!("{:02x}{:038x}", 0, 3)), ..none() },
        JobFilter { source: s("jenkins"), ..none() },
        JobFilter { stage: s("stage1"), ..none() },
        JobFilter { name: s("unit"), ..none() },
        JobFilter { third_build_id: s("10-unit-1"), ..none() },
        JobFilter { created: span(1_005, 1_015), ..none() },
        JobFilter { updated: span(1_000, 1_030), ..none() },
        JobFilter { text: s("100%"), ..none() },
        JobFilter { text: s("lin"), ..none() },
        JobFilter {
            name: s("unit"),
            git_ref: s("main"),
            statuses: vec![Success, Failed],
            source: s("external"),
            ..none()
        },
        JobFilter { sha: s("00"), name: s("lint"), source: s("jenkins"), stage: s("stage1"), ..none() },
        JobFilter { git_ref: s("refs/tags/v1"), newest: Some(true), created: span(1_000, 1_040), ..none() },
        JobFilter { third_build_id: s("10-unit-1"), git_ref: s("main"), ..none() },
    ] {
        let want: Vec<FoundJob> = all.iter().filter(|found| job_matches(&filter, found)).cloned().collect();
        assert_eq!(all_jobs(store, repo, &filter, false).await, want, "{filter:?}");
        let mut newest_first = want.clone();
        newest_first.reverse();
        assert_eq!(all_jobs(store, repo, &filter, true).await, newest_first, "{filter:?}");
        assert_eq!(store.count_jobs(repo, filter.clone()).await.unwrap(), want.len() as u64, "{filter:?}");
        for offset in [0, 3, 143, 1_000] {
            let page = store
                .find_jobs(repo, filter.clone(), window(JobOrder, true, Start::Offset(offset), 5))
                .await
                .unwrap();
            let want: Vec<FoundJob> = newest_first.iter().skip(offset as usize).take(5).cloned().collect();
            assert_eq!(page.items, want, "{filter:?} from {offset}");
        }
    }
}

#[tokio::test]
async fn a_job_is_found_with_its_context() {
    let opened = open().await;
    let store = &*opened.store;
    let repo = fill(store).await;
    let all = all_jobs(store, repo, &JobFilter::default(), false).await;
    let last = all.last().unwrap();
    assert_eq!(store.job(repo, last.job.id).await.unwrap().as_ref(), Some(last));
    assert_eq!(last.stage, "stage1");
    assert_eq!(last.reporter.as_ref().map(|r| r.name.as_str()), Some("root"));
    assert_eq!(last.last_report_at, at(1_059));
    assert_eq!(last.pipeline.id.get(), 60);
    assert_eq!(store.job(repo, domain::model::ids::JobId::new(9_999).unwrap()).await.unwrap(), None);
    assert_eq!(store.commits(repo, "00", 2).await.unwrap().len(), 2);
    let sha = last.pipeline.identity.sha.as_str();
    assert_eq!(store.commits(repo, sha, 2).await.unwrap(), [sha]);
}

#[tokio::test]
async fn counts_follow_every_change() {
    let opened = open().await;
    let store = &*opened.store;
    let root = root(store).await;
    let repo = repository(store, &root, "acme/demo").await;
    let count = |status| async move {
        let jobs = JobFilter { statuses: vec![status], ..JobFilter::default() };
        let pipelines = PipelineFilter { statuses: vec![status], ..PipelineFilter::default() };
        (store.count_jobs(repo, jobs).await.unwrap(), store.count_pipelines(repo, pipelines).await.unwrap())
    };
    for (line, running, success) in [
        ("s/a:running#1", (1, 1), (0, 0)),
        ("s/b:running#1", (2, 1), (0, 0)),
        ("s/a:success#1", (1, 1), (1, 0)),
        ("s/b:success#1", (0, 0), (2, 1)),
        ("s/b:running#2", (1, 1), (2, 0)),
    ] {
        store.record(batch(repo, &root, vec![report('a', line)])).await.unwrap();
        assert_eq!((count(Running).await, count(Success).await), (running, success), "{line}");
    }
    assert_eq!(store.count_jobs(repo, JobFilter::default()).await.unwrap(), 3);
}

#[tokio::test]
async fn the_stages_of_several_pipelines_are_in_display_order() {
    let opened = open().await;
    let store = &opened.store;
    let root = root(&**store).await;
    let repo = repository(&**store, &root, "acme/demo").await;
    let other = repository(&**store, &root, "acme/other").await;
    for (sha, jobs) in
        [('a', &["z/x:success#1", "y/x:failed#2"][..]), ('b', &["y/x:running#3"]), ('c', &["w/x:success#4"])]
    {
        let mut reports: Vec<_> = jobs.iter().map(|job| report(sha, job)).collect();
        for (at, report) in reports.iter_mut().enumerate() {
            report.stage_order = Some(10 - i32::try_from(at).unwrap());
        }
        for repo in [repo, other] {
            store.record(batch(repo, &root, reports.clone())).await.unwrap();
        }
    }
    let ids = [1, 2, 77].map(|id| PipelineId::new(id).unwrap());
    let found = store.stages(repo, &ids).await.unwrap();
    let names = |id: PipelineId| found[&id].iter().map(|s| (s.name.as_str(), s.status)).collect::<Vec<_>>();
    assert_eq!(names(ids[0]), [("y", Failed), ("z", Success)]);
    assert_eq!(names(ids[1]), [("y", Running)]);
    assert_eq!(found.len(), 2, "only of the requested pipelines");
    assert!(store.stages(repo, &[]).await.unwrap().is_empty());
}

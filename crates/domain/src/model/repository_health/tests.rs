//! The health of branches and the order of repositories.

use super::*;
use crate::model::repositories::Visibility;
use crate::model::repositories::tests::repository;
use crate::model::roles::Role;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// Pipelines, newest first: `status[/seconds]`, with the ids 9, 8... Each starts at ten times its id.
fn branch(text: &str) -> BranchHealth {
    let pipeline = |(id, word): (i64, &str)| {
        let (status, seconds) = word.split_once('/').map_or((word, None), |(status, s)| (status, Some(s)));
        let status = Status::parse(status).unwrap();
        let started_at = (status != Status::Pending).then(|| at(10 * id));
        let end = |seconds: &str| at(10 * id + seconds.parse::<i64>().unwrap());
        BranchPipeline {
            id: PipelineId::new(id).unwrap(),
            sha: format!("{id:040x}"),
            status,
            created_at: at(10 * id - 1),
            started_at,
            finished_at: seconds.map(end),
            version: 1,
        }
    };
    BranchHealth { pipelines: (1..10).rev().zip(text.split_whitespace()).map(pipeline).collect() }
}

fn overview(id: i64, path: &str, pipelines: &str) -> RepositoryOverview {
    let repository = Repository { path: path.into(), ..repository(id, Visibility::Private) };
    RepositoryOverview { repository, role: Role::Read, branch: branch(pipelines), running_elsewhere: 0 }
}

#[test]
fn the_health_follows_from_the_newest_result_and_the_newest_pipeline() {
    let id = |pipeline: Option<&BranchPipeline>| pipeline.map(|pipeline| pipeline.id.get());
    for (pipelines, health, current, result, failing_since) in [
        ("", Health::Empty, None, None, None),
        ("pending", Health::Running, Some(9), None, None),
        ("running success", Health::Running, Some(9), Some(8), None),
        ("running failed success", Health::Failing, Some(9), Some(8), Some(8)),
        ("success failed", Health::Passing, None, Some(9), None),
        ("failed timedout success failed", Health::Failing, None, Some(9), Some(8)),
        ("timedout", Health::Failing, None, Some(9), Some(9)),
        // What was canceled or skipped says nothing.
        ("canceled failed", Health::Failing, None, Some(8), Some(8)),
        ("skipped success", Health::Passing, None, Some(8), None),
        ("failed canceled failed success", Health::Failing, None, Some(9), Some(7)),
        ("canceled skipped", Health::Unknown, None, None, None),
        // An older pipeline that never ended is not current.
        ("success running", Health::Passing, None, Some(9), None),
        ("canceled running", Health::Unknown, None, None, None),
    ] {
        let branch = branch(pipelines);
        let found = (branch.health(), id(branch.current()), id(branch.result()), id(branch.failing_since()));
        assert_eq!(found, (health, current, result, failing_since), "{pipelines}");
    }
    assert_eq!(id(branch("canceled skipped").last_finished()), Some(9));
    assert_eq!(id(branch("canceled success").last_finished()), Some(8));
    for health in Health::ALL {
        assert_eq!(Health::parse(health.as_str()), Some(health));
    }
}

#[test]
fn progress_is_measured_by_the_median_of_successful_pipelines() {
    let seconds = SignedDuration::from_secs;
    for (pipelines, median) in [
        ("success/30 success/10 success/20", Some(20)),
        ("success/30 failed/1 failed/1 timedout/900", Some(30)),
        ("failed/7 canceled/1", Some(7)),
        ("canceled/1 skipped/1 running", None),
        ("success", None),
        ("success/-5", None),
    ] {
        assert_eq!(branch(pipelines).median(), median.map(seconds), "{pipelines}");
    }
    let progress = |pipelines: &str, now: i64| {
        let progress = branch(pipelines).progress(at(now));
        progress.map(|progress| (progress.elapsed.as_secs(), progress.percent()))
    };
    // The current pipeline started at 90.
    assert_eq!(progress("running success/20", 95), Some((5, Some(25))));
    assert_eq!(progress("running success/20", 500), Some((410, Some(100))));
    assert_eq!(progress("running success/20", 80), Some((0, Some(0))), "the clock of the reporter is ahead");
    assert_eq!(progress("running", 95), Some((5, None)));
    assert_eq!(progress("running success/0", 95), Some((5, None)));
    assert_eq!(progress("pending success/20", 95), None);
    assert_eq!(progress("success/20", 95), None);
}

#[test]
fn failing_repositories_are_first_and_archived_ones_last() {
    let mut archived = overview(9, "acme/a-archived", "failed");
    archived.repository.archived = true;
    let all = vec![
        archived,
        overview(1, "acme/z", "failed"),
        overview(2, "acme/empty", ""),
        overview(3, "acme/passing", "success"),
        overview(4, "acme/running", "running success"),
        overview(5, "acme/unknown", "canceled"),
        overview(6, "acme/b", "running failed"),
    ];
    let paths =
        |page: &HealthPage| page.repositories.iter().map(|of| of.repository.path.clone()).collect::<Vec<_>>();
    let arrange = |only: &[Health], offset, limit| {
        let found = FoundRepositories { repositories: all.clone(), total: 7 };
        HealthPage::arrange(found, only, Page { offset, limit })
    };
    let page = arrange(&[], 0, 100);
    let order = ["b", "z", "running", "passing", "unknown", "empty", "a-archived"];
    assert_eq!(paths(&page), order.map(|name| format!("acme/{name}")));
    let counts = page.counts.unwrap();
    assert_eq!(Health::ALL.map(|health| counts.get(health)), [2, 1, 1, 1, 1], "without archived ones");
    assert_eq!((paths(&arrange(&[], 1, 2)), page.total), (vec!["acme/z".into(), "acme/running".into()], 7));
    let few = arrange(&[Health::Passing, Health::Empty], 0, 100);
    assert_eq!((paths(&few), few.total), (vec!["acme/passing".into(), "acme/empty".into()], 2));
    assert_eq!(few.counts, page.counts, "the numbers do not depend on the filter");
    assert_eq!(paths(&arrange(&[], 50, 10)), Vec::<String>::new());
}

#[test]
fn more_repositories_than_are_ordered_stay_as_they_were_found() {
    let found = vec![overview(1, "acme/a", "success"), overview(2, "acme/b", "failed")];
    let total = u64::from(RANKED_MAX) + 1;
    let many = FoundRepositories { repositories: found.clone(), total };
    let page = HealthPage::arrange(many, &[Health::Failing], Page { offset: 20, limit: 2 });
    assert_eq!(page, HealthPage { repositories: found, total, counts: None });
}

#[test]
fn the_pipelines_that_ended_last_come_from_all_repositories() {
    let all = [overview(1, "acme/a", "running success/100 failed/1"), overview(2, "acme/b", "canceled/20")];
    let latest = latest_finished(&all, 10);
    let found: Vec<_> = latest.iter().map(|(of, pipeline)| (of.path.as_str(), pipeline.id.get())).collect();
    assert_eq!(found, [("acme/a", 8), ("acme/b", 9), ("acme/a", 7)]);
    assert_eq!(latest_finished(&all, 1).len(), 1);
}

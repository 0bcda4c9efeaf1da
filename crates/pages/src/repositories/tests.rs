//! The first page, and samples for the tests of the wall and the feeds.

use super::*;
use crate::layout::tests::frame;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::page::Page;
use domain::model::repositories::Repository;
use domain::model::repository_health::{BranchHealth, BranchPipeline, FoundRepositories};
use domain::model::roles::Role;
use domain::{SignedDuration, Timestamp};

/// A repository with pipelines of these statuses, newest first. Each took two minutes; the newest started one minute
/// before the time of the frame.
pub(crate) fn overview(id: i64, path: &str, statuses: &[Status]) -> RepositoryOverview {
    let (id, path) = (RepositoryId::new(id).unwrap(), path.to_owned());
    let repository = Repository { id, path, ..crate::samples::repository() };
    let pipeline = |(age, status): (i64, &Status)| {
        let started_at: Timestamp = frame().now - SignedDuration::from_secs(60 + 3_600 * age);
        let finished_at = status.is_finished().then(|| started_at + SignedDuration::from_secs(120));
        BranchPipeline {
            id: PipelineId::new(100 - age).unwrap(),
            sha: format!("{age:040x}"),
            status: *status,
            created_at: started_at,
            started_at: Some(started_at),
            finished_at,
            version: 1,
        }
    };
    let branch = BranchHealth { pipelines: (0..).zip(statuses).map(pipeline).collect() };
    RepositoryOverview { repository, role: Role::Read, branch, running_elsewhere: 0 }
}

pub(crate) fn list(repositories: Vec<RepositoryOverview>) -> HealthPage {
    let total = repositories.len() as u64;
    HealthPage::arrange(FoundRepositories { repositories, total }, &[], Page { offset: 0, limit: 100 })
}

fn page(frame: &Frame, list: &HealthPage, only: &[Health]) -> String {
    let pager = Pager::default();
    Repositories { frame, q: "", only, list, pager, etag: "\"1\"" }.html()
}

#[test]
fn failing_repositories_are_first_and_running_ones_show_their_progress() {
    use Status::{Failed, Running, Success};
    let mut busy = overview(3, "acme/<b>busy", &[Running, Success, Success]);
    busy.running_elsewhere = 4;
    let list = list(vec![
        overview(1, "acme/a", &[Success]),
        overview(2, "acme/broken", &[Running, Failed, Success]),
        busy,
        overview(4, "acme/new", &[]),
    ]);
    let frame = frame();
    let html = page(&frame, &list, &[]);
    let place = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text} in {html}"));
    let places = ["acme/broken<", "acme/&#60;b&#62;busy<", ">acme/a<", "acme/new<"].map(place);
    assert!(places.is_sorted(), "{places:?}");
    assert!(html.contains("value=\"50\"") && html.contains("1:00</span> / 2:00"), "{html}");
    assert!(html.contains("1 failing") && html.contains("?health=failing"), "{html}");
    assert!(html.contains("/repositories/3/pipelines?status=pending%2Crunning"), "{html}");
    assert!(html.contains("4 running on other refs") && html.contains(" data-active"), "{html}");
    assert!(html.contains("href=\"/wall\"") && html.contains("href=\"/feed.atom\""), "{html}");
}

#[test]
fn a_selected_health_leads_back_to_all() {
    let list =
        HealthPage { repositories: Vec::new(), ..list(vec![overview(1, "acme/a", &[Status::Success])]) };
    let frame = frame();
    let html = page(&frame, &list, &[Health::Failing]);
    assert!(html.contains("href=\"/repositories\" aria-current=\"true\">0 failing"), "{html}");
    assert!(!html.contains("First steps"), "{html}");
    assert!(page(&frame, &HealthPage::default(), &[]).contains("First steps"));
}

#[test]
fn too_many_repositories_say_that_they_are_in_order_of_path() {
    let found = FoundRepositories { repositories: vec![overview(1, "acme/a", &[])], total: 5_000 };
    let list = HealthPage::arrange(found, &[], Page { offset: 0, limit: 1 });
    let html = page(&frame(), &list, &[]);
    assert!(html.contains("5000 in total") && html.contains("sorted by path"), "{html}");
}

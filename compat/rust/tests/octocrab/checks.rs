//! Check runs and check suites with typed responses: created, changed with annotations, tried again and listed.

use crate::{OWNER, REPO, connect, refused, sha, start};
use octocrab::checks::ChecksHandler;
use octocrab::models::checks::CheckRun;
use octocrab::params::checks::{
    CheckRunConclusion, CheckRunOutput, CheckRunOutputAnnotation, CheckRunOutputAnnotationLevel,
    CheckRunStatus,
};
use octocrab::params::repos::Commitish;
use serde_json::json;

/// More than three pages of 50.
const MANY: u32 = 160;
const RACING: u32 = 64;

/// Output with annotations of these lines.
fn output(lines: std::ops::Range<u32>) -> CheckRunOutput {
    let annotation = |line| CheckRunOutputAnnotation {
        path: "src/main.rs".to_owned(),
        start_line: line,
        end_line: line,
        start_column: Some(1),
        end_column: None,
        annotation_level: CheckRunOutputAnnotationLevel::Warning,
        message: format!("line {line}"),
        title: None,
        raw_details: None,
    };
    CheckRunOutput {
        title: "有误".to_owned(),
        summary: "**bold**".to_owned(),
        text: Some("text".to_owned()),
        annotations: lines.map(annotation).collect(),
        images: Vec::new(),
    }
}

async fn create(
    checks: &ChecksHandler<'_>,
    name: &str,
    build: &str,
    conclusion: Option<CheckRunConclusion>,
) -> octocrab::Result<CheckRun> {
    let run = checks.create_check_run(name, sha(1)).external_id(build);
    let run = run.details_url(format!("https://ci.example.com/{build}"));
    match conclusion {
        Some(conclusion) => run.conclusion(conclusion).send().await,
        None => run.status(CheckRunStatus::InProgress).send().await,
    }
}

/// Every check run of the commit, page by page.
async fn every(checks: &ChecksHandler<'_>) -> Vec<CheckRun> {
    let mut all = Vec::new();
    for page in 1_u32.. {
        let list = checks.list_check_runs_for_git_ref(Commitish(sha(1))).per_page(50).page(page);
        let list = list.send().await.unwrap();
        if list.check_runs.is_empty() {
            assert_eq!(all.len() as u64, list.total_count);
            break;
        }
        all.extend(list.check_runs);
    }
    all
}

#[tokio::test]
async fn a_check_run_from_its_beginning_to_the_success_of_a_retry() {
    let (_server, client) = start();
    let checks = client.checks(OWNER, REPO);
    let queued = checks.create_check_run("lint", sha(1)).external_id("1").status(CheckRunStatus::Queued);
    let queued = queued.send().await.unwrap();
    assert_eq!((queued.conclusion.as_deref(), queued.started_at), (None, None));
    let (started, ended) = ("2026-11-24T10:00:00Z".parse().unwrap(), "2026-11-24T10:02:00Z".parse().unwrap());
    let running = checks.update_check_run(queued.id).status(CheckRunStatus::InProgress).started_at(started);
    let running = running.send().await.unwrap();
    assert_eq!((running.id, running.started_at), (queued.id, Some(started)));
    let failed = checks.update_check_run(queued.id).conclusion(CheckRunConclusion::Failure);
    let failed = failed.completed_at(ended).output(output(1..41)).send().await.unwrap();
    assert_eq!((failed.conclusion.as_deref(), failed.completed_at), (Some("failure"), Some(ended)));
    // The second request has more annotations, and repeats some.
    checks.update_check_run(queued.id).output(output(31..61)).send().await.unwrap();
    let read = checks.get_check_run(queued.id).send().await.unwrap();
    let said = &read.output;
    assert_eq!((said.title.as_deref(), said.summary.as_deref()), (Some("有误"), Some("**bold**")));
    assert_eq!((said.text.as_deref(), said.annotations_count), (Some("text"), 60));
    let annotations = checks.list_annotations(queued.id).per_page(100).send().await.unwrap();
    let lines: Vec<u32> = annotations.iter().map(|one| one.start_line).collect();
    assert_eq!(lines, (1..61).collect::<Vec<_>>());
    let again = create(&checks, "lint", "2", Some(CheckRunConclusion::Success)).await.unwrap();
    assert!(again.id > queued.id);
    let listed: Vec<_> = every(&checks).await.into_iter().map(|run| (run.id, run.conclusion)).collect();
    assert_eq!(listed, [(again.id, Some("success".to_owned()))]);
    let suites = checks.list_check_suites_for_git_ref(Commitish(sha(1))).per_page(100).send().await.unwrap();
    let suite = &suites.check_suites[0];
    assert_eq!((suites.total_count, suite.conclusion.as_deref()), (1, Some("success")));
    assert_eq!(checks.get_check_suite(suite.id).send().await.unwrap(), *suite);
    let of_suite = checks.list_check_runs_in_a_check_suite(suite.id).send().await.unwrap();
    assert_eq!(of_suite.check_runs.iter().map(|run| run.id).collect::<Vec<_>>(), [again.id]);
}

#[tokio::test]
async fn every_conclusion_reads_back() {
    use CheckRunConclusion::{
        ActionRequired, Cancelled, Failure, Neutral, Skipped, Stale, Success, TimedOut,
    };
    let (_server, client) = start();
    let checks = client.checks(OWNER, REPO);
    for (conclusion, name) in [
        (ActionRequired, "action_required"),
        (Cancelled, "cancelled"),
        (Failure, "failure"),
        (Neutral, "neutral"),
        (Skipped, "skipped"),
        (Stale, "stale"),
        (Success, "success"),
        (TimedOut, "timed_out"),
    ] {
        let run = create(&checks, name, "1", Some(conclusion)).await.unwrap();
        let read = checks.get_check_run(run.id).send().await.unwrap();
        assert_eq!(read.conclusion.as_deref(), Some(name));
    }
}

#[tokio::test]
async fn all_pages_have_each_check_run_once() {
    let (_server, client) = start();
    let checks = client.checks(OWNER, REPO);
    for n in 0..MANY {
        create(&checks, &format!("check {n}"), "1", Some(CheckRunConclusion::Success)).await.unwrap();
    }
    let names: Vec<_> = every(&checks).await.into_iter().map(|run| run.name).collect();
    assert_eq!(names, (0..MANY).rev().map(|n| format!("check {n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn racing_check_runs_are_of_one_attempt() {
    let (server, client) = start();
    let racing: Vec<_> = (0..RACING)
        .map(|n| {
            let client = client.clone();
            let conclusion = (n % 2 == 1).then_some(CheckRunConclusion::Success);
            tokio::spawn(async move {
                create(&client.checks(OWNER, REPO), "race", "1", conclusion).await.unwrap().id
            })
        })
        .collect();
    let mut ids = Vec::new();
    for task in racing {
        ids.push(task.await.unwrap());
    }
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let pipelines = server.cli(&["pipelines", "--repo", "acme/demo"]);
    let found = pipelines.as_array().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["status"], &found[0]["job_count"]), (&json!("success"), &json!(1)));
}

#[tokio::test]
async fn refused_check_runs_have_the_messages_of_github() {
    let (server, client) = start();
    let checks = client.checks(OWNER, REPO);
    let wrong = connect(&server, "wrong");
    let wrong = create(&wrong.checks(OWNER, REPO), "refused", "1", None).await;
    assert_eq!(refused(wrong), (401, "Bad credentials".to_owned()));
    let absent = create(&client.checks(OWNER, "absent"), "refused", "1", None).await;
    assert_eq!(refused(absent), (404, "Not Found".to_owned()));
    let no_conclusion = checks.create_check_run("refused", sha(1)).status(CheckRunStatus::Completed);
    assert_eq!(refused(no_conclusion.send().await), (422, "Validation Failed".to_owned()));
    let many = checks.create_check_run("refused", sha(1)).output(output(1..52));
    assert_eq!(refused(many.send().await), (422, "Validation Failed".to_owned()));
    assert!(every(&checks).await.is_empty());
}

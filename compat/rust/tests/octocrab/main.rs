//! Tests with the crate `octocrab`, used as its users do: statuses with typed responses, all pages of a list, the state
//! of a branch.

mod checks;

use octocrab::models::{Status, StatusState};
use octocrab::params::repos::Reference;
use octocrab::{Error, Octocrab};
use serde_json::{Value, json};
use stagepost_compat_rust::server::{Server, TOKEN};

const OWNER: &str = "acme";
const REPO: &str = "demo";

fn connect(server: &Server, token: &str) -> Octocrab {
    let base = format!("http://{}/api/v3", server.address);
    Octocrab::builder().base_uri(base).unwrap().personal_token(token).build().unwrap()
}

/// A server with a repository, and its client.
fn start() -> (Server, Octocrab) {
    let server = Server::start();
    server.cli(&["repo", "add", &format!("{OWNER}/{REPO}"), "--default-branch", "main"]);
    let client = connect(&server, TOKEN);
    (server, client)
}

fn sha(n: u32) -> String {
    format!("{n:040x}")
}

async fn report(
    client: &Octocrab,
    n: u32,
    state: StatusState,
    context: &str,
    build: u32,
) -> octocrab::Result<Status> {
    let repository = client.repos(OWNER, REPO);
    let status = repository.create_status(sha(n), state).context(context.to_owned());
    status.target(format!("https://ci.example.com/{build}")).description("构建 100%".to_owned()).send().await
}

async fn every(client: &Octocrab, n: u32) -> Vec<Status> {
    let first = client.repos(OWNER, REPO).list_statuses(sha(n)).per_page(50).send().await.unwrap();
    client.all_pages(first).await.unwrap()
}

/// The status and the message of a refusal.
fn refused<T: std::fmt::Debug>(result: octocrab::Result<T>) -> (u16, String) {
    match result.unwrap_err() {
        Error::GitHub { source, .. } => (source.status_code.as_u16(), source.message.clone()),
        other => panic!("no refusal: {other}"),
    }
}

#[tokio::test]
async fn a_build_from_its_beginning_to_the_success_of_a_retry() {
    use StatusState::{Failure, Pending, Success};
    let (_server, client) = start();
    let repository = client.repos(OWNER, REPO);
    assert_eq!(repository.get().await.unwrap().full_name.as_deref(), Some("acme/demo"));
    let mut ids = Vec::new();
    for (state, build, of_commit) in
        [(Pending, 1, Pending), (Failure, 1, Failure), (Pending, 2, Pending), (Success, 2, Success)]
    {
        let made = report(&client, 1, state, "ci/build", build).await.unwrap();
        assert_eq!((made.state, made.context.as_deref()), (state, Some("ci/build")));
        assert_eq!(made.target_url, Some(format!("https://ci.example.com/{build}")));
        assert_eq!(made.description.as_deref(), Some("构建 100%"));
        assert_eq!(made.creator.unwrap().login, "admin");
        ids.push(made.id.unwrap());
        let combined =
            repository.combined_status_for_ref(&Reference::Branch("main".to_owned())).await.unwrap();
        assert_eq!((combined.state, combined.total_count, combined.sha), (of_commit, 1, sha(1)));
    }
    assert!(ids[0] == ids[1] && ids[1] < ids[2] && ids[2] == ids[3], "{ids:?}");
    let listed: Vec<_> = every(&client, 1).await.iter().map(|one| (one.id.unwrap(), one.state)).collect();
    assert_eq!(listed, [(ids[2], Success), (ids[0], Failure)]);
}

#[tokio::test]
async fn all_pages_have_each_status_once() {
    let (_server, client) = start();
    for n in 0..160 {
        report(&client, 1, StatusState::Success, &format!("job {n}"), 1).await.unwrap();
    }
    let contexts: Vec<_> = every(&client, 1).await.into_iter().map(|one| one.context.unwrap()).collect();
    let expected: Vec<_> = (0..160).rev().map(|n| format!("job {n}")).collect();
    assert_eq!(contexts, expected);
}

#[tokio::test]
async fn racing_reports_are_of_one_job() {
    let (server, client) = start();
    let racing = (0..64).map(|n| {
        let client = client.clone();
        let state = if n % 2 == 0 { StatusState::Pending } else { StatusState::Success };
        tokio::spawn(async move { report(&client, 1, state, "race", 1).await.unwrap().id.unwrap() })
    });
    let racing: Vec<_> = racing.collect();
    let mut ids = Vec::new();
    for task in racing {
        ids.push(task.await.unwrap());
    }
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let pipelines = server.cli(&["pipelines", "--repo", "acme/demo"]);
    let recorded = |field: &str| pipelines.as_array().unwrap().iter().map(|one| one[field].clone()).collect();
    let (statuses, jobs): (Vec<Value>, Vec<Value>) = (recorded("status"), recorded("job_count"));
    assert_eq!((statuses, jobs), (vec![json!("success")], vec![json!(1)]));
}

#[tokio::test]
async fn errors_have_the_messages_of_github() {
    let (server, client) = start();
    let wrong = report(&connect(&server, "wrong"), 1, StatusState::Success, "refused", 1).await;
    assert_eq!(refused(wrong), (401, "Bad credentials".to_owned()));
    let absent = client.repos(OWNER, "absent").create_status(sha(1), StatusState::Success).send().await;
    assert_eq!(refused(absent), (404, "Not Found".to_owned()));
    let no_sha =
        client.repos(OWNER, REPO).create_status("main".to_owned(), StatusState::Success).send().await;
    assert_eq!(refused(no_sha), (422, "No commit found for SHA: main".to_owned()));
    assert!(every(&client, 1).await.is_empty());
}

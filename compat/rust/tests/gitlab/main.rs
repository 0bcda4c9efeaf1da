//! Tests with the crate `gitlab`, used as its users do: sign-in, form-encoded requests, typed responses,
//! pages by number and by key.

use gitlab::Gitlab;
use gitlab::api::common::SortOrder;
use gitlab::api::projects::Project;
use gitlab::api::projects::jobs::{Job, JobScope, Jobs};
use gitlab::api::projects::pipelines::{Pipeline, PipelineJobs, Pipelines};
use gitlab::api::projects::repository::commits::{
    Commit, CommitStatusState, CommitStatuses, CreateCommitStatus,
};
use gitlab::api::{ApiError, Pagination, Query as _, paged};
use serde::Deserialize;
use stagepost_compat_rust::server::{Server, TOKEN};
use std::collections::BTreeSet;

const PROJECT: &str = "acme/demo";

#[derive(Debug, Deserialize)]
struct Status {
    id: u64,
    sha: String,
    #[serde(rename = "ref")]
    git_ref: String,
    status: String,
    name: String,
    target_url: Option<String>,
    description: Option<String>,
    coverage: Option<f64>,
    pipeline_id: u64,
    author: Author,
}

#[derive(Debug, Deserialize)]
struct Author {
    username: String,
}

#[derive(Debug, Deserialize)]
struct Item {
    id: u64,
    status: String,
    /// Most pipelines of GitLab have none.
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Owner {
    path_with_namespace: String,
}

#[derive(Debug, Deserialize)]
struct Head {
    id: String,
    last_pipeline: Option<Item>,
}

fn connect(server: &Server) -> Gitlab {
    server.cli(&["repo", "add", PROJECT]);
    Gitlab::new_insecure(&server.address, TOKEN).expect("the token signs in")
}

fn sha(n: u32) -> String {
    format!("{n:040x}")
}

fn status(
    name: &str,
    state: CommitStatusState,
    n: u32,
) -> gitlab::api::projects::repository::commits::CreateCommitStatusBuilder<'static> {
    let mut builder = CreateCommitStatus::builder();
    builder.project(PROJECT).commit(sha(n)).state(state).name(name.to_owned()).ref_("main");
    builder
}

#[test]
fn a_commit_from_the_first_report_to_its_end() {
    let server = Server::start();
    let gitlab = connect(&server);
    let project: Owner = Project::builder().project(PROJECT).build().unwrap().query(&gitlab).unwrap();
    assert_eq!(project.path_with_namespace, PROJECT);

    let head: Head =
        Commit::builder().project(PROJECT).commit(sha(1)).build().unwrap().query(&gitlab).unwrap();
    assert!(head.last_pipeline.is_none() && head.id == sha(1), "a commit without reports");

    let first: Status = status("build", CommitStatusState::Running, 1)
        .target_url("https://ci.example.com/1?a=b&c=d")
        .description("50% done + more")
        .coverage(80.5)
        .build()
        .unwrap()
        .query(&gitlab)
        .unwrap();
    assert_eq!(
        (first.status.as_str(), first.name.as_str(), first.git_ref.as_str()),
        ("running", "build", "main")
    );
    assert_eq!(first.target_url.as_deref(), Some("https://ci.example.com/1?a=b&c=d"));
    assert_eq!((first.description.as_deref(), first.coverage), (Some("50% done + more"), Some(80.5)));
    assert_eq!((first.sha.as_str(), first.author.username.as_str()), (sha(1).as_str(), "admin"));

    // The same status again, and another one, are of the same job. With the id of the pipeline it is the same
    // pipeline.
    let again: Status =
        status("build", CommitStatusState::Running, 1).build().unwrap().query(&gitlab).unwrap();
    assert_eq!((again.id, again.pipeline_id), (first.id, first.pipeline_id));
    let done: Status = status("build", CommitStatusState::Success, 1)
        .pipeline_id(first.pipeline_id)
        .build()
        .unwrap()
        .query(&gitlab)
        .unwrap();
    assert_eq!((done.id, done.status.as_str()), (first.id, "success"));

    let head: Head =
        Commit::builder().project(PROJECT).commit(sha(1)).build().unwrap().query(&gitlab).unwrap();
    let last = head.last_pipeline.expect("a pipeline");
    assert_eq!((last.id, last.status.as_str()), (first.pipeline_id, "success"));
    let pipeline: Item = Pipeline::builder()
        .project(PROJECT)
        .pipeline(first.pipeline_id)
        .build()
        .unwrap()
        .query(&gitlab)
        .unwrap();
    assert_eq!(pipeline.status, "success");
    let job: Item = Job::builder().project(PROJECT).job(first.id).build().unwrap().query(&gitlab).unwrap();
    assert_eq!((job.name.as_deref(), job.status.as_str()), (Some("build"), "success"));

    let listed: Vec<Item> =
        CommitStatuses::builder().project(PROJECT).commit(sha(1)).build().unwrap().query(&gitlab).unwrap();
    assert_eq!(listed.len(), 1);
}

#[test]
fn long_lists_are_complete_by_number_and_by_key() {
    const JOBS: usize = 230;
    let server = Server::start();
    let gitlab = connect(&server);
    let mut pipeline = 0;
    for n in 0..JOBS {
        let state = if n % 10 == 0 { CommitStatusState::Failed } else { CommitStatusState::Success };
        let made: Status = status(&format!("job {n}"), state, 1).build().unwrap().query(&gitlab).unwrap();
        pipeline = made.pipeline_id;
    }
    let all = PipelineJobs::builder().project(PROJECT).pipeline(pipeline).build().unwrap();
    let all: Vec<Item> = paged(all, Pagination::All).query(&gitlab).unwrap();
    let ids: BTreeSet<u64> = all.iter().map(|job| job.id).collect();
    assert_eq!((all.len(), ids.len()), (JOBS, JOBS), "each once");
    assert!(all.windows(2).all(|pair| pair[0].id > pair[1].id), "newest first");

    // The crate uses keyset pagination for this endpoint.
    let failed = Jobs::builder().project(PROJECT).scope(JobScope::Failed).build().unwrap();
    let failed: Vec<Item> = paged(failed, Pagination::All).query(&gitlab).unwrap();
    assert_eq!(failed.len(), JOBS / 10);
    let every: Vec<Item> =
        paged(Jobs::builder().project(PROJECT).build().unwrap(), Pagination::All).query(&gitlab).unwrap();
    assert_eq!(every.iter().map(|job| job.id).collect::<BTreeSet<_>>(), ids);

    for n in 2..130 {
        let _: Status =
            status("build", CommitStatusState::Success, n).build().unwrap().query(&gitlab).unwrap();
    }
    let pipelines = Pipelines::builder().project(PROJECT).sort(SortOrder::Ascending).build().unwrap();
    let pipelines: Vec<Item> = paged(pipelines, Pagination::Limit(150)).query(&gitlab).unwrap();
    assert_eq!(pipelines.len(), 129);
    assert!(pipelines.windows(2).all(|pair| pair[0].id < pair[1].id));
}

#[test]
fn errors_have_the_messages_of_gitlab() {
    let server = Server::start();
    let gitlab = connect(&server);
    let message = |error: ApiError<gitlab::RestError>| error.to_string();
    let unknown = CreateCommitStatus::builder()
        .project("acme/none")
        .commit(sha(1))
        .state(CommitStatusState::Success)
        .build()
        .unwrap();
    let refused = gitlab::api::ignore(unknown).query(&gitlab).unwrap_err();
    assert!(message(refused).contains("404 Project Not Found"));
    let name = "n".repeat(256);
    let wrong = status(&name, CommitStatusState::Success, 1).build().unwrap();
    let refused = gitlab::api::ignore(wrong).query(&gitlab).unwrap_err();
    assert!(message(refused).contains("is too long (maximum is 255 characters)"));
    assert!(Gitlab::new_insecure(&server.address, "wrong").is_err());
}

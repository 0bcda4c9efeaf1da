//! The build systems of code hosts: GitHub, Gitea, Forgejo, GitLab, Bitbucket.

use super::{BuildSystem, Fork, NONE};

/// GitHub Actions. Forgejo and Gitea have its variables as well.
pub const GITHUB: BuildSystem = BuildSystem {
    title: "GitHub Actions",
    source: "github",
    marker: &["{GITHUB_ACTIONS}"],
    sha: &["{GITHUB_SHA}"],
    pull_request: &["{GITHUB_HEAD_REF}", "{GITHUB_REF^refs/pull/}"],
    pull_request_sha: &["{event.pull_request.head.sha}"],
    git_ref: &["{GITHUB_HEAD_REF}", "{event.pull_request.head.ref}", "{GITHUB_REF}", "{GITHUB_REF_NAME}"],
    fork: Some(Fork {
        source: "{event.pull_request.head.repo.full_name}",
        target: "{event.pull_request.base.repo.full_name}",
        git_ref: "refs/pull/{event.pull_request.number}/head",
    }),
    name: &["{GITHUB_JOB}"],
    stage: &["{GITHUB_WORKFLOW} ({GITHUB_EVENT_NAME^pull_request})", "{GITHUB_WORKFLOW}"],
    build_id: &["{GITHUB_RUN_ID}-{GITHUB_RUN_ATTEMPT}-{GITHUB_JOB}", "{GITHUB_RUN_ID}-1-{GITHUB_JOB}"],
    attempt: &["{GITHUB_RUN_ATTEMPT}"],
    url: &[
        "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}/attempts/{GITHUB_RUN_ATTEMPT}",
        "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",
    ],
    run: &["{GITHUB_RUN_ID}-{GITHUB_RUN_ATTEMPT}", "{GITHUB_RUN_ID}-1"],
    job: &[
        "{GITHUB_JOB} {file:RUNNER_TEMP}",
        "{GITHUB_JOB} {RUNNER_TRACKING_ID} {RUNNER_NAME}",
        "{GITHUB_JOB} {RUNNER_NAME}",
    ],
    hint: &["{RUNNER_NAME}"],
    retries_single_jobs: true,
    ..NONE
};

/// Gitea Actions: its runner does not empty `RUNNER_TEMP`, and its links contain the number of the run.
pub const GITEA: BuildSystem = BuildSystem {
    title: "Gitea Actions",
    source: "gitea",
    marker: &["{GITEA_ACTIONS}"],
    url: &["{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_NUMBER}"],
    job: &[
        "{GITHUB_JOB} {RUNNER_NAME} {HOSTNAME} {GITHUB_WORKSPACE}",
        "{GITHUB_JOB} {RUNNER_NAME} {GITHUB_WORKSPACE}",
        "{GITHUB_JOB} {HOSTNAME} {GITHUB_WORKSPACE}",
    ],
    ..GITHUB
};

/// Forgejo Actions.
pub const FORGEJO: BuildSystem =
    BuildSystem { title: "Forgejo Actions", source: "forgejo", marker: &["{FORGEJO_ACTIONS}"], ..GITEA };

/// GitLab CI/CD.
pub const GITLAB: BuildSystem = BuildSystem {
    title: "GitLab CI/CD",
    source: "gitlab",
    marker: &["{GITLAB_CI}"],
    sha: &[
        "{CI_MERGE_REQUEST_SOURCE_BRANCH_SHA}",
        "{CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA}",
        "{CI_COMMIT_SHA}",
    ],
    git_ref: &[
        "refs/tags/{CI_COMMIT_TAG}",
        "{CI_MERGE_REQUEST_SOURCE_BRANCH_NAME}",
        "{CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME}",
        "{CI_COMMIT_REF_NAME}",
    ],
    fork: Some(Fork {
        source: "{CI_MERGE_REQUEST_SOURCE_PROJECT_ID}",
        target: "{CI_MERGE_REQUEST_PROJECT_ID}",
        git_ref: "refs/merge-requests/{CI_MERGE_REQUEST_IID}/head",
    }),
    name: &["{CI_JOB_NAME}"],
    stage: &[
        "{CI_JOB_STAGE} ({CI_PIPELINE_SOURCE=merge_request_event})",
        "{CI_JOB_STAGE} ({CI_PIPELINE_SOURCE=external_pull_request_event})",
        "{CI_JOB_STAGE} ({CI_PIPELINE_SOURCE=parent_pipeline} {CI_PIPELINE_ID})",
        "{CI_JOB_STAGE}",
    ],
    leg: &["{CI_NODE_INDEX}/{CI_NODE_TOTAL}"],
    name_has_leg: true,
    build_id: &["{CI_JOB_ID}"],
    url: &["{CI_JOB_URL}"],
    run: &["{CI_PIPELINE_ID}"],
    job: &["{CI_JOB_NAME}"],
    hint: &["{CI_JOB_NAME}"],
    ..NONE
};

/// Bitbucket Pipelines.
pub const BITBUCKET: BuildSystem = BuildSystem {
    title: "Bitbucket Pipelines",
    source: "bitbucket",
    marker: &["{BITBUCKET_BUILD_NUMBER}"],
    sha: &["{BITBUCKET_COMMIT}"],
    git_ref: &["refs/tags/{BITBUCKET_TAG}", "{BITBUCKET_BRANCH}"],
    stage: &["pull request {BITBUCKET_PR_ID}"],
    leg: &["{BITBUCKET_PARALLEL_STEP+1}/{BITBUCKET_PARALLEL_STEP_COUNT}"],
    build_id: &[
        "{BITBUCKET_BUILD_NUMBER}-{BITBUCKET_STEP_UUID}-{BITBUCKET_STEP_RUN_NUMBER}",
        "{BITBUCKET_BUILD_NUMBER}-{BITBUCKET_STEP_UUID}",
    ],
    attempt: &["{BITBUCKET_STEP_RUN_NUMBER}"],
    url: &["https://bitbucket.org/{BITBUCKET_REPO_FULL_NAME}/pipelines/results/{BITBUCKET_BUILD_NUMBER}"],
    run: &["{BITBUCKET_BUILD_NUMBER}"],
    job: &["{BITBUCKET_STEP_UUID}"],
    hint: &["{BITBUCKET_STEP_UUID}"],
    ..NONE
};

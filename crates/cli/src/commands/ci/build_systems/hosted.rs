//! Build systems that are services.

use super::{BuildSystem, Fork, NONE};

/// Buildkite.
pub const BUILDKITE: BuildSystem = BuildSystem {
    title: "Buildkite",
    source: "buildkite",
    marker: &["{BUILDKITE}"],
    sha: &["{BUILDKITE_COMMIT}"],
    git_ref: &["refs/tags/{BUILDKITE_TAG}", "{BUILDKITE_BRANCH}"],
    name: &["{BUILDKITE_LABEL}", "{BUILDKITE_STEP_KEY}"],
    stage: &["{BUILDKITE_PIPELINE_SLUG}"],
    leg: &["{BUILDKITE_PARALLEL_JOB+1}/{BUILDKITE_PARALLEL_JOB_COUNT}"],
    build_id: &["{BUILDKITE_JOB_ID}"],
    attempt: &["{BUILDKITE_RETRY_COUNT+1}"],
    url: &["{BUILDKITE_BUILD_URL}#{BUILDKITE_JOB_ID}", "{BUILDKITE_BUILD_URL}"],
    run: &["{BUILDKITE_BUILD_ID}-{BUILDKITE_RETRY_COUNT}", "{BUILDKITE_BUILD_ID}"],
    job: &["{BUILDKITE_JOB_ID}"],
    hint: &["{BUILDKITE_STEP_KEY}", "{BUILDKITE_AGENT_NAME}"],
    retries_single_jobs: true,
    ..NONE
};

/// CircleCI.
pub const CIRCLECI: BuildSystem = BuildSystem {
    title: "CircleCI",
    source: "circleci",
    marker: &["{CIRCLECI}"],
    sha: &["{CIRCLE_SHA1}"],
    git_ref: &["refs/tags/{CIRCLE_TAG}", "{CIRCLE_BRANCH}"],
    name: &["{CIRCLE_JOB}"],
    leg: &["{CIRCLE_NODE_INDEX+1}/{CIRCLE_NODE_TOTAL}"],
    build_id: &["{CIRCLE_WORKFLOW_JOB_ID}", "{CIRCLE_BUILD_NUM}"],
    url: &["{CIRCLE_BUILD_URL}"],
    run: &["{CIRCLE_WORKFLOW_ID}"],
    job: &["{CIRCLE_WORKFLOW_JOB_ID}", "{CIRCLE_BUILD_NUM}"],
    hint: &["{CIRCLE_BUILD_NUM}"],
    retries_single_jobs: true,
    ..NONE
};

/// Azure Pipelines.
pub const AZURE: BuildSystem = BuildSystem {
    title: "Azure Pipelines",
    source: "azure",
    marker: &["{TF_BUILD}"],
    sha: &["{BUILD_SOURCEVERSION}"],
    pull_request: &["{SYSTEM_PULLREQUEST_PULLREQUESTID}", "{BUILD_REASON=PullRequest}"],
    pull_request_sha: &["{SYSTEM_PULLREQUEST_SOURCECOMMITID}"],
    git_ref: &["{SYSTEM_PULLREQUEST_SOURCEBRANCH}", "{BUILD_SOURCEBRANCH}"],
    fork: Some(Fork {
        source: "{SYSTEM_PULLREQUEST_ISFORK=True}",
        target: "",
        git_ref: "refs/pull/{SYSTEM_PULLREQUEST_PULLREQUESTNUMBER}/head",
    }),
    name: &["{SYSTEM_JOBDISPLAYNAME}", "{SYSTEM_PHASENAME}", "{SYSTEM_JOBNAME!__default}"],
    stage: &[
        "{BUILD_DEFINITIONNAME} {SYSTEM_STAGENAME!__default} ({BUILD_REASON=PullRequest})",
        "{BUILD_DEFINITIONNAME} ({BUILD_REASON=PullRequest})",
        "{BUILD_DEFINITIONNAME} {SYSTEM_STAGENAME!__default}",
        "{BUILD_DEFINITIONNAME}",
    ],
    leg: &["{SYSTEM_JOBPOSITIONINPHASE}/{SYSTEM_TOTALJOBSINPHASE}"],
    build_id: &[
        "{BUILD_BUILDID}-{SYSTEM_JOBID}-{SYSTEM_STAGEATTEMPT}-{SYSTEM_JOBATTEMPT}",
        "{BUILD_BUILDID}-{SYSTEM_JOBID}",
    ],
    attempt: &["{SYSTEM_STAGEATTEMPT}-{SYSTEM_JOBATTEMPT}"],
    url: &["{SYSTEM_COLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}"],
    run: &["{BUILD_BUILDID}-{SYSTEM_STAGEATTEMPT}-{SYSTEM_JOBATTEMPT}", "{BUILD_BUILDID}"],
    job: &["{SYSTEM_JOBID}", "{SYSTEM_PHASENAME} {SYSTEM_JOBNAME}", "{AGENT_JOBNAME}"],
    hint: &["{SYSTEM_JOBNAME!__default}", "{AGENT_NAME}"],
    retries_single_jobs: true,
    ..NONE
};

/// Travis CI.
pub const TRAVIS: BuildSystem = BuildSystem {
    title: "Travis CI",
    source: "travis",
    marker: &["{TRAVIS}"],
    sha: &["{TRAVIS_PULL_REQUEST_SHA}", "{TRAVIS_COMMIT}"],
    git_ref: &["refs/tags/{TRAVIS_TAG}", "{TRAVIS_PULL_REQUEST_BRANCH}", "{TRAVIS_BRANCH}"],
    fork: Some(Fork {
        source: "{TRAVIS_PULL_REQUEST_SLUG}",
        target: "{TRAVIS_REPO_SLUG}",
        git_ref: "refs/pull/{TRAVIS_PULL_REQUEST}/head",
    }),
    name: &["{TRAVIS_JOB_NAME}"],
    stage: &[
        "{TRAVIS_BUILD_STAGE_NAME} ({TRAVIS_EVENT_TYPE=pull_request})",
        "{TRAVIS_EVENT_TYPE=pull_request}",
        "{TRAVIS_BUILD_STAGE_NAME}",
    ],
    build_id: &["{TRAVIS_JOB_ID}", "{TRAVIS_JOB_NUMBER}"],
    url: &["{TRAVIS_JOB_WEB_URL}"],
    run: &["{TRAVIS_BUILD_ID}", "{TRAVIS_BUILD_NUMBER}"],
    job: &["{TRAVIS_JOB_ID}", "{TRAVIS_JOB_NUMBER}"],
    hint: &["{TRAVIS_JOB_NUMBER}"],
    ..NONE
};

/// AppVeyor.
pub const APPVEYOR: BuildSystem = BuildSystem {
    title: "AppVeyor",
    source: "appveyor",
    marker: &["{APPVEYOR}"],
    sha: &["{APPVEYOR_PULL_REQUEST_HEAD_COMMIT}", "{APPVEYOR_REPO_COMMIT}"],
    pull_request: &["{APPVEYOR_PULL_REQUEST_NUMBER}"],
    pull_request_sha: &["{APPVEYOR_PULL_REQUEST_HEAD_COMMIT}"],
    git_ref: &[
        "refs/tags/{APPVEYOR_REPO_TAG_NAME}",
        "{APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH}",
        "{APPVEYOR_REPO_BRANCH}",
    ],
    fork: Some(Fork {
        source: "{APPVEYOR_PULL_REQUEST_HEAD_REPO_NAME}",
        target: "{APPVEYOR_REPO_NAME}",
        git_ref: "refs/pull/{APPVEYOR_PULL_REQUEST_NUMBER}/head",
    }),
    name: &["{APPVEYOR_JOB_NAME}", "{APPVEYOR_PROJECT_SLUG}"],
    stage: &["pull request {APPVEYOR_PULL_REQUEST_NUMBER}"],
    build_id: &["{APPVEYOR_JOB_ID}"],
    url: &[
        "{APPVEYOR_URL}/project/{APPVEYOR_ACCOUNT_NAME}/{APPVEYOR_PROJECT_SLUG}/builds/{APPVEYOR_BUILD_ID}/job/{APPVEYOR_JOB_ID}",
    ],
    run: &["{APPVEYOR_BUILD_ID}"],
    job: &["{APPVEYOR_JOB_ID}"],
    hint: &["{APPVEYOR_JOB_NUMBER}"],
    ..NONE
};

/// Semaphore.
pub const SEMAPHORE: BuildSystem = BuildSystem {
    title: "Semaphore",
    source: "semaphore",
    marker: &["{SEMAPHORE}"],
    sha: &["{SEMAPHORE_GIT_PR_SHA}", "{SEMAPHORE_GIT_SHA}"],
    pull_request: &["{SEMAPHORE_GIT_REF_TYPE=pull-request}"],
    pull_request_sha: &["{SEMAPHORE_GIT_PR_SHA}"],
    git_ref: &[
        "refs/tags/{SEMAPHORE_GIT_TAG_NAME}",
        "{SEMAPHORE_GIT_PR_BRANCH}",
        "{SEMAPHORE_GIT_WORKING_BRANCH}",
        "{SEMAPHORE_GIT_BRANCH}",
    ],
    fork: Some(Fork {
        source: "{SEMAPHORE_GIT_PR_SLUG}",
        target: "{SEMAPHORE_GIT_REPO_SLUG}",
        git_ref: "refs/pull/{SEMAPHORE_GIT_PR_NUMBER}/head",
    }),
    name: &["{SEMAPHORE_JOB_NAME}"],
    stage: &[
        "{SEMAPHORE_BLOCK_NAME} ({SEMAPHORE_GIT_REF_TYPE=pull-request})",
        "{SEMAPHORE_GIT_REF_TYPE=pull-request}",
        "{SEMAPHORE_BLOCK_NAME}",
    ],
    leg: &["{SEMAPHORE_JOB_INDEX}/{SEMAPHORE_JOB_COUNT}"],
    build_id: &["{SEMAPHORE_JOB_ID}"],
    url: &["{SEMAPHORE_ORGANIZATION_URL}/jobs/{SEMAPHORE_JOB_ID}"],
    run: &["{SEMAPHORE_PIPELINE_ID}"],
    job: &["{SEMAPHORE_JOB_ID}"],
    hint: &["{SEMAPHORE_JOB_ID}"],
    retries_single_jobs: true,
    ..NONE
};

/// AWS CodeBuild.
pub const CODEBUILD: BuildSystem = BuildSystem {
    title: "AWS CodeBuild",
    source: "codebuild",
    marker: &["{CODEBUILD_BUILD_ID}"],
    sha: &["{CODEBUILD_RESOLVED_SOURCE_VERSION}"],
    git_ref: &[
        "{CODEBUILD_WEBHOOK_HEAD_REF}",
        "{CODEBUILD_WEBHOOK_TRIGGER~branch/}",
        "refs/tags/{CODEBUILD_WEBHOOK_TRIGGER~tag/}",
        "refs/pull/{CODEBUILD_WEBHOOK_TRIGGER~pr/}/head",
    ],
    name: &["{CODEBUILD_BUILD_ID:}"],
    stage: &["pull request {CODEBUILD_WEBHOOK_TRIGGER~pr/}"],
    leg: &["{CODEBUILD_BATCH_BUILD_IDENTIFIER}"],
    build_id: &["{CODEBUILD_BUILD_ID}"],
    url: &["{CODEBUILD_BUILD_URL}"],
    ..NONE
};

/// Codefresh.
pub const CODEFRESH: BuildSystem = BuildSystem {
    title: "Codefresh",
    source: "codefresh",
    marker: &["{CF_BUILD_ID}"],
    sha: &["{CF_REVISION}"],
    git_ref: &["{CF_BRANCH}"],
    name: &["{CF_STEP_NAME}", "{CF_PIPELINE_NAME}"],
    stage: &["{CF_PIPELINE_NAME}"],
    build_id: &["{CF_BUILD_ID}"],
    url: &["{CF_BUILD_URL}"],
    ..NONE
};

/// CodeArts Build. A build knows its commit only if it was started with one; the name of its task is not a parameter.
pub const CODEARTS: BuildSystem = BuildSystem {
    title: "CodeArts Build",
    source: "codearts",
    marker: &["{BUILDNUMBER} {INCREASENUM} {PROJECT_ID}"],
    sha: &["{COMMIT_ID}"],
    git_ref: &["refs/tags/{GIT_TAG}", "{codeBranch}"],
    build_id: &["{PROJECT_ID}-{BUILDNUMBER}-{INCREASENUM}"],
    ..NONE
};

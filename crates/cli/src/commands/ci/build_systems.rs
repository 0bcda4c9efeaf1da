//! The build systems: which variables hold commit, ref, name, stage, build id, link and attempt of a job. The
//! table in `docs/ci.md` is a copy of this one; a test compares them.
//!
//! Must not know: how a template is resolved; reports.

use super::templates::Alternatives;

/// The variables of a build system. An empty list means that it has no such value.
pub struct BuildSystem {
    /// The name for people.
    pub title: &'static str,
    /// The source of the reports; part of the identity of a pipeline.
    pub source: &'static str,
    /// Has a value only in a job of this build system.
    pub marker: Alternatives,
    /// The commit.
    pub sha: Alternatives,
    /// Has a value only in a build of a pull request whose other commit variables are a merge commit. Then the
    /// commit is `pull_request_sha` and nothing else.
    pub pull_request: Alternatives,
    /// The head commit of the pull request.
    pub pull_request_sha: Alternatives,
    /// The branch, or the tag as `refs/tags/NAME`. Of a pull request it is the source branch.
    pub git_ref: Alternatives,
    /// A pull request from another repository, whose branches may have the names of ours.
    pub fork: Option<Fork>,
    /// The name of the job.
    pub name: Alternatives,
    /// The stage.
    pub stage: Alternatives,
    /// What distinguishes parallel jobs that have the same name.
    pub leg: Alternatives,
    /// The name contains the leg.
    pub name_has_leg: bool,
    /// The id of the attempt.
    pub build_id: Alternatives,
    /// The number of the attempt, if the build system counts.
    pub attempt: Alternatives,
    /// The link.
    pub url: Alternatives,
    /// The run of the build system in which each job name should occur once; a retry is another run.
    pub run: Alternatives,
    /// The job within the run. Two jobs of one run with the same name differ in it.
    pub job: Alternatives,
    /// Describes the job to a person, if its name occurs twice in the run.
    pub hint: Alternatives,
    /// A retry of some jobs is another run without the others.
    pub retries_single_jobs: bool,
}

/// How a pull request from another repository is recognized, and its ref.
pub struct Fork {
    /// The repository of the source branch.
    pub source: &'static str,
    /// The repository of the target branch. A pull request whose repositories differ is from a fork; if this is
    /// empty, every pull request with a `source` is.
    pub target: &'static str,
    /// The ref.
    pub git_ref: &'static str,
}

const NONE: BuildSystem = BuildSystem {
    title: "",
    source: "",
    marker: &[],
    sha: &[],
    pull_request: &[],
    pull_request_sha: &[],
    git_ref: &[],
    fork: None,
    name: &[],
    stage: &[],
    leg: &[],
    name_has_leg: false,
    build_id: &[],
    attempt: &[],
    url: &[],
    run: &[],
    job: &[],
    hint: &[],
    retries_single_jobs: false,
};

/// GitHub Actions. Forgejo and Gitea have its variables as well.
const GITHUB: BuildSystem = BuildSystem {
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
const GITEA: BuildSystem = BuildSystem {
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

/// Every build system. The first one whose marker has a value is used.
pub const BUILD_SYSTEMS: &[BuildSystem] = &[
    BuildSystem { title: "Forgejo Actions", source: "forgejo", marker: &["{FORGEJO_ACTIONS}"], ..GITEA },
    GITEA,
    GITHUB,
    BuildSystem {
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
    },
    BuildSystem {
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
    },
    BuildSystem {
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
    },
    BuildSystem {
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
        job: &["{SYSTEM_JOBID}"],
        hint: &["{SYSTEM_JOBNAME!__default}", "{AGENT_NAME}"],
        retries_single_jobs: true,
        ..NONE
    },
    BuildSystem {
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
    },
    BuildSystem {
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
        build_id: &["{TRAVIS_JOB_ID}"],
        url: &["{TRAVIS_JOB_WEB_URL}"],
        run: &["{TRAVIS_BUILD_ID}"],
        job: &["{TRAVIS_JOB_ID}"],
        hint: &["{TRAVIS_JOB_NUMBER}"],
        ..NONE
    },
    BuildSystem {
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
    },
    BuildSystem {
        title: "Woodpecker",
        source: "woodpecker",
        marker: &["{CI=woodpecker}", "{CI_PIPELINE_NUMBER}"],
        sha: &["{CI_COMMIT_SHA}"],
        git_ref: &["refs/tags/{CI_COMMIT_TAG}", "{CI_COMMIT_SOURCE_BRANCH}", "{CI_COMMIT_BRANCH}"],
        name: &["{CI_STEP_NAME}"],
        stage: &[
            "{CI_WORKFLOW_NAME} ({CI_PIPELINE_EVENT^pull_request})",
            "{CI_PIPELINE_EVENT^pull_request}",
            "{CI_WORKFLOW_NAME}",
        ],
        build_id: &[
            "{CI_PIPELINE_NUMBER}-{CI_WORKFLOW_NUMBER}-{CI_STEP_NUMBER}",
            "{CI_PIPELINE_NUMBER}-{CI_STEP_NUMBER}",
            "{CI_PIPELINE_NUMBER}-{CI_STEP_NAME}",
        ],
        url: &["{CI_STEP_URL}", "{CI_PIPELINE_URL}"],
        run: &["{CI_PIPELINE_NUMBER}"],
        job: &["{CI_WORKFLOW_NUMBER}-{CI_STEP_NUMBER}", "{CI_WORKFLOW_NUMBER}"],
        hint: &["workflow {CI_WORKFLOW_NUMBER}"],
        ..NONE
    },
    BuildSystem {
        title: "Drone",
        source: "drone",
        marker: &["{DRONE}"],
        sha: &["{DRONE_COMMIT_SHA}", "{DRONE_COMMIT}"],
        git_ref: &["refs/tags/{DRONE_TAG}", "{DRONE_SOURCE_BRANCH}", "{DRONE_BRANCH}"],
        name: &["{DRONE_STEP_NAME}"],
        stage: &[
            "{DRONE_STAGE_NAME} ({DRONE_BUILD_EVENT=pull_request})",
            "{DRONE_BUILD_EVENT=pull_request}",
            "{DRONE_STAGE_NAME}",
        ],
        build_id: &[
            "{DRONE_BUILD_NUMBER}-{DRONE_STAGE_NUMBER}-{DRONE_STEP_NUMBER}",
            "{DRONE_BUILD_NUMBER}-{DRONE_STEP_NAME}",
        ],
        url: &["{DRONE_BUILD_LINK}/{DRONE_STAGE_NUMBER}/{DRONE_STEP_NUMBER}", "{DRONE_BUILD_LINK}"],
        run: &["{DRONE_BUILD_NUMBER}"],
        job: &["{DRONE_STAGE_NUMBER}-{DRONE_STEP_NUMBER}"],
        hint: &["stage {DRONE_STAGE_NUMBER}"],
        ..NONE
    },
    BuildSystem {
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
    },
    BuildSystem {
        title: "TeamCity",
        source: "teamcity",
        marker: &["{TEAMCITY_VERSION}"],
        sha: &["{BUILD_VCS_NUMBER}"],
        name: &["{TEAMCITY_BUILDCONF_NAME}"],
        stage: &["{TEAMCITY_PROJECT_NAME}"],
        build_id: &["{TEAMCITY_PROJECT_NAME}-{TEAMCITY_BUILDCONF_NAME}-{BUILD_NUMBER}"],
        url: &["{BUILD_URL}"],
        ..NONE
    },
    BuildSystem {
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
    },
    BuildSystem {
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
    },
    BuildSystem {
        title: "Jenkins",
        source: "jenkins",
        marker: &["{JENKINS_URL}"],
        sha: &["{ghprbActualCommit}", "{gitlabMergeRequestLastCommit}", "{GIT_COMMIT}"],
        git_ref: &[
            "refs/tags/{TAG_NAME}",
            "{CHANGE_BRANCH}",
            "{ghprbSourceBranch}",
            "{gitlabSourceBranch}",
            "{BRANCH_NAME}",
            "{GIT_BRANCH~origin/}",
            "{GIT_BRANCH}",
        ],
        fork: Some(Fork { source: "{CHANGE_FORK}", target: "", git_ref: "refs/pull/{CHANGE_ID}/head" }),
        name: &["{JOB_NAME}"],
        stage: &["{STAGE_NAME}"],
        build_id: &["{BUILD_TAG}"],
        url: &["{BUILD_URL}"],
        run: &["{BUILD_TAG}"],
        job: &["{JENKINS_NODE_COOKIE}"],
        hint: &["{NODE_NAME}"],
        ..NONE
    },
];

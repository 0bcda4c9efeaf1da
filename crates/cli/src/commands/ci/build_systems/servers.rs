//! Build systems that are installed on own servers.

use super::{BuildSystem, Fork, NONE};

/// Woodpecker.
pub const WOODPECKER: BuildSystem = BuildSystem {
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
};

/// Drone.
pub const DRONE: BuildSystem = BuildSystem {
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
};

/// TeamCity.
pub const TEAMCITY: BuildSystem = BuildSystem {
    title: "TeamCity",
    source: "teamcity",
    marker: &["{TEAMCITY_VERSION}"],
    sha: &["{BUILD_VCS_NUMBER}"],
    name: &["{TEAMCITY_BUILDCONF_NAME}"],
    stage: &["{TEAMCITY_PROJECT_NAME}"],
    build_id: &["{TEAMCITY_PROJECT_NAME}-{TEAMCITY_BUILDCONF_NAME}-{BUILD_NUMBER}"],
    url: &["{BUILD_URL}"],
    ..NONE
};

/// Buildbot. It sets no variables: the `env` of the step passes properties of the build, as docs/ci.md shows.
pub const BUILDBOT: BuildSystem = BuildSystem {
    title: "Buildbot",
    source: "buildbot",
    marker: &["{BUILDBOT_BUILDERNAME}"],
    sha: &["{BUILDBOT_REVISION}"],
    git_ref: &["{BUILDBOT_BRANCH}"],
    name: &["{BUILDBOT_BUILDERNAME}"],
    build_id: &["{BUILDBOT_BUILDERNAME}-{BUILDBOT_BUILDNUMBER}"],
    url: &["{BUILDBOT_URL}"],
    ..NONE
};

/// Tekton. It sets no variables: the `env` of the step passes variables of the task, as docs/ci.md shows.
pub const TEKTON: BuildSystem = BuildSystem {
    title: "Tekton",
    source: "tekton",
    marker: &["{TEKTON_TASKRUN}"],
    sha: &["{TEKTON_REVISION}"],
    git_ref: &["{TEKTON_BRANCH}"],
    name: &["{TEKTON_TASK}"],
    stage: &["{TEKTON_PIPELINE}"],
    build_id: &["{TEKTON_TASKRUN}"],
    run: &["{TEKTON_PIPELINERUN}"],
    job: &["{TEKTON_TASKRUN}"],
    hint: &["{TEKTON_TASKRUN}"],
    ..NONE
};

/// Jenkins.
pub const JENKINS: BuildSystem = BuildSystem {
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
};

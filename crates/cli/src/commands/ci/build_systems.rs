//! The build systems: which variables hold commit, ref, name, stage, build id, link and attempt of a job. The
//! table in `docs/ci.md` is a copy of this one; a test compares them.
//!
//! Must not know: how a template is resolved; reports.

mod code_hosts;
mod hosted;
mod servers;

use super::templates::Alternatives;
use code_hosts::{BITBUCKET, FORGEJO, GITEA, GITHUB, GITLAB};
use hosted::{APPVEYOR, AZURE, BUILDKITE, CIRCLECI, CODEARTS, CODEBUILD, CODEFRESH, SEMAPHORE, TRAVIS};
use servers::{BUILDBOT, DRONE, JENKINS, TEAMCITY, TEKTON, WOODPECKER};

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
    /// The value that distinguishes parallel jobs of the same name.
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

/// Every build system. The first one whose marker has a value is used.
pub const BUILD_SYSTEMS: &[BuildSystem] = &[
    FORGEJO, GITEA, GITHUB, GITLAB, BUILDKITE, CIRCLECI, AZURE, BITBUCKET, TRAVIS, APPVEYOR, WOODPECKER,
    DRONE, SEMAPHORE, TEAMCITY, CODEBUILD, CODEFRESH, JENKINS, BUILDBOT, TEKTON, CODEARTS,
];

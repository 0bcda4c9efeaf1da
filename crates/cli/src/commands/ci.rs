//! Detects the build system from the environment and reads commit, ref, job and build id of the running job.
//!
//! Must not know: reports.

/// The data of the running job in the environment.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct CiJob {
    pub sha: Option<String>,
    pub git_ref: Option<String>,
    pub name: Option<String>,
    pub url: Option<String>,
    pub build_id: Option<String>,
    /// The name of the build system, used as the source of reports.
    pub source: Option<&'static str>,
}

/// The environment variables of a build system. An empty name means that there is no such variable.
struct BuildSystem {
    /// This variable is set only by this build system.
    marker: &'static str,
    source: &'static str,
    sha: &'static str,
    git_ref: &'static str,
    name: &'static str,
    url: &'static str,
    build_id: &'static str,
}

const BUILD_SYSTEMS: [BuildSystem; 6] = [
    BuildSystem {
        marker: "GITLAB_CI",
        source: "gitlab",
        sha: "CI_COMMIT_SHA",
        git_ref: "CI_COMMIT_REF_NAME",
        name: "CI_JOB_NAME",
        url: "CI_JOB_URL",
        build_id: "CI_JOB_ID",
    },
    BuildSystem {
        marker: "GITHUB_ACTIONS",
        source: "github",
        sha: "GITHUB_SHA",
        git_ref: "GITHUB_REF_NAME",
        name: "GITHUB_JOB",
        url: "",
        build_id: "GITHUB_RUN_ID",
    },
    BuildSystem {
        marker: "JENKINS_URL",
        source: "jenkins",
        sha: "GIT_COMMIT",
        git_ref: "GIT_BRANCH",
        name: "JOB_NAME",
        url: "BUILD_URL",
        build_id: "BUILD_TAG",
    },
    BuildSystem {
        marker: "BUILDKITE",
        source: "buildkite",
        sha: "BUILDKITE_COMMIT",
        git_ref: "BUILDKITE_BRANCH",
        name: "BUILDKITE_LABEL",
        url: "BUILDKITE_BUILD_URL",
        build_id: "BUILDKITE_JOB_ID",
    },
    BuildSystem {
        marker: "DRONE",
        source: "drone",
        sha: "DRONE_COMMIT_SHA",
        git_ref: "DRONE_BRANCH",
        name: "DRONE_STEP_NAME",
        url: "DRONE_BUILD_LINK",
        build_id: "",
    },
    BuildSystem {
        marker: "CI_PIPELINE_NUMBER",
        source: "woodpecker",
        sha: "CI_COMMIT_SHA",
        git_ref: "CI_COMMIT_BRANCH",
        name: "CI_STEP_NAME",
        url: "CI_STEP_URL",
        build_id: "",
    },
];

/// Reads the environment.
pub fn detect(env: &dyn Fn(&str) -> Option<String>) -> CiJob {
    let Some(system) = BUILD_SYSTEMS.iter().find(|system| env(system.marker).is_some()) else {
        return CiJob::default();
    };
    let variable = |name: &str| if name.is_empty() { None } else { env(name) };
    let name = variable(system.name);
    // A workflow run of GitHub has many jobs: run id, run attempt and job name together identify the attempt.
    let build_id = match (system.source, variable(system.build_id), env("GITHUB_RUN_ATTEMPT")) {
        ("github", Some(run), attempt) => Some(format!(
            "{run}-{}-{}",
            attempt.unwrap_or_else(|| "1".into()),
            name.as_deref().unwrap_or_default()
        )),
        (_, build_id, _) => build_id,
    };
    let url = variable(system.url).or_else(|| {
        let (server, repository, run) =
            (env("GITHUB_SERVER_URL")?, env("GITHUB_REPOSITORY")?, env("GITHUB_RUN_ID")?);
        Some(format!("{server}/{repository}/actions/runs/{run}"))
    });
    CiJob {
        sha: variable(system.sha),
        git_ref: variable(system.git_ref).map(|r| r.trim_start_matches("origin/").to_owned()),
        name,
        url,
        build_id,
        source: Some(system.source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(variables: &'static [(&'static str, &'static str)]) -> CiJob {
        detect(&|name| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn build_systems_are_detected_by_their_markers() {
        assert_eq!(detected(&[("HOME", "/root"), ("CI_COMMIT_SHA", "x")]), CiJob::default());
        let gitlab = detected(&[
            ("GITLAB_CI", "true"),
            ("CI_COMMIT_SHA", "abc"),
            ("CI_JOB_ID", "7"),
            ("CI_JOB_NAME", "unit"),
        ]);
        assert_eq!(
            (gitlab.sha.as_deref(), gitlab.build_id.as_deref(), gitlab.source),
            (Some("abc"), Some("7"), Some("gitlab"))
        );
        let github = detected(&[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_RUN_ID", "9"),
            ("GITHUB_JOB", "unit"),
            ("GITHUB_SERVER_URL", "https://git.example.com"),
            ("GITHUB_REPOSITORY", "a/b"),
        ]);
        assert_eq!(github.build_id.as_deref(), Some("9-1-unit"));
        assert_eq!(github.url.as_deref(), Some("https://git.example.com/a/b/actions/runs/9"));
        assert_eq!(
            detected(&[("JENKINS_URL", "x"), ("GIT_BRANCH", "origin/main")]).git_ref.as_deref(),
            Some("main")
        );
    }
}

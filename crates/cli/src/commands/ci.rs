//! What a build system's environment tells of the job that runs in it.
//!
//! Must not know: reports.

/// What is known.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Ci {
    pub sha: Option<String>,
    pub git_ref: Option<String>,
    pub name: Option<String>,
    pub url: Option<String>,
    pub build_id: Option<String>,
    /// The build system's name, which becomes the source.
    pub source: Option<&'static str>,
}

/// Variables of one build system: its mark, its name, then sha, ref, name, url, build id.
type Known = (&'static str, &'static str, [&'static str; 5]);

const KNOWN: [Known; 6] = [
    (
        "GITLAB_CI",
        "gitlab",
        ["CI_COMMIT_SHA", "CI_COMMIT_REF_NAME", "CI_JOB_NAME", "CI_JOB_URL", "CI_JOB_ID"],
    ),
    ("GITHUB_ACTIONS", "github", ["GITHUB_SHA", "GITHUB_REF_NAME", "GITHUB_JOB", "", "GITHUB_RUN_ID"]),
    ("JENKINS_URL", "jenkins", ["GIT_COMMIT", "GIT_BRANCH", "JOB_NAME", "BUILD_URL", "BUILD_TAG"]),
    (
        "BUILDKITE",
        "buildkite",
        [
            "BUILDKITE_COMMIT",
            "BUILDKITE_BRANCH",
            "BUILDKITE_LABEL",
            "BUILDKITE_BUILD_URL",
            "BUILDKITE_JOB_ID",
        ],
    ),
    ("DRONE", "drone", ["DRONE_COMMIT_SHA", "DRONE_BRANCH", "DRONE_STEP_NAME", "DRONE_BUILD_LINK", ""]),
    (
        "CI_PIPELINE_NUMBER",
        "woodpecker",
        ["CI_COMMIT_SHA", "CI_COMMIT_BRANCH", "CI_STEP_NAME", "CI_STEP_URL", ""],
    ),
];

/// Reads the environment.
pub fn detect(env: &dyn Fn(&str) -> Option<String>) -> Ci {
    let Some((_, source, names)) = KNOWN.into_iter().find(|(mark, ..)| env(mark).is_some()) else {
        return Ci::default();
    };
    let [sha, git_ref, name, url, build_id] =
        names.map(|name| if name.is_empty() { None } else { env(name) });
    // A workflow's run has many jobs: its id and the job's name together are the attempt.
    let build_id = match (source, build_id, env("GITHUB_RUN_ATTEMPT")) {
        ("github", Some(run), attempt) => Some(format!(
            "{run}-{}-{}",
            attempt.unwrap_or_else(|| "1".into()),
            name.as_deref().unwrap_or_default()
        )),
        (_, build_id, _) => build_id,
    };
    let url = url.or_else(|| {
        let (server, repository, run) =
            (env("GITHUB_SERVER_URL")?, env("GITHUB_REPOSITORY")?, env("GITHUB_RUN_ID")?);
        Some(format!("{server}/{repository}/actions/runs/{run}"))
    });
    Ci {
        sha,
        git_ref: git_ref.map(|r| r.trim_start_matches("origin/").to_owned()),
        name,
        url,
        build_id,
        source: Some(source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &'static [(&'static str, &'static str)]) -> Ci {
        detect(&|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn build_systems_are_known_by_their_marks() {
        assert_eq!(with(&[("HOME", "/root"), ("CI_COMMIT_SHA", "x")]), Ci::default());
        let gitlab = with(&[
            ("GITLAB_CI", "true"),
            ("CI_COMMIT_SHA", "abc"),
            ("CI_JOB_ID", "7"),
            ("CI_JOB_NAME", "unit"),
        ]);
        assert_eq!(
            (gitlab.sha.as_deref(), gitlab.build_id.as_deref(), gitlab.source),
            (Some("abc"), Some("7"), Some("gitlab"))
        );
        let github = with(&[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_RUN_ID", "9"),
            ("GITHUB_JOB", "unit"),
            ("GITHUB_SERVER_URL", "https://git.example.com"),
            ("GITHUB_REPOSITORY", "a/b"),
        ]);
        assert_eq!(github.build_id.as_deref(), Some("9-1-unit"));
        assert_eq!(github.url.as_deref(), Some("https://git.example.com/a/b/actions/runs/9"));
        assert_eq!(
            with(&[("JENKINS_URL", "x"), ("GIT_BRANCH", "origin/main")]).git_ref.as_deref(),
            Some("main")
        );
    }
}

//! Every row of the table, tags, and the table in the documentation.

mod branch_builds;
mod pull_requests;

use super::build_systems::{BUILD_SYSTEMS, Fork};
use super::templates::{Alternatives, variables};
use super::*;
use branch_builds::BRANCH_BUILDS;
use std::collections::BTreeSet;

type Variables<'a> = &'a [(&'a str, &'a str)];

fn detected(variables: &[(&str, &str)]) -> CiJob {
    let env = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
    detect(&env, Path::new("no-such-directory"))
}

/// Commit, ref, stage and name.
fn identity(job: &CiJob) -> [&str; 4] {
    [&job.sha, &job.git_ref, &job.stage, &job.name].map(|value| value.as_deref().unwrap_or("-"))
}

#[test]
fn every_build_system_is_read() {
    assert_eq!(detected(&[("HOME", "/root"), ("CI_COMMIT_SHA", "x"), ("CI", "true")]), CiJob::default());
    let mut tested = BTreeSet::new();
    for (variables, expected) in BRANCH_BUILDS {
        let job = detected(variables);
        let run = job.run.as_ref().map(|run| {
            let hint = run.hint.as_deref().unwrap_or("-");
            format!("{} {} {hint}{}", run.id, run.job, if run.is_partial { " partial" } else { "" })
        });
        let text = |value: &Option<String>| value.clone().unwrap_or("-".into());
        let [sha, git_ref, stage, name] = identity(&job);
        let (leg, id, url, run) = (text(&job.leg), text(&job.build_id), text(&job.url), text(&run));
        let values = [job.source.unwrap_or("-"), sha, git_ref, stage, name, &leg, &id, &url, &run];
        assert_eq!(values, *expected, "{}", expected[0]);
        tested.insert(expected[0]);
    }
    let all: BTreeSet<&str> = BUILD_SYSTEMS.iter().map(|system| system.source).collect();
    assert_eq!(tested, all, "every row of the table is tested");
}

#[test]
fn a_tag_is_not_a_branch_of_the_same_name() {
    let cases: &[Variables<'_>] = &[
        &[("GITHUB_ACTIONS", "true"), ("GITHUB_REF", "refs/tags/v1"), ("GITHUB_REF_NAME", "v1")],
        &[("GITLAB_CI", "true"), ("CI_COMMIT_TAG", "v1"), ("CI_COMMIT_REF_NAME", "v1")],
        &[("BUILDKITE", "true"), ("BUILDKITE_TAG", "v1"), ("BUILDKITE_BRANCH", "v1")],
        &[("CIRCLECI", "true"), ("CIRCLE_TAG", "v1")],
        &[("TF_BUILD", "True"), ("BUILD_SOURCEBRANCH", "refs/tags/v1")],
        &[("BITBUCKET_BUILD_NUMBER", "5"), ("BITBUCKET_TAG", "v1")],
        &[("TRAVIS", "true"), ("TRAVIS_TAG", "v1"), ("TRAVIS_BRANCH", "v1")],
        &[("APPVEYOR", "True"), ("APPVEYOR_REPO_TAG_NAME", "v1"), ("APPVEYOR_REPO_BRANCH", "main")],
        &[("CI", "woodpecker"), ("CI_COMMIT_TAG", "v1"), ("CI_COMMIT_BRANCH", "main")],
        &[("DRONE", "true"), ("DRONE_TAG", "v1"), ("DRONE_BRANCH", "main")],
        &[("SEMAPHORE", "true"), ("SEMAPHORE_GIT_TAG_NAME", "v1"), ("SEMAPHORE_GIT_BRANCH", "refs/tags/v1")],
        &[("CODEBUILD_BUILD_ID", "a:1"), ("CODEBUILD_WEBHOOK_TRIGGER", "tag/v1")],
        &[("BUILDNUMBER", "20261130.1"), ("INCREASENUM", "1"), ("PROJECT_ID", "p"), ("GIT_TAG", "v1")],
        &[("JENKINS_URL", "x"), ("TAG_NAME", "v1"), ("BRANCH_NAME", "v1")],
    ];
    for variables in cases {
        assert_eq!(detected(variables).git_ref.as_deref(), Some("refs/tags/v1"), "{variables:?}");
    }
}

#[test]
fn the_only_job_of_its_kind_has_no_leg() {
    for variables in [
        [("BUILDKITE", "true"), ("BUILDKITE_PARALLEL_JOB", "0"), ("BUILDKITE_PARALLEL_JOB_COUNT", "1")],
        [("CIRCLECI", "true"), ("CIRCLE_NODE_INDEX", "0"), ("CIRCLE_NODE_TOTAL", "1")],
        [("TF_BUILD", "True"), ("SYSTEM_JOBPOSITIONINPHASE", "1"), ("SYSTEM_TOTALJOBSINPHASE", "1")],
    ] {
        assert_eq!(detected(&variables).leg, None, "{variables:?}");
    }
}

#[test]
fn a_commit_named_head_is_that_of_the_checkout() {
    let env = |name: &str| match name {
        "BUILDKITE" => Some("true".to_owned()),
        "BUILDKITE_COMMIT" => Some("HEAD".to_owned()),
        _ => None,
    };
    let sha = |directory: &Path| detect(&env, directory).sha.unwrap();
    let checkout = tempfile::tempdir().unwrap();
    assert_eq!(sha(checkout.path()), "HEAD", "without a checkout the commit is unknown");
    for arguments in [["init", "--quiet", ".", "."], ["-c", "user.name=x", "-c", "user.email=x@example.com"]]
    {
        let mut git = std::process::Command::new("git");
        git.arg("-C").arg(checkout.path());
        match arguments {
            ["init", ..] => git.args(["init", "--quiet"]),
            author => git.args(author).args(["commit", "--quiet", "--allow-empty", "-m", "x"]),
        };
        assert!(git.status().unwrap().success());
    }
    let head = sha(checkout.path());
    assert!(head.len() == 40 && head.bytes().all(|byte| byte.is_ascii_hexdigit()), "{head}");
}

#[test]
fn git_is_asked_for_what_no_variable_names() {
    let checkout = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.arg("-C").arg(checkout.path()).args(["-c", "user.name=x", "-c", "user.email=x@example.com"]);
        assert!(git.args(arguments).status().unwrap().success());
    };
    git(&["init", "--quiet", "--initial-branch", "fix/main"]);
    git(&["commit", "--quiet", "--allow-empty", "-m", "x"]);
    let read = |variables: Variables<'_>| {
        let env =
            |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        detect(&env, checkout.path())
    };
    let without = read(&[]);
    let sha = without.sha.clone().unwrap();
    assert!(sha.len() == 40 && without.has_sha_of_checkout && without.has_branch_of_checkout, "{without:?}");
    assert_eq!(without.git_ref.as_deref(), Some("fix/main"));
    let teamcity = read(&[("TEAMCITY_VERSION", "1"), ("BUILD_VCS_NUMBER", "c0")]);
    assert_eq!((teamcity.sha.as_deref(), teamcity.has_sha_of_checkout), (Some("c0"), false));
    assert_eq!(teamcity.git_ref, None, "the branch of another commit");
    let teamcity = read(&[("TEAMCITY_VERSION", "1"), ("BUILD_VCS_NUMBER", &sha)]);
    assert_eq!((teamcity.git_ref.as_deref(), teamcity.has_branch_of_checkout), (Some("fix/main"), true));
    // The checkout of a pull request may be a merge commit.
    let request =
        read(&[("TF_BUILD", "True"), ("BUILD_REASON", "PullRequest"), ("BUILD_SOURCEVERSION", "c0")]);
    assert_eq!((request.sha, request.has_sha_of_checkout), (None, false));

    // Jenkins merges a change with its target before the build, and may not name its commit.
    git(&["checkout", "--quiet", "--detach"]);
    git(&["commit", "--quiet", "--allow-empty", "-m", "change"]);
    let change = read(&[]).sha.unwrap();
    git(&["checkout", "--quiet", "--detach", &sha]);
    git(&["commit", "--quiet", "--allow-empty", "-m", "target"]);
    let target = read(&[]).sha.unwrap();
    git(&["checkout", "--quiet", "--detach", &change]);
    git(&["merge", "--quiet", "--no-ff", "-m", "merge", &target]);
    let jenkins = read(&[("JENKINS_URL", "http://ci"), ("CHANGE_ID", "7"), ("CHANGE_BRANCH", "fix")]);
    assert_eq!((jenkins.sha.as_deref(), jenkins.has_sha_of_checkout), (Some(change.as_str()), true));
    let jenkins = read(&[("JENKINS_URL", "http://ci")]);
    assert!(jenkins.sha.is_some_and(|sha| sha != change), "not a change");
}

/// The table of the documentation.
fn documented_table() -> String {
    let mut table = "| system | value | variables |\n|---|---|---|\n".to_owned();
    for system in BUILD_SYSTEMS {
        let fork: Vec<&str> = system.fork.as_ref().map(fork_templates).unwrap_or_default();
        let rows: [(&str, &[&str]); 13] = [
            ("recognized by", system.marker),
            ("commit", system.sha),
            ("commit of a pull request", system.pull_request_sha),
            ("ref", system.git_ref),
            ("ref of a pull request from a fork", &fork),
            ("name", system.name),
            ("stage", system.stage),
            ("leg", system.leg),
            ("build id", system.build_id),
            ("attempt", system.attempt),
            ("link", system.url),
            ("run", system.run),
            ("job of the run", system.job),
        ];
        let rows = rows.into_iter().filter(|(_, templates)| !templates.is_empty());
        for (number, (value, templates)) in rows.enumerate() {
            let title = if number == 0 { system.title } else { "" };
            let templates: Vec<String> = templates.iter().map(|text| format!("`{text}`")).collect();
            table.push_str(&format!("| {title} | {value} | {} |\n", templates.join(", ")));
        }
    }
    table
}

fn fork_templates(fork: &Fork) -> Vec<&'static str> {
    vec![fork.git_ref]
}

#[test]
fn the_documentation_has_the_same_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/ci.md");
    let document = std::fs::read_to_string(path).unwrap();
    let table = documented_table();
    assert!(document.contains(&table), "docs/ci.md must contain this table:\n{table}");
}

#[test]
fn the_table_names_sensible_variables() {
    for system in BUILD_SYSTEMS {
        let lists: [Alternatives; 8] = [
            system.sha,
            system.git_ref,
            system.name,
            system.stage,
            system.build_id,
            system.url,
            system.run,
            system.job,
        ];
        let names = lists.into_iter().flatten().flat_map(|template| variables(template));
        for name in names {
            let is_variable = |c: char| c.is_ascii_alphanumeric() || c == '_';
            assert!(!name.is_empty() && name.chars().all(is_variable), "{}: {name}", system.title);
        }
        // Both are necessary to find two jobs of one name.
        assert_eq!(system.run.is_empty(), system.job.is_empty(), "{}", system.title);
        assert!(!system.marker.is_empty() && !system.sha.is_empty() && !system.build_id.is_empty());
    }
}

//! Builds of pull requests in every build system that has them.

use super::{Variables, detected, identity};

#[test]
fn a_build_of_a_pull_request_belongs_to_its_head_and_source_branch() {
    let directory = tempfile::tempdir().unwrap();
    let event = |head: &str| {
        let path = directory.path().join(head.replace('/', "-"));
        let event = format!(
            r#"{{"pull_request":{{"number":12,"head":{{"sha":"c1","ref":"feature","repo":{{"full_name":"{head}"}}}},
                "base":{{"ref":"main","repo":{{"full_name":"a/b"}}}}}}}}"#
        );
        std::fs::write(&path, event).unwrap();
        path.display().to_string()
    };
    let (own, fork) = (event("a/b"), event("eve/b"));
    let github = |event: &'static str, path: &str| {
        let target = event == "pull_request_target";
        detected(&[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", event),
            ("GITHUB_EVENT_PATH", path),
            ("GITHUB_SHA", "merge"),
            ("GITHUB_REF", if target { "refs/heads/main" } else { "refs/pull/12/merge" }),
            ("GITHUB_REF_NAME", if target { "main" } else { "12/merge" }),
            ("GITHUB_HEAD_REF", if event == "pull_request_review" { "" } else { "feature" }),
            ("GITHUB_WORKFLOW", "CI"),
            ("GITHUB_JOB", "unit"),
        ])
    };
    for event in ["pull_request", "pull_request_target", "pull_request_review"] {
        let stage = format!("CI ({event})");
        assert_eq!(identity(&github(event, &own)), ["c1", "feature", stage.as_str(), "unit"]);
    }
    assert_eq!(identity(&github("pull_request", &fork))[..2], ["c1", "refs/pull/12/head"]);
    // Without the event the head is unknown, and the merge commit is the wrong one.
    assert_eq!(identity(&github("pull_request", "/nonexistent"))[..2], ["-", "feature"]);

    let cases: &[(Variables<'_>, [&str; 3])] = &[
        (
            // The commit of a merge queue is the one that reaches the branch.
            &[
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_EVENT_NAME", "merge_group"),
                ("GITHUB_SHA", "c1"),
                ("GITHUB_REF", "refs/heads/gh-readonly-queue/main/pr-1-c0"),
                ("GITHUB_WORKFLOW", "CI"),
            ],
            ["c1", "gh-readonly-queue/main/pr-1-c0", "CI"],
        ),
        (
            &[
                ("GITLAB_CI", "true"),
                ("CI_COMMIT_SHA", "merge"),
                ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "c1"),
                ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "feature"),
                ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "1"),
                ("CI_MERGE_REQUEST_PROJECT_ID", "1"),
                ("CI_MERGE_REQUEST_IID", "12"),
                ("CI_COMMIT_REF_NAME", "feature"),
                ("CI_PIPELINE_SOURCE", "merge_request_event"),
                ("CI_JOB_STAGE", "test"),
            ],
            ["c1", "feature", "test (merge_request_event)"],
        ),
        (
            &[
                ("GITLAB_CI", "true"),
                ("CI_COMMIT_SHA", "c1"),
                ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "main"),
                ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "2"),
                ("CI_MERGE_REQUEST_PROJECT_ID", "1"),
                ("CI_MERGE_REQUEST_IID", "12"),
                ("CI_PIPELINE_SOURCE", "merge_request_event"),
            ],
            ["c1", "refs/merge-requests/12/head", "-"],
        ),
        (
            &[
                ("GITLAB_CI", "true"),
                ("CI_COMMIT_SHA", "c1"),
                ("CI_COMMIT_REF_NAME", "main"),
                ("CI_PIPELINE_SOURCE", "parent_pipeline"),
                ("CI_PIPELINE_ID", "8"),
                ("CI_JOB_STAGE", "test"),
            ],
            ["c1", "main", "test (parent_pipeline 8)"],
        ),
        (
            &[
                ("TF_BUILD", "True"),
                ("BUILD_SOURCEVERSION", "merge"),
                ("BUILD_SOURCEBRANCH", "refs/pull/12/merge"),
                ("BUILD_REASON", "PullRequest"),
                ("SYSTEM_PULLREQUEST_PULLREQUESTID", "12"),
                ("SYSTEM_PULLREQUEST_SOURCECOMMITID", "c1"),
                ("SYSTEM_PULLREQUEST_SOURCEBRANCH", "refs/heads/feature"),
                ("SYSTEM_PULLREQUEST_ISFORK", "False"),
                ("BUILD_DEFINITIONNAME", "app"),
                ("SYSTEM_STAGENAME", "__default"),
            ],
            ["c1", "feature", "app (PullRequest)"],
        ),
        (
            &[
                ("TF_BUILD", "True"),
                ("BUILD_SOURCEVERSION", "merge"),
                ("BUILD_REASON", "PullRequest"),
                ("SYSTEM_PULLREQUEST_SOURCEBRANCH", "main"),
                ("SYSTEM_PULLREQUEST_ISFORK", "True"),
                ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "12"),
            ],
            ["-", "refs/pull/12/head", "-"],
        ),
        (
            &[
                ("TRAVIS", "true"),
                ("TRAVIS_COMMIT", "merge"),
                ("TRAVIS_BRANCH", "main"),
                ("TRAVIS_EVENT_TYPE", "pull_request"),
                ("TRAVIS_PULL_REQUEST", "12"),
                ("TRAVIS_PULL_REQUEST_SHA", "c1"),
                ("TRAVIS_PULL_REQUEST_BRANCH", "feature"),
                ("TRAVIS_PULL_REQUEST_SLUG", "a/b"),
                ("TRAVIS_REPO_SLUG", "a/b"),
            ],
            ["c1", "feature", "pull_request"],
        ),
        (
            &[
                ("APPVEYOR", "True"),
                ("APPVEYOR_REPO_COMMIT", "merge"),
                ("APPVEYOR_REPO_BRANCH", "main"),
                ("APPVEYOR_REPO_NAME", "a/b"),
                ("APPVEYOR_PULL_REQUEST_NUMBER", "12"),
                ("APPVEYOR_PULL_REQUEST_HEAD_COMMIT", "c1"),
                ("APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH", "main"),
                ("APPVEYOR_PULL_REQUEST_HEAD_REPO_NAME", "eve/b"),
            ],
            ["c1", "refs/pull/12/head", "pull request 12"],
        ),
        (
            &[
                ("CI", "woodpecker"),
                ("CI_COMMIT_SHA", "c1"),
                ("CI_COMMIT_BRANCH", "main"),
                ("CI_COMMIT_SOURCE_BRANCH", "feature"),
                ("CI_PIPELINE_EVENT", "pull_request"),
                ("CI_WORKFLOW_NAME", "test"),
            ],
            ["c1", "feature", "test (pull_request)"],
        ),
        (
            &[
                ("DRONE", "true"),
                ("DRONE_COMMIT_SHA", "c1"),
                ("DRONE_BRANCH", "main"),
                ("DRONE_SOURCE_BRANCH", "feature"),
                ("DRONE_BUILD_EVENT", "pull_request"),
                ("DRONE_STAGE_NAME", "test"),
            ],
            ["c1", "feature", "test (pull_request)"],
        ),
        (
            &[
                ("SEMAPHORE", "true"),
                ("SEMAPHORE_GIT_SHA", "merge"),
                ("SEMAPHORE_GIT_PR_SHA", "c1"),
                ("SEMAPHORE_GIT_BRANCH", "main"),
                ("SEMAPHORE_GIT_PR_BRANCH", "feature"),
                ("SEMAPHORE_GIT_PR_SLUG", "a/b"),
                ("SEMAPHORE_GIT_REPO_SLUG", "a/b"),
                ("SEMAPHORE_GIT_REF_TYPE", "pull-request"),
                ("SEMAPHORE_BLOCK_NAME", "Test"),
            ],
            ["c1", "feature", "Test (pull-request)"],
        ),
        (
            &[
                ("CODEBUILD_BUILD_ID", "app:77"),
                ("CODEBUILD_RESOLVED_SOURCE_VERSION", "c1"),
                ("CODEBUILD_WEBHOOK_TRIGGER", "pr/12"),
            ],
            ["c1", "refs/pull/12/head", "pull request 12"],
        ),
        (
            &[
                ("BITBUCKET_BUILD_NUMBER", "5"),
                ("BITBUCKET_COMMIT", "c1"),
                ("BITBUCKET_BRANCH", "feature"),
                ("BITBUCKET_PR_ID", "12"),
            ],
            ["c1", "feature", "pull request 12"],
        ),
        (
            &[
                ("JENKINS_URL", "x"),
                ("GIT_COMMIT", "c1"),
                ("GIT_BRANCH", "PR-12"),
                ("BRANCH_NAME", "PR-12"),
                ("CHANGE_ID", "12"),
                ("CHANGE_BRANCH", "feature"),
                ("STAGE_NAME", "Test"),
            ],
            ["c1", "feature", "Test"],
        ),
        (
            &[
                ("JENKINS_URL", "x"),
                ("GIT_COMMIT", "c1"),
                ("CHANGE_ID", "12"),
                ("CHANGE_BRANCH", "main"),
                ("CHANGE_FORK", "eve"),
            ],
            ["c1", "refs/pull/12/head", "-"],
        ),
        (
            &[
                ("JENKINS_URL", "x"),
                ("GIT_COMMIT", "merge"),
                ("ghprbActualCommit", "c1"),
                ("ghprbSourceBranch", "feature"),
                ("GIT_BRANCH", "origin/main"),
            ],
            ["c1", "feature", "-"],
        ),
    ];
    for (variables, expected) in cases {
        assert_eq!(identity(&detected(variables))[..3], *expected, "{variables:?}");
    }
}

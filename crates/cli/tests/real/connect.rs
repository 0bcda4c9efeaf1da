//! `connect`: its output, and the shell commands that it prints, run by a real shell with curl against a server.

use crate::command::{failure, json_output, run, run_in, stdout};
use crate::server::Server;
use crate::watch::{SHA, start};
use std::path::Path;
use std::process::{Command, Output};

/// Runs a script in a directory with a build that ends with a code.
fn shell(data: &Path, script: &str, code: i32) -> Output {
    let build = data.join("build.sh");
    std::fs::write(&build, format!("#!/bin/sh\nexit {code}\n")).unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_stagepost")).parent().unwrap();
    Command::new("sh")
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", binary.display()))
        .env("COMMIT", SHA)
        .env("BRANCH", "topic/a")
        // The command line reads the variables of a build system.
        .env("CIRCLECI", "true")
        .env("CIRCLE_SHA1", SHA)
        .env("CIRCLE_BRANCH", "topic/a")
        .current_dir(data)
        .args(["-c", &format!("chmod +x build.sh\n{script}")])
        .output()
        .unwrap()
}

/// The name and status of each attempt on the branch.
fn jobs(data: &Path) -> Vec<(String, String)> {
    let listed = json_output(data, "jobs --repo 7 --ref topic/a");
    let text = |job: &serde_json::Value, name: &str| job[name].as_str().unwrap().to_owned();
    listed.as_array().unwrap().iter().map(|job| (text(job, "name"), text(job, "status"))).collect()
}

fn server(data: &Path) -> (Server, String) {
    let server = start(data);
    let address = format!("http://{}", server.address());
    (server, address)
}

#[test]
fn the_shell_commands_report_what_the_build_did() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let (_server, address) = server(data);
    let settings = json_output(data, &format!("connect shell --repo 7 --create-token --server {address}"));
    let snippets: Vec<&str> =
        settings["snippets"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!(snippets.len(), 2);
    for (code, status) in [(0, "success"), (1, "failed")] {
        for script in &snippets {
            let ran = shell(data, script, code);
            assert_eq!(ran.status.code(), Some(code), "{ran:?}");
        }
        let wanted =
            [("build", status), ("test", status)].map(|(name, status)| (name.to_owned(), status.to_owned()));
        let found = jobs(data);
        assert!(wanted.iter().all(|job| found.contains(job)), "{found:?}");
    }
}

#[test]
fn a_created_token_may_report_to_its_repository_only() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let (_server, address) = server(data);
    let printed =
        stdout(data, &format!("connect buildbot --repo 7 --create-token --expires 1d --server {address}"));
    assert!(printed.contains(&format!("baseURL=\"{address}\"")), "{printed}");
    let token = printed.split_once("token=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    assert!(token.len() > 20 && !token.contains("YOUR"), "{token}");
    let tokens = json_output(data, "token list");
    let created = tokens.as_array().unwrap().iter().find(|one| one["name"] == "buildbot").unwrap().clone();
    assert_eq!((&created["scope"], &created["repositories"]), (&"report".into(), &serde_json::json!([7])));
    assert!(created["expires_at"].is_string());
    let without = stdout(data, "connect buildbot --repo acme/other --server http://127.0.0.1:1");
    assert!(without.contains("token=\"YOUR_TOKEN\""), "a path needs no server: {without}");
}

#[test]
fn names_are_listed_and_wrong_ones_are_refused_with_the_nearest() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let listed = stdout(data, "connect");
    let json = json_output(data, "connect");
    let names: Vec<&str> = json.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(listed.lines().count(), names.len());
    for name in [
        "jenkins-github",
        "jenkins-gitea",
        "jenkins-bitbucket",
        "jenkins-gitlab",
        "buildbot",
        "drone",
        "woodpecker",
        "tekton",
        "argo",
        "buildkite",
        "github-actions",
        "gitlab-ci",
        "shell",
        "python-sdk",
        "go-sdk",
        "java-sdk",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    let (code, message) = failure(data, "connect jenkins-githup");
    assert_eq!(code, Some(2));
    assert!(message.contains("jenkins-github"), "{message}");
    assert_eq!(failure(data, "connect --create-token").0, Some(2));
    assert_eq!(failure(data, "connect python-sdk --create-token").0, Some(2));
    let without = run(data, "connect drone");
    assert!(without.status.success());
    assert!(String::from_utf8(without.stdout).unwrap().contains("projects/GROUP%2FREPOSITORY/statuses"));
    assert!(String::from_utf8(without.stderr).unwrap().contains("--repo"));
    let chinese = run_in("zh", data, "connect drone --repo acme/demo --server https://ci.example/base/");
    let chinese = String::from_utf8(chinese.stdout).unwrap();
    assert!(
        chinese.contains("令牌")
            && chinese.contains("\"https://ci.example/base/api/v4/projects/acme%2Fdemo/")
    );
    let sdk = stdout(data, "connect python-sdk --server http://127.0.0.1:1");
    assert!(sdk.contains("eval \"$(stagepost env python --server http://127.0.0.1:1)\""), "{sdk}");
    let go = failure(data, "connect go-sdk --server http://127.0.0.1:1");
    assert_eq!(go, failure(data, "env go --server http://127.0.0.1:1"));
    assert_eq!(go.0, Some(2));
}

#[test]
fn the_settings_of_an_sdk_have_the_public_url_and_no_secret() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let _server = Server::ready_with(data, &["--public-url", "https://ci.example/stagepost"]);
    for language in ["python", "go", "java"] {
        let printed = stdout(data, &format!("connect {language}-sdk"));
        let command = format!("eval \"$(stagepost env {language} --server https://ci.example/stagepost)\"");
        assert!(printed.contains(&command), "{printed}");
        let secret = printed.split("CLOUD_SDK_SK=").nth(1).and_then(|rest| rest.split_whitespace().next());
        assert_eq!(secret, Some("YOUR_SK"), "{printed}");
    }
}

#[test]
fn a_checkout_without_a_branch_reports_no_ref() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let (_server, address) = server(data);
    let settings = json_output(data, &format!("connect shell --repo 7 --create-token --server {address}"));
    let script = format!("unset BRANCH\n{}", settings["snippets"][0]["text"].as_str().unwrap());
    let ran = shell(data, &script, 0);
    assert!(ran.status.success(), "{ran:?}");
    let pipelines = json_output(data, "pipelines --repo 7");
    let refs: Vec<_> = pipelines.as_array().unwrap().iter().map(|pipeline| &pipeline["ref"]).collect();
    assert_eq!(refs, ["main"], "the default branch");
}

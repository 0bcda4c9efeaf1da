//! `report` and `report exec` as a CI system runs them: jobs with equal names, attempts, commits, outages.

use crate::server::{Server, TOKEN};
use crate::stub::Stub;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

/// A step of a CI system that runs `stagepost` with these variables.
pub fn step(server: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stagepost"));
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("STAGEPOST_SERVER", server)
        .env("STAGEPOST_TOKEN", TOKEN)
        .env("STAGEPOST_REPO", "7")
        .env("STAGEPOST_LANG", "en")
        .envs(variables.iter().copied())
        .stdin(Stdio::null());
    command
}

pub fn start(data: &Path) -> (Server, String) {
    let server = Server::ready(data);
    let url = format!("http://{}", server.address());
    let added = step(&url, &[]).args(["repo", "add", "acme/demo", "--id", "7"]).output().unwrap();
    assert!(added.status.success(), "{added:?}");
    (server, url)
}

fn run(server: &str, variables: &[(&str, &str)], line: &str) -> Output {
    step(server, variables).args(line.split(' ').map(|word| word.replace('+', " "))).output().unwrap()
}

fn succeed(server: &str, variables: &[(&str, &str)], line: &str) -> String {
    let output = run(server, variables, line);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{line}: {error}");
    error
}

/// The jobs of a commit, newest first.
pub fn jobs(server: &str) -> Vec<Value> {
    let output = run(server, &[], &format!("--json jobs --sha {SHA}"));
    let jobs: Value = serde_json::from_slice(&output.stdout).unwrap();
    jobs.as_array().unwrap().clone()
}

/// The status of the newest attempt of each job, by name.
pub fn statuses(server: &str) -> BTreeMap<String, String> {
    let newest = jobs(server).into_iter().filter(|job| job["newest"] == true);
    newest.map(|job| (text(&job["name"]), text(&job["status"]))).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn pipeline_status(server: &str) -> String {
    let output = run(server, &[], &format!("--json pipelines --sha {SHA}"));
    let pipelines: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(pipelines.as_array().unwrap().len(), 1, "{pipelines}");
    text(&pipelines[0]["status"])
}

/// A job of a workflow in GitHub Actions.
fn github<'a>(attempt: &'a str, runner: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_SHA", SHA),
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_EVENT_NAME", "push"),
        ("GITHUB_WORKFLOW", "CI"),
        ("GITHUB_JOB", "build"),
        ("GITHUB_RUN_ID", "77"),
        ("GITHUB_RUN_ATTEMPT", attempt),
        ("RUNNER_NAME", runner),
    ]
}

#[test]
fn a_failed_leg_of_a_matrix_stays_failed() {
    let data = tempfile::tempdir().unwrap();
    let (_server, url) = start(data.path());
    let leg = |attempt: &str, runner: &str, command: &str| {
        run(&url, &github(attempt, runner), &format!("report exec -- {command}"))
    };
    assert_eq!(leg("1", "runner 1", "false").status.code(), Some(1));
    let second = leg("1", "runner 2", "true");
    assert_eq!(second.status.code(), Some(0));
    let warning = String::from_utf8(second.stderr).unwrap();
    assert!(warning.contains("--leg") && warning.contains("'build'"), "{warning}");
    let all = statuses(&url);
    assert_eq!((all.len(), all["build"].as_str()), (2, "failed"), "{all:?}");
    assert!(all.iter().any(|(name, status)| name.starts_with("build (runner 2, ") && status == "success"));
    assert_eq!(pipeline_status(&url), "failed");

    // The successful leg alone is repeated: it must not replace the failed one.
    leg("2", "runner 3", "true");
    assert_eq!(statuses(&url)["build"], "failed");
    assert_eq!(pipeline_status(&url), "failed");
}

#[test]
fn legs_that_the_environment_distinguishes_are_jobs_that_can_be_retried() {
    let data = tempfile::tempdir().unwrap();
    let (_server, url) = start(data.path());
    let leg = |attempt: &str, leg: &str, command: &str| {
        let mut variables = github(attempt, leg);
        variables.push(("STAGEPOST_LEG", leg));
        run(&url, &variables, &format!("report exec -- {command}"));
    };
    leg("1", "linux, 20", "false");
    leg("1", "linux, 22", "true");
    let expected = |first: &str| {
        BTreeMap::from([
            ("build (linux, 20)".into(), first.into()),
            ("build (linux, 22)".into(), "success".into()),
        ])
    };
    assert_eq!(statuses(&url), expected("failed"));
    leg("2", "linux, 20", "true");
    assert_eq!(statuses(&url), expected("success"));
    assert_eq!(pipeline_status(&url), "success");

    // Parallel jobs of Buildkite have variables for it.
    let buildkite = |index: &str, retry: &str, job: &str, command: &str| {
        let variables = [
            ("BUILDKITE", "true"),
            ("BUILDKITE_COMMIT", SHA),
            ("BUILDKITE_BRANCH", "main"),
            ("BUILDKITE_LABEL", "unit"),
            ("BUILDKITE_PARALLEL_JOB", index),
            ("BUILDKITE_PARALLEL_JOB_COUNT", "2"),
            ("BUILDKITE_BUILD_ID", "b"),
            ("BUILDKITE_RETRY_COUNT", retry),
            ("BUILDKITE_JOB_ID", job),
        ];
        run(&url, &variables, &format!("report exec --name test -- {command}"));
    };
    buildkite("0", "0", "j1", "false");
    buildkite("1", "0", "j2", "true");
    let all = statuses(&url);
    assert_eq!((all["test (1/2)"].as_str(), all["test (2/2)"].as_str()), ("failed", "success"));
    buildkite("0", "1", "j3", "true");
    assert_eq!(statuses(&url)["test (1/2)"], "success");
}

#[test]
fn a_retried_job_is_a_new_attempt_and_two_reports_of_a_job_are_one() {
    let data = tempfile::tempdir().unwrap();
    let (_server, url) = start(data.path());
    let temporary = tempfile::tempdir().unwrap();
    let job = |attempt: &'static str, line: &str| {
        let mut variables = github(attempt, "runner");
        let directory = temporary.path().join(attempt);
        std::fs::create_dir_all(&directory).unwrap();
        let directory = directory.display().to_string();
        variables.push(("RUNNER_TEMP", &directory));
        succeed(&url, &variables, line)
    };
    let attempts = || {
        let mut all: Vec<(i64, String)> =
            jobs(&url).iter().map(|job| (job["attempt"].as_i64().unwrap(), text(&job["status"]))).collect();
        all.sort();
        all
    };
    assert_eq!(job("1", "report --status running"), "");
    assert_eq!(job("1", "report --status failed"), "");
    assert_eq!(attempts(), [(1, "failed".into())]);
    assert_eq!(job("2", "report --status running"), "");
    assert_eq!(job("2", "report --status success"), "");
    assert_eq!(attempts(), [(1, "failed".into()), (2, "success".into())]);
    assert_eq!(pipeline_status(&url), "success");
    // Every command is an attempt, also within one job of the CI system.
    job("2", "report exec -- true");
    job("2", "report exec -- true");
    assert_eq!(attempts().len(), 4);
    assert_eq!(statuses(&url).len(), 1);
}

#[test]
fn a_repetition_within_the_same_second_replaces_a_failure() {
    let data = tempfile::tempdir().unwrap();
    let (_server, url) = start(data.path());
    let jenkins = [
        ("JENKINS_URL", "https://jenkins.example"),
        ("GIT_COMMIT", SHA),
        ("GIT_BRANCH", "origin/main"),
        ("JOB_NAME", "app"),
        ("BUILD_TAG", "jenkins-app-1"),
    ];
    for round in 0..3 {
        assert_eq!(run(&url, &jenkins, "report exec --name unit -- false").status.code(), Some(1));
        assert_eq!(run(&url, &jenkins, "report exec --name unit -- true").status.code(), Some(0));
        assert_eq!(statuses(&url)["unit"], "success", "round {round}");
    }
    assert_eq!(jobs(&url).len(), 6, "each command is an attempt");
}

#[test]
fn workflows_and_stages_distinguish_jobs_of_one_name() {
    let data = tempfile::tempdir().unwrap();
    let (_server, url) = start(data.path());
    let jenkins = |stage: &str, command: &str| {
        let variables = [
            ("JENKINS_URL", "https://jenkins.example"),
            ("GIT_COMMIT", SHA),
            ("GIT_BRANCH", "main"),
            ("JOB_NAME", "app"),
            ("BUILD_TAG", "jenkins-app-1"),
            ("STAGE_NAME", stage),
        ];
        run(&url, &variables, &format!("report exec -- {command}"));
    };
    jenkins("Test", "false");
    jenkins("Lint", "true");
    assert_eq!(pipeline_status(&url), "failed");
    let newest = jobs(&url).into_iter().filter(|job| job["newest"] == true).count();
    assert_eq!(newest, 2);
    let wait = run(&url, &[], &format!("wait --sha {SHA} --require app --timeout 0s"));
    assert_eq!(wait.status.code(), Some(5));
}

#[test]
fn a_wrong_commit_or_an_empty_variable_is_a_usage_error_before_the_command_runs() {
    let server = "http://127.0.0.1:1";
    let marker = tempfile::tempdir().unwrap();
    let file = marker.path().join("ran").display().to_string();
    for flags in ["--sha HEAD", "--sha 1c46c505", "--name +", "--leg +"] {
        let line = format!("report exec --ref main --name a {flags} -- touch {file}");
        let line = if flags.starts_with("--sha") {
            line
        } else {
            line.replace("exec", &format!("exec --sha {SHA}"))
        };
        let line = if flags.starts_with("--name") { line.replace("--name a ", "") } else { line };
        let output = run(server, &[], &line);
        assert_eq!(output.status.code(), Some(2), "{line}: {output:?}");
    }
    assert!(!Path::new(&file).exists());
}

#[test]
fn the_end_of_a_command_arrives_after_a_restart_with_its_own_times() {
    let data = tempfile::tempdir().unwrap();
    let (server, url) = start(data.path());
    let address = server.address();
    let files = tempfile::tempdir().unwrap();
    let (go, ended) = (files.path().join("go"), files.path().join("ended"));
    let script = format!("while [ ! -e {} ]; do sleep 0.05; done; touch {}", go.display(), ended.display());
    let mut exec = step(&url, &[])
        .args([
            "report",
            "exec",
            "--sha",
            SHA,
            "--ref",
            "dev",
            "--name",
            "nightly",
            "--retry-for",
            "5m",
            "--",
        ])
        .args(["sh", "-c", &script])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while statuses(&url).get("nightly").is_none_or(|status| status != "running") {}
    assert_eq!(server.terminate(), Some(0));
    std::fs::write(&go, "").unwrap();
    // The report is retried: the command has ended, and the first try has failed.
    let mut warning = String::new();
    let mut stderr = std::io::BufReader::new(exec.stderr.take().unwrap());
    std::io::BufRead::read_line(&mut stderr, &mut warning).unwrap();
    assert!(warning.contains("retrying for 5m"), "{warning}");
    let command_ended: jiff::Timestamp =
        std::fs::metadata(&ended).unwrap().modified().unwrap().try_into().unwrap();
    let _server = Server::ready_at(data.path(), address);
    let restarted: jiff::Timestamp = std::fs::metadata(data.path().join("endpoints.toml"))
        .unwrap()
        .modified()
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(exec.wait().unwrap().code(), Some(0));
    let job = &jobs(&url)[0];
    assert_eq!((text(&job["status"]).as_str(), job["attempt"].as_i64()), ("success", Some(1)));
    let finished: jiff::Timestamp = text(&job["finished_at"]).parse().unwrap();
    assert!(finished < restarted, "{job}: the end is that of the command at {command_ended}");
}

#[test]
fn the_start_is_known_even_if_the_server_was_down_until_the_end() {
    let stub = Stub::start(|number, request| match (number, request) {
        (0, _) => (502, "<html><title>502 Bad Gateway</title>".into()),
        _ => (201, RECEIPT.into()),
    });
    let line = format!("report exec --sha {SHA} --ref dev --name a -- true");
    let output = run(&stub.url, &[], &line);
    assert_eq!(output.status.code(), Some(0));
    let last: Value = serde_json::from_str(&stub.requests().last().unwrap().1).unwrap();
    assert_eq!(last["status"], "success");
    let time = |field: &str| text(&last[field]).parse::<jiff::Timestamp>().unwrap();
    assert!(time("started_at") <= time("occurred_at"), "{last}");
    let fraction = text(&last["occurred_at"]);
    assert_eq!(fraction.len(), "2026-11-24T00:00:00.000Z".len(), "{fraction}: milliseconds");
}

const RECEIPT: &str = r#"{"report_id":1,"pipeline_id":1,"stage_id":1,"job_id":1,"attempt":1,"effect":"created",
    "changed":[],"status":"success","pipeline_status":"success"}"#;

#[test]
fn a_gateway_that_returns_502_is_retried_with_the_same_report() {
    let stub = Stub::start(|number, _| match number {
        0..4 => (502, "<html><title>502 Bad Gateway</title>".into()),
        _ => (201, RECEIPT.into()),
    });
    let line = format!("report --sha {SHA} --ref dev --name a --status success");
    let output = run(&stub.url, &[], &line);
    assert!(output.status.success(), "{output:?}");
    let requests = stub.requests();
    assert_eq!(requests.len(), 5);
    assert!(
        requests.iter().all(|request| *request == requests[0]),
        "equal keys, times and contents: {requests:?}"
    );
}

#[test]
fn a_refused_report_is_not_retried() {
    for status in [400, 401, 403, 404] {
        let stub = Stub::start(move |_, _| (status, r#"{"detail":"no","code":"CH.1"}"#.into()));
        let line = format!("report --sha {SHA} --ref dev --name a --status success --best-effort");
        let output = run(&stub.url, &[], &line);
        assert!(matches!(output.status.code(), Some(1 | 4)), "{status}: {output:?}");
        assert_eq!(stub.requests().len(), 1);
    }
}

#[test]
fn a_report_that_cannot_be_sent_fails_in_time_and_not_at_all_with_best_effort() {
    let closed = "http://127.0.0.1:1";
    let line = format!("report --sha {SHA} --ref dev --name a --status success --retry-for 0s");
    let output = run(closed, &[], &line);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("127.0.0.1:1"), "{error}");
    let output = run(closed, &[], &format!("{line} --best-effort"));
    assert_eq!(output.status.code(), Some(0));
    let output = run(
        closed,
        &[("STAGEPOST_RETRY_FOR", "0s")],
        &format!("report exec --sha {SHA} --ref dev --name a -- false"),
    );
    assert_eq!(output.status.code(), Some(1), "the code of the command");
}

//! What a server does by itself, and the commands around it: the real binary as server and as command line.

use crate::http::Connection;
use crate::server::{Home, Server, Store};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// What takes this long never comes.
const HANGS: Duration = Duration::from_secs(60);
const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

/// Runs a command beside the data; words are separated by spaces, `+` stands for one.
pub fn run(data: &Path, line: &str) -> Output {
    run_in("en", data, line)
}

pub fn run_in(lang: &str, data: &Path, line: &str) -> Output {
    let words = line.split(' ').map(|word| word.replace('+', " "));
    Command::new(env!("CARGO_BIN_EXE_stagepost"))
        .env_clear()
        .current_dir(data)
        .args(["--lang", lang, "--data"])
        .arg(data)
        .args(words)
        .output()
        .unwrap()
}

/// What a command that succeeds prints.
pub fn said(data: &Path, line: &str) -> String {
    let output = run(data, line);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {:?} {error}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

pub fn told(data: &Path, line: &str) -> Value {
    serde_json::from_str(&said(data, &format!("--json {line}"))).unwrap()
}

/// Exit code and message of a command that fails.
pub fn failed(data: &Path, line: &str) -> (Option<i32>, String) {
    let output = run(data, line);
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// Asks again and again until the answer is the one that is waited for.
fn until(what: &str, server: &Server, mut came: impl FnMut() -> bool) {
    let began = Instant::now();
    while !came() {
        assert!(began.elapsed() < HANGS, "{what} did not come:\n{}", server.said());
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn metric(connection: &mut Connection, name: &str) -> Option<u64> {
    let text = connection.request("GET", "/metrics", "").unwrap().body;
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

fn report(data: &Path, more: &str) {
    said(data, &format!("report --repo acme/demo --ref dev {more}"));
}

#[test]
fn a_silent_job_is_given_up_and_its_real_end_counts() {
    given_up_and_ended(Store::Sqlite);
}

#[test]
fn a_silent_job_is_given_up_and_its_real_end_counts_on_postgres() {
    given_up_and_ended(Store::Postgres);
}

fn given_up_and_ended(store: Store) {
    let home = Home::new(store);
    let data = &home.node(0);
    let server = home.ready_with(0, &["--upkeep-every", "1s"]);
    let mut connection = Connection::open(server.address());
    let counters = [
        "stagepost_watchdog_closed_total",
        "stagepost_pruned_pipelines_total",
        "stagepost_pruned_jobs_total",
        "stagepost_pruned_reports_total",
    ];
    for name in counters {
        assert_eq!(metric(&mut connection, name), Some(0), "{name}, from the start");
    }
    said(data, "repo add acme/demo --id 7");
    let running = format!("--sha {SHA} --name build --build-id b1 --status running");
    report(data, &running);
    assert_eq!(told(data, "repo policy acme/demo --silence-limit 1s")["silence_limit"], 1);

    let mut status = || {
        let answer = connection.request("GET", "/native/v1/repositories/7/jobs/1", "").unwrap();
        serde_json::from_str::<Value>(&answer.body).unwrap()["status"].as_str().unwrap().to_owned()
    };
    until("the watchdog", &server, || status() == "timedout");
    until("the log line", &server, || server.said().contains("gave up a job that nobody reported on"));
    let history = told(data, "jobs history 1 --repo 7");
    assert_eq!(history[1]["why"], "No report for longer than 1s: given up as timed out.");
    assert_eq!(history[1]["reporter"], json!(null));
    report(data, &running.replace("running", "success"));
    assert_eq!(status(), "success");
    assert_eq!(metric(&mut connection, counters[0]), Some(1));
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_start_takes_away_what_is_not_kept() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = Server::ready(data);
    said(data, "repo add acme/demo --id 7");
    for n in 0..4 {
        report(data, &format!("--sha {n:040x} --name build --status success"));
    }
    assert_eq!(server.terminate(), Some(0));

    said(data, "repo policy acme/demo --keep-per-ref 2 --offline");
    let would_go = told(data, "prune --dry-run --offline");
    assert_eq!(
        (&would_go[0]["path"], would_go[0]["pipelines"].as_array().unwrap().len()),
        (&json!("acme/demo"), 2)
    );

    let server = Server::ready_with(data, &["--upkeep-every", "1"]);
    let mut connection = Connection::open(server.address());
    until("the sweep", &server, || metric(&mut connection, "stagepost_pruned_reports_total") == Some(2));
    assert_eq!(metric(&mut connection, "stagepost_pruned_pipelines_total"), Some(2));
    assert_eq!(metric(&mut connection, "stagepost_pruned_jobs_total"), Some(2));
    assert_eq!(said(data, "pipelines --repo 7 --count"), "2\n");
    until("the log line", &server, || server.said().contains("deleted what the policies do not keep"));

    // Who asks for it counts the same, and hurries nobody.
    said(data, "repo policy 7 --keep-per-ref 1");
    assert_eq!(said(data, "prune"), "acme/demo\t1\t1\t1\n");
    assert_eq!(metric(&mut connection, "stagepost_pruned_pipelines_total"), Some(3));
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(told(data, "prune --repo 7 --offline"), json!([]));
}

#[test]
fn the_command_line_lists_shows_closes_and_prunes() {
    lists_shows_closes_and_prunes(Store::Sqlite);
}

#[test]
fn the_command_line_lists_shows_closes_and_prunes_on_postgres() {
    lists_shows_closes_and_prunes(Store::Postgres);
}

fn lists_shows_closes_and_prunes(store: Store) {
    let home = Home::new(store);
    let data = &home.node(0);
    let server = home.ready(0);
    said(data, "repo add acme/demo --id 7");
    said(data, "repo add acme/empty");
    report(data, &format!("--sha {SHA} --name build --stage build --status success --build-id b1"));
    report(data, &format!("--sha {SHA} --name unit --stage test --status failed --build-id b2"));
    report(data, &format!("--sha {SHA} --name unit --stage test --status running --build-id b3"));
    report(data, &format!("--sha {:040x} --name deploy --status pending --source jenkins", 9));

    let ids = |line: &str| {
        let found = told(data, line);
        found.as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    for (line, expected) in [
        ("jobs 1 --repo 7", [1, 2, 3].as_slice()),
        ("jobs 1 --repo 7 --latest", &[1, 3]),
        ("jobs 1 --repo acme/demo --status failed,running", &[2, 3]),
        ("jobs 1 --repo 7 --limit 2", &[2, 3]),
        ("jobs --repo 7", &[4, 3, 2, 1]),
        ("jobs --repo 7 --latest --since 1h", &[4, 3, 1]),
        ("jobs --repo 7 --retried", &[2]),
        ("jobs --repo 7 --until 1h", &[]),
        ("jobs --repo 7 --limit 1", &[4]),
        ("jobs --repo 7 --stage test --name unit --build-id b3 --sha 1c46 --ref dev --search UN", &[3]),
        ("jobs --repo 7 --source jenkins --all", &[4]),
        ("pipelines --repo 7", &[2, 1]),
        ("pipelines --repo 7 --status running,pending --since 1h", &[2, 1]),
        ("pipelines --repo 7 --search 1c46 --updated-since 1h", &[1]),
        ("pipelines --repo 7 --key none", &[]),
    ] {
        assert_eq!(ids(line), expected, "{line}");
    }
    assert_eq!(said(data, "jobs --repo 7 --status failed --count"), "1\n");
    assert_eq!(said(data, "pipelines --repo 7 --count"), "2\n");
    let line = said(data, "jobs --repo 7 --build-id b2");
    assert!(line.starts_with(&format!("2\tfailed\t1\t{SHA}\tdev\ttest\tunit\t1\t")), "{line}");

    let keys = |line: &str| told(data, line)[0].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert!(keys("jobs 1 --repo 7").contains(&"heard_at".to_owned()));
    assert_eq!(keys("jobs 1 --repo 7"), keys("jobs 1 --repo 7 --status success"), "one list, one shape");
    let shown = told(data, "jobs show 2 --repo 7");
    assert_eq!((&shown["reporter"], &shown["newest"]), (&json!("admin"), &json!(false)));
    assert_eq!(failed(data, "jobs show 99 --repo 7").0, Some(1));
    assert_eq!(failed(data, "jobs 99 --repo 7").0, Some(1));
    assert_eq!(failed(data, "jobs 99 --repo 7 --status failed").0, Some(1));
    assert_eq!(failed(data, "jobs --repo 7 --latest show 2").0, Some(2));

    assert!(
        said(data, "jobs close 3 --repo 7 --status timedout --reason agent+lost")
            .starts_with("3\ttimedout\t1\t2\t")
    );
    let history = said(data, "jobs history 3 --repo 7");
    let last = history.lines().last().unwrap();
    assert!(last.ends_with("Closed by hand by admin as timed out (agent lost)."), "{history}");
    assert_eq!(last.split('\t').count(), 8, "{history}");
    let closed = told(data, "jobs close --repo 7 --sha 0000000");
    assert_eq!((&closed[0]["job_id"], &closed[0]["status"]), (&json!(4), &json!("canceled")));
    assert_eq!(told(data, "jobs close --repo 7 --sha 0000000"), json!([]));
    for (line, code) in [
        ("jobs close --repo 7", 2),
        ("jobs close 99 --repo 7", 1),
        ("jobs close 3 --repo 7 --status running", 1),
        ("jobs close --repo 7 --sha 123", 1),
    ] {
        assert_eq!(failed(data, line).0, Some(code), "{line}");
    }

    assert_eq!(said(data, "repo policy 7"), "off\t\toff\toff\n");
    said(
        data,
        "repo policy 7 --silence-limit 2h --stage-limit deploy=6h --stage-limit manual=off --keep-for 90d",
    );
    said(data, "repo policy 7 --keep-per-ref 1 --silence-limit 90m");
    assert_eq!(said(data, "repo policy acme/demo"), "90m\tdeploy=6h manual=off\t90d\t1\n");
    said(data, "repo policy 7 --stage-limit deploy=default --keep-for off");
    assert_eq!(
        told(data, "repo policy 7"),
        json!({"silence_limit": 5400, "stage_limits": {"manual": null}, "keep_for": null, "keep_per_ref": 1})
    );
    let (code, message) = failed(data, "repo policy 7 --keep-for soon");
    assert!(code == Some(2) && message.contains("--keep-for"), "{message}");
    let (code, message) = failed(data, "repo policy 7 --keep-per-ref 0");
    assert!(code == Some(1) && message.contains("keep_per_ref"), "{message}");

    let would_go = said(data, "prune --dry-run");
    assert!(would_go.starts_with(&format!("acme/demo\t1\tfailed\t{SHA}\tdev\t3\t")), "{would_go}");
    assert_eq!(told(data, "prune --repo acme/empty --dry-run"), json!([]));
    assert_eq!(ids("pipelines --repo 7"), [2, 1], "only looked at");
    let gone = told(data, "prune --repo 7");
    assert_eq!(
        gone,
        json!([{"repository_id": 7, "path": "acme/demo", "pipelines": 1, "jobs": 3, "reports": 4}])
    );
    assert_eq!(ids("jobs --repo 7"), [4]);
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn what_shows_nothing_says_why_and_what_was_asked_for_is_logged() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = Server::ready(data);
    said(data, "repo add acme/demo --id 7");
    for n in 0..2 {
        report(data, &format!("--sha {n:040x} --name build --status success"));
    }
    report(data, &format!("--sha {SHA} --name build --status running"));

    // What is said beside an empty answer; nothing to machines.
    let noted = |line: &str| {
        let output = run(data, line);
        assert!(output.status.success() && output.stdout.is_empty(), "{line}: {output:?}");
        assert!(run(data, &format!("--json {line}")).stderr.is_empty(), "{line}");
        String::from_utf8(output.stderr).unwrap()
    };
    let close = "jobs close --repo 7 --sha fffffff";
    assert_eq!(noted(close), "no unfinished job of this commit\n");
    let chinese = run_in("zh", data, close).stderr;
    assert_eq!(String::from_utf8(chinese).unwrap(), "没有属于该提交的未结束任务\n");
    for line in ["prune", "prune --dry-run", "prune --repo 7"] {
        assert_eq!(noted(line), "no retention policy: everything is kept\n", "{line}");
    }
    said(data, "repo policy 7 --keep-per-ref 3");
    for line in ["prune", "prune --dry-run"] {
        assert_eq!(noted(line), "nothing to delete\n", "{line}");
    }

    // Neither what did nothing nor what was only looked at is logged.
    said(data, "repo policy 7 --keep-per-ref 2");
    said(data, "prune --dry-run");
    assert_eq!(said(data, "prune"), "acme/demo\t1\t1\t1\n");
    said(data, "jobs close 2 --repo 7");
    said(data, &format!("jobs close --sha {SHA} --repo 7"));
    let logged = |text: &str| {
        let lines = server.said();
        lines.lines().filter(|line| line.contains(text)).map(str::to_owned).collect::<Vec<_>>()
    };
    for (text, fields) in [
        (
            "deleted by request what the policies do not keep",
            r#"user="admin" repository=7 pipelines=1 jobs=1 reports=1"#,
        ),
        ("closed jobs by hand", r#"user="admin" repository=7 jobs="3" status="canceled""#),
    ] {
        until(text, &server, || !logged(text).is_empty());
        let lines = logged(text);
        assert!(lines.len() == 1 && lines[0].contains(fields), "{lines:?}");
    }
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(noted("prune --offline"), "nothing to delete\n");
}

#[test]
fn who_errs_is_told_so_in_their_language() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = Server::ready(data);
    said(data, "repo add acme/demo --id 7");
    for (line, code, english, chinese) in [
        (
            "pipelines --repo acme/none",
            1,
            "error: there is no repository acme/none, or you may not see it\n",
            "错误：没有仓库 acme/none，或无权查看\n",
        ),
        ("jobs show 9 --repo 7", 1, "error: No such job [CH.000404,", "错误：任务不存在 [CH.000404,"),
        (
            "member remove nobody --repo 7",
            1,
            "error: No such user [CH.000404,",
            "错误：用户不存在 [CH.000404,",
        ),
        (
            "jobs --repo 7 --updated-since yesterday",
            2,
            "error: --updated-since: 'yesterday' is neither an RFC 3339 time nor a duration such as 2h or 7d\n",
            "错误：--updated-since：“yesterday”既不是 RFC 3339 时间，也不是时长（如 2h、7d）\n",
        ),
        (
            "jobs --repo 7 --sha main",
            1,
            "error: 'sha': It must be a commit id, or at least 1 hexadecimal digit of its beginning.",
            "错误：'sha': 必须是提交 ID，或其开头的至少 1 位十六进制数。",
        ),
    ] {
        for (lang, expected) in [("en", english), ("zh", chinese)] {
            let output = run_in(lang, data, line);
            let message = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(code), "{line}");
            assert!(message.starts_with(expected), "{line}: {message}");
        }
    }
    let (code, message) = failed(data, "jobs close --repo 7");
    assert!(code == Some(2) && message.contains("<JOB|--sha <SHA>>"), "{message}");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn the_set_up_for_gitlabs_reporters_works_as_printed() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::ready(data.path());
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api/gitlab.md");
    let document = std::fs::read_to_string(document).unwrap();
    let block = document.split("```").find_map(|part| part.strip_prefix("sh\n")).unwrap();
    let script = format!(
        "{block}\nexport STAGEPOST_TOKEN=\"$TOKEN\"\n\
         stagepost report --repo acme/demo --ref main --name build --status success --sha {SHA} >&2\n\
         stagepost whoami"
    );
    let bin = Path::new(env!("CARGO_BIN_EXE_stagepost")).parent().unwrap();
    let output = Command::new("sh")
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
        .env("STAGEPOST_DATA", data.path())
        .current_dir(data.path())
        .args(["-euc", &script])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let who = String::from_utf8(output.stdout).unwrap();
    assert!(who.ends_with("admin\tfalse\treport\t1\n"), "{who}");
    assert_eq!(server.terminate(), Some(0));
}

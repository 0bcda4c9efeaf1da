//! The server's maintenance tasks, and the commands for policies, lists, closing and pruning.

use crate::command::{failure, json_output, run, run_in, stdout};
use crate::http::Connection;
use crate::server::{Server, Storage, Store};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

fn metric(connection: &mut Connection, name: &str) -> Option<u64> {
    let text = connection.request("GET", "/metrics", "").unwrap().body;
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

fn report(data: &Path, arguments: &str) {
    stdout(data, &format!("report --repo acme/demo --ref dev {arguments}"));
}

#[test]
fn an_inactive_job_is_timed_out_and_a_late_success_wins() {
    check_inactivity_timeout(Store::Sqlite);
}

#[test]
fn an_inactive_job_is_timed_out_and_a_late_success_wins_on_postgres() {
    check_inactivity_timeout(Store::Postgres);
}

fn check_inactivity_timeout(store: Store) {
    let storage = Storage::new(store);
    let data = &storage.node(0);
    let server = storage.ready_with(0, &["--upkeep-every", "1s"]);
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
    stdout(data, "repo add acme/demo --id 7");
    let running = format!("--sha {SHA} --name build --build-id b1 --status running");
    report(data, &running);
    assert_eq!(json_output(data, "repo policy acme/demo --silence-limit 1s")["silence_limit"], 1);

    let mut status = || {
        let response = connection.request("GET", "/native/v1/repositories/7/jobs/1", "").unwrap();
        serde_json::from_str::<Value>(&response.body).unwrap()["status"].as_str().unwrap().to_owned()
    };
    server.wait_until("the watchdog", || status() == "timedout");
    server.wait_until("the log line", || server.log().contains("timed out an inactive job"));
    let history = json_output(data, "jobs history 1 --repo 7");
    assert_eq!(history[1]["why"], "No report for longer than 1s: closed as timed out.");
    assert_eq!(history[1]["reporter"], json!(null));
    report(data, &running.replace("running", "success"));
    assert_eq!(status(), "success");
    assert_eq!(metric(&mut connection, counters[0]), Some(1));
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn expired_pipelines_are_deleted_after_a_start() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = Server::ready(data);
    stdout(data, "repo add acme/demo --id 7");
    for n in 0..4 {
        report(data, &format!("--sha {n:040x} --name build --status success"));
    }
    assert_eq!(server.terminate(), Some(0));

    stdout(data, "repo policy acme/demo --keep-per-ref 2 --offline");
    let expired = json_output(data, "prune --dry-run --offline");
    assert_eq!(
        (&expired[0]["path"], expired[0]["pipelines"].as_array().unwrap().len()),
        (&json!("acme/demo"), 2)
    );

    let server = Server::ready_with(data, &["--upkeep-every", "1"]);
    let mut connection = Connection::open(server.address());
    server.wait_until("the sweep", || metric(&mut connection, "stagepost_pruned_reports_total") == Some(2));
    assert_eq!(metric(&mut connection, "stagepost_pruned_pipelines_total"), Some(2));
    assert_eq!(metric(&mut connection, "stagepost_pruned_jobs_total"), Some(2));
    assert_eq!(stdout(data, "pipelines --repo 7 --count"), "2\n");
    server.wait_until("the log line", || server.log().contains("deleted expired pipelines"));

    // A manual prune increments the same metrics.
    stdout(data, "repo policy 7 --keep-per-ref 1");
    assert_eq!(stdout(data, "prune"), "acme/demo\t1\t1\t1\n");
    assert_eq!(metric(&mut connection, "stagepost_pruned_pipelines_total"), Some(3));
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(json_output(data, "prune --repo 7 --offline"), json!([]));
}

#[test]
fn commands_list_show_close_and_prune() {
    check_commands(Store::Sqlite);
}

#[test]
fn commands_list_show_close_and_prune_on_postgres() {
    check_commands(Store::Postgres);
}

fn check_commands(store: Store) {
    let storage = Storage::new(store);
    let data = &storage.node(0);
    let server = storage.ready(0);
    stdout(data, "repo add acme/demo --id 7");
    stdout(data, "repo add acme/empty");
    report(data, &format!("--sha {SHA} --name build --stage build --status success --build-id b1"));
    report(data, &format!("--sha {SHA} --name unit --stage test --status failed --build-id b2"));
    report(data, &format!("--sha {SHA} --name unit --stage test --status running --build-id b3"));
    report(data, &format!("--sha {:040x} --name deploy --status pending --source jenkins", 9));

    let ids = |line: &str| {
        let list = json_output(data, line);
        list.as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect::<Vec<_>>()
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
    assert_eq!(stdout(data, "jobs --repo 7 --status failed --count"), "1\n");
    assert_eq!(stdout(data, "pipelines --repo 7 --count"), "2\n");
    let line = stdout(data, "jobs --repo 7 --build-id b2");
    assert!(line.starts_with(&format!("2\tfailed\t1\t{SHA}\tdev\ttest\tunit\t1\t")), "{line}");

    let keys =
        |line: &str| json_output(data, line)[0].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert!(keys("jobs 1 --repo 7").contains(&"heard_at".to_owned()));
    assert_eq!(
        keys("jobs 1 --repo 7"),
        keys("jobs 1 --repo 7 --status success"),
        "all lists have the same fields"
    );
    let job = json_output(data, "jobs show 2 --repo 7");
    assert_eq!((&job["reporter"], &job["newest"]), (&json!("admin"), &json!(false)));
    assert_eq!(failure(data, "jobs show 99 --repo 7").0, Some(1));
    assert_eq!(failure(data, "jobs 99 --repo 7").0, Some(1));
    assert_eq!(failure(data, "jobs 99 --repo 7 --status failed").0, Some(1));
    assert_eq!(failure(data, "jobs --repo 7 --latest show 2").0, Some(2));

    assert!(
        stdout(data, "jobs close 3 --repo 7 --status timedout --reason agent+lost")
            .starts_with("3\ttimedout\t1\t2\t")
    );
    let history = stdout(data, "jobs history 3 --repo 7");
    let last = history.lines().last().unwrap();
    assert!(last.ends_with("Closed manually by admin as timed out (agent lost)."), "{history}");
    assert_eq!(last.split('\t').count(), 9, "{history}");
    let closed = json_output(data, "jobs close --repo 7 --sha 0000000");
    assert_eq!((&closed[0]["job_id"], &closed[0]["status"]), (&json!(4), &json!("canceled")));
    assert_eq!(json_output(data, "jobs close --repo 7 --sha 0000000"), json!([]));
    for (line, code) in [
        ("jobs close --repo 7", 2),
        ("jobs close 99 --repo 7", 1),
        ("jobs close 3 --repo 7 --status running", 2),
        ("jobs close --repo 7 --sha 123", 1),
    ] {
        assert_eq!(failure(data, line).0, Some(code), "{line}");
    }

    assert_eq!(stdout(data, "repo policy 7"), "off\t\toff\toff\n");
    stdout(
        data,
        "repo policy 7 --silence-limit 2h --stage-limit deploy=6h --stage-limit manual=off --keep-for 90d",
    );
    stdout(data, "repo policy 7 --keep-per-ref 1 --silence-limit 90m");
    assert_eq!(stdout(data, "repo policy acme/demo"), "90m\tdeploy=6h manual=off\t90d\t1\n");
    stdout(data, "repo policy 7 --stage-limit deploy=default --keep-for off");
    assert_eq!(
        json_output(data, "repo policy 7"),
        json!({"silence_limit": 5400, "stage_limits": {"manual": null}, "keep_for": null, "keep_per_ref": 1})
    );
    let (code, message) = failure(data, "repo policy 7 --keep-for 90");
    assert!(code == Some(2) && message.contains("write 90d for days or 90s for seconds"), "{message}");
    let (code, message) = failure(data, "repo policy 7 --keep-for soon");
    assert!(code == Some(2) && message.contains("--keep-for"), "{message}");
    let (code, message) = failure(data, "repo policy 7 --keep-per-ref 0");
    assert!(code == Some(1) && message.contains("keep_per_ref"), "{message}");

    let expired = stdout(data, "prune --dry-run");
    assert!(expired.starts_with(&format!("acme/demo\t1\tfailed\t{SHA}\tdev\t3\t")), "{expired}");
    assert_eq!(json_output(data, "prune --repo acme/empty --dry-run"), json!([]));
    assert_eq!(ids("pipelines --repo 7"), [2, 1], "a dry run deletes nothing");
    let pruned = json_output(data, "prune --repo 7");
    assert_eq!(
        pruned,
        json!([{"repository_id": 7, "path": "acme/demo", "pipelines": 1, "jobs": 3, "reports": 4}])
    );
    assert_eq!(ids("jobs --repo 7"), [4]);
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn empty_output_has_a_hint_and_manual_operations_are_logged() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = Server::ready(data);
    stdout(data, "repo add acme/demo --id 7");
    for n in 0..2 {
        report(data, &format!("--sha {n:040x} --name build --status success"));
    }
    report(data, &format!("--sha {SHA} --name build --status running"));

    // The hint on stderr; there is none with JSON output.
    let hint = |line: &str| {
        let output = run(data, line);
        assert!(output.status.success() && output.stdout.is_empty(), "{line}: {output:?}");
        assert!(run(data, &format!("--json {line}")).stderr.is_empty(), "{line}");
        String::from_utf8(output.stderr).unwrap()
    };
    let close = "jobs close --repo 7 --sha fffffff";
    assert_eq!(hint(close), "this commit has no unfinished jobs\n");
    let chinese = run_in("zh", data, close).stderr;
    assert_eq!(String::from_utf8(chinese).unwrap(), "该提交没有未结束的任务\n");
    for line in ["prune", "prune --dry-run", "prune --repo 7"] {
        assert_eq!(hint(line), "no retention policy is set: all pipelines are kept\n", "{line}");
    }
    stdout(data, "repo policy 7 --keep-per-ref 3");
    for line in ["prune", "prune --dry-run"] {
        assert_eq!(hint(line), "no pipelines to delete\n", "{line}");
    }

    // Operations without effect and dry runs are not logged.
    stdout(data, "repo policy 7 --keep-per-ref 2");
    stdout(data, "prune --dry-run");
    assert_eq!(stdout(data, "prune"), "acme/demo\t1\t1\t1\n");
    stdout(data, "jobs close 2 --repo 7");
    stdout(data, &format!("jobs close --sha {SHA} --repo 7"));
    let logged = |text: &str| {
        let lines = server.log();
        lines.lines().filter(|line| line.contains(text)).map(str::to_owned).collect::<Vec<_>>()
    };
    for (text, fields) in [
        ("deleted expired pipelines by request", r#"user="admin" repository=7 pipelines=1 jobs=1 reports=1"#),
        ("closed jobs manually", r#"user="admin" repository=7 jobs="3" status="canceled""#),
    ] {
        server.wait_until(text, || !logged(text).is_empty());
        let lines = logged(text);
        assert!(lines.len() == 1 && lines[0].contains(fields), "{lines:?}");
    }
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(hint("prune --offline"), "no pipelines to delete\n");
}

#[test]
fn errors_are_in_the_language_of_the_user() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = Server::ready(data);
    stdout(data, "repo add acme/demo --id 7");
    for (line, code, english, chinese) in [
        (
            "pipelines --repo acme/none",
            1,
            "error: repository acme/none does not exist or you may not view it\n",
            "错误：仓库 acme/none 不存在或无权查看\n",
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
            "error: --updated-since: 'yesterday' is neither a date, nor an RFC 3339 time, nor a duration such as 2h, 7d or 1w\n",
            "错误：--updated-since：“yesterday”既不是日期或 RFC 3339 时间，也不是时长（如 2h、7d、1w）\n",
        ),
        (
            "jobs --repo 7 --sha main",
            2,
            "error: --sha: 'main' is not a commit id or the beginning of one\n",
            "错误：--sha：“main”不是提交 ID 或其开头的十六进制数\n",
        ),
        ("watch 9 --repo 7", 1, "error: No such pipeline [CH.000404,", "错误：流水线不存在 [CH.000404,"),
    ] {
        for (lang, expected) in [("en", english), ("zh", chinese)] {
            let output = run_in(lang, data, line);
            let message = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(code), "{line}");
            assert!(message.starts_with(expected), "{line}: {message}");
        }
    }
    let (code, message) = failure(data, "jobs close --repo 7");
    assert!(code == Some(2) && message.contains("<JOB|--sha <SHA>>"), "{message}");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn the_documented_setup_for_gitlab_reporters_works() {
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

//! `report`, with the real binary as server and as command line.

use crate::command::{json_output, run, run_in, stdout};
use crate::server::{Storage, Store};
use serde_json::json;

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

#[test]
fn a_report_with_unusable_texts_is_sent_with_warnings() {
    let storage = Storage::new(Store::Sqlite);
    let data = &storage.node(0);
    let _server = storage.ready(0);
    stdout(data, "repo add acme/demo");
    let long = "x".repeat(2_000);
    let line = format!(
        "report --repo acme/demo --sha {A} --ref refs/heads/main --name build --status failed \
         --description {long} --target-url {{{{url}}}}"
    );
    let sent = run(data, &line);
    assert!(sent.status.success(), "{sent:?}");
    assert_eq!(
        String::from_utf8_lossy(&sent.stderr),
        "warning: target_url is not valid: the server ignored it\n\
         warning: description is too long: the server truncated it\n"
    );
    let chinese = String::from_utf8(run_in("zh", data, &line).stderr).unwrap();
    assert_eq!(chinese, "警告：target_url 无效，服务器已忽略\n警告：description 过长，服务器已截断\n");
    let adjusted = json_output(data, &line)["adjusted"].clone();
    let truncated = json!({"field": "description", "change": "truncated"});
    assert_eq!(adjusted, json!([{"field": "target_url", "change": "dropped"}, truncated]));
    // The branch has one name, and verification agrees with all of it.
    let pipelines = json_output(data, "pipelines --repo acme/demo --ref refs/heads/main");
    assert_eq!((&pipelines[0]["ref"], &pipelines[1]), (&json!("main"), &json!(null)), "{pipelines}");
    let job = json_output(data, "jobs --repo acme/demo");
    assert_eq!((&job[0]["status"], &job[0]["target_url"]), (&json!("failed"), &json!(null)), "{job}");
    stdout(data, "verify");
}

#[test]
fn a_report_says_more_than_a_status_with_files_that_its_command_wrote() {
    let storage = Storage::new(Store::Sqlite);
    let data = &storage.node(0);
    let _server = storage.ready(0);
    stdout(data, "repo add acme/demo");
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(file("written.md"), "# 结果\n\n\u{1b}[31mred\u{1b}[0m\n").unwrap();
    let annotations = json!([
        {"path": "src/a.rs", "start_line": 7, "level": "failure", "message": "m"},
        {"path": "/src/a.rs", "start_line": 8, "level": "error", "message": "m"},
    ]);
    std::fs::write(file("lint.json"), annotations.to_string()).unwrap();
    let line = format!(
        "report exec --repo acme/demo --sha {A} --ref main --name unit --title 1-of-3 --summary-file {} \
         --text-file {} --annotations {} --tests failed=1,passed=2 -- cp {} {}",
        file("report.md"),
        file("missing.md"),
        file("lint.json"),
        file("written.md"),
        file("report.md"),
    );
    let sent = run(data, &line);
    assert!(sent.status.success(), "{sent:?}");
    let warnings = String::from_utf8(sent.stderr).unwrap();
    assert!(warnings.contains("missing.md, sending the report without it: "), "{warnings}");
    assert!(warnings.contains("lint.json: invalid annotations (1) are not reported: "), "{warnings}");
    assert!(warnings.contains("details contains line breaks or control characters"), "{warnings}");
    let shown = json_output(data, "jobs show 1 --repo acme/demo");
    assert_eq!(
        (&shown["status"], &shown["details"]),
        (
            &json!("success"),
            &json!({
                "title": "1-of-3",
                "summary": "# 结果\n\nred\n",
                "annotations": [
                    {"path": "src/a.rs", "start_line": 7, "end_line": 7, "level": "failure", "message": "m"},
                ],
                "tests": {"failed": 1, "passed": 2, "skipped": 0},
            })
        )
    );
    let shown = stdout(data, "jobs show 1 --repo acme/demo");
    let expected = "1-of-3\tfailed=1,passed=2,skipped=0\t1\n\n# 结果\n\nred\n\nsrc/a.rs\n  7  failure  m\n";
    assert!(shown.ends_with(expected), "{shown}");
    let usage = run(
        data,
        &format!("report --repo acme/demo --sha {A} --ref main --name x --status failed --tests 3"),
    );
    assert_eq!(usage.status.code(), Some(2), "{usage:?}");
    stdout(data, "verify");
}

#[test]
fn a_report_whose_details_are_refused_is_sent_without_them() {
    let storage = Storage::new(Store::Sqlite);
    let data = &storage.node(0);
    let _server = storage.ready(0);
    stdout(data, "repo add acme/demo");
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    // Six bytes of JSON each, so that summary and text are larger than a request may be with the annotations.
    std::fs::write(file("controls.txt"), "\u{1}".repeat(65_535)).unwrap();
    let one = json!({"path": "a", "start_line": 7, "level": "failure", "message": "x".repeat(900)});
    std::fs::write(file("lint.json"), json!(vec![one; 390]).to_string()).unwrap();
    let line = format!(
        "report exec --repo acme/demo --sha {A} --ref main --name unit --summary-file {0} --text-file {0} \
         --annotations {1} -- true",
        file("controls.txt"),
        file("lint.json"),
    );
    let sent = run(data, &line);
    assert!(sent.status.success(), "{sent:?}");
    let warnings = String::from_utf8(sent.stderr).unwrap();
    assert!(
        warnings.contains("the server refused the details, sending the report without them: "),
        "{warnings}"
    );
    let shown = json_output(data, "jobs show 1 --repo acme/demo");
    assert_eq!((&shown["status"], &shown["details"]), (&json!("success"), &json!(null)));
}

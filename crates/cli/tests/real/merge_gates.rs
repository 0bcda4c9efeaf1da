//! `gate` and `wait --gate`, with the real binary as server and as command line.

use crate::command::{failure, json_output, run, stdout};
use crate::server::{Storage, Store};
use crate::watch::{RunningCommand, SHA, report, start};

const RULES: &str = r#"
[[rules]]
targets = ["main"]

[[rules.requirements]]
job = "unit-*"

[[rules.requirements]]
name = "style"
job = "lint"
absent_after = 7200
"#;

#[test]
fn rules_are_applied_shown_and_applied_again() {
    applied_shown_and_applied_again(Store::Sqlite);
}

#[test]
fn rules_are_applied_shown_and_applied_again_on_postgres() {
    applied_shown_and_applied_again(Store::Postgres);
}

fn applied_shown_and_applied_again(store: Store) {
    let storage = Storage::new(store);
    let data = &storage.node(0);
    let _server = storage.ready(0);
    stdout(data, "repo add acme/demo --id 7");
    std::fs::write(data.join("gates.toml"), RULES).unwrap();
    let added = "added\tstyle\nadded\tunit-*\n";
    assert_eq!(stdout(data, "gate apply gates.toml --dry-run --repo 7"), added);
    assert_eq!(json_output(data, "gate show --repo 7")["version"], 0, "a dry run changes nothing");
    assert_eq!(stdout(data, "gate apply gates.toml --repo 7"), added);
    let shown = stdout(data, "gate show --repo 7");
    assert!(shown.starts_with("# rules version 1\n"), "{shown}");
    std::fs::write(data.join("shown.toml"), &shown).unwrap();
    assert_eq!(stdout(data, "gate apply shown.toml --repo 7"), "", "what is shown is what was applied");
    assert_eq!(json_output(data, "gate show --repo 7")["version"], 1);
    std::fs::write(data.join("gates.toml"), RULES.replace("7200", "60").replace("unit-*", "test-*")).unwrap();
    let changed = "changed\tstyle\nadded\ttest-*\nremoved\tunit-*\n";
    assert_eq!(stdout(data, "gate apply gates.toml --repo 7"), changed);
    assert_eq!(stdout(data, "gate show --repo 7 --rules-version 1"), shown);
}

#[test]
fn a_file_with_a_mistake_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let _server = start(data);
    for (text, code, message) in [
        (
            RULES.replace("job = \"lint\"", "job = \"lint\"\nreporter = []"),
            2,
            "gates.toml:11: 'rules[0].requirements[1].reporter': There is no such field",
        ),
        (RULES.replace("targets", "target"), 2, "gates.toml:3: 'rules[0].target': There is no such field."),
        (RULES.replace("7200", "\"2h\""), 2, "gates.toml:11: 'rules[0].requirements[1].absent_after': "),
        (RULES.replace("[\"main\"]", "[]"), 1, "gates.toml:3: 'rules[0].targets': "),
        (format!("dry_run = true\n{RULES}"), 2, "gates.toml:1: 'dry_run': There is no such field."),
        ("rules = ".to_owned(), 2, "gates.toml:1: 'gates': It is not valid TOML: "),
    ] {
        std::fs::write(data.join("gates.toml"), text).unwrap();
        let (found, error) = failure(data, "gate apply gates.toml --repo 7");
        assert_eq!(found, Some(code), "{error}");
        assert!(error.contains(message), "{error}");
    }
    assert_eq!(failure(data, "gate apply nothing.toml --repo 7").0, Some(1));
    assert_eq!(json_output(data, "gate show --repo 7")["version"], 0);
}

#[test]
fn the_exit_code_is_the_verdict() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = start(data);
    let status = || run(data, &format!("gate status {SHA} --target main --repo 7")).status.code();
    let (code, message) = failure(data, &format!("wait --gate --sha {SHA} --target main --repo 7"));
    assert_eq!(code, Some(2), "unset is never success: {message}");
    assert!(message.contains("no gate rule applies to the target branch main"), "{message}");
    assert_eq!(status(), Some(2));

    std::fs::write(data.join("gates.toml"), RULES).unwrap();
    stdout(data, "gate apply gates.toml --repo 7");
    assert_eq!(status(), Some(8));
    stdout(data, &format!("gate expect {SHA} --job s/unit-1 --job unit-2 --complete --repo 7"));
    let wait = format!("wait --gate --sha {SHA} --target main --repo 7");
    let mut waiting = RunningCommand::start(data, &server, &wait);
    assert!(waiting.error_line().starts_with("waiting for the gate of main: "));
    for name in ["unit-1", "lint", "unit-2"] {
        assert_eq!(status(), Some(8));
        report(data, name, "success");
    }
    let (code, lines, message) = waiting.end();
    assert_eq!(code, Some(0), "{message}");
    assert_eq!(lines[0], "unit-*\tpassed\tAll jobs succeeded.");
    assert_eq!((lines.len(), status()), (3, Some(0)), "two requirements and the announced jobs");

    report(data, "unit-3", "failed");
    assert_eq!(status(), Some(5));
    assert_eq!(run(data, &wait).status.code(), Some(5));
    let decide = format!("gate override {SHA} --target main --repo 7 --reason");
    assert_eq!(stdout(data, &format!("{decide} known+failure")), "1\tmain\t\tknown failure\n");
    assert_eq!(status(), Some(0));
    stdout(data, &format!("gate withdraw {SHA} 1 --repo 7"));
    assert_eq!(status(), Some(5));
    assert_eq!(failure(data, &format!("gate withdraw {SHA} 2 --repo 7")).0, Some(1));
    let timed_out = format!("wait --gate --sha {} --repo 7 --timeout 1s", "b".repeat(40));
    assert_eq!(run(data, &timed_out).status.code(), Some(3));
    assert_eq!(failure(data, &format!("gate status {} --repo 7", &SHA[..7])).0, Some(2));
}

#[test]
fn an_earlier_state_is_shown_with_the_exit_code_of_its_verdict() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let _server = start(data);
    std::fs::write(data.join("gates.toml"), RULES.replace("lint", "unit-*")).unwrap();
    stdout(data, "gate apply gates.toml --repo 7");
    for status in ["running", "success"] {
        report(data, "unit-1", status);
    }
    report(data, "unit-2", "failed");
    let code = |as_of: &str| {
        run(data, &format!("gate status {SHA} --target main --repo 7 --as-of {as_of}")).status.code()
    };
    assert_eq!(
        (code("report:1"), code("report:2"), code("report:3"), code("0s")),
        (Some(8), Some(0), Some(5), Some(5))
    );
    assert_eq!(code("1d"), Some(2), "there were no rules");
    assert_eq!((code("report:4"), code("2099-01-01")), (Some(1), Some(1)));
    assert_eq!(code("never"), Some(2));

    assert_eq!(json_output(data, "pipelines show 1 --repo 7")["status"], "failed");
    let shown = run(data, "pipelines show 1 --as-of report:2 --repo 7");
    let error = String::from_utf8(shown.stderr).unwrap();
    assert!(error.contains("last report included: #2, by admin"), "{error}");
    let shown = json_output(data, "pipelines show 1 --as-of report:2 --repo 7");
    assert_eq!(
        (&shown["status"], &shown["as_of"]["last_report"]["report_id"]),
        (&"success".into(), &2.into())
    );
    let jobs = |line: &str| json_output(data, line).as_array().unwrap().len();
    assert_eq!(
        (jobs("jobs 1 --as-of report:2 --repo 7"), jobs("jobs 1 --latest --as-of report:3 --repo 7")),
        (1, 2)
    );
    for (line, expected) in [
        ("jobs --as-of report:2 --repo 7", 2),
        ("jobs 1 --as-of report:2 --status failed --repo 7", 2),
        ("pipelines --status failed show 1 --repo 7", 2),
        ("pipelines show 1 --as-of 1d --repo 7", 1),
    ] {
        assert_eq!(failure(data, line).0, Some(expected), "{line}");
    }
}

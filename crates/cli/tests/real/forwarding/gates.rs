//! The verdict of a merge gate is forwarded.

use super::forge::{Answer, Forge, Handled};
use super::{all, create, report, sha, start, states};
use crate::command::{failure, json_output, stdout};
use serde_json::json;

const RULES: &str = r#"
[[rules]]
targets = ["main"]

[[rules.requirements]]
job = "unit"

[[rules.requirements]]
name = "style"
job = "lint"
"#;

fn said(request: &Handled) -> [&str; 4] {
    ["context", "state", "description", "target_url"].map(|field| request.text(field))
}

#[test]
fn a_forge_gets_each_verdict_with_its_sentence() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let forge = Forge::start(|_, _| Answer::new(201));
    let server = start(data, "t");
    std::fs::write(data.join("gates.toml"), RULES).unwrap();
    let id = create(data, "github", &forge.url(), "acme/demo", " --gate");
    let listed = json_output(data, "forward list --repo acme/demo");
    assert_eq!((&listed[0]["choice"], &listed[0]["jobs"]), (&json!("gate"), &json!([])));

    // Without a rule there is no verdict to tell.
    report(data, &sha('a'), "test/unit", "success");
    stdout(data, "gate apply gates.toml --repo acme/demo");
    let sent = |count: usize| {
        states(data, &server, id, |found| all(found, "sent") && forge.handled().len() >= count);
    };
    report(data, &sha('b'), "test/unit", "running");
    report(data, &sha('b'), "test/unit", "success");
    server.wait_until("the wait for lint", || {
        forge
            .handled()
            .last()
            .is_some_and(|last| last.text("description").starts_with("style: No matching job"))
    });
    report(data, &sha('b'), "test/lint", "failed");
    server.wait_until("the failure", || {
        forge.handled().last().is_some_and(|last| last.text("state") == "failure")
    });
    let handled = forge.handled();
    let failed = handled.last().unwrap();
    assert_eq!(failed.line, format!("POST /repos/acme/demo/statuses/{}", sha('b')));
    let text = "style: Failed jobs: test/lint (failed).";
    assert_eq!(said(failed), ["stagepost/gate/main", "failure", text, ""]);
    let decide = format!("gate override {} --requirement style --reason known", sha('b'));
    stdout(data, &format!("{decide} --target main --repo acme/demo"));
    server.wait_until("the override", || {
        forge.handled().last().is_some_and(|last| last.text("state") == "success")
    });
    let handled = forge.handled();
    let text = "The commit may be merged into main.";
    assert_eq!(said(handled.last().unwrap()), ["stagepost/gate/main", "success", text, ""]);
    sent(handled.len());

    let (code, message) = failure(
        data,
        &format!(
            "forward create --repo acme/demo github {} a/b --forge-token-file x --gate --job a",
            forge.url()
        ),
    );
    assert_eq!(code, Some(2), "{message}");
    stdout(data, &format!("forward update --repo acme/demo {id} --pipeline"));
    assert_eq!(json_output(data, "forward list --repo acme/demo")[0]["choice"], "pipeline");
    stdout(data, &format!("forward update --repo acme/demo {id} --gate"));
    assert_eq!(json_output(data, "forward list --repo acme/demo")[0]["choice"], "gate");
    assert_eq!(server.terminate(), Some(0));
}

//! `mr`, with the real binary as server and as command line.

use crate::command::{failure, json_output, run, run_in, stdout};
use crate::server::{Storage, Store};
use serde_json::json;

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

#[test]
fn a_merge_request_is_set_shown_and_listed() {
    set_shown_and_listed(Store::Sqlite);
}

#[test]
fn a_merge_request_is_set_shown_and_listed_on_postgres() {
    set_shown_and_listed(Store::Postgres);
}

fn set_shown_and_listed(store: Store) {
    let storage = Storage::new(store);
    let data = &storage.node(0);
    let _server = storage.ready(0);
    stdout(data, "repo add acme/demo");
    let set = |sha: &str| {
        format!("mr set 7 --repo acme/demo --source-branch feature --target-branch main --sha {sha}")
    };
    let first = json_output(data, &set(A));
    assert_eq!((&first["head_sha"], &first["head_pipeline"]), (&json!(A), &json!(null)));
    let shown = run(data, "mr show 7 --repo acme/demo");
    assert_eq!(String::from_utf8_lossy(&shown.stderr), "this commit has no pipeline yet\n");
    let chinese = run_in("zh", data, "mr show 7 --repo acme/demo");
    assert_eq!(String::from_utf8_lossy(&chinese.stderr), "该提交还没有流水线\n");
    stdout(
        data,
        &format!(
            "report --repo acme/demo --sha {A} --ref refs/merge-requests/7/head --name x --status failed"
        ),
    );
    let shown = run(data, "mr show 7 --repo acme/demo");
    let line = String::from_utf8(shown.stdout).unwrap();
    assert!(line.starts_with(&format!("7\t{A}\t1\tfailed\tfeature\tmain\t")), "{line}");
    assert!(shown.stderr.is_empty());
    assert_eq!(json_output(data, &set(B))["head_pipeline"], json!(null));
    for n in 8..=9 {
        let sha = format!("--sha {A} --ref refs/merge-requests/{n}/head");
        stdout(data, &format!("report --repo acme/demo {sha} --name x --status running"));
    }
    let listed = json_output(data, "mr list --repo acme/demo --limit 2");
    assert_eq!((&listed[0]["iid"], &listed[1]["iid"], &listed[2]), (&json!(9), &json!(8), &json!(null)));
    assert_eq!(stdout(data, "mr list --repo acme/demo --all").lines().count(), 3);
    let (code, message) = failure(data, "mr show 99 --repo acme/demo");
    assert!(code == Some(1) && message.contains("No such merge request"), "{message}");
    let (code, message) = failure(data, &set("abc1234"));
    assert!(code == Some(2) && message.contains("--sha: 'abc1234'"), "{message}");
    assert_eq!(failure(data, "mr set 7 --repo acme/demo").0, Some(2));
}

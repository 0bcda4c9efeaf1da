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

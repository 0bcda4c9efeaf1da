//! `api` with the real server: all pages of a list of each API, headers, and the head of the response.

use crate::ci_reports::{start, step};
use serde_json::Value;
use std::process::Output;

fn run(url: &str, arguments: &[&str]) -> Output {
    step(url, &[]).arg("api").args(arguments).output().unwrap()
}

#[test]
fn all_pages_of_every_api_are_one_array() {
    let data = tempfile::tempdir().unwrap();
    let (_server, url) = start(data.path());
    for path in ["acme/b", "acme/c"] {
        assert!(step(&url, &[]).args(["repo", "create", path]).output().unwrap().status.success());
    }
    for target in
        ["/v4/user/repositories?limit=1", "/api/v4/projects?per_page=1", "/native/v1/repositories?limit=1"]
    {
        let output = run(&url, &["--paginate", target]);
        let items: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let mut ids: Vec<i64> = items.iter().filter_map(|item| item["id"].as_i64()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((items.len(), ids.len()), (3, 3), "{target}: {output:?}");
    }
    let output = run(&url, &["--paginate", "/native/v1/whoami"]);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b""[..]), "no list: {output:?}");
}

#[test]
fn headers_are_sent_and_shown() {
    let data = tempfile::tempdir().unwrap();
    let (_server, url) = start(data.path());
    let output = run(&url, &["-i", "-H", "Accept-Language: zh", "/native/v1/repositories/99"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let (head, body) = text.split_once("\n\n").unwrap();
    assert!(
        head.starts_with("HTTP/1.1 404\n") && head.contains("content-type: application/problem+json"),
        "{head}"
    );
    assert!(body.contains("该仓库不存在"), "{body}");
    assert_eq!(output.status.code(), Some(1));
    let output = run(&url, &["-H", "X-Auth-Token: wrong", "/native/v1/whoami"]);
    assert_eq!(output.status.code(), Some(4), "a given credential replaces the configured one");
}

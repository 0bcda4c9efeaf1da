//! `doctor`, against the real binary.

use crate::server::{Server, TOKEN};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

const AK: &str = "AKEXAMPLE0000000001";
const SK: &str = "SKexample000000000000000000000000000000001";

fn doctor(data: &Path, env: &[(&str, &str)], arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stagepost"))
        .env_clear()
        .envs(env.iter().copied())
        .current_dir(data)
        .args(["doctor", "--data"])
        .arg(data)
        .args(arguments)
        .output()
        .unwrap()
}

/// Exit code, and each check with its result.
fn results(data: &Path, env: &[(&str, &str)], arguments: &[&str]) -> (Option<i32>, Vec<(String, String)>) {
    let output = doctor(data, env, &[arguments, &["--json"]].concat());
    let checks: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = checks.as_array().unwrap().iter();
    let lines = checks.map(|check| {
        let is_explained =
            check["result"] != "failed" || (check["why"].is_string() && check["what_to_do"].is_string());
        assert!(is_explained, "{check}");
        (text(&check["check"]), text(&check["result"]))
    });
    (output.status.code(), lines.collect())
}

/// AK and SK of the administrator created by the server.
fn admin_key(data: &Path) -> (String, String) {
    let text = std::fs::read_to_string(data.join("admin.toml")).unwrap();
    let value = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        line.split('"').nth(1).unwrap().to_owned()
    };
    (value("access_key"), value("secret_key"))
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(check, result)| ((*check).to_owned(), (*result).to_owned())).collect()
}

#[test]
fn each_check_has_a_result_and_an_instruction() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = Server::ready(data);
    let good = [
        ("reachable", "good"),
        ("certificate", "good"),
        ("clock", "good"),
        ("token", "good"),
        ("access_key", "good"),
        ("project", "good"),
        ("list", "good"),
    ];
    assert_eq!(results(data, &[], &[]), (Some(0), pairs(&good)), "{}", server.log());
    // Text output in both languages.
    for (lang, word) in [("en", "✓ the certificate is trusted\n"), ("zh", "✓ 证书可信\n")] {
        let text = String::from_utf8(doctor(data, &[], &["--lang", lang]).stdout).unwrap();
        assert!(text.contains(word) && text.contains("https://127.0.0.1:"), "{text}");
    }

    let changed = |index: usize, result| {
        let mut lines = good;
        lines[index].1 = result;
        pairs(&lines)
    };
    let wrong_token = results(data, &[("STAGEPOST_TOKEN", "spt_wrong")], &[]);
    assert_eq!(wrong_token, (Some(4), changed(3, "failed")));
    // SDKs sign the project lookup, so an invalid key prevents it. The list is checked with the token.
    let wrong_key = [("STAGEPOST_TOKEN", TOKEN), ("CLOUD_SDK_AK", AK), ("CLOUD_SDK_SK", SK)];
    let (code, lines) = results(data, &wrong_key, &[]);
    let expected = [("access_key", "failed"), ("project", "skipped"), ("list", "good")];
    assert_eq!((code, &lines[4..]), (Some(4), &pairs(&expected)[..]));
    let output = doctor(data, &wrong_key, &["--lang", "en"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("explain-signature --last explains the reason"));
    let both = [("STAGEPOST_TOKEN", "spt_wrong"), ("CLOUD_SDK_AK", AK), ("CLOUD_SDK_SK", SK)];
    let (code, lines) = results(data, &both, &[]);
    assert_eq!(code, Some(4));
    assert_eq!(
        lines[3..],
        pairs(&[("token", "failed"), ("access_key", "failed"), ("project", "skipped"), ("list", "skipped")])
    );

    // The certificate of another server.
    let other = tempfile::tempdir().unwrap();
    let _other = Server::ready(other.path());
    let ca = other.path().join("tls/cert.pem");
    let (code, lines) = results(data, &[], &["--ca", ca.to_str().unwrap()]);
    let expected = [("reachable", "good"), ("certificate", "failed"), ("clock", "skipped")];
    assert_eq!((code, &lines[..3]), (Some(1), &pairs(&expected)[..]));
    let output = doctor(data, &[], &["--ca", ca.to_str().unwrap(), "--lang", "en"]);
    let own = data.join("tls/cert.pem").display().to_string();
    assert!(
        String::from_utf8_lossy(&output.stdout).contains(&format!("specify the certificate {own} with --ca"))
    );
    // With an http URL, the certificate of the known https URL is checked.
    let plain = format!("http://{}", server.address());
    assert_eq!(results(data, &[], &["--server", &plain]), (Some(0), pairs(&good)));
    let (code, lines) = results(data, &[], &["--server", &plain, "--ca", ca.to_str().unwrap()]);
    assert_eq!((code, lines), (Some(1), changed(1, "failed")));
    // Without a known https URL there is no certificate to check.
    let elsewhere = tempfile::tempdir().unwrap();
    let key = admin_key(data);
    let variables = [("CLOUD_SDK_AK", key.0.as_str()), ("CLOUD_SDK_SK", &key.1), ("STAGEPOST_TOKEN", TOKEN)];
    let (code, lines) = results(elsewhere.path(), &variables, &["--server", &plain]);
    assert_eq!((code, lines), (Some(0), changed(1, "skipped")));
    // A token proves nothing about a signed call.
    let (code, lines) = results(elsewhere.path(), &[("STAGEPOST_TOKEN", TOKEN)], &["--server", &plain]);
    let by_token = [("token", "good"), ("project", "skipped"), ("list", "good")];
    assert_eq!((code, &lines[3..]), (Some(0), &pairs(&by_token)[..]));
    // A proxy that also applies to the local server.
    let (code, lines) = results(data, &[("https_proxy", "http://127.0.0.1:1")], &[]);
    assert_eq!((code, lines[0].clone()), (Some(0), ("proxy".to_owned(), "warning".to_owned())));
    let (_, lines) = results(data, &[("HTTP_PROXY", "http://127.0.0.1:1")], &[]);
    assert_eq!(lines[0], ("proxy".to_owned(), "warning".to_owned()));
    let direct = [("https_proxy", "http://127.0.0.1:1"), ("no_proxy", "127.0.0.1")];
    assert_eq!(results(data, &direct, &[]), (Some(0), pairs(&good)));

    drop(server);
    let (code, lines) = results(data, &[], &[]);
    assert_eq!((code, &lines[0]), (Some(1), &pairs(&[("reachable", "failed")])[0]));
    assert!(lines[1..].iter().all(|(_, result)| result == "skipped"), "{lines:?}");
}

#[test]
fn without_a_credential_it_explains_how_to_create_one() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::ready(data.path());
    let elsewhere = tempfile::tempdir().unwrap();
    let plain = format!("http://{}", server.address());
    let (code, lines) = results(elsewhere.path(), &[], &["--server", &plain]);
    assert_eq!(code, Some(4));
    assert!(lines.contains(&("access_key".to_owned(), "failed".to_owned())), "{lines:?}");
    let output = doctor(elsewhere.path(), &[], &["--server", &plain, "--lang", "en"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("stagepost key create USER"));
}

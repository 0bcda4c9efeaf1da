//! Messages about connections that fail, and the certificates that `--ca` trusts.

use crate::server::{Server, TOKEN};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, date_time_ymd};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The URLs of a server.
fn urls(data: &Path) -> (String, String) {
    let text = std::fs::read_to_string(data.join("endpoints.toml")).unwrap();
    let url = |scheme: &str| {
        let line = text.lines().find(|line| line.starts_with(&format!("{scheme} =")));
        line.unwrap().split('"').nth(1).unwrap().to_owned()
    };
    (url("http"), url("https"))
}

/// Exit code and stderr of a command that calls a server from another directory.
fn call(server: &str, lang: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let elsewhere = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_stagepost"))
        .env_clear()
        .env("STAGEPOST_TOKEN", TOKEN)
        .current_dir(elsewhere.path())
        .args(["--server", server, "--lang", lang])
        .args(arguments)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

/// Identifiers of source code have a capital letter within a word: `InvalidContentType`.
fn assert_is_prose(message: &str) {
    let words = message.split(|c: char| !c.is_ascii_alphanumeric());
    let identifier = words
        .into_iter()
        .find(|word| word.chars().any(char::is_lowercase) && word.chars().skip(1).any(char::is_uppercase));
    assert!(identifier.is_none(), "{identifier:?}: {message}");
    assert!(!message.contains("os error") && !message.contains('('), "{message}");
}

#[test]
fn the_message_says_why_there_is_no_connection() {
    let data = tempfile::tempdir().unwrap();
    let _server = Server::ready(data.path());
    let (http, https) = urls(data.path());
    let nothing = TcpListener::bind("127.0.0.1:0").unwrap();
    let unused = nothing.local_addr().unwrap();
    let with = |url: &str, scheme: &str| url.replace(url.split_once(':').unwrap().0, scheme);
    drop(nothing);
    for (url, english, chinese) in [
        (with(&http, "https"), "the server does not use TLS on this port: use http://", "请使用 http://"),
        (with(&https, "http"), "use https://", "请使用 https://"),
        (format!("http://{unused}"), "the connection was refused", "连接被拒绝"),
        ("http://no-such-host.invalid".into(), "the host name cannot be resolved", "无法解析主机名"),
    ] {
        let (code, message) = call(&url, "en", &["whoami"]);
        assert_eq!(code, Some(1), "{url}: {message}");
        assert!(message.contains(english) && message.contains(&format!("{url}: ")), "{url}: {message}");
        assert_is_prose(&message);
        let (_, message) = call(&url, "zh", &["whoami"]);
        assert!(message.contains(chinese) && message.contains(&url), "{message}");
        let (_, report) = call(&url, "en", &["doctor"]);
        assert!(report.contains(english), "{report}");
    }
}

/// Creates a certificate and its key, and returns their paths.
fn certificate(
    directory: &Path,
    name: &str,
    change: impl FnOnce(&mut CertificateParams),
) -> (PathBuf, PathBuf) {
    let mut parameters = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    parameters.distinguished_name.push(DnType::CommonName, "ci.example");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    change(&mut parameters);
    let key = KeyPair::generate().unwrap();
    let (cert_path, key_path) =
        (directory.join(format!("{name}.pem")), directory.join(format!("{name}.key")));
    std::fs::write(&cert_path, parameters.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(&key_path, key.serialize_pem()).unwrap();
    (cert_path, key_path)
}

/// `openssl req -x509` marks a self-signed certificate as an authority, and curl accepts it as that of a server.
#[test]
fn a_named_certificate_is_trusted_as_that_of_the_server() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let good = certificate(directory, "good", |_| {});
    let same_subject = certificate(directory, "same-subject", |_| {});
    let other_name = certificate(directory, "other-name", |parameters| {
        parameters.subject_alt_names =
            CertificateParams::new(["other.example".to_owned()]).unwrap().subject_alt_names;
    });
    let expired = certificate(directory, "expired", |parameters| {
        (parameters.not_before, parameters.not_after) =
            (date_time_ymd(2001, 1, 1), date_time_ymd(2002, 1, 1));
    });
    let future = certificate(directory, "future", |parameters| {
        (parameters.not_before, parameters.not_after) =
            (date_time_ymd(2090, 1, 1), date_time_ymd(2091, 1, 1));
    });
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    for (pair, trusted, expected) in [
        (&good, &good.0, ""),
        (&good, &same_subject.0, "neither the certificate nor its issuer is trusted"),
        (&other_name, &other_name.0, "the certificate is not valid for this host name"),
        (&expired, &expired.0, "the certificate has expired"),
        (&future, &future.0, "the certificate is not valid yet"),
    ] {
        let data = tempfile::tempdir().unwrap();
        let (cert, key) = (path(&pair.0), path(&pair.1));
        let _server = Server::ready_with(data.path(), &["--tls-cert", &cert, "--tls-key", &key]);
        let (_, https) = urls(data.path());
        let ca = path(trusted);
        let (code, message) = call(&https, "en", &["whoami", "--ca", &ca]);
        assert_eq!(code, Some(if expected.is_empty() { 0 } else { 1 }), "{cert}: {message}");
        assert!(message.contains(expected), "{cert}: {message}");
        assert!(!message.contains("Error"), "{message}");
        // The doctor trusts the named certificate only.
        let (_, report) = call(&https, "en", &["doctor", "--ca", &ca]);
        assert_eq!(report.contains("✓ the certificate is trusted"), expected.is_empty(), "{cert}: {report}");
        let (code, _) = call(&https, "en", &["whoami"]);
        assert_eq!(code, Some(1), "{cert}: trusted only where it is named");
    }
}

#[test]
fn a_file_without_a_certificate_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ca.pem");
    let text = path.to_str().unwrap();
    for content in [&b"-----BEGIN PRIVATE KEY-----\n"[..], b"", b"\x30\x82\x01\xff"] {
        std::fs::write(&path, content).unwrap();
        let (code, message) = call("https://127.0.0.1:1", "en", &["whoami", "--ca", text]);
        assert_eq!(
            (code, message),
            (Some(2), format!("error: {text} contains no certificate in PEM format\n"))
        );
    }
    // A byte order mark and CRLF are no part of the certificate.
    let (cert, key) = certificate(directory.path(), "good", |_| {});
    let data = tempfile::tempdir().unwrap();
    let server = ["--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let _server = Server::ready_with(data.path(), &server);
    let pem = std::fs::read_to_string(&cert).unwrap().replace('\n', "\r\n");
    std::fs::write(&path, format!("\u{feff}{pem}")).unwrap();
    assert_eq!(call(&urls(data.path()).1, "en", &["whoami", "--ca", text]).0, Some(0));
}

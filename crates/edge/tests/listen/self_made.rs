//! The self-signed certificate: when it is kept, when it is replaced, and which clients accept it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
};

use edge::http::{
    listen::Limits,
    tls::{TlsError, self_made, server_config},
};
use jiff::{SignedDuration, Timestamp};
use tokio::process::Command;

use crate::tls::start;

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn made(dir: &Path, now: Timestamp) -> (PathBuf, PathBuf, Vec<u8>, Vec<u8>) {
    let (cert, key) = self_made(dir, &[], now).unwrap();
    server_config(&cert, &key).unwrap();
    let bytes = (fs::read(&cert).unwrap(), fs::read(&key).unwrap());
    (cert, key, bytes.0, bytes.1)
}

fn noon() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

#[test]
fn it_is_made_once_and_again_before_it_ends() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("tls");
    let first = made(&dir, noon());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&first.0), mode(&first.1)), (0o644, 0o600));
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 2, "nothing temporary is left");
    assert_eq!(made(&dir, noon() + DAY * 794), first, "31 days are left");
    assert_eq!(made(&dir, noon() - DAY * 2), first, "a clock set back is no reason");
    let second = made(&dir, noon() + DAY * 796);
    assert_ne!(second.2, first.2);
    assert_ne!(second.3, first.3);
    assert_eq!(mode(&second.1), 0o600);
    let old = ["cert.pem.old", "key.pem.old"].map(|name| dir.join(name));
    assert_eq!(
        old.each_ref().map(|path| fs::read(path).unwrap()),
        [first.2.clone(), first.3.clone()],
        "kept"
    );
    assert_eq!(mode(&old[1]), 0o600);
    assert_eq!(made(&dir, noon() + DAY * 796), second);
}

#[test]
fn a_crash_in_between_is_repaired() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = made(dir.path(), noon());
    fs::remove_file(&first.0).unwrap();
    let second = made(dir.path(), noon());
    assert_ne!(second.2, first.2, "a key alone");
    fs::copy(made(other.path(), noon()).1, &second.1).unwrap();
    fs::write(dir.path().join("key.pem.new"), "half").unwrap();
    let third = made(dir.path(), noon());
    assert_ne!(third.2, second.2, "the key of another");
    assert!(!dir.path().join("key.pem.new").exists());
}

#[test]
fn what_the_operator_put_there_stays() {
    let dir = tempfile::tempdir().unwrap();
    let theirs = rcgen::generate_simple_self_signed(vec!["theirs.example.org".into()]).unwrap();
    fs::write(dir.path().join("cert.pem"), theirs.cert.pem()).unwrap();
    fs::write(dir.path().join("key.pem"), theirs.signing_key.serialize_pem()).unwrap();
    let far: Timestamp = "5000-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(made(dir.path(), far).2, theirs.cert.pem().as_bytes(), "even ended");
    fs::write(dir.path().join("cert.pem"), "not a certificate").unwrap();
    assert!(matches!(self_made(dir.path(), &[], noon()), Err(TlsError::Empty { .. })));
    assert_eq!(fs::read(dir.path().join("cert.pem")).unwrap(), b"not a certificate");
}

#[test]
fn errors_name_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let (cert, key, ..) = made(dir.path(), noon());
    let nowhere = dir.path().join("nowhere.pem");
    for (cert, key, named) in
        [(&nowhere, &key, &nowhere), (&cert, &nowhere, &nowhere), (&key, &key, &key), (&cert, &cert, &cert)]
    {
        let error = server_config(cert, key).unwrap_err().to_string();
        assert!(error.contains(named.to_str().unwrap()), "{error}");
    }
    let error = self_made(&cert, &[], noon()).unwrap_err();
    assert!(matches!(error, TlsError::Write { .. }), "{error}");
}

#[test]
fn names_that_are_none_are_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let names = ["", "two words", "büro", "LOCALHOST", "192.0.2.7", "a_b", "-"].map(String::from);
    let (cert, key) = self_made(dir.path(), &names, noon()).unwrap();
    server_config(&cert, &key).unwrap();
}

/// Each of these programs uses a different TLS library; one that is not installed is skipped.
#[tokio::test]
async fn other_clients_trust_it() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path(), Limits::default()).await;
    let (cert, port) = (dir.path().join("cert.pem"), server.addr.port());
    let (cert, url) = (cert.to_str().unwrap(), format!("https://127.0.0.1:{port}/"));
    let python = format!(
        "import ssl,urllib.request as u;c=ssl.create_default_context(cafile='{cert}');\
         c.verify_flags|=ssl.VERIFY_X509_STRICT;assert u.urlopen('{url}',context=c).status==200"
    );
    let connect = format!("127.0.0.1:{port}");
    let clients: [(&str, Vec<&str>); 4] = [
        ("curl", vec!["-fsS", "--noproxy", "*", "--cacert", cert, &url]),
        ("curl", vec!["-fsS", "--noproxy", "*", "--http1.1", "--cacert", cert, &url]),
        (
            "openssl",
            vec![
                "s_client",
                "-verify_return_error",
                "-verify_ip",
                "127.0.0.1",
                "-CAfile",
                cert,
                "-connect",
                &connect,
            ],
        ),
        ("python3", vec!["-c", &python]),
    ];
    for (program, arguments) in clients {
        let mut command = Command::new(program);
        command.args(&arguments).stdin(Stdio::null()).env("no_proxy", "*").kill_on_drop(true);
        match command.output().await {
            Ok(output) => {
                assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr))
            }
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{program}"),
        }
    }
}

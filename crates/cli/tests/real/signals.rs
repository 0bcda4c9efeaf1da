//! Signals, a log that cannot be written, and the memory that strangers use.

use crate::http::Connection;
use crate::server::{Server, TOKEN};
use rustix::process::{Pid, Signal, kill_process};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long to wait for a condition.
const TIMEOUT: Duration = Duration::from_secs(60);

fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < TIMEOUT, "{what}: timed out");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn metric(address: SocketAddr, name: &str) -> Option<f64> {
    let text = Connection::open(address).request("GET", "/metrics", "").unwrap().body;
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

type Tls = StreamOwned<ClientConnection, TcpStream>;

/// A connection that trusts exactly this certificate.
fn connect(port: u16, cert: &Path) -> std::io::Result<Tls> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(cert).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    let mut tls = StreamOwned::new(client, stream);
    get(&mut tls)?;
    Ok(tls)
}

/// Asserts that the connection responds.
fn get(tls: &mut Tls) -> std::io::Result<()> {
    tls.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let mut response = Vec::new();
    while !response.ends_with(b"\r\n\r\nok\n") {
        let mut byte = [0];
        tls.read_exact(&mut byte)?;
        response.extend(byte);
    }
    Ok(())
}

fn make(dir: &Path) -> (PathBuf, PathBuf) {
    let names = ["localhost".to_owned()];
    #[expect(clippy::disallowed_methods, reason = "TLS clients read the system clock themselves")]
    edge::http::tls::self_made(dir, &names, jiff::Timestamp::now()).unwrap()
}

fn logged(server: &Server, text: &str) -> bool {
    !server.logged(&[text]).is_empty()
}

/// Starts a server with a certificate in these files; returns its TLS port too.
fn with_certificate(data: &Path, cert: &Path, key: &Path, extra: &[&str]) -> (Server, u16) {
    let (cert, key) = (cert.display().to_string(), key.display().to_string());
    let server = Server::ready_with(data, &[&["--tls-cert", &cert, "--tls-key", &key][..], extra].concat());
    wait_until("the TLS listener", || logged(&server, "listening on https://"));
    let log = server.logged(&["listening on https://"]).concat();
    let port = log.split("listening on https://127.0.0.1:").nth(1).unwrap().lines().next().unwrap();
    (server, port.parse().unwrap())
}

#[test]
fn changed_files_replace_the_certificate_and_broken_ones_do_not() {
    let dir = tempfile::tempdir().unwrap();
    let ((cert1, key1), (cert2, key2)) = (make(&dir.path().join("one")), make(&dir.path().join("two")));
    // A folder for each pair, and a link to the one in use, as certbot and Kubernetes replace both files at once.
    let (link, other) = (dir.path().join("used"), dir.path().join("broken"));
    let point_to = |target: &Path| {
        let new = dir.path().join("new");
        std::os::unix::fs::symlink(target, &new).unwrap();
        std::fs::rename(new, &link).unwrap();
    };
    point_to(cert1.parent().unwrap());
    let (cert, key) = (link.join("cert.pem"), link.join("key.pem"));
    let (server, port) = with_certificate(&dir.path().join("data"), &cert, &key, &["--upkeep-every", "1s"]);
    let mut open = connect(port, &cert1).unwrap();
    assert!(connect(port, &cert2).is_err());

    point_to(cert2.parent().unwrap());
    wait_until("the new certificate", || connect(port, &cert2).is_ok());
    assert!(connect(port, &cert1).is_err(), "the former certificate is replaced");
    get(&mut open).expect("an open connection goes on");

    std::fs::create_dir(&other).unwrap();
    std::fs::copy(&cert1, other.join("cert.pem")).unwrap();
    std::fs::copy(&key2, other.join("key.pem")).unwrap();
    point_to(&other);
    let failures = "stagepost_certificate_reloads_total{result=\"failed\"}";
    wait_until("the broken pair", || metric(server.address(), failures) == Some(1.0));
    wait_until("its message", || logged(&server, "the certificate was not replaced"));
    connect(port, &cert2).expect("the former certificate stays");
    std::fs::copy(&key1, other.join("key.pem")).unwrap();
    wait_until("the repaired pair", || connect(port, &cert1).is_ok());
    assert_eq!(metric(server.address(), failures), Some(1.0), "a change is tried once");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn sighup_replaces_the_certificate_and_closes_no_connection() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    let ((cert1, key1), (cert2, key2)) = (make(&one), make(&two));
    let used = dir.path().join("used");
    std::fs::create_dir(&used).unwrap();
    let (cert, key) = (used.join("cert.pem"), used.join("key.pem"));
    let install = |new_cert: &Path, new_key: &Path| {
        std::fs::copy(new_cert, &cert).unwrap();
        std::fs::copy(new_key, &key).unwrap();
    };
    install(&cert1, &key1);
    // The files are not compared meanwhile.
    let (server, port) = with_certificate(&dir.path().join("data"), &cert, &key, &["--upkeep-every", "1d"]);
    let mut open = connect(port, &cert1).unwrap();
    assert!(connect(port, &cert2).is_err(), "the other certificate is not used yet");

    server.signal(Signal::HUP);
    wait_until("the same files", || logged(&server, "the certificate is unchanged"));

    install(&cert2, &key2);
    server.signal(Signal::HUP);
    wait_until("the new certificate", || connect(port, &cert2).is_ok());
    assert!(connect(port, &cert1).is_err(), "the former certificate is replaced");
    get(&mut open).expect("an open connection goes on");

    // The key of another certificate, a file that is no certificate, and no file.
    let failures = "stagepost_certificate_reloads_total{result=\"failed\"}";
    std::fs::copy(&key1, &key).unwrap();
    server.signal(Signal::HUP);
    wait_until("a wrong key", || metric(server.address(), failures) == Some(1.0));
    std::fs::write(&cert, "no certificate").unwrap();
    server.signal(Signal::HUP);
    wait_until("no certificate", || metric(server.address(), failures) == Some(2.0));
    std::fs::remove_file(&cert).unwrap();
    server.signal(Signal::HUP);
    wait_until("no file", || metric(server.address(), failures) == Some(3.0));
    wait_until("its message", || logged(&server, "the certificate was not replaced"));
    connect(port, &cert2).expect("the former certificate stays");
    get(&mut open).expect("an open connection goes on");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn other_signals_do_not_end_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::ready(dir.path());
    let mut connection = Connection::open(server.address());
    for other in [Signal::HUP, Signal::USR1, Signal::USR2, Signal::PIPE] {
        server.signal(other);
        assert_eq!(connection.request("GET", "/livez", "").unwrap().status, 200, "{other:?}");
    }
    wait_until("SIGHUP", || logged(&server, "the certificate is unchanged"));
    assert_eq!(connection.request("GET", "/livez", "").unwrap().status, 200);
    assert_eq!(server.terminate(), Some(0));
}

/// A server with this stderr; killed when dropped.
struct Quiet(Child, SocketAddr);

impl Quiet {
    fn start(data: &Path, stderr: Stdio) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stagepost"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STAGEPOST_")) {
            command.env_remove(name);
        }
        let serve = ["serve", "--listen", "127.0.0.1:0", "--tls-listen", "none", "--data"];
        command.args(serve).arg(data).env("STAGEPOST_ADMIN_TOKEN", TOKEN);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr).spawn().unwrap();
        // A pipe without a reader.
        drop(child.stderr.take());
        let endpoints = data.join("endpoints.toml");
        let address = || {
            let text = std::fs::read_to_string(&endpoints).ok()?;
            text.split("http://").nth(1)?.trim_end().trim_end_matches('"').parse::<SocketAddr>().ok()
        };
        wait_until("a start", || address().is_some_and(|address| TcpStream::connect(address).is_ok()));
        Self(child, address().unwrap())
    }

    fn terminate(&mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.0), Signal::TERM).unwrap();
        self.0.wait().unwrap().code()
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const LOST: &str = "stagepost_log_lines_lost_total";

#[test]
fn a_log_that_cannot_be_written_ends_nothing_and_is_counted() {
    let full = || Stdio::from(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    for (what, stderr) in [("a full disk", full()), ("a closed pipe", Stdio::piped())] {
        let dir = tempfile::tempdir().unwrap();
        let mut server = Quiet::start(dir.path(), stderr);
        // Each refused credential is a line of the log.
        for _ in 0..5 {
            let mut connection = Connection::open(server.1).with_credential("X-Not-A-Credential");
            assert_eq!(connection.request("GET", "/native/v1/whoami", "").unwrap().status, 401, "{what}");
        }
        wait_until(what, || metric(server.1, LOST).is_some_and(|lost| lost >= 5.0));
        assert_eq!(server.terminate(), Some(0), "{what}");
    }
}

#[test]
fn a_log_that_nobody_reads_delays_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (reader, mut writer) = std::io::pipe().unwrap();
    // The pipe is full: every further line would wait for the reader.
    writer.write_all(&[b'x'; 64 << 10]).unwrap();
    let mut server = Quiet::start(dir.path(), Stdio::from(writer));
    let mut connection = Connection::open(server.1).with_credential("X-Not-A-Credential");
    for _ in 0..1_000 {
        assert_eq!(connection.request("GET", "/native/v1/repositories/7", "").unwrap().status, 401);
    }
    assert_eq!(server.terminate(), Some(0));
    drop(reader);
}

/// More than 75 MiB of bodies that strangers never finish: their budget is held, the rest is refused. The process grows
/// by little more than what is held.
#[test]
fn bodies_of_strangers_stay_within_their_budget() {
    const BODY: u64 = 128 << 10;
    /// What a connection needs beside the body, above all hyper's buffer and the state of its request.
    const CONNECTION: u64 = 48 << 10;
    let dir = tempfile::tempdir().unwrap();
    let server = Server::ready(dir.path());
    let head = format!("POST /v3/auth/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: {BODY}\r\n\r\n");
    let body = vec![b'x'; BODY as usize - 1];
    let refused = "stagepost_budget_refusals_total{budget=\"unverified bodies\",limit=\"total\"}";
    assert_eq!(metric(server.address(), refused), Some(0.0));
    let budget =
        metric(server.address(), "stagepost_memory_limit_bytes{part=\"unverified bodies\"}").unwrap() as u64;
    let before = server.resident();
    let mut open: Vec<TcpStream> = Vec::new();
    wait_until("the refusals", || {
        for _ in 0..50 {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            // A refused client may be disconnected.
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
            open.push(stream);
        }
        metric(server.address(), refused).is_some_and(|count| count >= (600 - budget / BODY) as f64)
    });
    let grown = server.resident().saturating_sub(before) << 10;
    let expected = budget + open.len() as u64 * CONNECTION + (8 << 20);
    println!("{} connections: {} MiB", open.len(), grown >> 20);
    assert!(grown <= expected, "{} connections: {} KiB", open.len(), grown >> 10);
    let used = metric(server.address(), "stagepost_budget_bytes{budget=\"unverified bodies\"}").unwrap();
    assert!(used <= budget as f64, "{used}");
    // A known sender has its own budget.
    let mut connection = Connection::open(server.address());
    let created = connection.request("POST", "/native/v1/repositories", r#"{"path":"acme/demo"}"#).unwrap();
    assert_eq!(created.status, 201);
}

//! Settings of the binary: configuration of a working directory, secret files, mistyped data directories, and
//! wrong usage.

use crate::command::{failure, run_in, stdout};
use crate::server::{Server, TOKEN};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A server that records the credentials that it receives.
fn recorder() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let recorded = Arc::clone(&requests);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut head = [0; 4096];
            let length = stream.read(&mut head).unwrap_or_default();
            recorded.lock().unwrap().push(String::from_utf8_lossy(&head[..length]).into_owned());
            let _ = stream.write_all(b"HTTP/1.1 401 X\r\nContent-Length: 0\r\n\r\n");
        }
    });
    (url, requests)
}

fn in_directory(directory: &Path, xdg: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stagepost"))
        .env_clear()
        .env("XDG_CONFIG_HOME", xdg)
        .env("STAGEPOST_TOKEN", "spt_hush")
        .current_dir(directory)
        .args(["--lang", "en"])
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn a_checkout_does_not_choose_where_a_token_is_sent() {
    let root = tempfile::tempdir().unwrap();
    let (checkout, xdg) = (root.path().join("checkout"), root.path().join("xdg"));
    std::fs::create_dir_all(checkout.join("stagepost-data")).unwrap();
    std::fs::create_dir_all(xdg.join("stagepost")).unwrap();
    let (url, requests) = recorder();
    let (own, own_requests) = recorder();
    let config = format!("server = '{own}'\n");
    std::fs::write(xdg.join("stagepost/config.toml"), &config).unwrap();
    std::fs::write(checkout.join(".stagepost.toml"), format!("server = '{url}'\nrepo = '7'\n")).unwrap();
    for command in [&["whoami"][..], &["doctor"], &["env"], &["watch", "6"], &["open", "7"]] {
        let output = in_directory(&checkout, &xdg, command);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{command:?}: {message}");
        assert!(message.contains("trusted-directories = [") && message.contains("sets server"), "{message}");
    }
    assert_eq!(*requests.lock().unwrap(), [""; 0]);
    // A flag replaces the setting; the repository is used.
    assert_eq!(in_directory(&checkout, &xdg, &["pipelines", "--server", &own]).status.code(), Some(4));
    let head = own_requests.lock().unwrap().pop().unwrap();
    assert!(head.contains("/repositories/7/pipelines") && head.contains("spt_hush"), "{head}");
    // The user trusts the directory.
    let trusted = format!("{config}trusted-directories = ['{}']\n", checkout.display());
    std::fs::write(xdg.join("stagepost/config.toml"), trusted).unwrap();
    assert_eq!(in_directory(&checkout, &xdg, &["whoami"]).status.code(), Some(4));
    assert!(requests.lock().unwrap().pop().unwrap().contains("spt_hush"));

    // The addresses in a data directory of the checkout: only those of this machine.
    std::fs::remove_file(checkout.join(".stagepost.toml")).unwrap();
    std::fs::remove_file(xdg.join("stagepost/config.toml")).unwrap();
    let endpoints = checkout.join("stagepost-data/endpoints.toml");
    std::fs::write(&endpoints, "http = \"http://ci.example.com:80\"\n").unwrap();
    let printed =
        |arguments: &[&str]| String::from_utf8(in_directory(&checkout, &xdg, arguments).stdout).unwrap();
    assert_eq!(printed(&["open"]), "http://127.0.0.1:8080/repositories\n");
    assert_eq!(printed(&["open", "--data", "stagepost-data"]), "http://ci.example.com:80/repositories\n");
    std::fs::write(&endpoints, format!("http = \"{url}\"\n")).unwrap();
    assert_eq!(printed(&["open"]), format!("{url}/repositories\n"));
}

/// Editors and shells on Windows write byte order marks, CRLF and UTF-16.
#[test]
fn secret_files_may_come_from_windows() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let password = data.join("password");
    let secret = data.join("sk");
    std::fs::create_dir(data.join("data")).unwrap();
    std::fs::write(&secret, "\u{feff}SKexample000000000000000000000000000000001\r\n").unwrap();
    let server = Server::ready_with(&data.join("data"), &["--admin-sk-file", secret.to_str().unwrap()]);
    let admin = std::fs::read_to_string(data.join("data/admin.toml")).unwrap();
    assert!(admin.contains("secret_key = \"SKexample000000000000000000000000000000001\""), "{admin}");
    let utf16 = format!("\u{feff}{TOKEN}\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let token = data.join("token");
    for content in [format!("\u{feff}{TOKEN}\r\n").into_bytes(), utf16, format!("{TOKEN}\n\n").into_bytes()] {
        std::fs::write(&token, content).unwrap();
        let server = format!("--server http://{}", server.address());
        assert_eq!(stdout(data, &format!("whoami {server} --token-file token")), "admin\ttrue\tfull\t\n");
    }
    std::fs::write(&password, "\u{feff}long enough\r\n").unwrap();
    stdout(&data.join("data"), &format!("user add amy --password-file {}", password.display()));
    let client = reqwest_password(&server, "amy", "long enough");
    assert_eq!(client, 201);
    // A file that cannot be read as text, and an empty one, are named.
    for (content, code) in [(&b"caf\xe9"[..], 1), (b"\r\n", 2)] {
        std::fs::write(&token, content).unwrap();
        let (actual, message) = failure(data, "whoami --token-file token");
        assert!(actual == Some(code) && message.starts_with("error: token"), "{actual:?} {message}");
    }
}

/// A service of systemd receives secrets as files, and says when it listens.
#[test]
fn a_service_reads_its_credentials_and_says_when_it_is_ready() {
    let root = tempfile::tempdir().unwrap();
    let (data, credentials) = (root.path().join("data"), root.path().join("credentials"));
    std::fs::create_dir(&credentials).unwrap();
    std::fs::write(credentials.join("stagepost.admin-token"), format!("{TOKEN}\n")).unwrap();
    let socket = UnixDatagram::bind(root.path().join("notify")).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let serve = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stagepost"));
        command.env_clear().env("CREDENTIALS_DIRECTORY", &credentials).args(["--data"]).arg(&data);
        command.args(["--lang", "en", "serve", "--listen", "127.0.0.1:0", "--tls-listen", "none"]);
        command.stdin(Stdio::null());
        command
    };
    let mut child =
        serve().env("NOTIFY_SOCKET", root.path().join("notify")).stderr(Stdio::null()).spawn().unwrap();
    let mut message = [0; 16];
    let length = socket.recv(&mut message);
    let admin = std::fs::read_to_string(data.join("admin.toml"));
    let endpoints = data.join("endpoints.toml").exists();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(&message[..length.unwrap()], b"READY=1");
    assert!(admin.unwrap().contains(&format!("token = \"{TOKEN}\"")) && endpoints);

    std::fs::write(credentials.join("stagepost.database"), "mysql://x").unwrap();
    let refused = serve().output().unwrap();
    let message = String::from_utf8_lossy(&refused.stderr);
    assert!(refused.status.code() == Some(2) && message.contains("database"), "{message}");
}

/// The status of a sign-in with a password.
fn reqwest_password(server: &Server, user: &str, password: &str) -> u16 {
    let body = format!(
        r#"{{"auth":{{"identity":{{"methods":["password"],"password":{{"user":{{"name":"{user}","password":"{password}","domain":{{"name":"stagepost"}}}}}}}}}}}}"#
    );
    let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
    let request = format!(
        "POST /v3/auth/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn an_offline_command_creates_no_store() {
    let data = tempfile::tempdir().unwrap();
    let typo = data.path().join("typo");
    std::fs::write(data.path().join("lines.ndjson"), "").unwrap();
    for line in [
        "user list --offline",
        "user add amy --offline",
        "repo add acme/demo --offline",
        "repo policy 7 --offline",
        "token create x --offline",
        "key list admin --offline",
        "member list --repo 7 --offline",
        "prune --offline",
        "import ../lines.ndjson --offline",
        "verify",
        "backup --to ../copy",
        "migrate --from sqlite:. --to sqlite:../copy",
    ] {
        std::fs::create_dir_all(&typo).unwrap();
        let (code, message) = failure(&typo, line);
        assert_eq!(code, Some(1), "{line}: {message}");
        assert!(message.contains("there is no store"), "{line}: {message}");
        let created = std::fs::read_dir(&typo).unwrap().map(|entry| entry.unwrap().file_name());
        let created: Vec<_> = created.collect();
        assert!(created.is_empty(), "{line}: {created:?}");
        assert!(!data.path().join("copy").exists(), "{line}");
    }
}

/// Wrong usage is found before any request: nothing listens at this address.
#[test]
fn wrong_usage_needs_no_server() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    for line in [
        "jobs --status bogus --repo 7",
        "jobs --since soon --repo 7",
        "jobs --sha main --repo 7",
        "jobs close --sha main --repo 7",
        "pipelines --repo 7 --until 2026-13-01",
        "token create x --scope bogus",
        "token create x --expires never",
        "member set u bogus --repo 7",
        "repo add a/b --visibility hidden",
        "repo policy 7 --keep-for 1y",
        "mr set 7 --source-branch a --target-branch b --sha 1c46c50 --repo 7",
        "wait --sha 1c46c50 --require a --repo 7",
        "wait --sha 1c46c505c84853887efe2ea9ea02a1333bae2237 --require a --timeout soon --repo 7",
        "wait --sha 1c46c505c84853887efe2ea9ea02a1333bae2237 --require a --outage soon --repo 7",
        "watch 6 --settle soon --repo 7",
        "pipelines",
    ] {
        let (code, message) = failure(data, &format!("--server http://127.0.0.1:9 {line}"));
        assert_eq!(code, Some(2), "{line}: {message}");
    }
    for line in [
        "serve --listen 8080",
        "serve --tls-listen localhost",
        "serve --upkeep-every soon",
        "serve --events-kept 1s",
        "serve --time-offset 8",
        "serve --log-format xml",
        "serve --webhook-allow nowhere",
        "serve --tls-cert x",
        "serve --database mysql://x",
        "serve --database=",
    ] {
        let (code, message) = failure(data, line);
        assert_eq!(code, Some(2), "{line}: {message}");
        let chinese = run_in("zh", data, line);
        assert_eq!(chinese.status.code(), Some(2), "{line}: {chinese:?}");
        let chinese = String::from_utf8(chinese.stderr).unwrap();
        let flag = line.split([' ', '=']).nth(1).unwrap();
        for (message, is_chinese) in [(message, false), (chinese, true)] {
            assert!(message.contains(flag), "{line}: {message}");
            assert_eq!(message.is_ascii(), !is_chinese, "{line}: {message}");
        }
    }
    assert_eq!(std::fs::read_dir(data).unwrap().count(), 0, "no store is created");
    let (code, message) = failure(data, "whoami --server nowhere");
    assert!(code == Some(2) && message.contains("nowhere"), "{message}");
}

//! The fixture of a version: its files, and the output of its binary for them.

use crate::http::Connection;
use serde_json::Value;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The files that `make_fixture.py` created with the binary of one commit.
pub struct Fixture {
    folder: PathBuf,
    /// `expected.json`.
    pub expected: Value,
}

impl Fixture {
    /// The fixture of a commit.
    pub fn of(version: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/migrations").join(version);
        let expected = fs::read_to_string(folder.join("expected.json")).unwrap();
        Self { folder, expected: serde_json::from_str(&expected).unwrap() }
    }

    /// Copies one of its data directories.
    pub fn unpack(&self, name: &str, to: &Path) {
        unpack(&self.folder.join(name), to);
    }

    /// Asserts that the current binary, whose server runs, prints the output of the earlier one. `store` is
    /// the URL of the database if the data is no longer in the directory.
    pub fn prints_the_same(&self, data: &Path, server: SocketAddr, store: Option<&str>) {
        let commands = self.expected["commands"].as_object().unwrap();
        assert_eq!(commands.len(), 20);
        for (line, expected) in commands {
            let line =
                if line == "verify" { format!("verify {}", store.unwrap_or_default()) } else { line.clone() };
            assert_eq!(comparable(run_json(data, line.trim_end())), comparable(expected.clone()), "{line}");
        }
        let calls = self.expected["api"].as_object().unwrap();
        assert_eq!(calls.len(), 110);
        for (path, expected) in calls {
            let read = admin_reads(server, path);
            assert_eq!(comparable(read), comparable(expected.clone()), "{path}");
        }
    }
}

/// The JSON that the administrator gets from any API.
pub fn admin_reads(server: SocketAddr, path: &str) -> Value {
    let credential = if path.starts_with("/api/v4/") { "PRIVATE-TOKEN" } else { "X-Auth-Token" };
    let mut connection = Connection::open(server).with_credential(credential);
    let response = connection.request("GET", path, "").unwrap();
    assert_eq!(response.status, 200, "{path}: {}", response.body);
    // Links of the GitLab dialect begin with the address that the client called.
    serde_json::from_str(&response.body.replace("http://crash.test", "http://SERVER")).unwrap()
}

/// Runs a command in the data directory, without the environment of the test.
pub fn run(data: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stagepost"))
        .env_clear()
        .envs(environment.iter().copied())
        .current_dir(data)
        .args(["--lang", "en", "--data"])
        .arg(data)
        .args(arguments)
        .output()
        .unwrap()
}

/// The JSON that a command prints; its words are separated by spaces.
pub fn run_json(data: &Path, line: &str) -> Value {
    let arguments: Vec<&str> = std::iter::once("--json").chain(line.split(' ')).collect();
    let output = run(data, &[], &arguments);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {:?} {message}", output.status);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Of a sentence for people only whether it exists, because its text may change between versions; without fields
/// that are null, because later versions have more fields.
fn comparable(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(comparable).collect(),
        Value::Object(fields) => {
            let field = |(name, value): (String, Value)| match value {
                Value::String(text) if name == "why" => (name, Value::Bool(!text.is_empty())),
                value => (name, comparable(value)),
            };
            fields.into_iter().filter(|(_, value)| !value.is_null()).map(field).collect()
        }
        value => value,
    }
}

fn unpack(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            unpack(&path, &to.join(path.file_name().unwrap()));
        } else {
            assert_eq!(path.extension().and_then(|e| e.to_str()), Some("gz"), "{}", path.display());
            let target = to.join(path.file_stem().unwrap());
            let mut file = fs::File::create_new(&target).unwrap();
            std::io::copy(&mut flate2::read::GzDecoder::new(fs::File::open(&path).unwrap()), &mut file)
                .unwrap();
            fs::set_permissions(&target, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}

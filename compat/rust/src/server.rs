//! The binary as a process, with a repository. `STAGEPOST_BINARY` names the binary. With `STORE=postgres`
//! each server has a database of the cluster whose URL is in `STAGEPOST_TEST_POSTGRES`.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// The administrator's token.
pub const TOKEN: &str = "spt_compat0123456789abcdef0123456789abcdef0123456789abcdef01234567";
/// A start that takes this long hangs.
const HANGS: Duration = Duration::from_secs(120);

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    binary: PathBuf,
    /// `127.0.0.1:PORT`.
    pub address: String,
    _dir: tempfile::TempDir,
}

impl Server {
    /// Starts a server and waits until it is ready.
    pub fn start() -> Self {
        let binary =
            PathBuf::from(std::env::var_os("STAGEPOST_BINARY").expect("STAGEPOST_BINARY names the binary"));
        let dir = tempfile::tempdir().unwrap();
        let mut child = command(&binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--tls-listen", "none", "--data"])
            .arg(dir.path().join("data"))
            .args(database().iter().flat_map(|url| ["--database", url]))
            .env("STAGEPOST_ADMIN_TOKEN", TOKEN)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (found, addresses) = mpsc::channel();
        // Reads to the end: a full pipe would block the server.
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("listening on http://") {
                    drop(found.send(address.trim().to_owned()));
                }
            }
        });
        let address = addresses.recv_timeout(HANGS).expect("the server becomes ready");
        Self { child, binary, address, _dir: dir }
    }

    /// Runs a command of the binary against the server, and returns its JSON output.
    pub fn cli(&self, args: &[&str]) -> serde_json::Value {
        let finished = command(&self.binary)
            .arg("--json")
            .args(args)
            .env("STAGEPOST_SERVER", format!("http://{}", self.address))
            .env("STAGEPOST_TOKEN", TOKEN)
            .output()
            .unwrap();
        assert!(finished.status.success(), "{args:?}: {}", String::from_utf8_lossy(&finished.stderr));
        serde_json::from_slice(&finished.stdout).unwrap()
    }
}

/// The URL of a new database.
fn database() -> Option<String> {
    static MADE: AtomicU32 = AtomicU32::new(0);
    if std::env::var("STORE").as_deref() != Ok("postgres") {
        return None;
    }
    let cluster =
        std::env::var("STAGEPOST_TEST_POSTGRES").expect("STAGEPOST_TEST_POSTGRES names the cluster");
    let name = format!("rust_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::SeqCst));
    let finished = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--dbname", &format!("{cluster}/postgres"), "--command"])
        .arg(format!("CREATE DATABASE {name}"))
        .status()
        .unwrap();
    assert!(finished.success(), "no database: {finished}");
    Some(format!("{cluster}/{name}"))
}

/// The binary, without the user's own settings.
fn command(binary: &Path) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STAGEPOST_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

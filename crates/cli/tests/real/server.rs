//! Starts and stops the server under test, a process of the real binary.

use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use testkit::postgres::{Cluster, Database};

/// The administrator's token.
pub const TOKEN: &str = "spt_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// The timeout of a start.
const START_TIMEOUT: Duration = Duration::from_secs(120);

/// How a server ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// SIGKILL.
    Kill,
    /// SIGTERM.
    Terminate,
    /// SIGINT.
    Interrupt,
}

/// The storage engine of a server.
#[derive(Debug, Clone, Copy)]
pub enum Store {
    Sqlite,
    Postgres,
}

/// The storage of one or several nodes: a directory for each, and a shared database with PostgreSQL.
pub struct Storage {
    data: TempDir,
    database: Option<Database<'static>>,
}

impl Storage {
    pub fn new(store: Store) -> Self {
        let database = match store {
            Store::Sqlite => None,
            Store::Postgres => Some(Cluster::shared().database()),
        };
        Self { data: tempfile::tempdir().unwrap(), database }
    }

    /// The data directory of a node.
    pub fn node(&self, number: usize) -> PathBuf {
        self.data.path().join(number.to_string())
    }

    /// The log of SQLite's newest commits in the data directory of a node; `None` with PostgreSQL.
    pub fn write_ahead_log(&self, number: usize) -> Option<PathBuf> {
        self.database.is_none().then(|| self.node(number).join("stagepost.db-wal"))
    }

    fn arguments<'a>(&'a self, extra: &[&'a str]) -> Vec<&'a str> {
        let database = self.database.iter().flat_map(|database| ["--database", &database.url]);
        database.chain(extra.iter().copied()).collect()
    }

    /// Starts a node without waiting until it is ready.
    pub fn spawn(&self, number: usize) -> Server {
        Server::spawn_with(&self.node(number), &self.arguments(&[]))
    }

    /// Starts a node and waits until it is ready.
    pub fn ready(&self, number: usize) -> Server {
        self.ready_with(number, &[])
    }

    /// Starts a node with further arguments and waits until it is ready.
    pub fn ready_with(&self, number: usize, extra: &[&str]) -> Server {
        Server::ready_with(&self.node(number), &self.arguments(extra))
    }

    /// The stdout of a command that works on the store directly and succeeds.
    pub fn offline(&self, line: &str) -> String {
        let url = self.database.as_ref().map(|database| ("STAGEPOST_DATABASE", database.url.as_str()));
        crate::command::stdout_with(&self.node(0), &format!("{line} --offline"), url)
    }

    /// Checks with `verify` that every state matches its reports.
    pub fn verify(&self) {
        let node = self.node(0);
        let location = self
            .database
            .as_ref()
            .map_or_else(|| node.display().to_string(), |database| database.url.clone());
        let verified = crate::command::json_output(&node, &format!("verify {location}"));
        assert_eq!(verified["differences"], 0, "{verified}");
        assert_ne!(verified["reports"], 0, "{verified}");
    }
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    address: Option<SocketAddr>,
    log: Arc<Mutex<Vec<String>>>,
    addresses: mpsc::Receiver<SocketAddr>,
}

impl Server {
    /// Starts a server without waiting until it is ready.
    pub fn spawn_with(data: &Path, extra: &[&str]) -> Self {
        Self::spawn_at(data, "127.0.0.1:0", extra)
    }

    fn spawn_at(data: &Path, listen: &str, extra: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stagepost"));
        // The server must not use the settings of the test's environment.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STAGEPOST_")) {
            command.env_remove(name);
        }
        command
            .args(["serve", "--listen", listen, "--tls-listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(extra)
            .env("STAGEPOST_ADMIN_USER", "admin")
            .env("STAGEPOST_ADMIN_PASSWORD", "correct horse battery staple")
            .env("STAGEPOST_ADMIN_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let log = Arc::new(Mutex::new(Vec::new()));
        let (sender, addresses) = mpsc::channel();
        let recorded = Arc::clone(&log);
        // A full pipe would block the server, so everything is read.
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let address =
                    line.split_once("listening on http://").and_then(|(_, rest)| rest.trim().parse().ok());
                recorded.lock().unwrap().push(line);
                if let Some(address) = address {
                    // Fails if the server was killed before it was ready.
                    let _ = sender.send(address);
                }
            }
        });
        Self { child, address: None, log, addresses }
    }

    /// Starts a server and waits until it is ready.
    pub fn ready(data: &Path) -> Self {
        Self::ready_with(data, &[])
    }

    /// Starts a server with further arguments and waits until it is ready.
    pub fn ready_with(data: &Path, extra: &[&str]) -> Self {
        Self::spawn_with(data, extra).wait()
    }

    /// Starts a server on the address of a former one and waits until it is ready.
    pub fn ready_at(data: &Path, address: SocketAddr) -> Self {
        Self::spawn_at(data, &address.to_string(), &[]).wait()
    }

    fn wait(self) -> Self {
        let mut server = self;
        match server.addresses.recv_timeout(START_TIMEOUT) {
            Ok(address) => server.address = Some(address),
            Err(_) => panic!("the server did not become ready:\n{}", server.log()),
        }
        server
    }

    /// The HTTP address.
    pub fn address(&self) -> SocketAddr {
        self.address.expect("a server that is ready")
    }

    /// The lines of stderr that contain one of these texts.
    pub fn logged(&self, texts: &[&str]) -> Vec<String> {
        let lines = self.log.lock().unwrap();
        lines.iter().filter(|line| texts.iter().any(|text| line.contains(text))).cloned().collect()
    }

    /// Resident memory of the process, in KiB.
    pub fn resident(&self) -> u64 {
        self.memory("VmRSS:")
    }

    /// Resident memory that no file backs, in KiB.
    pub fn anonymous(&self) -> u64 {
        self.memory("RssAnon:")
    }

    fn memory(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// The last 30 lines of stderr.
    pub fn log(&self) -> String {
        let lines = self.log.lock().unwrap();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Kills the server with SIGKILL and waits for its end, so that the lock on the data directory is
    /// released.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until the condition holds, for a minute at most.
    pub fn wait_until(&self, what: &str, condition: impl FnMut() -> bool) {
        self.wait_until_then(what, Instant::now() + Duration::from_secs(60), condition);
    }

    /// Waits until the condition holds, at most until `end`.
    pub fn wait_until_then(&self, what: &str, end: Instant, mut condition: impl FnMut() -> bool) {
        while !condition() {
            assert!(Instant::now() < end, "{what}: timed out:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether the process has ended.
    pub fn has_exited(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Ends the server and waits for its end.
    ///
    /// # Errors
    /// A graceful end does not exit with 0.
    pub fn end(&mut self, end: End) -> Result<(), String> {
        let signal = match end {
            End::Kill => {
                self.kill();
                return Ok(());
            }
            End::Terminate => Signal::TERM,
            End::Interrupt => Signal::INT,
        };
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        let status = self.child.wait().unwrap();
        if status.success() {
            Ok(())
        } else {
            Err(format!("after {signal:?} the server ended with {status}"))
        }
    }

    /// Stops the server with SIGTERM and returns the exit code.
    pub fn terminate(mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails if the process has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

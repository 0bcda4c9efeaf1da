//! The server under test: a real process of the real binary.

use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// The administrator's token.
pub const TOKEN: &str = "spt_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// A start that takes this long hangs.
const HANGS: Duration = Duration::from_secs(120);

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    address: Option<SocketAddr>,
    said: Arc<Mutex<Vec<String>>>,
    lines: mpsc::Receiver<SocketAddr>,
}

impl Server {
    /// Starts it and does not wait.
    pub fn spawn(data: &Path) -> Self {
        Self::spawn_with(data, &[])
    }

    fn spawn_with(data: &Path, more: &[&str]) -> Self {
        Self::spawn_at(data, "127.0.0.1:0", more)
    }

    fn spawn_at(data: &Path, listen: &str, more: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stagepost"));
        // The settings of whoever runs the test must not reach the server.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STAGEPOST_")) {
            command.env_remove(name);
        }
        command
            .args(["serve", "--listen", listen, "--tls-listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(more)
            .env("STAGEPOST_ADMIN_USER", "admin")
            .env("STAGEPOST_ADMIN_PASSWORD", "correct horse battery staple")
            .env("STAGEPOST_ADMIN_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let said = Arc::new(Mutex::new(Vec::new()));
        let (found, lines) = mpsc::channel();
        let keep = Arc::clone(&said);
        // Read to the end, or a full pipe would stop the server.
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let address =
                    line.split_once("listening on http://").and_then(|(_, rest)| rest.trim().parse().ok());
                keep.lock().unwrap().push(line);
                if let Some(address) = address {
                    // Nobody waits any more when the server was killed first.
                    let _ = found.send(address);
                }
            }
        });
        Self { child, address: None, said, lines }
    }

    /// Starts it and waits until it is ready.
    pub fn ready(data: &Path) -> Self {
        Self::ready_with(data, &[])
    }

    /// Starts it with more arguments and waits until it is ready.
    pub fn ready_with(data: &Path, more: &[&str]) -> Self {
        Self::spawn_with(data, more).wait()
    }

    /// Starts it at an address where one was before, and waits until it is ready.
    pub fn ready_at(data: &Path, address: SocketAddr) -> Self {
        Self::spawn_at(data, &address.to_string(), &[]).wait()
    }

    fn wait(self) -> Self {
        let mut server = self;
        match server.lines.recv_timeout(HANGS) {
            Ok(address) => server.address = Some(address),
            Err(_) => panic!("the server did not become ready:\n{}", server.said()),
        }
        server
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address.expect("a server that is ready")
    }

    /// The end of what it printed.
    pub fn said(&self) -> String {
        let said = self.said.lock().unwrap();
        said[said.len().saturating_sub(30)..].join("\n")
    }

    /// `kill -9`, and waits until it is gone, for its lock on the data to be free.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Whether it ended by itself.
    pub fn is_gone(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Asks it to end. The exit code.
    pub fn terminate(mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

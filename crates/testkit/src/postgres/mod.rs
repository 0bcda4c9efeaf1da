//! PostgreSQL for tests: the cluster that a test run shares, and clusters of a test's own on free ports,
//! which end with the process that started them, however it ends.

mod pair;
mod programs;
mod server;

pub use pair::Pair;
pub use server::{Database, Server};

use programs::{Programs, run, try_run};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use server::{ADMINISTRATOR, OWNER};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::net::TcpListener;
use std::ops::Deref;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// The cluster of a test run, by the URL of its administrator without a database:
/// `postgres://postgres@127.0.0.1:5432`.
const VARIABLE: &str = "STAGEPOST_TEST_POSTGRES";
/// Waits in a separate process until the process that started it has ended, then stops the cluster and
/// removes its files. Neither a static nor a killed process drops anything.
const GUARD: &str = r#"trap '' HUP INT QUIT TERM
cat > /dev/null
lock=$1/data/postmaster.pid
pid=$(head -n 1 "$lock" 2> /dev/null)
if [ -n "$pid" ] && grep -q '^postgres$' "/proc/$pid/comm" 2> /dev/null; then
    kill -QUIT "$pid"
    for _ in $(seq 500); do
        [ -e "$lock" ] || break
        sleep 0.02
    done
fi
rm -rf "$1""#;

/// The purpose of a cluster.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Whether a commit waits for the disk. Only tests that kill processes need it.
    pub durable: bool,
    /// The most connections at a time.
    pub connections: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { durable: false, connections: 200 }
    }
}

/// A running PostgreSQL of this process alone. Dropping it stops it and removes its files.
///
/// Its databases sort text by ICU's rules for English, so that a test fails where a statement relies on the
/// order of bytes without saying so.
pub struct Cluster {
    server: Server,
    programs: Programs,
    folder: PathBuf,
    name: &'static str,
    guard: Child,
}

impl Deref for Cluster {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl Cluster {
    /// The server that all tests share, whose commits do not wait for the disk: the one that
    /// `STAGEPOST_TEST_POSTGRES` names, else a cluster of this process, started by the first call.
    ///
    /// # Panics
    /// When there is no PostgreSQL, or it does not start.
    pub fn shared() -> &'static Server {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        static GIVEN: OnceLock<Option<Server>> = OnceLock::new();
        let given = GIVEN.get_or_init(|| std::env::var(VARIABLE).ok().map(|url| Server::given(&url)));
        given.as_ref().unwrap_or_else(|| SHARED.get_or_init(|| Self::start(Settings::default())))
    }

    /// Starts a cluster.
    ///
    /// # Panics
    /// When there is no PostgreSQL, or it does not start.
    pub fn start(settings: Settings) -> Self {
        Self::start_named("alone", settings)
    }

    fn start_named(name: &'static str, settings: Settings) -> Self {
        let mut cluster = Self::new(name);
        let data = cluster.data();
        let locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US"];
        run(cluster
            .command("initdb")
            .args(["--no-sync", "--auth=trust", "--username", ADMINISTRATOR, "--pgdata"])
            .arg(&data)
            .args(locale));
        let sync = if settings.durable { "on" } else { "off" };
        let lines = format!(
            "max_connections = {}\nfsync = {sync}\nfull_page_writes = {sync}\nshared_buffers = 64MB\nmax_wal_size = 256MB\nwal_retrieve_retry_interval = 100ms\n",
            settings.connections
        );
        let file = data.join("postgresql.conf");
        let already = std::fs::read_to_string(&file).expect("postgresql.conf");
        std::fs::write(&file, already + &lines).expect("postgresql.conf");
        cluster.boot();
        cluster.sql(&format!("CREATE ROLE {OWNER} LOGIN"));
        cluster
    }

    /// A folder for a cluster, which the guard removes. Nothing runs in it yet.
    fn new(name: &'static str) -> Self {
        let programs = Programs::find();
        let folder = tempfile::Builder::new().prefix("stagepost-pg-").tempdir().expect("a folder").keep();
        programs.own(&folder);
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        Self { server: Server::on(free_port()), programs, folder, name, guard }
    }

    /// Starts the cluster for the first time; on another port where a process took the first one in between.
    fn boot(&mut self) {
        for _ in 0..5 {
            if self.up().is_ok() {
                return;
            }
            self.server = Server::on(free_port());
        }
        self.start_again();
    }

    fn up(&self) -> Result<(), String> {
        let Self { server, folder, name, .. } = self;
        let port = server.port();
        let options = format!("-h 127.0.0.1 -p {port} -k {} -c cluster_name={name}", folder.display());
        let mut start = self.control();
        start.arg("--log").arg(folder.join("log")).args(["--wait", "--timeout=60", "-o", &options, "start"]);
        try_run(&mut start).map(drop)
    }

    /// Enables TLS with this certificate and private key (PEM) for new connections.
    ///
    /// # Panics
    /// When the settings cannot be changed.
    pub fn enable_tls(&self, certificate: &str, key: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let path = self.data().join(name);
            std::fs::write(&path, text).expect("a file");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("a file");
            self.programs.own(&path);
        }
        self.sql("ALTER SYSTEM SET ssl = on");
        run(self.control().arg("reload"));
    }

    /// Stops it, ending all connections, and waits until it has stopped.
    ///
    /// # Panics
    /// When it does not stop.
    pub fn stop(&self) {
        run(self.control().args(["--mode=fast", "--wait", "--timeout=60", "stop"]));
    }

    /// Starts it again after [`Self::stop`] or [`Self::kill`], and waits until it accepts connections.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&self) {
        self.up().unwrap_or_else(|output| panic!("{output}\n{}", self.log()));
    }

    /// Kills all its processes at once with SIGKILL, as when a machine loses power; waits until they have
    /// ended.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&self) {
        let lock = self.data().join("postmaster.pid");
        let text = std::fs::read_to_string(&lock).expect("a cluster that runs");
        let first = text.lines().next().and_then(pid).expect("its process");
        let children = format!("/proc/{0}/task/{0}/children", first.as_raw_nonzero());
        let children = std::fs::read_to_string(children).expect("its processes");
        // Together: the postmaster must not clean up after the others.
        let all = std::iter::once(first).chain(children.split_whitespace().filter_map(pid));
        let handles: Vec<_> = all
            .filter_map(|process| {
                let handle = pidfd_open(process, PidfdFlags::empty()).ok();
                // It may have ended on its own.
                kill_process(process, Signal::KILL).ok().and(handle)
            })
            .collect();
        for handle in &handles {
            poll(&mut [PollFd::new(handle, PollFlags::IN)], None).expect("the end of a process");
        }
        // A process that has ended but is not reaped yet looks like a running one.
        for lock in [lock, self.folder.join(format!(".s.PGSQL.{}.lock", self.port()))] {
            std::fs::remove_file(&lock).expect("a lock");
        }
    }

    /// Promotes a standby to primary, and waits until it is one.
    ///
    /// # Panics
    /// When it does not.
    pub fn promote(&self) {
        run(self.control().args(["--wait", "--timeout=60", "promote"]));
    }

    /// The last 30 lines of its log.
    pub fn log(&self) -> String {
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn command(&self, program: &str) -> Command {
        self.programs.command(program, &self.folder)
    }

    fn control(&self) -> Command {
        let mut control = self.command("pg_ctl");
        control.arg("--pgdata").arg(self.data());
        control
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The guard cleans up when its input ends. A failure cannot be reported here.
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

fn pid(text: &str) -> Option<Pid> {
    Pid::from_raw(text.trim().parse().ok()?)
}

/// A free port below those that the system uses for outgoing connections, which could take the port while the
/// cluster is stopped.
fn free_port() -> u16 {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let outgoing: u64 = range.split_whitespace().next().and_then(|port| port.parse().ok()).unwrap_or(32_768);
    let (lowest, highest) = (10_000, outgoing.max(12_000));
    loop {
        let random = RandomState::new().build_hasher().finish();
        let port = u16::try_from(lowest + random % (highest - lowest)).unwrap_or(20_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

#[cfg(test)]
mod tests;

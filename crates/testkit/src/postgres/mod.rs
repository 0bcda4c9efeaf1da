//! PostgreSQL for tests: clusters of their own on free ports, which end with the process that started them, however it ends.

mod pair;
mod programs;

pub use pair::Pair;

use programs::{Programs, run, try_run};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The administrator of a cluster, who owns no database of a test.
const ADMINISTRATOR: &str = "postgres";
/// Who owns the databases: a server needs no more rights than that.
const OWNER: &str = "stagepost";
/// Waits in a process of its own until the one that started it has gone, and cleans up. A static is not dropped, and who is killed drops nothing.
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

/// What a cluster is for.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Whether a commit waits for the disk. Only tests that kill something need it.
    pub durable: bool,
    /// Most connections at a time.
    pub connections: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { durable: false, connections: 200 }
    }
}

/// A running PostgreSQL of this process alone. Dropped, it is gone without a trace.
///
/// Its databases sort text as people do (ICU's English), so that an order that relies on bytes without saying so shows.
pub struct Cluster {
    programs: Programs,
    folder: PathBuf,
    port: u16,
    name: &'static str,
    guard: Child,
    made: AtomicU32,
}

/// A database of a cluster. Dropped, it is dropped.
pub struct Database<'a> {
    cluster: &'a Cluster,
    /// Its name.
    pub name: String,
    /// How the server reaches it.
    pub url: String,
}

impl Cluster {
    /// The cluster that all tests of a process share, without waiting for the disk; started when it is first asked for.
    ///
    /// # Panics
    /// When there is no PostgreSQL, or it does not start.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(Settings::default()))
    }

    /// Starts one.
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

    /// A place for one, guarded; nothing in it runs yet.
    fn new(name: &'static str) -> Self {
        let programs = Programs::find();
        let folder = tempfile::Builder::new().prefix("stagepost-pg-").tempdir().expect("a folder").keep();
        programs.give(&folder);
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        Self { programs, folder, port: free_port(), name, guard, made: AtomicU32::new(0) }
    }

    /// Starts what is in its folder for the first time, on another port where somebody else was quicker.
    fn boot(&mut self) {
        for _ in 0..5 {
            if self.up().is_ok() {
                return;
            }
            self.port = free_port();
        }
        self.start_again();
    }

    fn up(&self) -> Result<(), String> {
        let Self { folder, port, name, .. } = self;
        let options = format!("-h 127.0.0.1 -p {port} -k {} -c cluster_name={name}", folder.display());
        let mut start = self.control();
        start.arg("--log").arg(folder.join("log")).args(["--wait", "--timeout=60", "-o", &options, "start"]);
        try_run(&mut start).map(drop)
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its socket.
    pub fn socket(&self) -> &Path {
        &self.folder
    }

    /// A new database that is empty.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn database(&self) -> Database<'_> {
        let name = format!("test_{}", self.made.fetch_add(1, Ordering::SeqCst));
        self.sql(&format!("CREATE DATABASE {name} OWNER {OWNER}"));
        let url = format!("postgres://{OWNER}@127.0.0.1:{}/{name}", self.port);
        Database { cluster: self, name, url }
    }

    /// Runs a statement as the administrator; the rows as text, their columns apart by `|`.
    ///
    /// # Panics
    /// When it fails.
    pub fn sql(&self, statement: &str) -> String {
        self.try_sql("postgres", statement).unwrap_or_else(|said| panic!("{said}"))
    }

    /// The same in one database.
    ///
    /// # Errors
    /// With what psql said.
    pub fn try_sql(&self, database: &str, statement: &str) -> Result<String, String> {
        let mut psql = self.command("psql");
        psql.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"]);
        psql.arg("--host").arg(&self.folder);
        psql.args(["--port", &self.port.to_string(), "--username", ADMINISTRATOR, "--dbname", database]);
        try_run(psql.args(["--command", statement]))
    }

    /// Lets it speak TLS with this certificate and private key (PEM), from the next connection on.
    ///
    /// # Panics
    /// When it cannot.
    pub fn speak_tls(&self, certificate: &str, key: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let path = self.data().join(name);
            std::fs::write(&path, text).expect("a file");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("a file");
            self.programs.give(&path);
        }
        self.sql("ALTER SYSTEM SET ssl = on");
        run(self.control().arg("reload"));
    }

    /// Ends every connection of clients to its databases but the one that asks; how many.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn terminate_all(&self) -> u32 {
        let ended = self.sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
        );
        ended.parse().expect("a number")
    }

    /// Stops it, cutting off whoever is connected, and waits.
    ///
    /// # Panics
    /// When it does not stop.
    pub fn stop(&self) {
        run(self.control().args(["--mode=fast", "--wait", "--timeout=60", "stop"]));
    }

    /// Starts it again after [`Self::stop`] or [`Self::kill`], and waits until it answers.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&self) {
        self.up().unwrap_or_else(|said| panic!("{said}\n{}", self.log()));
    }

    /// `kill -9` of all its processes at once, as when a machine dies; waits until they are gone.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&self) {
        let lock = self.data().join("postmaster.pid");
        let text = std::fs::read_to_string(&lock).expect("a cluster that runs");
        let first = text.lines().next().and_then(pid).expect("its process");
        let children = format!("/proc/{0}/task/{0}/children", first.as_raw_nonzero());
        let children = std::fs::read_to_string(children).expect("its processes");
        // The first must not have time to clean up after the others.
        let all = std::iter::once(first).chain(children.split_whitespace().filter_map(pid));
        let handles: Vec<_> = all
            .filter_map(|process| {
                let handle = pidfd_open(process, PidfdFlags::empty()).ok();
                // It may have ended by itself.
                kill_process(process, Signal::KILL).ok().and(handle)
            })
            .collect();
        for handle in &handles {
            poll(&mut [PollFd::new(handle, PollFlags::IN)], None).expect("the end of a process");
        }
        // A dead process that nobody has collected yet looks like one that runs.
        for lock in [lock, self.folder.join(format!(".s.PGSQL.{}.lock", self.port))] {
            std::fs::remove_file(&lock).expect("a lock");
        }
    }

    /// Lets a standby become a primary, and waits until it is.
    ///
    /// # Panics
    /// When it does not.
    pub fn promote(&self) {
        run(self.control().args(["--wait", "--timeout=60", "promote"]));
    }

    /// The end of its log.
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
        // Its input ends, so it does its work; and that is waited for, as nobody is there to whom a failure could be told.
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

impl Database<'_> {
    /// Runs a statement in it as the administrator; the rows as text, their columns apart by `|`.
    ///
    /// # Panics
    /// When it fails.
    pub fn sql(&self, statement: &str) -> String {
        self.cluster.try_sql(&self.name, statement).unwrap_or_else(|said| panic!("{said}"))
    }

    /// The same database through the cluster's socket.
    pub fn socket_url(&self) -> String {
        let Self { cluster, name, .. } = self;
        let folder = cluster.folder.to_string_lossy().replace('/', "%2F");
        format!("postgres://{OWNER}@/{name}?host={folder}&port={}", cluster.port)
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        // Where the cluster is gone, so is the database.
        let _ =
            self.cluster.try_sql("postgres", &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

fn pid(text: &str) -> Option<Pid> {
    Pid::from_raw(text.trim().parse().ok()?)
}

/// A port that nobody has, below those that the system gives to connections going out: one of them would be in the way of a restart.
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

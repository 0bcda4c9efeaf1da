//! Two clusters, of which one follows the other: no commit is acknowledged before both have it.

use super::{ADMINISTRATOR, Cluster, OWNER, Settings, run};

const NAMES: [&str; 2] = ["node_a", "node_b"];

/// A primary and its synchronous standby. They change places with every [`Pair::fail_over`].
pub struct Pair {
    nodes: [Cluster; 2],
    primary: usize,
    /// There was a standby before, so its port is known to others.
    following: bool,
}

impl Pair {
    /// Starts both, and waits until the standby is synchronous.
    ///
    /// # Panics
    /// When there is no PostgreSQL, or it does not start.
    pub fn start() -> Self {
        let primary = Cluster::start_named(NAMES[0], Settings { durable: true, connections: 100 });
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (node_a, node_b)'");
        let standby = Cluster::new(NAMES[1]);
        let mut pair = Self { nodes: [primary, standby], primary: 0, following: false };
        // Makes the standby first: nothing could be written without it.
        pair.rebuild();
        pair.primary().sql("SELECT pg_reload_conf()");
        pair.wait_for_standby();
        pair
    }

    /// The one that takes writes.
    pub fn primary(&self) -> &Cluster {
        &self.nodes[self.primary]
    }

    /// The one that follows.
    pub fn standby(&self) -> &Cluster {
        &self.nodes[1 - self.primary]
    }

    /// Makes an empty database of this name.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn create(&self, name: &str) {
        self.primary().sql(&format!("CREATE DATABASE {name} OWNER {OWNER}"));
    }

    /// How the server reaches a database, whichever node is the primary.
    pub fn url(&self, database: &str) -> String {
        let [a, b] = [self.nodes[0].port, self.nodes[1].port];
        format!(
            "postgres://{OWNER}@127.0.0.1:{a},127.0.0.1:{b}/{database}?target_session_attrs=read-write&connect_timeout=5"
        )
    }

    /// Kills the primary with -9 and lets the standby take its place.
    ///
    /// # Panics
    /// When that fails.
    pub fn fail_over(&mut self) {
        self.primary().kill();
        self.standby().promote();
        self.primary = 1 - self.primary;
    }

    /// Puts a new standby where the killed primary was. Until it follows, no commit is acknowledged.
    ///
    /// # Panics
    /// When that fails.
    pub fn rebuild(&mut self) {
        let from = format!("host=127.0.0.1 port={} user={ADMINISTRATOR}", self.primary().port);
        let standby = &mut self.nodes[1 - self.primary];
        let data = standby.data();
        if data.exists() {
            std::fs::remove_dir_all(&data).expect("the old data");
        }
        run(standby
            .command("pg_basebackup")
            .args(["--no-sync", "--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf"])
            .args(["--dbname", &from, "--pgdata"])
            .arg(&data));
        if self.following {
            standby.start_again();
        } else {
            standby.boot();
            self.following = true;
        }
        if !self.primary().sql("SHOW synchronous_standby_names").is_empty() {
            self.wait_for_standby();
        }
    }

    /// Waits until the standby follows, synchronously.
    fn wait_for_standby(&self) {
        let follows = format!(
            "DO $$ BEGIN FOR i IN 1..6000 LOOP
                IF EXISTS (SELECT FROM pg_stat_replication WHERE application_name = '{}' AND sync_state = 'quorum') THEN RETURN; END IF;
                PERFORM pg_sleep(0.01);
             END LOOP; RAISE 'the standby does not follow'; END $$",
            self.standby().name
        );
        self.primary().sql(&follows);
    }
}

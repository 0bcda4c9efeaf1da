//! A primary and its standby: no commit is acknowledged before both have it.

use super::server::{ADMINISTRATOR, OWNER};
use super::{Cluster, Settings, run};

const NAMES: [&str; 2] = ["node_a", "node_b"];

/// A primary and its synchronous standby. [`Pair::fail_over`] exchanges their roles.
pub struct Pair {
    nodes: [Cluster; 2],
    primary: usize,
    /// Whether the standby was started before: its port is in URLs then, and must stay.
    standby_started: bool,
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
        let mut pair = Self { nodes: [primary, standby], primary: 0, standby_started: false };
        // The standby first: without it no commit would return.
        pair.rebuild();
        pair.primary().sql("SELECT pg_reload_conf()");
        pair.wait_for_standby();
        pair
    }

    /// The node that accepts writes.
    pub fn primary(&self) -> &Cluster {
        &self.nodes[self.primary]
    }

    /// The node that replicates.
    pub fn standby(&self) -> &Cluster {
        &self.nodes[1 - self.primary]
    }

    /// Creates an empty database with this name.
    ///
    /// # Panics
    /// When it cannot be created.
    pub fn create(&self, name: &str) {
        self.primary().sql(&format!("CREATE DATABASE {name} OWNER {OWNER}"));
    }

    /// The URL of a database for the product, whichever node is the primary.
    pub fn url(&self, database: &str) -> String {
        let [a, b] = [self.nodes[0].port(), self.nodes[1].port()];
        format!(
            "postgres://{OWNER}@127.0.0.1:{a},127.0.0.1:{b}/{database}?target_session_attrs=read-write&connect_timeout=5"
        )
    }

    /// Kills the primary with SIGKILL, and promotes the standby.
    ///
    /// # Panics
    /// When that fails.
    pub fn fail_over(&mut self) {
        self.primary().kill();
        self.standby().promote();
        self.primary = 1 - self.primary;
    }

    /// Makes a new standby in place of the killed primary. Until it replicates, no commit is acknowledged.
    ///
    /// # Panics
    /// When that fails.
    pub fn rebuild(&mut self) {
        let from = format!("host=127.0.0.1 port={} user={ADMINISTRATOR}", self.primary().port());
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
        if self.standby_started {
            standby.start_again();
        } else {
            standby.boot();
            self.standby_started = true;
        }
        if !self.primary().sql("SHOW synchronous_standby_names").is_empty() {
            self.wait_for_standby();
        }
    }

    /// Waits until the standby replicates synchronously.
    fn wait_for_standby(&self) {
        // Within a transaction the view shows the connections of its first read until its snapshot is cleared.
        let wait = format!(
            "DO $$ BEGIN FOR i IN 1..12000 LOOP
                IF EXISTS (SELECT FROM pg_stat_replication WHERE application_name = '{}'
                    AND sync_state = 'quorum') THEN RETURN; END IF;
                PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
             END LOOP; RAISE 'the standby does not replicate'; END $$",
            self.standby().name
        );
        self.primary().sql(&wait);
    }
}

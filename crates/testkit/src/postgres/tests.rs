//! Tests of the clusters.

use super::*;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

/// Set in the process that is killed.
const VICTIM: &str = "STAGEPOST_TESTKIT_VICTIM";

#[test]
fn databases_are_separate_and_sort_by_the_rules_of_english() {
    let server = Cluster::shared();
    let (a, b) = (server.database(), server.database());
    a.sql("CREATE TABLE t (word text)");
    assert!(server.try_sql(&b.name, "SELECT * FROM t").is_err());
    assert_eq!(a.sql("SELECT 'a' < 'B', 'a' < 'B' COLLATE \"C\""), "t|f");
    let name = a.name.clone();
    drop(a);
    assert_eq!(server.sql(&format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'")), "0");
}

#[test]
fn a_migrated_database_has_the_tables_and_no_rows() {
    let server = Cluster::shared();
    let (a, b) = (server.migrated_database(), server.migrated_database());
    let tables = "SELECT count(*) > 10 FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!((a.sql(tables), b.sql(tables)), ("t".into(), "t".into()));
    assert_eq!(a.sql("SELECT count(*) FROM users"), "0");
}

#[test]
fn killed_or_stopped_it_starts_again_with_what_was_committed() {
    let cluster = Cluster::start(Settings { durable: true, ..Settings::default() });
    let database = cluster.database();
    database.sql("CREATE TABLE t AS SELECT 1 AS n");
    cluster.kill();
    assert!(cluster.try_sql(&database.name, "SELECT 1").is_err());
    cluster.start_again();
    assert_eq!(database.sql("SELECT n FROM t"), "1");
    cluster.stop();
    assert!(cluster.try_sql(&database.name, "SELECT 1").is_err());
    cluster.start_again();
    assert_eq!(database.sql("SELECT n FROM t"), "1");
}

#[test]
fn a_standby_replaces_a_killed_primary_repeatedly() {
    let mut pair = Pair::start();
    pair.create("kept");
    for n in 1..=3 {
        pair.primary().try_sql("kept", &format!("CREATE TABLE t{n} (n int)")).expect("a table");
        pair.fail_over();
        pair.primary().try_sql("kept", &format!("SELECT * FROM t{n}")).expect("the table");
        pair.rebuild();
    }
}

#[test]
fn a_killed_process_leaves_no_cluster_behind() {
    if std::env::var_os(VICTIM).is_some() {
        let cluster = Cluster::start(Settings::default());
        println!("\n{VICTIM} {} {}", cluster.guard.id(), cluster.folder.display());
        loop {
            std::thread::park();
        }
    }
    let this = std::thread::current().name().expect("the name of a test").to_owned();
    let mut victim = Command::new(std::env::current_exe().expect("this program"))
        .args([&this, "--exact", "--nocapture"])
        .env(VICTIM, "1")
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let lines = BufReader::new(victim.stdout.take().expect("its output")).lines();
    let printed = lines.map_while(Result::ok).find_map(|line| line.strip_prefix(VICTIM).map(str::to_owned));
    let printed = printed.expect("its cluster");
    let (guard, folder) = printed.trim().split_once(' ').expect("a process and a folder");
    let lock = std::fs::read_to_string(Path::new(folder).join("data/postmaster.pid")).expect("a cluster");
    let handles = [pid(guard), lock.lines().next().and_then(pid)]
        .map(|process| pidfd_open(process.expect("a process"), PidfdFlags::empty()).expect("it runs"));
    victim.kill().expect("a process to kill");
    victim.wait().expect("its end");
    for handle in &handles {
        poll(&mut [PollFd::new(handle, PollFlags::IN)], None).expect("the end of a process");
    }
    assert!(!Path::new(folder).exists(), "{folder} is left");
}

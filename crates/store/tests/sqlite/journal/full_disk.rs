//! The disk is full when reports are appended to the journal. A limit of the size of files, in a process of its own,
//! has the same effect.

use super::super::contract::batch;
use super::{create, id, killed, open};
use domain::Error;
use domain::ports::{Health as _, Pipelines as _, Reports as _};
use futures_util::future::join_all;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::collections::BTreeSet;
use std::process::Command;
use store::sqlite::Sqlite;
use testkit::report;

/// Set in the process with the limit.
const CHILD: &str = "STAGEPOST_TEST_FULL_DISK";
const NAME: &str =
    "journal::full_disk::reports_that_cannot_be_appended_leave_nothing_and_those_of_others_stay";

#[tokio::test(flavor = "multi_thread")]
async fn reports_that_cannot_be_appended_leave_nothing_and_those_of_others_stay() {
    if std::env::var_os(CHILD).is_some() {
        return appends_with_a_limit().await;
    }
    // The signal would end the process.
    let status = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" --exact \"$1\""])
        .arg(std::env::current_exe().unwrap())
        .arg(NAME)
        .env(CHILD, "1")
        .status()
        .unwrap();
    assert!(status.success());
}

/// Allows writes before this position of a file only.
fn limit(bytes: Option<u64>) {
    let maximum = getrlimit(Resource::Fsize).maximum;
    setrlimit(Resource::Fsize, Rlimit { current: bytes.or(maximum), maximum }).unwrap();
}

async fn appends_with_a_limit() {
    let dir = tempfile::tempdir().unwrap();
    let (store, root, repo) = create(dir.path()).await;
    let record = async |names: Vec<String>| {
        let lines = names.iter().map(|name| report('a', &format!("s/{name}:running#1"))).collect();
        match store.record(batch(repo, &root, lines)).await {
            Ok(_) => Some(names),
            Err(Error::Unavailable(_)) => None,
            Err(error) => panic!("{error:?}"),
        }
    };
    let mut recorded: BTreeSet<String> = record(vec!["first".into()]).await.unwrap().into_iter().collect();
    let (mut failed, mut of_others) = (0, 0);
    for round in 0..20 {
        limit(Some(16 << 10));
        let large = (0..500).map(|n| format!("large-{round}-{n}-{}", "x".repeat(64))).collect();
        let small = (0..8).map(|n| vec![format!("small-{round}-{n}")]);
        let results = join_all(small.chain([large]).map(&record)).await;
        limit(None);
        failed += results.iter().filter(|result| result.is_none()).count();
        of_others += results[..8].iter().flatten().count();
        assert_eq!(results[8], None, "it is larger than the limit");
        recorded.extend(results.into_iter().flatten().flatten());
        recorded.extend(record(vec![format!("after-{round}")]).await.expect("the disk has room again"));
    }
    println!("{failed} failed, {of_others} beside them were recorded");
    let names = async |store: &Sqlite| -> BTreeSet<String> {
        let state = store.pipeline_state(repo, id(1)).await.unwrap().unwrap();
        state.jobs.iter().map(|job| job.name.clone()).collect()
    };
    let copy = killed(dir.path());
    assert_eq!(names(&store).await, recorded);
    store.close().await.unwrap();
    assert_eq!(names(&open(dir.path())).await, recorded);
    assert_eq!(names(&open(copy.path())).await, recorded, "after a kill");
}

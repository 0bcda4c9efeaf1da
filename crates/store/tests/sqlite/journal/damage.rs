//! Journal files that are missing, damaged, exchanged or older.

use super::{change, commits, connect, create, id, journaled, killed, open};
use crate::contract::batch;
use domain::ports::{Health as _, Pipelines as _, Reports as _};
use std::path::Path;
use store::loss::{Loss, OpenError};
use store::sqlite::{Options, Sqlite, backups};
use testkit::report;

async fn verify(dir: &Path) -> Vec<String> {
    let store = store::read_only::ReadOnlyStore::sqlite(dir).unwrap();
    domain::ports::Verification::engine_damage(&store).await.unwrap()
}

#[tokio::test]
async fn a_damaged_journal_stops_the_start_and_an_unfinished_commit_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let (store, root, repo) = create(dir.path()).await;
    for line in ["s/x:running#1", "s/y:running#1", "s/z:running#1"] {
        store.record(batch(repo, &root, vec![report('a', line)])).await.unwrap();
    }
    let killed_verified = killed(dir.path());
    assert_eq!(verify(killed_verified.path()).await, [""; 0]);
    let jobs = async |dir: &Path| {
        let store = open(dir);
        let found = store.pipeline_state(repo, id(1)).await.unwrap().unwrap();
        store.close().await.unwrap();
        found.jobs.len()
    };
    // Damage in a commit before the last one.
    for at in [0_u8, 1] {
        let copy = killed(dir.path());
        let commit = &commits(copy.path())[usize::from(at)];
        change(&commit.file, |bytes| bytes[commit.body.start + 9] ^= 4);
        let loss = Loss::JournalDamaged { path: commit.file.clone() };
        for _ in 0..2 {
            assert_eq!(
                Sqlite::open(copy.path(), Options::default()).err(),
                Some(OpenError::Loss(loss.clone()))
            );
        }
        assert!(verify(copy.path()).await.contains(&loss.to_string()));
        let backup = backups::backup(copy.path(), &copy.path().join("copy.db"), &mut |_, _| ());
        assert!(backup.unwrap_err().to_string().contains("damaged"));
        // The commits before the damage.
        let accepted = Options { accept_loss: true, ..Options::default() };
        Sqlite::open(copy.path(), accepted).unwrap().close().await.unwrap();
        assert!(copy.path().join("stagepost.journal-0.damaged").exists());
        let left = connect(copy.path()).query_row("SELECT count(*) FROM jobs", [], |row| row.get::<_, u8>(0));
        assert_eq!(left, Ok(at));
    }
    // The last one was not written in full before power was lost: it was not acknowledged.
    let copy = killed(dir.path());
    let last = commits(copy.path()).pop().unwrap();
    change(&last.file, |bytes| bytes.truncate(last.body.end - 1));
    assert_eq!(jobs(copy.path()).await, 2);
    // A newer program wrote a body, or a file.
    let copy = killed(dir.path());
    connect(copy.path()).execute_batch("INSERT INTO journal (body) VALUES (x'09')").unwrap();
    let error = Sqlite::open(copy.path(), Options::default()).err().unwrap().to_string();
    assert!(error.contains("start the program that wrote them"), "{error}");
    assert_eq!(journaled(copy.path()), 3, "nothing is lost");
    // The outcome is another one.
    let copy = killed(dir.path());
    connect(copy.path()).execute_batch("UPDATE counters SET job = 41").unwrap();
    let error = Sqlite::open(copy.path(), Options::default()).err().unwrap().to_string();
    assert!(error.contains("another outcome"), "{error}");
    assert!(verify(copy.path()).await[0].contains("another outcome"));
}

#[tokio::test]
async fn missing_older_and_other_journal_files_stop_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let (store, root, repo) = create(dir.path()).await;
    let record = async |line: &str| {
        store.record(batch(repo, &root, vec![report('a', line)])).await.unwrap();
        killed(dir.path())
    };
    let older = record("s/x:running#1").await;
    // Applies the first generation, so that the second one is in the other file.
    store.pipeline(repo, id(1)).await.unwrap();
    drop(record("s/y:running#1").await);
    store.pipeline(repo, id(1)).await.unwrap();
    let current = record("s/z:running#1").await;
    let other_dir = tempfile::tempdir().unwrap();
    let (_other, ..) = create(other_dir.path()).await;
    let loss = |dir: &Path| match Sqlite::open(dir, Options::default()).err() {
        Some(OpenError::Loss(loss)) => loss,
        other => panic!("{other:?}"),
    };
    for name in ["stagepost.journal-0", "stagepost.journal-1"] {
        let copy = killed(current.path());
        let path = copy.path().join(name);
        std::fs::write(&path, "").unwrap();
        assert_eq!(loss(copy.path()), Loss::JournalMissing { path: path.clone() });
        std::fs::remove_file(&path).unwrap();
        assert_eq!(loss(copy.path()), Loss::JournalMissing { path: path.clone() });
        assert!(!path.exists(), "nothing is created");
        change(&current.path().join(name), |bytes| {
            let mut damaged = bytes.clone();
            damaged[20] ^= 1;
            std::fs::write(&path, damaged).unwrap();
        });
        assert_eq!(loss(copy.path()), Loss::JournalDamaged { path: path.clone() });
        std::fs::copy(other_dir.path().join(name), &path).unwrap();
        assert_eq!(loss(copy.path()), Loss::OtherJournal { path: path.clone() });
        let accepted = Options { accept_loss: true, ..Options::default() };
        Sqlite::open(copy.path(), accepted).unwrap().close().await.unwrap();
        open(copy.path()).close().await.unwrap();
    }
    // The mark knows of commits that files of an earlier time lack.
    let copy = killed(current.path());
    change(&copy.path().join("stagepost.mark"), |mark| {
        let text = String::from_utf8(std::mem::take(mark)).unwrap();
        assert!(text.contains("journal = 0"), "{text}");
        mark.extend(text.replace("journal = 0", "journal = 3").bytes());
    });
    open(copy.path()).close().await.unwrap();
    for name in ["stagepost.journal-0", "stagepost.journal-1"] {
        std::fs::copy(older.path().join(name), copy.path().join(name)).unwrap();
    }
    let mut mark = std::fs::read_to_string(copy.path().join("stagepost.mark")).unwrap();
    mark = mark.replace("running = false", "running = true").replace("journal = 3", "journal = 4");
    std::fs::write(copy.path().join("stagepost.mark"), mark).unwrap();
    assert!(matches!(loss(copy.path()), Loss::OtherJournal { .. }));
}

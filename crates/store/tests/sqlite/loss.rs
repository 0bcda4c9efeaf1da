//! A store whose files are missing, damaged, exchanged or older does not start; one that lost power does.

use super::contract::{batch, repository, root};
use domain::model::ids::{PipelineId, RepositoryId};
use domain::ports::{Health as _, Pipelines as _, Reports as _};
use std::path::{Path, PathBuf};
use store::loss::{Loss, OpenError};
use store::sqlite::{Options, Sqlite, backups};
use tempfile::TempDir;
use testkit::report;

fn open(dir: &Path) -> Result<Sqlite, OpenError> {
    Sqlite::open(dir, Options::default())
}

fn accept(dir: &Path) -> Sqlite {
    Sqlite::open(dir, Options { accept_loss: true, ..Options::default() }).unwrap()
}

fn loss(dir: &Path) -> Loss {
    match open(dir).err() {
        Some(OpenError::Loss(loss)) => loss,
        other => panic!("{other:?}"),
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// The directory of a store with reports.
struct Store {
    dir: TempDir,
    repo: RepositoryId,
}

impl Store {
    /// A store that was stopped normally, and one that was killed after further reports.
    async fn stopped_and_killed() -> [Self; 2] {
        let live = tempfile::tempdir().unwrap();
        let store = open(live.path()).unwrap();
        let root = root(&store).await;
        let repo = repository(&store, &root, "acme/demo").await;
        let [stopped, killed] = [(); 2].map(|()| Self { dir: tempfile::tempdir().unwrap(), repo });
        store.record(batch(repo, &root, vec![report('a', "x/one:running#1")])).await.unwrap();
        store.close().await.unwrap();
        drop(store);
        copy(live.path(), stopped.path());
        let store = open(live.path()).unwrap();
        for n in 0..9 {
            store.record(batch(repo, &root, vec![report('b', &format!("x/{n}:running#1"))])).await.unwrap();
        }
        copy(live.path(), killed.path());
        store.close().await.unwrap();
        [stopped, killed]
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Another directory with the same files.
    fn copied(&self) -> Self {
        let other = Self { dir: tempfile::tempdir().unwrap(), repo: self.repo };
        copy(self.path(), other.path());
        other
    }

    /// Opens the store and closes it again; returns the number of jobs that were reported after its stop.
    async fn jobs(&self) -> usize {
        self.jobs_in(open(self.path()).unwrap()).await
    }

    /// The same after a start that accepts the loss.
    async fn jobs_left(&self) -> usize {
        self.jobs_in(accept(self.path())).await
    }

    async fn jobs_in(&self, store: Sqlite) -> usize {
        let state = store.pipeline_state(self.repo, PipelineId::new(2).unwrap()).await.unwrap();
        store.close().await.unwrap();
        state.map_or(0, |state| state.jobs.len())
    }
}

#[tokio::test]
async fn stopped_killed_and_copied_stores_start() {
    let [stopped, killed] = Store::stopped_and_killed().await;
    assert_eq!(stopped.copied().jobs().await, 0);
    assert_eq!(killed.copied().jobs().await, 9);
    // Power was lost while the server wrote its last commit.
    let torn = killed.copied();
    let mut log = std::fs::read(torn.file("stagepost.db-wal")).unwrap();
    log.extend(vec![7; 6_000]);
    std::fs::write(torn.file("stagepost.db-wal"), log).unwrap();
    assert_eq!(torn.jobs().await, 9);
    // The mark lags behind, as after a crash between the commit and its file.
    let lagging = killed.copied();
    std::fs::copy(stopped.file("stagepost.mark"), lagging.file("stagepost.mark")).unwrap();
    assert_eq!(lagging.jobs().await, 9);
    // The database of an earlier version, or a copy of the database alone.
    let alone = stopped.copied();
    std::fs::remove_file(alone.file("stagepost.mark")).unwrap();
    assert_eq!(alone.jobs().await, 0);
    assert!(alone.file("stagepost.mark").exists());
    // The directory of an interrupted first start.
    let empty = tempfile::tempdir().unwrap();
    std::fs::write(empty.path().join("stagepost.db"), "").unwrap();
    open(empty.path()).unwrap().close().await.unwrap();
}

/// The damage that `verify` finds.
async fn verify(dir: &Path) -> Vec<String> {
    let store = store::read_only::ReadOnlyStore::sqlite(dir).unwrap();
    domain::ports::Verification::engine_damage(&store).await.unwrap()
}

#[tokio::test]
async fn lost_and_damaged_files_are_noticed() {
    let [stopped, killed] = Store::stopped_and_killed().await;
    let database = |store: &Store| store.file("stagepost.db");
    let log = |store: &Store| store.file("stagepost.db-wal");
    type Change = fn(&Store);
    let remove: Change = |store| std::fs::remove_file(store.file("stagepost.db")).unwrap();
    let empty: Change = |store| std::fs::write(store.file("stagepost.db"), "").unwrap();
    let remove_both: Change = |store| {
        std::fs::remove_file(store.file("stagepost.db")).unwrap();
        std::fs::remove_file(store.file("stagepost.db-wal")).unwrap();
    };
    let remove_log: Change = |store| std::fs::remove_file(store.file("stagepost.db-wal")).unwrap();
    let empty_log: Change = |store| std::fs::write(store.file("stagepost.db-wal"), "").unwrap();
    for (from, change) in [(&stopped, remove), (&stopped, empty), (&killed, remove), (&killed, remove_both)] {
        let store = from.copied();
        change(&store);
        let before = names(store.path());
        assert_eq!(loss(store.path()), Loss::DatabaseMissing { path: database(&store) });
        assert_eq!(names(store.path()), before, "nothing is created or deleted");
    }
    assert_eq!(verify(killed.path()).await, [""; 0]);
    for change in [remove_log, empty_log] {
        let store = killed.copied();
        change(&store);
        assert_eq!(verify(store.path()).await, [Loss::LogMissing { path: log(&store) }.to_string()]);
        assert_eq!(loss(store.path()), Loss::LogMissing { path: log(&store) });
        assert_eq!(loss(store.path()), Loss::LogMissing { path: log(&store) }, "every time");
        assert_eq!(store.jobs_left().await, 9, "the journal has the reports");
        assert_eq!(store.jobs().await, 9, "it was accepted");
    }
    // One flipped bit in the middle of the log.
    let store = killed.copied();
    let mut bytes = std::fs::read(log(&store)).unwrap();
    let at = bytes.len() / 3;
    bytes[at] ^= 1;
    std::fs::write(log(&store), &bytes).unwrap();
    assert!(matches!(loss(store.path()), Loss::LogDamaged { path, .. } if path == log(&store)));
    store.jobs_left().await;
    assert_eq!(std::fs::read(store.file("stagepost.db-wal.damaged")).unwrap(), bytes, "a copy is kept");
    store.jobs().await;
    // Half of the database.
    let store = stopped.copied();
    let length = std::fs::metadata(database(&store)).unwrap().len();
    std::fs::File::options().write(true).open(database(&store)).unwrap().set_len(length / 2).unwrap();
    assert!(matches!(loss(store.path()), Loss::Damaged { .. }));
    std::fs::write(database(&store), "no database at all").unwrap();
    assert!(matches!(loss(store.path()), Loss::Damaged { .. }));
    // The secrets of a first start, of an earlier version, without a database.
    let store = Store { dir: tempfile::tempdir().unwrap(), repo: stopped.repo };
    std::fs::write(store.file("admin.toml"), "").unwrap();
    assert!(matches!(loss(store.path()), Loss::DatabaseMissing { .. }));
    assert_eq!(store.jobs_left().await, 0);
    // A damaged mark.
    let store = stopped.copied();
    std::fs::write(store.file("stagepost.mark"), "number = 9").unwrap();
    assert_eq!(loss(store.path()), Loss::MarkDamaged { path: store.file("stagepost.mark") });
    store.jobs_left().await;
    store.jobs().await;
}

#[tokio::test]
async fn another_and_an_older_database_are_noticed() {
    let [stopped, killed] = Store::stopped_and_killed().await;
    // An older copy of the database alone.
    let store = killed.copied();
    store.jobs().await;
    std::fs::copy(stopped.file("stagepost.db"), store.file("stagepost.db")).unwrap();
    let older = Loss::Older { path: store.file("stagepost.db") };
    assert_eq!(loss(store.path()), older);
    assert_eq!(store.jobs_left().await, 9, "the journal still has the reports");
    assert_eq!(store.jobs().await, 9);
    // The database of another store.
    let [other, _] = Store::stopped_and_killed().await;
    let store = killed.copied();
    store.jobs().await;
    std::fs::copy(other.file("stagepost.db"), store.file("stagepost.db")).unwrap();
    let other = Loss::OtherStore { path: Some(store.file("stagepost.db")) };
    assert_eq!(loss(store.path()), other);
    assert_eq!(store.jobs_left().await, 0);
    assert_eq!(store.jobs().await, 0);
    // The log of a later run of the same database.
    let store = stopped.copied();
    for name in ["stagepost.db-wal", "stagepost.journal-0", "stagepost.journal-1"] {
        std::fs::copy(killed.file(name), store.file(name)).unwrap();
    }
    assert_eq!(store.jobs().await, 9);
}

#[tokio::test]
async fn a_restored_backup_starts() {
    let [stopped, killed] = Store::stopped_and_killed().await;
    let backup = tempfile::tempdir().unwrap();
    let progress = &mut |_, _| {};
    backups::backup(stopped.path(), &backup.path().join("stagepost.db"), progress).unwrap();
    assert!(backup.path().join("stagepost.mark").exists(), "it can be served");
    let single = backup.path().join("single.db");
    backups::backup(killed.path(), &single, progress).unwrap();
    let newer = killed.copied();
    newer.jobs().await;
    // Older data, on purpose: it replaces what is newer, also after the database was lost.
    for lost in [false, true] {
        let store = newer.copied();
        if lost {
            std::fs::remove_file(store.file("stagepost.db")).unwrap();
        }
        backups::restore(backup.path(), store.path(), progress).unwrap();
        assert_eq!(store.jobs().await, 0, "{lost}");
        backups::restore(&single, store.path(), progress).unwrap();
        assert_eq!(store.jobs().await, 9, "{lost}");
    }
    open(backup.path()).unwrap().close().await.unwrap();
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name != "lock")
        .collect();
    names.sort();
    names
}

//! The integrity check after a server did not stop normally.

use super::contract::{batch, repository, root};
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::integrity::IntegrityState;
use domain::ports::{Health, Pipelines as _, Reports as _, Users as _, Verification as _};
use domain::{Error, Timestamp};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use store::read_only::ReadOnlyStore;
use store::sqlite::{Options, Sqlite, backups};
use tempfile::TempDir;
use testkit::report;

const PIPELINES: i32 = 120;
const PAGE: usize = 4_096;

fn now() -> Timestamp {
    testkit::at(7)
}

/// A data directory with two repositories of many jobs, which a server was stopped on.
struct Data {
    dir: TempDir,
    repositories: [RepositoryId; 2],
}

impl Data {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Sqlite::open(dir.path(), Options::default()).unwrap();
        let root = root(&store).await;
        let mut repositories = Vec::new();
        for path in ["acme/one", "acme/two"] {
            let id = repository(&store, &root, path).await;
            for n in 0..PIPELINES {
                let commit = char::from_digit(n.unsigned_abs() % 16, 16).unwrap();
                let reports =
                    (0..4).map(|job| report(commit, &format!("x/job-{n}-{job}:running#1"))).collect();
                store.record(batch(id, &root, reports)).await.unwrap();
            }
            repositories.push(id);
        }
        store.close().await.unwrap();
        Self { dir, repositories: repositories.try_into().unwrap() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A copy that looks as if the server had been killed.
    fn killed(&self) -> Self {
        let copy = Self { dir: tempfile::tempdir().unwrap(), repositories: self.repositories };
        for entry in std::fs::read_dir(self.dir.path()).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), copy.file(&entry.file_name().to_string_lossy())).unwrap();
        }
        let mark = std::fs::read_to_string(copy.file("stagepost.mark")).unwrap();
        let running = mark.replace("running = false", "running = true");
        assert_ne!(mark, running);
        std::fs::write(copy.file("stagepost.mark"), running).unwrap();
        copy
    }

    /// The bytes of the pages of a table or index, in order of its keys.
    fn pages(&self, name: &str) -> Vec<std::ops::Range<usize>> {
        let sql = Connection::open(self.file("stagepost.db")).unwrap();
        let query = "SELECT pgoffset FROM dbstat WHERE name = ?1 AND pagetype = 'leaf' ORDER BY path";
        let mut statement = sql.prepare(query).unwrap();
        let offsets = statement.query_map([name], |row| row.get::<_, i64>(0)).unwrap();
        offsets.map(|at| usize::try_from(at.unwrap()).unwrap()).map(|at| at..at + PAGE).collect()
    }

    fn change(&self, change: impl FnOnce(&mut [u8])) {
        let path = self.file("stagepost.db");
        let mut bytes = std::fs::read(&path).unwrap();
        change(&mut bytes);
        std::fs::write(path, bytes).unwrap();
    }

    fn open(&self) -> Sqlite {
        open(self.dir.path())
    }
}

fn open(dir: &Path) -> Sqlite {
    Sqlite::open(dir, Options::default()).unwrap()
}

/// Runs the check until its end.
async fn check(store: &Sqlite) -> IntegrityState {
    while store.check_integrity(now()).await.unwrap() {}
    store.integrity().unwrap()
}

async fn jobs_of_first_pipeline(store: &Sqlite, repository: RepositoryId) -> Result<usize, Error> {
    let state = store.pipeline_state(repository, PipelineId::new(1).unwrap()).await?;
    Ok(state.map_or(0, |state| state.jobs.len()))
}

#[tokio::test]
async fn damage_is_found_after_the_start_and_stops_writes() {
    let data = Data::new().await;
    let backup = tempfile::tempdir().unwrap();
    backups::backup(data.dir.path(), &backup.path().join("stagepost.db"), &mut |_, _| {}).unwrap();
    type Damage = fn(&mut [u8]);
    let overwritten: Damage = |page| page.fill(0xa5);
    let zeroed: Damage = |page| page.fill(0);
    // The pages keep their form: only a comparison with the rows shows it.
    let renamed: Damage = |page| {
        let at = page.windows(4).rposition(|bytes| bytes == b"job-").unwrap();
        page[at] = b'J';
    };
    for (name, damage) in [
        ("jobs", overwritten),
        ("reports", zeroed),
        ("jobs_by_name", overwritten),
        ("jobs_by_id", zeroed),
        ("jobs_by_name", renamed),
    ] {
        let killed = data.killed();
        let [one, two] = killed.repositories;
        let pages = killed.pages(name);
        assert!(pages.len() > 1, "{name}: {}", pages.len());
        killed.change(|file| damage(&mut file[pages[0].clone()]));
        // The start does not read the file.
        let store = killed.open();
        let state = store.integrity().unwrap();
        assert!(state.is_due && !state.is_damaged(), "{name}: {state:?}");
        let root = store.users().await.unwrap().remove(0);
        let record = |repository, commit| {
            store.record(batch(repository, &root, vec![report(commit, "x/new:running#1")]))
        };
        record(two, 'e').await.unwrap();
        let state = check(&store).await;
        let [finding] = &state.damage[..] else { panic!("{name}: {:?}", state.damage) };
        assert!(finding.contains(name), "{name}: {finding}");
        assert_eq!((state.is_due, state.ended_at), (false, Some(now())));
        // Writes are refused, and reads of what is not damaged work.
        assert_eq!(record(two, 'f').await.err(), Some(Error::Damaged), "{name}");
        assert_eq!(store.set_setting("demo", "x").await, Err(Error::Damaged));
        assert_eq!(Health::check(&store).await, Err(Error::Damaged), "{name}");
        assert!(jobs_of_first_pipeline(&store, two).await.unwrap() >= 4, "{name}");
        assert!(store.pipeline_state(one, PipelineId::new(16).unwrap()).await.is_ok());
        store.close().await.unwrap();
        let found = ReadOnlyStore::sqlite(killed.dir.path()).unwrap().engine_damage().await.unwrap();
        assert!(found.contains(finding), "{name}: verify says it: {found:?}");
        // A later start knows it, and checks again.
        let store = killed.open();
        let state = store.integrity().unwrap();
        assert!(state.is_due && state.is_damaged(), "{name}: {state:?}");
        assert_eq!(store.set_setting("demo", "x").await, Err(Error::Damaged));
        store.close().await.unwrap();
        // A backup ends it.
        backups::restore(backup.path(), killed.dir.path(), &mut |_, _| {}).unwrap();
        let store = killed.open();
        assert_eq!(store.integrity(), Some(IntegrityState::default()));
        assert!(jobs_of_first_pipeline(&store, one).await.unwrap() >= 4, "{name}");
        store.set_setting("demo", "x").await.unwrap();
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_check_is_due_until_one_has_read_the_whole_file() {
    let data = Data::new().await;
    // A server that stopped normally needs none.
    let store = data.open();
    assert_eq!(store.check_integrity(now()).await, Ok(false));
    assert_eq!(store.integrity(), Some(IntegrityState::default()));
    store.close().await.unwrap();

    let killed = data.killed();
    let store = killed.open();
    assert_eq!(store.check_integrity(now()).await, Ok(true));
    let progress = store.integrity().unwrap().progress.unwrap();
    assert!(progress.tables > 20 && progress.tables_checked < progress.tables, "{progress:?}");
    store.close().await.unwrap();
    // The stop was clean, but the file was not read.
    let store = killed.open();
    assert!(store.integrity().unwrap().is_due);
    let state = check(&store).await;
    assert_eq!(state, IntegrityState { ended_at: Some(now()), ..IntegrityState::default() });
    store.close().await.unwrap();
    let store = killed.open();
    assert_eq!(
        store.integrity(),
        Some(IntegrityState { ended_at: Some(now()), ..IntegrityState::default() })
    );
    assert_eq!(store.check_integrity(now()).await, Ok(false));
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_check_finds_nothing_in_rows_that_change_meanwhile() {
    let data = Data::new().await.killed();
    let store = data.open();
    let root = store.users().await.unwrap().remove(0);
    let mut steps = 0;
    while store.check_integrity(now()).await.unwrap() {
        let repository = data.repositories[steps % 2];
        let commit = char::from_digit(steps as u32 % 16, 16).unwrap();
        let reports = vec![
            report(commit, &format!("x/job-{steps}-0:success#1")),
            report(commit, &format!("x/late-{steps}:running#1")),
        ];
        store.record(batch(repository, &root, reports)).await.unwrap();
        steps += 1;
    }
    assert_eq!(store.integrity().unwrap().damage, [""; 0]);
    assert!(steps > 20, "{steps}");
    store.close().await.unwrap();
}

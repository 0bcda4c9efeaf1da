//! Watches the space that the store uses: a gauge of each size, and an entry in the log when a problem starts
//! or ends.

use domain::model::storage::{StorageProblem, StorageState};
use domain::{App, Result};
use metrics::gauge;

const LOG_BYTES: &str = "stagepost_store_wal_bytes";
const FREE_BYTES: &str = "stagepost_store_free_bytes";

/// The problems that were logged.
#[derive(Debug, Default)]
pub struct StorageLog {
    problems: Vec<StorageProblem>,
}

impl StorageLog {
    /// Checks once.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    pub async fn check(&mut self, app: &App) -> Result<()> {
        let state = app.store.storage().await?;
        for (name, bytes) in [(LOG_BYTES, state.log_bytes), (FREE_BYTES, state.free_bytes)] {
            if let Some(bytes) = bytes {
                gauge!(name).set(bytes as f64);
            }
        }
        for (problem, starts) in self.update(&state) {
            log(problem, starts, &state);
        }
        Ok(())
    }

    /// The problems that start (true) or end (false) with this state.
    fn update(&mut self, state: &StorageState) -> Vec<(StorageProblem, bool)> {
        let problems = state.problems(&self.problems);
        let started = problems.iter().filter(|problem| !self.problems.contains(problem));
        let ended = self.problems.iter().filter(|problem| !problems.contains(problem));
        let changes = started.map(|p| (*p, true)).chain(ended.map(|p| (*p, false))).collect();
        self.problems = problems;
        changes
    }
}

fn log(problem: StorageProblem, starts: bool, state: &StorageState) {
    match (problem, starts) {
        (StorageProblem::LogLarge, true) => tracing::warn!(
            bytes = state.log_bytes,
            "the write-ahead log grows: a reader keeps an old state of the database, such as a backup or another program that has the file open"
        ),
        (StorageProblem::LogLarge, false) => {
            tracing::info!(bytes = state.log_bytes, "the write-ahead log was merged into the database");
        }
        (StorageProblem::DiskNearlyFull, true) => {
            tracing::warn!(free_bytes = state.free_bytes, "the disk of the database is nearly full");
        }
        (StorageProblem::DiskNearlyFull, false) => {
            tracing::info!(free_bytes = state.free_bytes, "the disk of the database has free space again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::model::storage::LOG_LARGE;

    #[test]
    fn a_problem_is_logged_once_when_it_starts_and_when_it_ends() {
        let mut log = StorageLog::default();
        let mut changes = |log_bytes| {
            log.update(&StorageState {
                log_bytes: Some(log_bytes),
                free_bytes: Some(u64::MAX),
                ..Default::default()
            })
        };
        assert_eq!(changes(0), []);
        assert_eq!(changes(LOG_LARGE), [(StorageProblem::LogLarge, true)]);
        assert_eq!(changes(LOG_LARGE * 2), []);
        assert_eq!(changes(0), [(StorageProblem::LogLarge, false)]);
    }
}

//! The space that the store uses, the ids that remain, and when an operator must be told.

use super::ids::{MAX_ID, RepositoryId};
use super::pipelines::Counters;
use super::status::Status;
use jiff::Timestamp;

/// The write-ahead log is large from this size on, in bytes. SQLite keeps it at 64 MiB while it can merge it
/// into the database.
pub const LOG_LARGE: u64 = 256 << 20;
/// The disk is nearly full with less free space than this, in bytes.
pub const FREE_LOW: u64 = 512 << 20;

/// A repository has few ids with fewer than this of one kind. An import leaves ten times as many
/// ([`super::ids::IMPORTED_ID_MAX`]); those of earlier versions could leave none.
pub const FREE_IDS_LOW: i32 = 10_000_000;

/// The ids that remain for new pipelines, stages and jobs of a repository. Lists are in order of id, so smaller
/// ids that are not in use cannot be assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreeIds {
    /// The repository.
    pub repository: RepositoryId,
    /// For pipelines.
    pub pipelines: i32,
    /// For stages.
    pub stages: i32,
    /// For jobs.
    pub jobs: i32,
}

impl FreeIds {
    /// The ids that remain after the last assigned ones.
    pub fn after(repository: RepositoryId, last: Counters) -> Self {
        let free = |last: i32| MAX_ID.saturating_sub(last);
        Self { repository, pipelines: free(last.pipeline), stages: free(last.stage), jobs: free(last.job) }
    }
}

/// The space that the store uses. A size is `None` where the store does not know it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StorageState {
    /// The size of the database without the write-ahead log, in bytes.
    pub database_bytes: Option<u64>,
    /// The size of the write-ahead log, in bytes.
    pub log_bytes: Option<u64>,
    /// The free space on the disk of the database, in bytes.
    pub free_bytes: Option<u64>,
}

/// The contents and the backlog of the store, for metrics. It may be some seconds old.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreFigures {
    /// The number of repositories.
    pub repositories: u64,
    /// The attempts by repository and status, those of the repositories with the most attempts first.
    pub jobs: Vec<JobCount>,
    /// Deliveries that wait for a webhook that is not disabled.
    pub webhooks: Backlog,
    /// Forwarded states that wait for a destination that is not disabled.
    pub forwarding: Backlog,
    /// Commits whose gates are to be evaluated again.
    pub verdicts: Backlog,
}

/// The number of attempts of a repository in a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobCount {
    /// The path of the repository; `None`: all that are not listed alone.
    pub repository: Option<String>,
    /// The status.
    pub status: Status,
    /// The number.
    pub count: u64,
}

/// Work that waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many items wait, also for a later attempt; at most [`BACKLOG_COUNTED_MAX`] are counted.
    pub items: u64,
    /// Since when the item is due that is due for the longest time. A later attempt is due in the future.
    pub due_since: Option<Timestamp>,
}

/// The greatest number of items of a backlog that is counted.
pub const BACKLOG_COUNTED_MAX: u32 = 100_000;

/// The problems that an operator must see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StorageProblem {
    /// The write-ahead log grows, because a reader keeps an old state of the database: a backup or another
    /// program that hangs.
    LogLarge,
    /// The disk is nearly full.
    DiskNearlyFull,
}

impl StorageState {
    /// The problems, given those of the last check: a problem ends only when there is clearly more space, so
    /// that it is not reported again and again.
    pub fn problems(&self, before: &[StorageProblem]) -> Vec<StorageProblem> {
        let limit = |problem, large: u64, small: u64| if before.contains(&problem) { small } else { large };
        let mut problems = Vec::new();
        let log_max = limit(StorageProblem::LogLarge, LOG_LARGE, LOG_LARGE / 2);
        if self.log_bytes.is_some_and(|bytes| bytes >= log_max) {
            problems.push(StorageProblem::LogLarge);
        }
        let free_min = limit(StorageProblem::DiskNearlyFull, FREE_LOW, FREE_LOW * 2);
        if self.free_bytes.is_some_and(|bytes| bytes < free_min) {
            problems.push(StorageProblem::DiskNearlyFull);
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::StorageProblem::{DiskNearlyFull, LogLarge};
    use super::*;

    #[test]
    fn a_problem_starts_and_ends_at_different_sizes() {
        let state = |log: u64, free: u64| StorageState {
            database_bytes: None,
            log_bytes: Some(log << 20),
            free_bytes: Some(free << 20),
        };
        for (log, free, before, now) in [
            (0, 9_999, &[][..], &[][..]),
            (255, 512, &[], &[]),
            (256, 512, &[], &[LogLarge]),
            (200, 512, &[LogLarge], &[LogLarge]),
            (127, 512, &[LogLarge], &[]),
            (0, 511, &[], &[DiskNearlyFull]),
            (0, 1_023, &[DiskNearlyFull], &[DiskNearlyFull]),
            (0, 1_024, &[DiskNearlyFull], &[]),
            (300, 0, &[DiskNearlyFull], &[LogLarge, DiskNearlyFull]),
        ] {
            assert_eq!(state(log, free).problems(before), now, "{log} {free} {before:?}");
        }
        assert_eq!(StorageState::default().problems(&[]), []);
    }
}

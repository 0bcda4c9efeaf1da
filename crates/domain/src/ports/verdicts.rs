//! Recorded verdicts of gates. The transaction that may change a verdict also marks its commit; the verdict is
//! evaluated and recorded afterwards, by any node.

use crate::error::Result;
use crate::model::gates::{GateRules, RecordedVerdict, TargetHints};
use crate::model::ids::RepositoryId;
use async_trait::async_trait;
use jiff::Timestamp;

/// A commit whose gate is to be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueGate {
    /// The repository.
    pub repository: RepositoryId,
    /// The commit.
    pub sha: String,
    /// How often it was marked. A mark that follows leaves it due.
    pub changes: i64,
}

/// The data that determines for which target branches a verdict is recorded, and when the waits for jobs begin.
#[derive(Debug, Clone, Default)]
pub struct GateHints {
    /// The merge requests, refs and default branch.
    pub hints: TargetHints,
    /// The targets of earlier records and of overrides.
    pub known: Vec<String>,
    /// The rules in force; `None`: the repository never had any.
    pub rules: Option<GateRules>,
    /// The first fact about the commit.
    pub first_at: Option<Timestamp>,
}

/// The evaluation of the gate of a commit for all its targets.
#[derive(Debug, Clone)]
pub struct EvaluatedGate {
    /// The commit.
    pub gate: DueGate,
    /// The verdicts, each with the number 1.
    pub verdicts: Vec<RecordedVerdict>,
    /// The first fact about the commit.
    pub first_at: Option<Timestamp>,
    /// The next end of a period, by the wall clock.
    pub next_due: Option<Timestamp>,
    /// The trusted time of the evaluation.
    pub time: Timestamp,
    /// The time of the evaluation, by the clock of the server.
    pub now: Timestamp,
}

/// A part of the records of a commit for a target. Without a limit, all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecordRange {
    /// Those that were recorded until then, by the clock of the server,
    pub until: Option<Timestamp>,
    /// and those that take no report of the repository after this one into account.
    pub until_report: Option<i64>,
    /// Only those with a smaller number.
    pub before: Option<i64>,
}

/// Recorded verdicts.
#[async_trait]
pub trait Verdicts: Send + Sync {
    /// The records of a commit for a target branch in this range, by number, the last first, at most `limit`.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn recorded_verdicts(
        &self,
        repository: RepositoryId,
        sha: &str,
        target: &str,
        range: RecordRange,
        limit: u32,
    ) -> Result<Vec<RecordedVerdict>>;
    /// At most about `limit` commits whose gate is to be evaluated: those that were marked, and those with a period
    /// that ends until `wall`, the [`wall`](crate::model::trusted_time::TrustedTime::wall) of the trusted time. A
    /// commit is not evaluated again within a second.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn due_gates(&self, now: Timestamp, wall: Timestamp, limit: u32) -> Result<Vec<DueGate>>;
    /// The data that determines for which target branches the verdict of a commit is recorded. It reads no report.
    ///
    /// # Errors
    /// [`Error::RepositoryNotFound`](crate::Error::RepositoryNotFound),
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn gate_hints(&self, repository: RepositoryId, sha: &str) -> Result<GateHints>;
    /// Records the verdicts of commits that differ from the last record of their target
    /// ([`RecordedVerdict::following`]), each with an event of the same transaction, and plans the next evaluations.
    /// Returns how many. Of a target, the newest [`RECORDS_MAX`](crate::model::gates::RECORDS_MAX) records are kept.
    /// Nothing is recorded about a commit that was deleted, or of which an evaluation after a later mark was recorded.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable): the commits stay due.
    async fn record_verdicts(&self, evaluated: Vec<EvaluatedGate>) -> Result<usize>;
    /// Leaves a commit due, but not before `until`.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable).
    async fn defer_gate(&self, gate: DueGate, until: Timestamp) -> Result<()>;
    /// Waits until this process commits a mark. It may return early. Marks of other processes are found by polling.
    async fn wait_for_gate(&self);
}

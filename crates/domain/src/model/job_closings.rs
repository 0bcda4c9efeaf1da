//! A closing: the end of an attempt that no build system ends.

use super::ids::{JobId, RepositoryId, UserId};
use super::reports::{Authority, ReportedState};
use super::status::Status;
use jiff::Timestamp;

/// The end of an attempt that no build system ends.
#[derive(Debug, Clone)]
pub struct JobClosing {
    /// Where.
    pub repository_id: RepositoryId,
    /// Which attempt.
    pub job_id: JobId,
    /// How it ends.
    pub status: Status,
    /// The watchdog or an operator.
    pub authority: Authority,
    /// Who; `None`: Stagepost itself.
    pub closed_by: Option<UserId>,
    /// For the history: the protocol it came in by.
    pub dialect: &'static str,
    /// For the history: why. An operator's own words, or the limit that a silence went over.
    pub reason: Option<String>,
    /// When.
    pub closed_at: Timestamp,
    /// Only when it is not over, and no report of it was received after this time.
    pub inactive_since: Option<Timestamp>,
}

impl JobClosing {
    /// What it says of the attempt.
    pub const fn reported_state(&self) -> ReportedState {
        ReportedState::with_status(self.status, self.authority)
    }
}

//! The closing of a job: an end that an operator or the watchdog gives to an attempt.

use super::credentials::ReportCredential;
use super::ids::{JobId, RepositoryId, UserId};
use super::reports::{Authority, ReportedState};
use super::status::Status;
use jiff::Timestamp;

/// An end that an operator or the watchdog gives to an attempt.
#[derive(Debug, Clone)]
pub struct JobClosing {
    /// The repository.
    pub repository_id: RepositoryId,
    /// The attempt.
    pub job_id: JobId,
    /// The final status.
    pub status: Status,
    /// Watchdog or operator.
    pub authority: Authority,
    /// The operator; `None`: the server itself.
    pub closed_by: Option<UserId>,
    /// The credential of the operator; `None`: the server itself.
    pub credential: Option<ReportCredential>,
    /// The protocol of the request, for the history.
    pub dialect: &'static str,
    /// For the history: the text of the operator, or the inactivity timeout that was exceeded.
    pub reason: Option<String>,
    /// The time of the closing.
    pub closed_at: Timestamp,
    /// Close the attempt only when it is unfinished and no report of it was received after this time.
    pub inactive_since: Option<Timestamp>,
}

impl JobClosing {
    /// The closing as a reported state.
    pub const fn reported_state(&self) -> ReportedState {
        ReportedState::with_status(self.status, self.authority)
    }
}

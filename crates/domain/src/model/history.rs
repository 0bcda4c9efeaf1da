//! The history of an attempt: all its reports in order of arrival, each with its effect.

use super::credentials::ReportCredential;
use super::ids::UserId;
use super::reports::{Effect, FieldSet, Reason, ReportedState};
use super::status::Status;
use jiff::Timestamp;

/// One stored report.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEntry {
    /// The number of the report in its repository, counted in order of arrival.
    pub report_id: i64,
    /// The reporting user; `None`: the server itself.
    pub reporter_id: Option<UserId>,
    /// The name of the reporting user, where it was asked for.
    pub reporter: Option<String>,
    /// The credential of the report; `None`: it has none, because it is from the server itself or from an
    /// administrator with access to the data directory, or an older version recorded the report.
    pub credential: Option<ReportCredential>,
    /// The name of this token, or the description of this key, while it exists.
    pub credential_name: Option<String>,
    /// The protocol of the report: `native`, `gitlab`, `github`, `gitea`, `bitbucket`, `import`, `watchdog`.
    pub dialect: String,
    /// The time of receipt.
    pub received_at: Timestamp,
    /// The reported state.
    pub state: ReportedState,
    /// The effect of the report.
    pub effect: Effect,
    /// Why the report has this effect; for a report of an older version, [`Reason::derive`].
    pub reason: Reason,
    /// The fields that the report changed.
    pub changed: FieldSet,
    /// The status of the attempt after the report; unknown for a report of an older version.
    pub status_after: Option<Status>,
    /// Why the attempt was closed: the text of the operator, or the inactivity timeout that was exceeded,
    /// such as `2h`.
    pub closing_reason: Option<String>,
}

//! The history of an attempt: every report of it, in order of arrival, with what it did.

use super::reports::{Effect, FieldSet, ReportedState};
use super::status::Status;
use jiff::Timestamp;

/// One report as it is remembered.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEntry {
    /// The report's number in its repository: counted in order of arrival.
    pub report_id: i64,
    /// The name of who reported; `None`: Stagepost itself.
    pub reporter: Option<String>,
    /// The protocol it came in by: `native`, `gitlab`, `import`, `watchdog`.
    pub dialect: String,
    /// When it reached us.
    pub received_at: Timestamp,
    /// What it said.
    pub state: ReportedState,
    /// What it did.
    pub effect: Effect,
    /// Which fields it changed.
    pub changed: FieldSet,
    /// How the attempt stood after it; unknown of reports that an older version wrote.
    pub status_after: Option<Status>,
    /// Why the attempt was closed: an operator's own words, or the limit that a silence went over, such as `2h`.
    pub closing_reason: Option<String>,
}

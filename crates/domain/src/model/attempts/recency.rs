//! The order of the attempts of one job in several pipelines of a commit.

use super::super::reports::Authority;
use super::super::status::Status;
use super::{Attempt, Evidence, Order};
use jiff::Timestamp;

/// How late the status of an attempt was reported: of the attempts of one job in several pipelines, the greatest
/// counts.
///
/// It is the time of the reporter, else of receipt, then the arrival, then the severity, so that of two results of
/// one moment the failure counts. An end that the server set is as late as the start that the build system
/// reported: a pipeline that it abandoned does not become the newest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recency {
    at: Timestamp,
    /// The number of the report; 0 as in [`super::Order`].
    arrival: i64,
    severity: u8,
}

impl Recency {
    /// The recency of an attempt with these values.
    pub fn new(status: Status, evidence: &Evidence, created_at: Timestamp) -> Self {
        let started_at = evidence.running.map_or(created_at, |(_, at)| at);
        Self::of(status, (evidence.status, evidence.status_at), started_at)
    }

    /// The recency of a status with this order and time, of an attempt that started then.
    pub(super) fn of(status: Status, (order, at): (Order, Timestamp), started_at: Timestamp) -> Self {
        let (at, arrival) = match order.authority {
            Authority::Reporter => (at, order.arrival),
            Authority::Watchdog | Authority::Operator => (started_at, 0),
        };
        Self { at, arrival, severity: status.severity() }
    }
}

impl Attempt {
    /// How late its status was reported.
    pub fn recency(&self) -> Recency {
        Recency::new(self.status, &self.evidence, self.created_at)
    }

    /// Whether a report said that case does not distinguish its name.
    pub const fn name_ignores_case(&self) -> bool {
        self.evidence.name_ignores_case
    }
}

#[cfg(test)]
mod tests {
    use super::super::Attempt;
    use super::super::tests::{arrival, at, state};
    use super::*;
    use crate::model::reports::ReportedState;
    use Status::*;

    fn recency(reports: &[(ReportedState, i64)]) -> Recency {
        let mut attempt = Attempt::new(&reports[0].0, arrival(reports[0].1));
        for (reported, seq) in &reports[1..] {
            attempt.reduce(reported, arrival(*seq));
        }
        Recency::new(attempt.status, &attempt.evidence, attempt.created_at)
    }

    #[test]
    fn the_status_that_was_reported_last_is_the_most_recent_and_an_end_of_the_server_is_not() {
        let plain = |status| ReportedState { third_build_id: None, ..state(status) };
        let old = recency(&[(plain(Pending), 1), (plain(Failed), 3)]);
        let new = recency(&[(plain(Success), 2)]);
        assert!(old > new);
        // A repeat does not make it later.
        assert_eq!(recency(&[(plain(Success), 2), (plain(Success), 9)]), new);
        let occurred = |status, second| ReportedState { occurred_at: Some(at(second)), ..plain(status) };
        assert!(recency(&[(occurred(Failed, 8), 1)]) > recency(&[(occurred(Success, 7), 2)]));
        // Of one moment, and without an order of arrival.
        let with_id = |status| ReportedState { occurred_at: Some(at(8)), ..state(status) };
        assert!(recency(&[(with_id(Failed), 1)]) > recency(&[(with_id(Success), 2)]));
        for authority in [Authority::Watchdog, Authority::Operator] {
            let ended = ReportedState { authority, ..plain(Failed) };
            assert!(recency(&[(plain(Running), 1), (ended.clone(), 3)]) < new, "{authority:?}");
            // A later end of the build system counts.
            assert!(recency(&[(plain(Running), 1), (ended, 3), (plain(Failed), 4)]) > new, "{authority:?}");
        }
    }
}

//! The order of the reports of an attempt.

use super::super::reports::{Arrival, Authority, ReportedState, Rule, Rules, truncate_to_millis};
use super::super::status::Rank;
use jiff::Timestamp;
use std::cmp::Ordering;

/// The position of a report among the reports of its attempt. Compared field by field, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    pub(super) rank: Rank,
    pub(super) authority: Authority,
    /// The time of the reporter; of an end that is ordered by its receipt, the time of receipt, or a later one of an
    /// end that arrived before. In the order of a text always the time of the reporter or of receipt.
    pub(super) occurred_at: Option<Timestamp>,
    /// The number of the report; 0 for a report with `third_build_id`, because those converge in any order of
    /// arrival. In the order of a text always the number.
    pub(super) arrival: i64,
}

impl Order {
    pub(super) fn new(reported: &ReportedState, arrival: Arrival) -> Self {
        let seq = if reported.third_build_id.is_some() { 0 } else { arrival.seq };
        let (rank, authority) = (reported.status.rank(), reported.authority);
        Self { rank, authority, occurred_at: reported.status_time(arrival.received_at), arrival: seq }
    }

    /// The order of the texts of a report. Those of the first rules have no time of receipt, so a newer text
    /// of the same rank replaces them.
    pub(super) fn of_texts(self, reported: &ReportedState, arrival: Arrival) -> Self {
        match reported.rules {
            Rules::First => self,
            Rules::Second | Rules::Third => {
                let at = reported.occurred_at.unwrap_or(truncate_to_millis(arrival.received_at));
                Self { occurred_at: Some(at), arrival: arrival.seq, ..self }
            }
        }
    }

    /// The order with a time that is not before that of `present`, if only the time or the arrival distinguishes them:
    /// clocks of two nodes differ, and a clock is set back.
    pub(super) fn not_before(self, present: Self) -> Self {
        match (self.rank, self.authority) == (present.rank, present.authority) {
            true => Self { occurred_at: self.occurred_at.max(present.occurred_at), ..self },
            false => self,
        }
    }

    /// The order without the arrival.
    pub(super) fn without_arrival(self) -> (Rank, Authority, Option<Timestamp>) {
        (self.rank, self.authority, self.occurred_at)
    }

    /// Compares two orders like `Ord` does, and returns the first criterion that differs.
    pub(super) fn compare(self, other: Self) -> Option<(Ordering, Rule)> {
        let time_rule = match (self.occurred_at, other.occurred_at) {
            (Some(_), Some(_)) => Rule::Time,
            _ => Rule::TimePresence,
        };
        [
            (self.rank.cmp(&other.rank), Rule::Rank),
            (self.authority.cmp(&other.authority), Rule::Authority),
            (self.occurred_at.cmp(&other.occurred_at), time_rule),
            (self.arrival.cmp(&other.arrival), Rule::Arrival),
        ]
        .into_iter()
        .find(|(ordering, _)| ordering.is_ne())
    }
}

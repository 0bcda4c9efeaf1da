//! The reducer: the state of one attempt after all its reports.
//!
//! Every field is a register that keeps the greatest value by a total order, or the least or earliest value.
//! Such merges give the same result for the reports in any order, with any repeats, in any batches.
//!
//! Two reports are ordered by rank (pending < running < finished), then by authority, then by the time of the
//! reporter where it gives one, then, only for reports without `third_build_id`, by arrival. If all that is
//! equal, the values themselves decide. An end that the watchdog or an operator reports has a lower authority
//! than an end that the build system reports, so a late end of the build system wins.
//!
//! If an API defines that an end happens when the report is received, the end wins over every end that arrived before:
//! its time is that of receipt, or that of the present end if this is later, so no clock of a node decides. Such ends
//! are in the order of their arrival. A repeat makes the end later only for other ends; what is shown stays. A time of
//! the reporter for the same end is shown instead of that of receipt.
//!
//! The end that is shown is that of the report that won the status: its `finished_at`, else its time.
//!
//! Texts for display (link, description, coverage) of one rank and authority follow the time of the reporter,
//! else the time of receipt, then the arrival: a line of progress moves on with any text.

pub use bytes::read_recency;
pub use order::Order;
pub use recency::Recency;

use super::conclusions::Conclusion;
use super::reports::{Arrival, Authority, FieldSet, Reason, ReportedState, Rule, Rules};
use super::status::{Rank, Status};
use jiff::Timestamp;
use latest_details::LatestDetails;
use registers::{keep_greatest, keep_least, merge, merge_text};
use std::cmp::Ordering;

/// Most `target_url`s that are saved per attempt. No build system uses more.
const URLS_MAX: usize = 64;

/// The order of the report that won each field. The store saves it with the attempt; no API returns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    status: Order,
    /// As [`ReportedState::conclusion`] of the report that won the status.
    conclusion: Option<Conclusion>,
    /// The time of the report that won `status`: of its order, else of receipt.
    status_at: Timestamp,
    /// `status_at` is the time of an end that is ordered by its receipt.
    status_at_receipt: bool,
    fields: FieldOrders,
    /// The reported `started_at`.
    started: Option<(Order, Timestamp)>,
    /// The `finished_at` of the reports that have the status and its order; by older rules, of any report.
    finished: Option<(Order, Timestamp)>,
    /// The earliest report of `running`. Times of the reporter come before times of receipt.
    running: Option<(Clock, Timestamp)>,
    /// The earliest time that any report gives.
    earliest: Option<Timestamp>,
    /// Digests of every reported `target_url`, at most [`URLS_MAX`].
    urls: Vec<u64>,
    /// The details of the reports; `None`: no report had any.
    details: Option<Box<LatestDetails>>,
    /// A report of the attempt said that case does not distinguish names.
    name_ignores_case: bool,
}

/// Declares the fields that a report may omit and that follow the greatest order. The order of the names is the
/// order in the stored evidence: a new field is the last one.
macro_rules! field_orders {
    ($($field:ident),*) => {
        /// The order of the report that won each of these fields.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        struct FieldOrders {
            $($field: Option<Order>),*
        }

        impl FieldOrders {
            const COUNT: usize = [$(stringify!($field)),*].len();

            const fn to_array(self) -> [Option<Order>; Self::COUNT] {
                [$(self.$field),*]
            }

            const fn from_array([$($field),*]: [Option<Order>; Self::COUNT]) -> Self {
                Self { $($field),* }
            }
        }
    };
}

field_orders!(target_url, description, coverage, allow_failure);

/// The clock of a time. The clock of the reporter has precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Clock {
    Reporter,
    Server,
}

/// The state of one attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// The status.
    pub status: Status,
    /// The id of the attempt in the build system.
    pub third_build_id: Option<String>,
    /// The page of the attempt in the build system.
    pub target_url: Option<String>,
    /// One line of text for people.
    pub description: Option<String>,
    /// Test coverage in percent, 0..=100.
    pub coverage: Option<f64>,
    /// A failure does not make the pipeline fail.
    pub allow_failure: bool,
    /// The receipt of the first report, or an earlier time that a report gives.
    pub created_at: Timestamp,
    /// The start, if it is known; never after `finished_at`.
    pub started_at: Option<Timestamp>,
    /// The end; only a finished attempt has it.
    pub finished_at: Option<Timestamp>,
    /// The order of the report that won each field.
    pub evidence: Evidence,
}

impl Attempt {
    /// The attempt after its first report.
    pub fn new(reported: &ReportedState, arrival: Arrival) -> Self {
        let mut attempt = Self {
            status: reported.status,
            third_build_id: reported.third_build_id.clone(),
            target_url: None,
            description: None,
            coverage: None,
            allow_failure: false,
            created_at: arrival.received_at,
            started_at: None,
            finished_at: None,
            evidence: Evidence {
                status: Order::new(reported, arrival),
                conclusion: reported.conclusion,
                status_at: reported.status_time(arrival.received_at).unwrap_or(arrival.received_at),
                status_at_receipt: reported.is_ordered_by_receipt(),
                fields: FieldOrders::default(),
                started: None,
                finished: None,
                running: None,
                earliest: None,
                urls: Vec::new(),
                details: None,
                name_ignores_case: false,
            },
        };
        attempt.reduce(reported, arrival);
        attempt
    }

    /// Applies one more report. Returns why it has its effect, and the fields that it changed.
    pub fn reduce(&mut self, reported: &ReportedState, arrival: Arrival) -> (Reason, FieldSet) {
        let mut order = Order::new(reported, arrival);
        if reported.keeps_status {
            order.rank = self.evidence.status.rank;
        }
        if reported.is_ordered_by_receipt() {
            order = order.not_before(self.evidence.status);
        }
        let mut changed = FieldSet::default();
        let before = (self.result(), self.started_at, self.finished_at, self.created_at);

        let decision = self.reduce_status(reported, order, arrival);
        self.reduce_fields(reported, order, arrival, &mut changed);
        self.reduce_times(reported, order, arrival);
        if let Some(key) = &reported.details {
            let order = order.of_texts(reported, arrival);
            changed.set(FieldSet::DETAILS, self.add_details(key, order));
        }

        changed.set(FieldSet::STATUS, self.result() != before.0);
        changed.set(FieldSet::STARTED_AT, self.started_at != before.1);
        changed.set(FieldSet::FINISHED_AT, self.finished_at != before.2);
        let all_fields = reported.rules != Rules::First;
        changed.set(FieldSet::CREATED_AT, all_fields && self.created_at != before.3);
        let reason = match decision {
            Decision::Late(rule) => Reason::Late(rule),
            _ if changed.is_empty() && all_fields && self.differs(reported) => Reason::Superseded,
            _ if changed.is_empty() => Reason::Repeated,
            Decision::Same => Reason::FieldsUpdated,
            Decision::Won(rule) => Reason::Won(rule),
        };
        (reason, changed)
    }

    /// The reported conclusion, as [`ReportedState::conclusion`].
    pub fn conclusion(&self) -> Option<Conclusion> {
        self.evidence.conclusion
    }

    /// Adds that a report said that case does not distinguish names.
    pub(super) const fn add_name_rule(&mut self) {
        self.evidence.name_ignores_case = true;
    }

    /// The origin of the status.
    pub fn authority(&self) -> Authority {
        self.evidence.status.authority
    }

    fn result(&self) -> (Status, Option<Conclusion>) {
        (self.status, self.evidence.conclusion)
    }

    /// Whether the report has a value other than that of the attempt, the time of its status excepted.
    fn differs(&self, reported: &ReportedState) -> bool {
        fn other<T: PartialEq>(reported: &Option<T>, value: &Option<T>) -> bool {
            reported.is_some() && reported != value
        }
        other(&reported.target_url, &self.target_url)
            || other(&reported.description, &self.description)
            || other(&reported.coverage, &self.coverage)
            || other(&reported.allow_failure, &Some(self.allow_failure))
            || other(&reported.started_at, &self.evidence.started.map(|(_, at)| at))
            || other(&reported.finished_at, &self.evidence.finished.map(|(_, at)| at))
            || reported.details.as_ref().is_some_and(|key| !self.knows_details(key))
    }

    fn reduce_status(&mut self, reported: &ReportedState, order: Order, arrival: Arrival) -> Decision {
        if reported.keeps_status {
            return Decision::Same;
        }
        let current = self.evidence.status;
        if (reported.status, reported.conclusion) == self.result()
            && let Some(decision) = self.reduce_same_status(reported, order)
        {
            return decision;
        }
        let severity = |(status, conclusion): (Status, Option<Conclusion>)| (status.severity(), conclusion);
        let reported_severity = severity((reported.status, reported.conclusion));
        let decide_tie = || match reported.is_ordered_by_receipt() {
            true => (Ordering::Greater, Rule::Arrival),
            false => (reported_severity.cmp(&severity(self.result())), Rule::Severity),
        };
        let (ordering, rule) = order.compare(current).unwrap_or_else(decide_tie);
        if ordering.is_le() {
            return Decision::Late(rule);
        }
        self.status = reported.status;
        self.evidence.status = order;
        self.evidence.conclusion = reported.conclusion;
        self.evidence.status_at = order.occurred_at.unwrap_or(arrival.received_at);
        self.evidence.status_at_receipt = reported.is_ordered_by_receipt();
        if reported.rules >= Rules::Third {
            self.evidence.finished = None;
        }
        Decision::Won(rule)
    }

    /// The decision about a report of the status that the attempt has; `None`: the orders decide.
    fn reduce_same_status(&mut self, reported: &ReportedState, order: Order) -> Option<Decision> {
        let evidence = &mut self.evidence;
        let current = evidence.status;
        // A later arrival alone does not replace the same status: the first report of a status keeps its time.
        if order.without_arrival() == current.without_arrival() {
            if let Some(at) = reported.occurred_at {
                (evidence.status_at, evidence.status_at_receipt) = (at, false);
            }
            return Some(Decision::Same);
        }
        if order.authority != current.authority {
            return None;
        }
        if reported.is_ordered_by_receipt() {
            // A repeat: no end before the last one wins, and the time that is shown stays.
            evidence.status = current.max(order);
            return Some(Decision::Same);
        }
        // The reporter knows better when the end happened; its order stays that of the receipt.
        let at = reported.occurred_at.filter(|_| order < current)?;
        let rule = match evidence.status_at_receipt {
            true => Rule::TimePresence,
            false if at > evidence.status_at => Rule::Time,
            false => return None,
        };
        (evidence.status_at, evidence.status_at_receipt) = (at, false);
        evidence.finished = reported.finished_at.map(|finished| (current, finished));
        Some(Decision::Won(rule))
    }

    fn reduce_fields(
        &mut self,
        reported: &ReportedState,
        order: Order,
        arrival: Arrival,
        changed: &mut FieldSet,
    ) {
        let evidence = &mut self.evidence;
        if let Some(digest) = reported.url_digest()
            && !evidence.urls.contains(&digest)
            && evidence.urls.len() < URLS_MAX
        {
            evidence.urls.push(digest);
            evidence.urls.sort_unstable();
        }
        let orders = &mut evidence.fields;
        let texts = order.of_texts(reported, arrival);
        let rules = reported.rules;
        let url =
            merge_text(rules, &mut orders.target_url, &mut self.target_url, texts, &reported.target_url);
        changed.set(FieldSet::TARGET_URL, url);
        let (held, value) = (&mut orders.description, &mut self.description);
        changed.set(FieldSet::DESCRIPTION, merge_text(rules, held, value, texts, &reported.description));
        let coverage = merge_text(rules, &mut orders.coverage, &mut self.coverage, texts, &reported.coverage);
        changed.set(FieldSet::COVERAGE, coverage);
        // Not a text: the status of the pipeline depends on it, so it converges like a status.
        let mut value = Some(self.allow_failure);
        let allowed = merge(&mut orders.allow_failure, &mut value, order, &reported.allow_failure);
        changed.set(FieldSet::ALLOW_FAILURE, allowed);
        self.allow_failure = value.unwrap_or_default();
    }

    fn reduce_times(&mut self, reported: &ReportedState, order: Order, arrival: Arrival) {
        let evidence = &mut self.evidence;
        // An attempt that has not started has no start.
        let started = reported.started_at.filter(|_| !reported.keeps_status || order.rank > Rank::Pending);
        keep_greatest(&mut evidence.started, started.map(|at| (order, at)));
        let counts = (reported.status, reported.conclusion) == (self.status, evidence.conclusion)
            && order.without_arrival() == evidence.status.without_arrival();
        if counts || reported.rules < Rules::Third {
            keep_greatest(&mut evidence.finished, reported.finished_at.map(|at| (order, at)));
        }
        if reported.status == Status::Running && !reported.keeps_status {
            let received = (Clock::Server, arrival.received_at);
            let running = reported.occurred_at.map_or(received, |at| (Clock::Reporter, at));
            keep_least(&mut evidence.running, Some(running));
        }
        for at in [reported.occurred_at, started, reported.finished_at] {
            keep_least(&mut evidence.earliest, at);
        }
        self.created_at = self.created_at.min(evidence.earliest.unwrap_or(self.created_at));

        let finished = evidence.finished.map_or(evidence.status_at, |(_, at)| at);
        self.finished_at = self.status.is_finished().then_some(finished);
        let started = evidence.started.map(|(_, at)| at).or(evidence.running.map(|(_, at)| at));
        // Two clocks can disagree; the start is never after the end.
        self.started_at = match (started, self.finished_at) {
            (Some(started), Some(finished)) => Some(started.min(finished)),
            _ => started,
        };
    }

    /// Every field except the evidence: its name, and its value as text.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, Option<String>)> {
        [
            ("status", Some(self.status.as_str().to_owned())),
            ("third_build_id", self.third_build_id.clone()),
            ("target_url", self.target_url.clone()),
            ("description", self.description.clone()),
            ("coverage", self.coverage.map(|percent| percent.to_string())),
            ("allow_failure", Some(self.allow_failure.to_string())),
            ("created_at", Some(self.created_at.to_string())),
            ("started_at", self.started_at.map(|at| at.to_string())),
            ("finished_at", self.finished_at.map(|at| at.to_string())),
        ]
        .into_iter()
    }

    /// The earliest time that a report of this attempt gives, if any does.
    pub fn effective_start(&self) -> Option<Timestamp> {
        self.evidence.earliest
    }

    /// True when a report of this attempt had the link with this digest.
    pub fn has_url(&self, digest: u64) -> bool {
        self.evidence.urls.contains(&digest)
    }

    /// True when `reported` occurred before the report that won the status, by the time of the reporter.
    pub fn is_older(&self, reported: &ReportedState) -> bool {
        reported.occurred_at.is_some_and(|at| at < self.evidence.status_at)
    }
}

/// The result of comparing a report with the report that won the status before.
enum Decision {
    /// The report wins by this rule.
    Won(Rule),
    /// The report has the same status and the same order.
    Same,
    /// The report loses by this rule.
    Late(Rule),
}

mod bytes;
mod latest_details;
mod memory;
mod order;
mod recency;
mod registers;

#[cfg(test)]
mod tests;

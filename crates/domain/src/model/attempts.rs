//! The reducer: how one attempt stands after everything that was said of it.
//!
//! Every field is a register that keeps the greatest value by a total order, or a least or earliest value. Such merges give
//! the same result in any order, with any repeats, split in any batches (design, data rule 6). The order of two reports is
//! rank (pending < running < finished), then the reporter's time where it gave one, then, only for reports without
//! `third_build_id`, arrival. What is left equal is decided by the values themselves. An end that the watchdog or an operator
//! gave stands below any end that the build system reports, so a late real end wins over a guessed one.

use super::reports::{Arrival, Authority, Effect, FieldSet, ReportedState};
use super::status::{Rank, Status};
use jiff::Timestamp;

/// Most `target_url`s remembered of one attempt; more are not a build system's doing.
const URLS_MAX: usize = 64;

/// Where a report stands among the reports of its attempt. Compared field by field, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    rank: Rank,
    authority: Authority,
    occurred_at: Option<Timestamp>,
    /// Number of arrival; 0 for reports with `third_build_id`, which converge whatever the order of arrival.
    arrival: i64,
}

impl Order {
    fn new(said: &ReportedState, arrival: Arrival) -> Self {
        let seq = if said.third_build_id.is_some() { 0 } else { arrival.seq };
        let (rank, authority) = (said.status.rank(), said.authority);
        Self { rank, authority, occurred_at: said.occurred_at, arrival: seq }
    }

    /// The order but for arrival.
    fn weight(self) -> (Rank, Authority, Option<Timestamp>) {
        (self.rank, self.authority, self.occurred_at)
    }
}

/// Why the attempt stands as it does: the order in which each field was won. Kept with the attempt, shown to nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    status: Order,
    /// Time of the report that won `status`: the reporter's, else ours.
    status_at: Timestamp,
    target_url: Option<Order>,
    description: Option<Order>,
    coverage: Option<Order>,
    allow_failure: Option<Order>,
    /// Said in so many words.
    started: Option<(Order, Timestamp)>,
    /// Said in so many words.
    finished: Option<(Order, Timestamp)>,
    /// The earliest report of `running`: the reporter's times are believed before ours.
    ran: Option<(Clock, Timestamp)>,
    /// The earliest time any reporter named.
    begun: Option<Timestamp>,
    /// Digests of every `target_url` carried.
    urls: Vec<u64>,
}

/// Whose clock a time was read from; the reporter's goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Clock {
    Reporter,
    Ours,
}

/// How one attempt stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// How it stands.
    pub status: Status,
    /// The build system's own id.
    pub third_build_id: Option<String>,
    /// Where a person sees it in the build system.
    pub target_url: Option<String>,
    /// One line for people.
    pub description: Option<String>,
    /// Percent, 0..=100.
    pub coverage: Option<f64>,
    /// A bad end does not make the pipeline fail.
    pub allow_failure: bool,
    /// When it was first known of: our receipt of the first report, or an earlier time a reporter named.
    pub created_at: Timestamp,
    /// When it began to run, where known; never after `finished_at`.
    pub started_at: Option<Timestamp>,
    /// When it ended; only a finished attempt has it.
    pub finished_at: Option<Timestamp>,
    /// Why it stands so.
    pub evidence: Evidence,
}

impl Attempt {
    /// The attempt after its first report.
    pub fn new(said: &ReportedState, arrival: Arrival) -> Self {
        let order = Order::new(said, arrival);
        let mut attempt = Self {
            status: said.status,
            third_build_id: said.third_build_id.clone(),
            target_url: None,
            description: None,
            coverage: None,
            allow_failure: false,
            created_at: arrival.received_at,
            started_at: None,
            finished_at: None,
            evidence: Evidence {
                status: order,
                status_at: said.occurred_at.unwrap_or(arrival.received_at),
                target_url: None,
                description: None,
                coverage: None,
                allow_failure: None,
                started: None,
                finished: None,
                ran: None,
                begun: None,
                urls: Vec::new(),
            },
        };
        attempt.reduce(said, arrival);
        attempt
    }

    /// Takes one more report in. Says what it did and which fields it changed.
    pub fn reduce(&mut self, said: &ReportedState, arrival: Arrival) -> (Effect, FieldSet) {
        let order = Order::new(said, arrival);
        let mut changed = FieldSet::default();
        let before = (self.status, self.started_at, self.finished_at);

        let standing = self.reduce_status(said, order, arrival);
        self.reduce_fields(said, order, &mut changed);
        self.reduce_times(said, order, arrival);

        changed.set(FieldSet::STATUS, self.status != before.0);
        changed.set(FieldSet::STARTED_AT, self.started_at != before.1);
        changed.set(FieldSet::FINISHED_AT, self.finished_at != before.2);
        let effect = match standing {
            Recency::Late => Effect::Late,
            _ if changed.is_empty() => Effect::Repeated,
            _ => Effect::Changed,
        };
        (effect, changed)
    }

    fn reduce_status(&mut self, said: &ReportedState, order: Order, arrival: Arrival) -> Recency {
        let known = self.evidence.status;
        let same = said.status == self.status;
        // Arrival alone makes nothing new of the same word: the first to say it keeps its time.
        if same && order.weight() == known.weight() {
            return Recency::Same;
        }
        if (order, said.status.severity()) > (known, self.status.severity()) {
            self.status = said.status;
            self.evidence.status = order;
            self.evidence.status_at = said.occurred_at.unwrap_or(arrival.received_at);
            return Recency::Won;
        }
        Recency::Late
    }

    fn reduce_fields(&mut self, said: &ReportedState, order: Order, changed: &mut FieldSet) {
        let evidence = &mut self.evidence;
        if let Some(url) = &said.target_url {
            let digest = digest(url);
            if !evidence.urls.contains(&digest) && evidence.urls.len() < URLS_MAX {
                evidence.urls.push(digest);
                evidence.urls.sort_unstable();
            }
        }
        changed.set(
            FieldSet::TARGET_URL,
            win(&mut evidence.target_url, &mut self.target_url, order, &said.target_url),
        );
        changed.set(
            FieldSet::DESCRIPTION,
            win(&mut evidence.description, &mut self.description, order, &said.description),
        );
        changed
            .set(FieldSet::COVERAGE, win(&mut evidence.coverage, &mut self.coverage, order, &said.coverage));
        let mut allow = Some(self.allow_failure);
        changed.set(
            FieldSet::ALLOW_FAILURE,
            win(&mut evidence.allow_failure, &mut allow, order, &said.allow_failure),
        );
        self.allow_failure = allow.unwrap_or_default();
    }

    fn reduce_times(&mut self, said: &ReportedState, order: Order, arrival: Arrival) {
        let evidence = &mut self.evidence;
        latest(&mut evidence.started, said.started_at.map(|at| (order, at)));
        latest(&mut evidence.finished, said.finished_at.map(|at| (order, at)));
        if said.status == Status::Running {
            let ran = said.occurred_at.map_or((Clock::Ours, arrival.received_at), |at| (Clock::Reporter, at));
            earliest(&mut evidence.ran, Some(ran));
        }
        for at in [said.occurred_at, said.started_at, said.finished_at] {
            earliest(&mut evidence.begun, at);
        }
        self.created_at = self.created_at.min(evidence.begun.unwrap_or(self.created_at));

        let finished = evidence.finished.map_or(evidence.status_at, |(_, at)| at);
        self.finished_at = self.status.is_finished().then_some(finished);
        let started = evidence.started.map(|(_, at)| at).or(evidence.ran.map(|(_, at)| at));
        // Two clocks can disagree; nobody is shown a job that ended before it began.
        self.started_at = match (started, self.finished_at) {
            (Some(started), Some(finished)) => Some(started.min(finished)),
            _ => started,
        };
    }

    /// The earliest time a reporter named for this attempt, where one did.
    pub fn effective_start(&self) -> Option<Timestamp> {
        self.evidence.begun
    }

    /// True when a report of this attempt carried `url` before.
    pub fn has_target_url(&self, url: &str) -> bool {
        self.evidence.urls.contains(&digest(url))
    }

    /// True when `said` happened before what made the attempt stand as it does, by the reporter's own time.
    pub fn is_older(&self, said: &ReportedState) -> bool {
        said.occurred_at.is_some_and(|at| at < self.evidence.status_at)
    }
}

enum Recency {
    Won,
    Same,
    Late,
}

/// Gives the register the value said, when that is greater by order and then by value. True when the value changed.
fn win<T: PartialOrd + Clone>(
    held: &mut Option<Order>,
    value: &mut Option<T>,
    order: Order,
    said: &Option<T>,
) -> bool {
    if said.is_none() {
        return false;
    }
    if *value == *said && held.is_some_and(|h| h.weight() >= order.weight()) {
        return false;
    }
    let wins = held.is_none_or(|h| (order, said) > (h, &*value));
    if !wins {
        return false;
    }
    *held = Some(order);
    let changed = *value != *said;
    value.clone_from(said);
    changed
}

fn latest<T: PartialOrd>(held: &mut Option<T>, said: Option<T>) {
    if said.is_some() && said > *held {
        *held = said;
    }
}

fn earliest<T: PartialOrd>(held: &mut Option<T>, said: Option<T>) {
    if said.is_some() && (held.is_none() || said < *held) {
        *held = said;
    }
}

/// FNV-1a, 64 bits: small, the same on every machine and in every release, and nothing secret depends on it.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

mod bytes;

#[cfg(test)]
mod tests;

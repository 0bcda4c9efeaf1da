//! The shares of webhooks, and of destinations, in the concurrent attempts of the senders, so that slow receivers of
//! one repository do not delay the deliveries of others.

use crate::model::destinations::Destination;
use crate::model::ids::RepositoryId;
use crate::model::webhooks::{Webhook, urls};
use std::collections::HashMap;

/// Most concurrent attempts of one server.
pub const ATTEMPTS_MAX: u32 = 128;

/// Most attempts in progress. The limits by webhook, repository and receiver count those of all servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimLimits {
    /// The free slots of the server that claims.
    pub free: u32,
    /// Of `free`, the slots only for repositories without an attempt in progress.
    pub reserved: u32,
    /// Attempts of one webhook; a failing webhook has at most one.
    pub of_webhook: u32,
    /// Attempts of one repository.
    pub of_repository: u32,
    /// Attempts at one receiver: a host and port.
    pub of_receiver: u32,
    /// Attempts of one repository at one receiver.
    pub of_repository_at_receiver: u32,
    /// Attempts of all failing webhooks.
    pub of_failing: u32,
}

impl ClaimLimits {
    /// The limits of a server with so many attempts in progress.
    pub fn of_server(in_progress: u32) -> Self {
        Self {
            free: ATTEMPTS_MAX.saturating_sub(in_progress),
            reserved: 32,
            of_webhook: 8,
            of_repository: 32,
            of_receiver: 32,
            of_repository_at_receiver: 24,
            of_failing: 64,
        }
    }
}

/// The owner of slots.
pub trait Recipient {
    /// The repository.
    fn repository(&self) -> RepositoryId;
    /// The URL whose host and port receive the requests.
    fn url(&self) -> &str;
    /// Whether the last attempts failed.
    fn is_failing(&self) -> bool;
    /// Whether no attempts start.
    fn is_disabled(&self) -> bool;
}

impl Recipient for Webhook {
    fn repository(&self) -> RepositoryId {
        self.repository_id
    }

    fn url(&self) -> &str {
        &self.url
    }

    fn is_failing(&self) -> bool {
        self.failing_since.is_some()
    }

    fn is_disabled(&self) -> bool {
        self.disabled.is_some()
    }
}

impl Recipient for Destination {
    fn repository(&self) -> RepositoryId {
        self.repository_id
    }

    fn url(&self) -> &str {
        &self.url
    }

    fn is_failing(&self) -> bool {
        self.failing_since.is_some()
    }

    fn is_disabled(&self) -> bool {
        !self.enabled
    }
}

/// A webhook or destination that may get slots.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate<R = Webhook> {
    /// The webhook or destination.
    pub recipient: R,
    /// The path of its repository.
    pub path: String,
    /// Its due deliveries or states; more than [`ClaimLimits::of_webhook`] need not be counted.
    pub due: u32,
    /// Its attempts in progress.
    pub in_progress: u32,
}

/// Counts attempts in progress, with one index for each key.
struct Counts<K> {
    positions: HashMap<K, usize>,
    counts: Vec<u32>,
}

impl<K: std::hash::Hash + Eq> Counts<K> {
    fn new() -> Self {
        Self { positions: HashMap::new(), counts: Vec::new() }
    }

    fn add(&mut self, key: K, in_progress: u32) -> usize {
        let position = *self.positions.entry(key).or_insert_with(|| {
            self.counts.push(0);
            self.counts.len() - 1
        });
        self.counts[position] += in_progress;
        position
    }
}

/// How many deliveries to claim for each candidate, in their order. The slots go one by one to the repository
/// with the fewest attempts in progress, then to its webhook with the fewest, then to the first candidate.
pub fn share<R: Recipient>(candidates: &[Candidate<R>], limits: ClaimLimits) -> Vec<u32> {
    let (mut repositories, mut receivers, mut pairs) = (Counts::new(), Counts::new(), Counts::new());
    let mut failing = 0;
    let mut positions = Vec::with_capacity(candidates.len());
    for Candidate { recipient, in_progress, .. } in candidates {
        let (repository, receiver) = (recipient.repository(), urls::receiver(recipient.url()));
        positions.push((
            repositories.add(repository, *in_progress),
            receivers.add(receiver.clone(), *in_progress),
            pairs.add((repository, receiver), *in_progress),
        ));
        failing += if recipient.is_failing() { *in_progress } else { 0 };
    }
    let mut shares = vec![0; candidates.len()];
    let mut free = limits.free;
    while free > 0 {
        let eligible = candidates.iter().enumerate().filter_map(|(at, candidate)| {
            let (repository, receiver, pair) = positions[at];
            let is_failing = candidate.recipient.is_failing();
            let of_webhook = candidate.in_progress + shares[at];
            let of_repository = repositories.counts[repository];
            let admitted = shares[at] < candidate.due
                && !candidate.recipient.is_disabled()
                && of_webhook < if is_failing { 1 } else { limits.of_webhook }
                && of_repository < limits.of_repository
                && receivers.counts[receiver] < limits.of_receiver
                && pairs.counts[pair] < limits.of_repository_at_receiver
                && (!is_failing || failing < limits.of_failing)
                && (free > limits.reserved || of_repository == 0);
            admitted.then_some((of_repository, of_webhook, at))
        });
        let Some((.., at)) = eligible.min() else { break };
        let (repository, receiver, pair) = positions[at];
        repositories.counts[repository] += 1;
        receivers.counts[receiver] += 1;
        pairs.counts[pair] += 1;
        failing += u32::from(candidates[at].recipient.is_failing());
        shares[at] += 1;
        free -= 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::WebhookId;
    use crate::model::webhooks::{EventTopics, Secret};
    use jiff::Timestamp;

    fn candidate(id: i32, repository: i32, receiver: &str, due: u32) -> Candidate {
        let webhook = Webhook {
            id: WebhookId::new(id.into()).unwrap(),
            repository_id: RepositoryId::new(repository.into()).unwrap(),
            tag: "0123456789abcdef".into(),
            url: format!("https://{receiver}/{id}"),
            description: None,
            topics: EventTopics::default(),
            secret: Secret::random([1; 32]),
            old_secret: None,
            disabled: None,
            failing_since: None,
            created_at: Timestamp::UNIX_EPOCH,
        };
        Candidate { recipient: webhook, path: "a/b".into(), due, in_progress: 0 }
    }

    /// Twenty webhooks of each repository, each with its own receiver.
    fn webhooks(repositories: std::ops::RangeInclusive<i32>) -> Vec<Candidate> {
        let ids =
            repositories.flat_map(|repository| (0..20).map(move |n| (repository, repository * 100 + n)));
        ids.map(|(repository, id)| candidate(id, repository, &format!("h{id}.example.com"), 100)).collect()
    }

    fn sum(candidates: &[Candidate], shares: &[u32], is: impl Fn(&Webhook) -> bool) -> u32 {
        candidates.iter().zip(shares).filter(|(candidate, _)| is(&candidate.recipient)).map(|(_, n)| n).sum()
    }

    fn of(candidates: &[Candidate], shares: &[u32], repository: i32) -> u32 {
        sum(candidates, shares, |webhook| webhook.repository_id.get() == repository)
    }

    /// Starts the attempts; returns how many there are in all.
    fn start(candidates: &mut [Candidate], shares: &[u32]) -> u32 {
        for (candidate, share) in candidates.iter_mut().zip(shares) {
            candidate.in_progress += share;
        }
        candidates.iter().map(|candidate| candidate.in_progress).sum()
    }

    #[test]
    fn a_repository_has_32_attempts_of_128_and_others_have_slots() {
        let mut all = webhooks(1..=1);
        let shares = share(&all, ClaimLimits::of_server(0));
        assert_eq!(of(&all, &shares, 1), 32);
        let in_progress = start(&mut all, &shares);
        all.push(candidate(9, 2, "other.example.com", 100));
        let shares = share(&all, ClaimLimits::of_server(in_progress));
        assert_eq!((of(&all, &shares, 1), of(&all, &shares, 2)), (0, 8), "eight of one webhook");
    }

    #[test]
    fn the_last_32_slots_are_for_repositories_without_attempts() {
        let mut all = webhooks(1..=4);
        let shares = share(&all, ClaimLimits::of_server(0));
        let each: Vec<u32> = (1..=4).map(|repository| of(&all, &shares, repository)).collect();
        assert_eq!(each, [24, 24, 24, 24], "96 slots in equal parts");
        let in_progress = start(&mut all, &shares);
        assert_eq!(share(&all, ClaimLimits::of_server(in_progress)), vec![0; 80]);
        all.extend((5..=40).map(|repository| candidate(repository, repository, "shared.example.com", 9)));
        let shares = share(&all, ClaimLimits::of_server(in_progress));
        let one_each = (5..=36).all(|repository| of(&all, &shares, repository) == 1);
        assert!(one_each && shares.iter().sum::<u32>() == 32, "{shares:?}");
    }

    #[test]
    fn a_receiver_has_32_attempts_and_24_of_one_repository() {
        let mut all: Vec<_> = (1..=20).map(|id| candidate(id, 1, "ci.example.com", 9)).collect();
        all.push(candidate(21, 1, "CI.example.com:443", 9));
        let shares = share(&all, ClaimLimits::of_server(0));
        assert_eq!(of(&all, &shares, 1), 24);
        let in_progress = start(&mut all, &shares);
        all.extend((31..=34).map(|id| candidate(id, 2, "ci.example.com", 9)));
        all.push(candidate(41, 1, "ci.example.com:8443", 9));
        let shares = share(&all, ClaimLimits::of_server(in_progress));
        assert_eq!((of(&all, &shares, 1), of(&all, &shares, 2)), (8, 8), "another port is another receiver");
    }

    #[test]
    fn failing_webhooks_have_one_attempt_each_and_64_in_all() {
        let mut all = webhooks(1..=10);
        for candidate in &mut all {
            candidate.recipient.failing_since = Some(Timestamp::UNIX_EPOCH);
        }
        let shares = share(&all, ClaimLimits::of_server(0));
        assert_eq!((shares.iter().sum::<u32>(), shares.iter().max()), (64, Some(&1)));
        all.push(candidate(1, 11, "up.example.com", 9));
        let shares = share(&all, ClaimLimits::of_server(0));
        assert_eq!(of(&all, &shares, 11), 8);
    }

    #[test]
    fn attempts_of_disabled_webhooks_count_for_their_repository() {
        let mut all = webhooks(1..=1);
        for candidate in all.iter_mut().take(3) {
            (candidate.recipient.disabled, candidate.in_progress) =
                (Some((Timestamp::UNIX_EPOCH, crate::model::webhooks::DisabledReason::Manual)), 8);
        }
        let shares = share(&all, ClaimLimits::of_server(24));
        assert_eq!((of(&all, &shares, 1), shares[..3].iter().sum::<u32>()), (8, 0));
    }

    #[test]
    fn the_limits_are_those_of_the_documentation() {
        let expected = ClaimLimits {
            free: 128,
            reserved: 32,
            of_webhook: 8,
            of_repository: 32,
            of_receiver: 32,
            of_repository_at_receiver: 24,
            of_failing: 64,
        };
        assert_eq!(ClaimLimits::of_server(0), expected);
        let document = include_str!("../../../../../docs/webhooks.md");
        let document = document.split_whitespace().collect::<Vec<_>>().join(" ");
        for sentence in [
            "A server sends at most 128 requests at the same time.",
            "one repository has at most 32 requests, one receiver (host and port) at most 32, of which 24 of one repository, and all failing webhooks together at most 64.",
            "The last 32 of the 128 slots are reserved for repositories that have no request",
        ] {
            assert!(document.contains(sentence), "{sentence}");
        }
    }
}

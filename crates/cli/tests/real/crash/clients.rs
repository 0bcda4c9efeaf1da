//! Everything that is in progress when the server ends.

use super::deliveries::{Deliveries, messages_of};
use super::events::Follower;
use super::journal::{Counts, Journal};
use super::ledger::Ledger;
use super::removals::Removals;
use super::writers::{self, LoadSettings, Random};
use super::{REPOSITORY, Stopped, create, operations, removals};
use crate::server::Server;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Clients that send operations.
const OPERATORS: u64 = 4;

/// The clients of all cycles beside the writers.
pub struct Clients {
    journal: Journal,
    removals: Removals,
    /// Of the node that is ended.
    followers: Vec<Follower>,
    /// Of the writers' repository, on a node that is not ended.
    elsewhere: Follower,
    deliveries: Vec<Deliveries>,
}

/// Numbers for the summary.
pub struct Summary {
    operations: Counts,
    deleted: usize,
    events: usize,
    messages: usize,
    repeated: usize,
}

impl Clients {
    /// Creates the repositories and webhooks.
    pub fn create(server: &Server) -> Self {
        create(server, operations::REPOSITORY);
        create(server, removals::REPOSITORY);
        Removals::configure(server.address());
        Self {
            journal: Journal::default(),
            removals: Removals::default(),
            followers: vec![
                Follower::new(REPOSITORY),
                Follower::new(operations::REPOSITORY),
                Follower::new(removals::REPOSITORY),
            ],
            elsewhere: Follower::new(REPOSITORY),
            deliveries: vec![
                Deliveries::subscribe(server.address(), REPOSITORY, &["pipeline"]),
                Deliveries::subscribe(server.address(), operations::REPOSITORY, &["pipeline", "job"]),
            ],
        }
    }

    /// Runs all clients and the writers, and ends the first node in the midst of it.
    ///
    /// # Errors
    /// A client got a wrong response, or lost a connection too early.
    ///
    /// # Panics
    /// A writer fails.
    pub fn run(
        &mut self,
        settings: LoadSettings,
        ledger: &Ledger,
        (server, others): (&mut Server, &[Server]),
        writers: u64,
    ) -> Result<(), String> {
        let ending = &AtomicBool::new(false);
        let (address, other) = (server.address(), others.first().map(Server::address));
        let errors = &Mutex::new(Vec::new());
        let record = |client: &str, result: Result<(), Stopped>, ended: bool| match result {
            Ok(()) => {}
            Err(Stopped::Lost(_)) if ended && ending.load(Ordering::SeqCst) => {}
            Err(error) => errors.lock().unwrap().push(format!("{client}: {error}")),
        };
        let (journal, removals) = (&self.journal, &self.removals);
        std::thread::scope(|scope| {
            for operator in 1..=OPERATORS {
                let random = Random::new(settings.seed.rotate_left(operator as u32));
                scope.spawn(move || record("operations", journal.run(address, random, ending), true));
            }
            let random = Random::new(settings.seed.rotate_left(32));
            scope.spawn(move || record("removals", removals.run(address, random, ending), true));
            for follower in &mut self.followers {
                scope.spawn(move || record("events", follower.follow(address, ending), true));
            }
            if let Some(other) = other {
                let follower = &mut self.elsewhere;
                scope.spawn(move || record("events elsewhere", follower.follow(other, ending), false));
            }
            let end = |_: &_| {
                ending.store(true, Ordering::SeqCst);
                Ok(())
            };
            // The clients end with the server, even if this panics.
            writers::run_during_load(settings, ledger, (server, others), writers, end);
        });
        let errors = std::mem::take(&mut *errors.lock().unwrap());
        if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
    }

    /// Checks after the restart what the clients did in the cycle.
    ///
    /// # Errors
    /// The first difference.
    pub fn check_cycle(&mut self, address: SocketAddr) -> Result<(), Stopped> {
        self.journal.check_cycle(address)?;
        self.removals.check_cycle(address)?;
        self.deliveries.iter_mut().try_for_each(Deliveries::take)
    }

    /// Checks at the end what all cycles did, and waits until all webhooks are delivered.
    ///
    /// # Errors
    /// The first difference.
    pub fn check_all(&mut self, address: SocketAddr) -> Result<Summary, Stopped> {
        let operations = self.journal.check_all(address)?;
        let deleted = self.removals.check_cycle(address)?;
        let mut summary = Summary { operations, deleted, events: 0, messages: 0, repeated: 0 };
        self.elsewhere.compare(address, |_| ())?;
        for (index, follower) in self.followers.iter().enumerate() {
            let mut expected = Vec::new();
            let jobs = index == 1;
            summary.events += follower.compare(address, |event| expected.extend(messages_of(event, jobs)))?;
            if let Some(deliveries) = self.deliveries.get_mut(index) {
                let (messages, repeated) = deliveries.complete(&expected)?;
                summary.messages += messages;
                summary.repeated += repeated;
            }
        }
        Ok(summary)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operations, deleted, events, messages, repeated } = self;
        let Counts { acknowledged, unknown, repeated: again, revoked } = operations;
        write!(
            f,
            "{acknowledged} other operations, {unknown} with unknown result, {again} repeated; {revoked} tokens \
             revoked; {deleted} pipelines deleted; {events} events; {messages} webhook messages, {repeated} again"
        )
    }
}

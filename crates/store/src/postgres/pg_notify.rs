//! Notifications between nodes: after a commit with events, a node notifies the others with NOTIFY, on a
//! connection of its own, so that the commit does not wait. Notifications may be lost with a connection, and
//! not every database with PostgreSQL's protocol has them: those who wait for events also poll
//! ([`super::POLL_INTERVAL`]), so a lost notification delays an event by at most that time.

use super::connect;
use super::connection::Connection;
use super::server::Server;
use crate::notifier::Notifier;
use domain::Result;
use domain::model::ids::RepositoryId;
use domain::ports::unavailable;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

const LISTEN: &str = "LISTEN stagepost_events";
const NOTIFY: &str = "SELECT pg_notify('stagepost_events', p) FROM unnest(?1::text[]) AS p";
/// Notifications within this time are sent together.
const BATCH_TIME: Duration = Duration::from_millis(20);
/// The pause before a reconnect.
const RECONNECT_PAUSE: Duration = Duration::from_secs(1);

/// The maximum of waiting notifications; further ones are dropped, because others poll.
const QUEUE_MAX: usize = 1_000;
/// How long sending may take before the connection is replaced.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// The last events of repositories, after a commit.
pub type LastEvents = BTreeMap<RepositoryId, i64>;

/// Sends and receives the notifications of one node.
pub struct PgNotify {
    sender: Sender<LastEvents>,
    task: JoinHandle<()>,
}

impl PgNotify {
    /// Starts the task that sends and receives.
    pub fn start(server: Server, notifier: Arc<Notifier>) -> Self {
        let (sender, queue) = channel(QUEUE_MAX);
        Self { sender, task: tokio::spawn(run(server, notifier, queue)) }
    }

    /// The receiver of the last events of a commit.
    pub fn sender(&self) -> Sender<LastEvents> {
        self.sender.clone()
    }
}

impl Drop for PgNotify {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(server: Server, notifier: Arc<Notifier>, mut queue: Receiver<LastEvents>) {
    loop {
        let notifier = Arc::clone(&notifier);
        let on_notification = move |payload: &str| {
            if let Some((repository, number)) = parse(payload) {
                notifier.notify(repository, number);
            }
        };
        match connect::connect_listening(&server, LISTEN, Some(Box::new(on_notification))).await {
            Ok(connection) => match send_notifications(&connection, &mut queue).await {
                Ok(()) => return,
                Err(error) => tracing::debug!(%error, "the connection for notifications failed"),
            },
            Err(error) => tracing::debug!(%error, "no connection for notifications"),
        }
        // The other nodes find these events by polling.
        while queue.try_recv().is_ok() {}
        tokio::time::sleep(RECONNECT_PAUSE).await;
    }
}

/// Sends notifications until the store is closed.
async fn send_notifications(connection: &Connection, queue: &mut Receiver<LastEvents>) -> Result<()> {
    let mut keepalive = tokio::time::interval(Duration::from_secs(20));
    loop {
        let mut all = tokio::select! {
            last_events = queue.recv() => match last_events {
                Some(last_events) => last_events,
                None => return Ok(()),
            },
            // A broken connection that only receives is detected by sending.
            _ = keepalive.tick() => {
                let sent = tokio::time::timeout(SEND_TIMEOUT, connection.run("SELECT 1")).await;
                sent.map_err(|_| unavailable("PostgreSQL does not respond"))??;
                continue;
            }
        };
        tokio::time::sleep(BATCH_TIME).await;
        while let Ok(last_events) = queue.try_recv() {
            all.extend(last_events);
        }
        let payloads: Vec<String> =
            all.iter().map(|(repository, number)| format!("{repository}:{number}")).collect();
        let sent = tokio::time::timeout(SEND_TIMEOUT, connection.query(NOTIFY, &[&payloads])).await;
        sent.map_err(|_| unavailable("PostgreSQL does not respond"))??;
    }
}

fn parse(payload: &str) -> Option<(RepositoryId, i64)> {
    let (repository, number) = payload.split_once(':')?;
    Some((RepositoryId::parse(repository).ok()?, number.parse().ok()?))
}

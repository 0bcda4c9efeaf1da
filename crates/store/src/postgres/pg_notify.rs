//! Tidings between nodes: whoever commits events tells the others by NOTIFY, apart from the commit, which therefore waits for nobody.
//! Tidings may be lost with a connection, and not every engine that speaks PostgreSQL's protocol has them: whoever waits for events looks
//! for itself as well ([`super::LOOK_EVERY`]).

use super::connect;
use super::connection::Connection;
use super::server::Server;
use crate::notifier::Notifier;
use domain::Result;
use domain::model::ids::RepositoryId;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

const LISTEN: &str = "LISTEN stagepost_events";
const NOTIFY: &str = "SELECT pg_notify('stagepost_events', p) FROM unnest(?1::text[]) AS p";
/// What is told in this time is told together.
const TOGETHER: Duration = Duration::from_millis(20);
/// Pause before a connection is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// The last events of repositories, after a commit.
pub type LastEvents = BTreeMap<RepositoryId, i64>;

/// A node's ear and mouth.
pub struct PgNotify {
    tell: UnboundedSender<LastEvents>,
    task: JoinHandle<()>,
}

impl PgNotify {
    /// Begins to listen and to tell.
    pub fn start(server: Server, wakes: Arc<Notifier>) -> Self {
        let (tell, told) = unbounded_channel();
        Self { tell, task: tokio::spawn(run(server, wakes, told)) }
    }

    /// Where commits are told.
    pub fn sender(&self) -> UnboundedSender<LastEvents> {
        self.tell.clone()
    }
}

impl Drop for PgNotify {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(server: Server, wakes: Arc<Notifier>, mut told: UnboundedReceiver<LastEvents>) {
    loop {
        let woken = Arc::clone(&wakes);
        let heard = move |words: &str| {
            if let Some((repository, number)) = read(words) {
                woken.wake(repository, number);
            }
        };
        match connect::connect_hearing(&server, LISTEN, Some(Box::new(heard))).await {
            Ok(line) => match send_notifications(&line, &mut told).await {
                Ok(()) => return,
                Err(error) => tracing::debug!(%error, "tidings of events are cut off"),
            },
            Err(error) => tracing::debug!(%error, "no tidings of events"),
        }
        // What would have been told meanwhile is found by those who look.
        while told.try_recv().is_ok() {}
        tokio::time::sleep(AGAIN).await;
    }
}

/// Tells until nobody has anything to tell any more.
async fn send_notifications(line: &Connection, told: &mut UnboundedReceiver<LastEvents>) -> Result<()> {
    let mut alive = tokio::time::interval(Duration::from_secs(20));
    loop {
        let mut all = tokio::select! {
            news = told.recv() => match news {
                Some(news) => news,
                None => return Ok(()),
            },
            // A connection that only hears is found broken by speaking.
            _ = alive.tick() => {
                line.run("SELECT 1").await?;
                continue;
            }
        };
        tokio::time::sleep(TOGETHER).await;
        while let Ok(news) = told.try_recv() {
            all.extend(news);
        }
        let words: Vec<String> =
            all.iter().map(|(repository, number)| format!("{repository}:{number}")).collect();
        line.query(NOTIFY, &[&words]).await?;
    }
}

fn read(words: &str) -> Option<(RepositoryId, i64)> {
    let (repository, number) = words.split_once(':')?;
    Some((RepositoryId::parse(repository).ok()?, number.parse().ok()?))
}

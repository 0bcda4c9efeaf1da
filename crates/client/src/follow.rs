//! Following a pipeline: each change of it and of its jobs, until it has ended.
//!
//! It asks for the pipeline as soon as it has another version, and then for its jobs: one request for half a minute while nothing changes,
//! and one for each hundred jobs when something did. Who uses it sees changes, not requests.
//!
//! Must not know: how a change is shown.

use crate::error::Error;
use crate::jobs::Job;
use crate::outage::{Outage, may_pass};
use crate::paging::{Page, Paged};
use crate::pipelines::Pipeline;
use crate::transport::Client;
use futures_core::Stream;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

/// How long the server is to wait for a change.
const WAIT: Duration = Duration::from_secs(25);
/// The pause after an answer that came at once and is no change: the server stops, or is too old to wait.
const AT_ONCE: Duration = Duration::from_secs(1);
/// The longest that the time of a look counts.
const LONGEST: Duration = Duration::from_secs(30);
const EVERY: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(300);

/// What changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// An attempt is new, has another status, or is no longer the newest of its job.
    Job(Job),
    /// The pipeline is seen for the first time, or has another status. The last change is always this one, with an end.
    Pipeline(Pipeline),
}

/// What was told so far.
#[derive(Default)]
struct LastSeen {
    version: Option<i64>,
    status: Option<String>,
    jobs: HashMap<i32, (String, bool)>,
    /// How long the last look took; not counting the time in which the server waited for a change.
    took: Duration,
    /// The last look was answered at once, without a change.
    at_once: bool,
}

/// The changes of a pipeline, from [`Client::follow_pipeline`]. A [`Stream`]; [`Follow::next`] does without a crate for streams.
#[must_use = "nothing is asked until the next change is"]
pub struct Follow {
    client: Client,
    repository: i32,
    pipeline: i32,
    every: Duration,
    patience: Duration,
    outage: Outage,
    /// Where the changes come from, once one was wanted.
    changes: Option<Paged<Change>>,
}

impl std::fmt::Debug for Follow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Follow")
            .field("repository", &self.repository)
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}

impl Follow {
    /// The least time between two looks, 0.2 s by default; longer where a look takes longer. To be said before the first change is taken.
    pub fn every(mut self, every: Duration) -> Self {
        self.every = every;
        self
    }

    /// How long a server may be away before its error is the end; 5 minutes by default. To be said before the first change is taken.
    pub fn outage_limit(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// What is wrong now, while the server is tried again.
    pub fn outage(&self) -> Option<Error> {
        self.outage.error()
    }

    /// The next change; `None` after the pipeline's end. Nothing is lost when this is dropped before it is done.
    ///
    /// # Errors
    /// [`Error`], after which there is nothing more.
    pub async fn next(&mut self) -> Result<Option<Change>, Error> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await.transpose()
    }

    fn asking(&self) -> Paged<Change> {
        let told = Arc::new(Mutex::new(LastSeen::default()));
        let (repository, pipeline, every, patience) =
            (self.repository, self.pipeline, self.every, self.patience);
        Paged::new(
            (self.client.clone(), told, self.outage.clone()),
            |(), ()| true,
            move |(client, told, outage), at: Option<()>, _| async move {
                let mut told = told.lock().await;
                if at.is_some() {
                    // A pipeline of many jobs takes many requests: never more than half of the time goes into looking.
                    let least = if told.at_once { AT_ONCE } else { told.took };
                    sleep(every.max(least)).await;
                }
                let patience = if at.is_some() { patience } else { Duration::ZERO };
                client.look_until((repository, pipeline), &mut told, &outage, patience).await
            },
        )
    }
}

impl Stream for Follow {
    type Item = Result<Change, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let mut changes = this.changes.take().unwrap_or_else(|| this.asking());
        let polled = Pin::new(&mut changes).poll_next(cx);
        this.changes = Some(changes);
        polled
    }
}

impl Client {
    /// Each change of a pipeline and its jobs, once, beginning with how they stand, until the pipeline has ended. Several changes between
    /// two looks are one: the last. A restart or an outage of the server is survived for as long as [`Follow::patience`] says; what is
    /// wrong with the first look, or with the credential, is not.
    ///
    /// ```no_run
    /// # async fn example(client: stagepost_client::Client) -> Result<(), stagepost_client::Error> {
    /// use stagepost_client::follow::Change;
    ///
    /// let mut changes = client.follow_pipeline(2111976239, 6);
    /// while let Some(change) = changes.next().await? {
    ///     match change {
    ///         Change::Job(job) => println!("{} {}", job.name, job.status),
    ///         Change::Pipeline(pipeline) => println!("pipeline {}", pipeline.status),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn follow_pipeline(&self, repository: i32, pipeline: i32) -> Follow {
        Follow {
            client: self.clone(),
            repository,
            pipeline,
            every: EVERY,
            patience: PATIENCE,
            outage: Outage::default(),
            changes: None,
        }
    }

    /// Looks until there is an answer, or no more patience.
    async fn look_until(
        &self,
        (repository, pipeline): (i32, i32),
        told: &mut LastSeen,
        outage: &Outage,
        patience: Duration,
    ) -> Result<Page<Change, ()>, Error> {
        loop {
            // Whether a server is back is to be known before anything changes.
            let wait = outage.error().is_none();
            match self.look((repository, pipeline), wait, told).await {
                Err(error) if may_pass(&error) => outage.pause(error, patience).await?,
                Err(error) => return Err(error),
                Ok(page) => {
                    outage.end();
                    return Ok(page);
                }
            }
        }
    }

    /// What is different from what was told; with `wait`, as soon as something is. Nothing is noted as told until all of it is known.
    async fn look(
        &self,
        (repository, pipeline): (i32, i32),
        wait: bool,
        told: &mut LastSeen,
    ) -> Result<Page<Change, ()>, Error> {
        let asked = Instant::now();
        let seen = match told.version {
            Some(version) if wait => self.changed_pipeline(repository, pipeline, version, WAIT).await?,
            _ => self.pipeline(repository, pipeline).await?,
        };
        told.at_once = wait && told.version == Some(seen.version) && asked.elapsed() < WAIT / 2;
        let looked = Instant::now();
        let mut changes = Vec::new();
        if told.version != Some(seen.version) {
            // After the pipeline: they are at least as new, and what is newer is told with the next look.
            for job in self.all_jobs(repository, pipeline).await? {
                let state = (job.status.clone(), job.newest);
                if told.jobs.get(&job.id) != Some(&state) {
                    told.jobs.insert(job.id, state);
                    changes.push(Change::Job(job));
                }
            }
            told.version = Some(seen.version);
        }
        told.took = looked.elapsed().min(LONGEST);
        let ended = !matches!(seen.status.as_str(), "pending" | "running");
        if told.status.as_ref() != Some(&seen.status) {
            told.status = Some(seen.status.clone());
            changes.push(Change::Pipeline(seen));
        }
        Ok(Page { items: changes, next: (!ended).then_some(()) })
    }
}

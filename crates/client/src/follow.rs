//! Following a pipeline: every change of the pipeline and its jobs until the pipeline has finished.
//!
//! The implementation long-polls the pipeline for a new version and then reads its jobs: one request per 25
//! seconds without a change, and one request per hundred jobs after a change. Behind a proxy that ends long
//! requests the polls become shorter. Callers see changes, not requests.
//!
//! Must not know: how a change is displayed.

use crate::error::Error;
use crate::jobs::Job;
use crate::outage::{DEFAULT_OUTAGE_LIMIT, Outage};
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

/// How long the server may hold a long poll.
const LONG_POLL: Duration = Duration::from_secs(25);
/// The shortest long poll behind a proxy that ends long requests.
const MIN_LONG_POLL: Duration = Duration::from_secs(1);
/// The pause after a long poll that returned early and unchanged: the server is stopping, or does not support
/// it.
const EARLY_RETURN_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause that the duration of a poll causes.
const MAX_POLL_PAUSE: Duration = Duration::from_secs(30);
const DEFAULT_POLL_INTERVAL: Duration = Duration::from_millis(200);

/// A change of a followed pipeline.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// An attempt is new, has another status, or is no longer the newest of its job.
    Job(Job),
    /// The pipeline is new to the caller or has another status. The last change is always this one, with a
    /// final status.
    Pipeline(Pipeline),
}

/// The state that the caller has received.
struct LastState {
    version: Option<i64>,
    status: Option<String>,
    /// Status and `newest` of each attempt, by id.
    jobs: HashMap<i32, (String, bool)>,
    /// How long the last poll took, without the time in which the server waited for a change.
    poll_duration: Duration,
    /// The last long poll returned early and unchanged.
    returned_early: bool,
    /// How long the server may hold the next long poll.
    long_poll: Duration,
}

impl Default for LastState {
    fn default() -> Self {
        Self {
            version: None,
            status: None,
            jobs: HashMap::new(),
            poll_duration: Duration::ZERO,
            returned_early: false,
            long_poll: LONG_POLL,
        }
    }
}

/// The changes of a pipeline, from [`Client::follow_pipeline`]. Use it as a [`Stream`], or call
/// [`PipelineChanges::next`] without another crate.
#[must_use = "no request is sent before the first change is polled"]
pub struct PipelineChanges {
    client: Client,
    repository: i32,
    pipeline: i32,
    poll_interval: Duration,
    outage_limit: Duration,
    outage: Outage,
    /// `None` until the first poll.
    changes: Option<Paged<Change>>,
}

impl std::fmt::Debug for PipelineChanges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PipelineChanges")
            .field("repository", &self.repository)
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}

impl PipelineChanges {
    /// The shortest time between two polls; 0.2 s by default. It is at least as long as the last poll took.
    /// Call it before the first change is polled.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = interval;
        self
    }

    /// How long to retry during an outage before its error ends the stream; 5 minutes by default. Call it
    /// before the first change is polled.
    pub fn outage_limit(mut self, limit: Duration) -> Self {
        self.outage_limit = limit;
        self
    }

    /// The error of the current outage; `None` while the server responds.
    pub fn outage(&self) -> Option<Error> {
        self.outage.error()
    }

    /// The next change; `None` after the pipeline has finished. Cancel safe: a dropped future loses no
    /// change.
    ///
    /// # Errors
    /// [`Error`]; every later call returns `None`.
    pub async fn next(&mut self) -> Result<Option<Change>, Error> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await.transpose()
    }

    fn start(&self) -> Paged<Change> {
        let last = Arc::new(Mutex::new(LastState::default()));
        let pipeline = (self.repository, self.pipeline);
        let (poll_interval, outage_limit) = (self.poll_interval, self.outage_limit);
        Paged::new(
            (self.client.clone(), last, self.outage.clone()),
            |(), ()| true,
            move |(client, last, outage), cursor: Option<()>, _| async move {
                let mut last = last.lock().await;
                let is_first = cursor.is_none();
                if !is_first {
                    // A pipeline with many jobs takes many requests: polling uses at most half of the time.
                    let pause = if last.returned_early { EARLY_RETURN_PAUSE } else { last.poll_duration };
                    sleep(poll_interval.max(pause)).await;
                }
                let outage_limit = if is_first { Duration::ZERO } else { outage_limit };
                client.poll_with_retries(pipeline, &mut last, &outage, outage_limit).await
            },
        )
    }
}

impl Stream for PipelineChanges {
    type Item = Result<Change, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let mut changes = this.changes.take().unwrap_or_else(|| this.start());
        let polled = Pin::new(&mut changes).poll_next(cx);
        this.changes = Some(changes);
        polled
    }
}

impl Client {
    /// The changes of a pipeline and its jobs, each once, starting with their present state, until the
    /// pipeline has finished. Several changes between two polls are merged into the last one. After a restart
    /// or an outage of the server it continues, for as long as [`PipelineChanges::outage_limit`] allows. An
    /// error of the first poll, or a rejected credential, ends it at once.
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
    pub fn follow_pipeline(&self, repository: i32, pipeline: i32) -> PipelineChanges {
        PipelineChanges {
            client: self.clone(),
            repository,
            pipeline,
            poll_interval: DEFAULT_POLL_INTERVAL,
            outage_limit: DEFAULT_OUTAGE_LIMIT,
            outage: Outage::default(),
            changes: None,
        }
    }

    async fn poll_with_retries(
        &self,
        pipeline: (i32, i32),
        last: &mut LastState,
        outage: &Outage,
        outage_limit: Duration,
    ) -> Result<Page<Change, ()>, Error> {
        loop {
            // During an outage the request returns at once, to find out early that the server is back.
            let long_poll = outage.error().is_none();
            match self.poll_pipeline(pipeline, long_poll, last).await {
                Err(error) if error.is_transient() => outage.wait_before_retry(error, outage_limit).await?,
                Err(error) => return Err(error),
                Ok(page) => {
                    outage.end();
                    return Ok(page);
                }
            }
        }
    }

    /// The difference to `last`, which is updated only when all requests have succeeded. With `long_poll` the
    /// server waits for a change.
    async fn poll_pipeline(
        &self,
        (repository, pipeline): (i32, i32),
        long_poll: bool,
        last: &mut LastState,
    ) -> Result<Page<Change, ()>, Error> {
        let asked_at = Instant::now();
        let mut wait = last.long_poll;
        let current = match last.version {
            Some(version) if long_poll => {
                match self.changed_pipeline(repository, pipeline, version, wait).await {
                    // A proxy that ends long requests must not look like an outage: ask again without a wait,
                    // and wait for less from now on.
                    Err(error) if error.is_transient() => {
                        let current = self.pipeline(repository, pipeline).await.map_err(|_| error)?;
                        last.long_poll = (wait / 2).max(MIN_LONG_POLL);
                        wait = Duration::ZERO;
                        current
                    }
                    result => result?,
                }
            }
            _ => self.pipeline(repository, pipeline).await?,
        };
        let unchanged = last.version == Some(current.version);
        let returned_early = wait.is_zero() || asked_at.elapsed() < wait / 2;
        last.returned_early = long_poll && unchanged && returned_early;
        if long_poll && unchanged && !returned_early {
            last.long_poll = (wait * 2).min(LONG_POLL);
        }
        let poll_start = Instant::now();
        let mut changes = Vec::new();
        if !unchanged {
            // Read after the pipeline, so the jobs are at least as new. Newer changes are found by the next
            // poll.
            for job in self.all_jobs(repository, pipeline).await? {
                let state = (job.status.clone(), job.newest);
                if last.jobs.get(&job.id) != Some(&state) {
                    last.jobs.insert(job.id, state);
                    changes.push(Change::Job(job));
                }
            }
            last.version = Some(current.version);
        }
        last.poll_duration = poll_start.elapsed().min(MAX_POLL_PAUSE);
        let finished = !matches!(current.status.as_str(), "pending" | "running");
        if last.status.as_ref() != Some(&current.status) {
            last.status = Some(current.status.clone());
            changes.push(Change::Pipeline(current));
        }
        Ok(Page { items: changes, next: (!finished).then_some(()) })
    }
}

//! Following a pipeline: each change of it and of its jobs, until it has ended.
//!
//! Today this asks at an interval: one request a round while nothing changes, and one for each hundred jobs when something did. Who
//! uses it sees changes, not rounds, so that a stream of events can take the place of the asking.
//!
//! Must not know: how a change is shown.

use crate::error::{Error, Kind};
use crate::jobs::Job;
use crate::paging::{Page, Paged};
use crate::pipelines::Pipeline;
use crate::transport::{Client, random_fraction};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

/// The pause before the second try of a round that failed; it doubles with each one more.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How a pipeline is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Following {
    /// How long to wait between two looks; 2 s by default.
    pub every: Duration,
    /// How long a server may be away before following it ends with the error; 5 minutes by default.
    pub patience: Duration,
}

impl Default for Following {
    fn default() -> Self {
        Self { every: Duration::from_secs(2), patience: Duration::from_secs(300) }
    }
}

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
struct Told {
    version: Option<i64>,
    status: Option<String>,
    jobs: HashMap<i32, (String, bool)>,
}

impl Client {
    /// Each change of a pipeline and its jobs, once, beginning with how they stand, until the pipeline has ended. Several changes between
    /// two looks are one: the last. A restart or an outage of the server is survived for as long as `how` says; what is wrong with the
    /// first look, or with the credential, is not.
    ///
    /// ```no_run
    /// # async fn example(client: stagepost_client::Client) -> Result<(), stagepost_client::Error> {
    /// use stagepost_client::follow::{Change, Following};
    ///
    /// let mut changes = client.follow_pipeline(2111976239, 6, Following::default());
    /// while let Some(change) = changes.next().await? {
    ///     match change {
    ///         Change::Job(job) => println!("{} {}", job.name, job.status),
    ///         Change::Pipeline(pipeline) => println!("pipeline {}", pipeline.status),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn follow_pipeline(&self, repository: i32, pipeline: i32, how: Following) -> Paged<Change> {
        let (client, told) = (self.clone(), Arc::new(Mutex::new(Told::default())));
        Paged::new(
            |(), ()| true,
            move |at: Option<()>, _| {
                let (client, told) = (client.clone(), Arc::clone(&told));
                async move {
                    let mut told = told.lock().await;
                    if at.is_none() {
                        return client.look(repository, pipeline, &mut told).await;
                    }
                    sleep(how.every).await;
                    client.look_again(repository, pipeline, &mut told, how.patience).await
                }
            },
        )
    }

    /// Looks until there is an answer, or no more patience.
    async fn look_again(
        &self,
        repository: i32,
        pipeline: i32,
        told: &mut Told,
        patience: Duration,
    ) -> Result<Page<Change, ()>, Error> {
        let began = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            match self.look(repository, pipeline, told).await {
                Err(error) if may_pass(&error) && began.elapsed() < patience => {
                    sleep(pause.mul_f64(0.5 + random_fraction() / 2.0)).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                done => return done,
            }
        }
    }

    /// What is different from what was told. Nothing is noted as told until all of it is known.
    async fn look(&self, repository: i32, pipeline: i32, told: &mut Told) -> Result<Page<Change, ()>, Error> {
        let seen = self.pipeline(repository, pipeline).await?;
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
        let ended = !matches!(seen.status.as_str(), "pending" | "running");
        if told.status.as_ref() != Some(&seen.status) {
            told.status = Some(seen.status.clone());
            changes.push(Change::Pipeline(seen));
        }
        Ok(Page { items: changes, next: (!ended).then_some(()) })
    }
}

/// Whether another try may find the server well again.
fn may_pass(error: &Error) -> bool {
    match error.kind {
        Kind::Unreachable => !error.certificate,
        Kind::Overloaded => true,
        _ => error.status.is_some_and(|status| status >= 500),
    }
}

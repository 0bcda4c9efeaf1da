//! Bounds the memory of responses that are made from a whole pipeline: pipelines may have tens of thousands of jobs,
//! and any number of clients may ask for them at the same moment.

use domain::App;
use domain::actions::access::{Granted, Reads};
use domain::actions::{jobs, pipelines};
use domain::error::{Error, Result};
use domain::model::ids::PipelineId;
use domain::model::pipelines::PipelineState;
use std::ops::Deref;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// The jobs that may be in memory at the same time. A job needs about a KiB. A pipeline with more is alone.
const JOBS_MAX: u32 = 50_000;
/// The longest wait for others.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// The whole pipelines that are in memory.
pub struct WholePipelines {
    jobs: Semaphore,
}

/// A pipeline that counts until it is dropped.
pub struct WholePipeline<'a> {
    state: PipelineState,
    _counted: SemaphorePermit<'a>,
}

impl Deref for WholePipeline<'_> {
    type Target = PipelineState;

    fn deref(&self) -> &PipelineState {
        &self.state
    }
}

impl Default for WholePipelines {
    fn default() -> Self {
        Self { jobs: Semaphore::new(JOBS_MAX as usize) }
    }
}

impl WholePipelines {
    /// A pipeline with the newest attempt of each job, when there is memory for it.
    ///
    /// # Errors
    /// [`Error::PipelineNotFound`]; [`Error::Overloaded`] if others take all memory for too long.
    pub async fn read(&self, app: &App, by: &Granted<Reads>, id: PipelineId) -> Result<WholePipeline<'_>> {
        let jobs = pipelines::show(app, by, id).await?.job_count;
        let counted = self.jobs.acquire_many(jobs.min(JOBS_MAX));
        let counted = timeout(WAIT_MAX, counted).await.ok().and_then(std::result::Result::ok);
        let counted = counted.ok_or(Error::Overloaded)?;
        Ok(WholePipeline { state: jobs::latest(app, by, id).await?, _counted: counted })
    }
}

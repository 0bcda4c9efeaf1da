//! Bounds the memory of responses that are made from a whole pipeline, or have large texts: pipelines may have tens of
//! thousands of jobs, and any number of clients may ask for them at the same moment.

use crate::http::shares::Shares;
use domain::App;
use domain::actions::access::{Granted, Reads};
use domain::actions::{as_of, commits, jobs, pipelines};
use domain::error::{Error, Result};
use domain::model::as_of::{AsOf, Moment};
use domain::model::ids::PipelineId;
use domain::model::pipelines::PipelineState;
use domain::ports::{Requester, current_requester};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// The jobs that may be in memory at the same time.
const JOBS_MAX: u32 = 50_000;
/// About the memory that a job needs, in bytes.
const JOB_BYTES: usize = 1024;
/// The part of them that small pipelines have, so that they do not wait for large ones.
const SMALL_JOBS_MAX: u32 = 10_000;
/// The most jobs of a small pipeline.
const SMALL_MAX: u32 = 1_000;
/// Requests that wait for small pipelines, and for large ones; further ones are refused. A large pipeline takes up to
/// a second, so more could not be served in [`WAIT_MAX`].
const SMALL_WAITING: usize = 1_024;
const LARGE_WAITING: usize = 16;
/// The longest wait for others.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// The whole pipelines that are in memory.
pub struct WholePipelines {
    small: Part,
    large: Part,
}

/// Pipelines of similar size.
struct Part {
    jobs_max: u32,
    jobs: Semaphore,
    waiting: Arc<Shares<Requester>>,
}

/// A part of the memory, until it is dropped.
pub struct Turn<'a> {
    _counted: SemaphorePermit<'a>,
}

/// A pipeline that counts until it is dropped.
pub struct WholePipeline<'a> {
    state: PipelineState,
    _turn: Turn<'a>,
}

impl Deref for WholePipeline<'_> {
    type Target = PipelineState;

    fn deref(&self) -> &PipelineState {
        &self.state
    }
}

impl Default for WholePipelines {
    fn default() -> Self {
        Self {
            small: Part::new(SMALL_JOBS_MAX, SMALL_WAITING),
            large: Part::new(JOBS_MAX - SMALL_JOBS_MAX, LARGE_WAITING),
        }
    }
}

impl Part {
    fn new(jobs_max: u32, waiting: usize) -> Self {
        Self { jobs_max, jobs: Semaphore::new(jobs_max as usize), waiting: Shares::new(waiting) }
    }

    /// Takes the memory of this many jobs. A pipeline that is larger than the part takes the whole part.
    async fn take(&self, jobs: u32) -> Result<Turn<'_>> {
        let jobs = jobs.min(self.jobs_max);
        if let Ok(counted) = self.jobs.try_acquire_many(jobs) {
            return Ok(Turn { _counted: counted });
        }
        let _place = self.waiting.take(&[current_requester()]).ok_or(Error::Overloaded)?;
        let counted = timeout(WAIT_MAX, self.jobs.acquire_many(jobs)).await;
        let counted = counted.ok().and_then(std::result::Result::ok).ok_or(Error::Overloaded)?;
        Ok(Turn { _counted: counted })
    }
}

impl WholePipelines {
    /// Memory for a pipeline, as soon as it is free.
    ///
    /// # Errors
    /// [`Error::PipelineNotFound`]; [`Error::Overloaded`] if others take all memory for too long, or if too many
    /// requests of this client wait.
    pub async fn turn(&self, app: &App, by: &Granted<Reads>, id: PipelineId) -> Result<Turn<'_>> {
        self.take(pipelines::show(app, by, id).await?.job_count).await
    }

    /// A pipeline with all attempts, when there is memory for it.
    ///
    /// # Errors
    /// Those of [`Self::turn`].
    pub async fn read(&self, app: &App, by: &Granted<Reads>, id: PipelineId) -> Result<WholePipeline<'_>> {
        let turn = self.turn(app, by, id).await?;
        Ok(WholePipeline { state: jobs::latest(app, by, id).await?, _turn: turn })
    }

    /// A pipeline with all attempts as it was, when there is memory for it.
    ///
    /// # Errors
    /// Those of [`Self::turn`] and [`as_of::pipeline`].
    pub async fn read_past(
        &self,
        app: &App,
        by: &Granted<Reads>,
        id: PipelineId,
        moment: AsOf,
    ) -> Result<(WholePipeline<'_>, Moment)> {
        // The replay has the present state in memory too.
        let jobs = pipelines::show(app, by, id).await?.job_count.saturating_mul(2);
        let turn = self.take(jobs).await?;
        let (state, moment) = as_of::pipeline(app, by, id, moment).await?;
        Ok((WholePipeline { state, _turn: turn }, moment))
    }

    /// Memory for the replay of a commit, by its full id, as soon as it is free.
    ///
    /// # Errors
    /// [`Error::Overloaded`], as [`Self::turn`].
    pub async fn turn_of_past_commit(&self, app: &App, by: &Granted<Reads>, sha: &str) -> Result<Turn<'_>> {
        let found = commits::pipelines_of_commit(app, by, sha, None).await?.items;
        let jobs = found.iter().fold(0_u32, |sum, row| sum.saturating_add(row.pipeline.job_count));
        // The replay has the present state in memory too.
        self.take(jobs.saturating_mul(2)).await
    }

    /// Waits for the memory of a response whose texts have this many bytes. A request takes it once, so
    /// that no two requests wait for each other.
    ///
    /// # Errors
    /// [`Error::Overloaded`], as [`Self::turn`].
    pub async fn turn_of_bytes(&self, bytes: usize) -> Result<Turn<'_>> {
        self.take(u32::try_from(bytes / JOB_BYTES).unwrap_or(u32::MAX)).await
    }

    async fn take(&self, jobs: u32) -> Result<Turn<'_>> {
        let part = if jobs <= SMALL_MAX { &self.small } else { &self.large };
        part.take(jobs).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::model::ids::UserId;
    use domain::ports::as_requester;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};
    use tokio::task::unconstrained;

    type Request<'a> = Pin<Box<dyn Future<Output = Result<Turn<'a>>> + 'a>>;

    fn request(all: &WholePipelines, user: i64, jobs: u32) -> Request<'_> {
        let requester = Requester::User(UserId::new(user).unwrap());
        Box::pin(unconstrained(as_requester(requester, all.take(jobs))))
    }

    /// The state of a request at this moment.
    fn poll<'a>(request: &mut Request<'a>) -> Poll<Result<Turn<'a>>> {
        request.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    #[tokio::test]
    async fn many_requests_of_one_client_for_a_large_pipeline_do_not_delay_others() {
        let all = WholePipelines::default();
        let held = poll(&mut request(&all, 1, 40_000));
        assert!(matches!(held, Poll::Ready(Ok(_))));
        let mut waiting: Vec<_> = (0..100).map(|_| request(&all, 1, 40_000)).collect();
        let refused = waiting
            .iter_mut()
            .filter_map(|request| match poll(request) {
                Poll::Pending => None,
                Poll::Ready(result) => Some(matches!(result, Err(Error::Overloaded))),
            })
            .collect::<Vec<_>>();
        assert_eq!(refused, [true; 92], "8 wait");
        for user in [1, 2] {
            assert!(matches!(poll(&mut request(&all, user, 5)), Poll::Ready(Ok(_))), "a small pipeline");
        }
        let mut other = request(&all, 2, 40_000);
        assert!(poll(&mut other).is_pending(), "another client may wait");
        drop((held, waiting));
        assert!(matches!(poll(&mut other), Poll::Ready(Ok(_))));
    }

    #[tokio::test]
    async fn at_most_50_000_jobs_are_in_memory() {
        let all = WholePipelines::default();
        let take = |jobs: u32| -> Vec<_> {
            let turn = || match poll(&mut request(&all, 1, jobs)) {
                Poll::Ready(turn) => Some(turn.unwrap()),
                Poll::Pending => None,
            };
            std::iter::repeat_with(turn).take(100).flatten().collect()
        };
        let (small, large) = (take(1_000), take(8_000));
        assert_eq!(small.len() * 1_000 + large.len() * 8_000, 50_000);
        assert_eq!((take(1).len(), take(1_001).len(), take(200_000).len()), (0, 0, 0));
        drop(large);
        let largest = take(200_000);
        assert_eq!((largest.len(), take(1_001).len()), (1, 0), "it is alone");
        drop((small, largest));
        assert_eq!((take(1_000).len(), take(40_000).len()), (10, 1));
    }

    #[tokio::test]
    async fn responses_with_large_texts_count_by_their_bytes() {
        let all = WholePipelines::default();
        let first = all.turn_of_bytes(30 << 20).await.unwrap();
        let mut second = Box::pin(unconstrained(all.turn_of_bytes(30 << 20)));
        assert!(second.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert!(all.turn_of_bytes(1 << 10).await.is_ok(), "a small one does not wait");
        drop(first);
        assert!(second.await.is_ok());
    }

    #[test]
    fn the_limits_are_those_of_the_documentation() {
        assert_eq!((JOBS_MAX, SMALL_JOBS_MAX, SMALL_MAX), (50_000, 10_000, 1_000));
        assert_eq!((SMALL_WAITING, LARGE_WAITING), (1_024, 16));
        let document = include_str!("../../../../docs/operating/limits.md");
        for row in [
            "| whole pipelines of up to 1,000 jobs | 10,000 jobs in memory, 1,024 requests waiting | a user may have as many waiting as are free |",
            "| whole pipelines of more jobs | 40,000 jobs in memory, 16 requests waiting | a user may have as many waiting as are free |",
        ] {
            assert!(document.contains(row), "{row}");
        }
    }
}

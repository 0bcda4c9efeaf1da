//! One reader for each followed repository: it reads each event from the store, renders it once, and
//! broadcasts it to all followers. A follower that is too slow reads the missed events from the store itself.

use super::frame::Frame;
use crate::http::budget::{Budget, BudgetLimit};
use crate::http::shares::{Place, Shares};
use domain::App;
use domain::error::{Error, Result};
use domain::model::ids::{PipelineId, RepositoryId, UserId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{OnceCell, broadcast};
use tokio::task::AbortHandle;

/// Events that a follower may be behind the reader before it misses some.
const BUFFERED: usize = 32;
/// Events in one read.
const BATCH: u32 = 100;
/// The pause after a failed read.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// A party that has a share of the followers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Follows {
    By(UserId),
    Of(RepositoryId),
}

/// The running readers. A reader stops with its last follower.
pub struct Hub {
    feeds: Mutex<HashMap<RepositoryId, Weak<Feed>>>,
    followers: Arc<Shares<Follows>>,
    /// The texts of events that some follower has not sent.
    texts: Arc<Budget>,
}

/// Counts followers that were refused.
const REFUSED: &str = "stagepost_event_followers_refused_total";

struct Feed {
    frames: broadcast::Sender<Frame>,
    reader: OnceCell<AbortHandle>,
}

impl Drop for Feed {
    fn drop(&mut self) {
        if let Some(reader) = self.reader.get() {
            reader.abort();
        }
    }
}

/// A subscription to a repository: it receives every event that is committed after its start, or reports that
/// some were missed.
pub struct Subscription {
    frames: broadcast::Receiver<Frame>,
    _feed: Arc<Feed>,
    _place: Place<Follows>,
}

impl Hub {
    /// Followers are streams, and requests that wait for a change: at most `followers_max` at the same time. The
    /// events that they have not sent take at most `bytes` bytes; a follower reads others from the store.
    pub fn new(followers_max: usize, bytes: u64) -> Self {
        metrics::counter!(REFUSED).increment(0);
        let texts = Budget::new("events", BudgetLimit::shared(bytes, 1));
        Self { feeds: Mutex::default(), followers: Shares::new(followers_max), texts }
    }

    /// Subscribes a user to a repository, and starts its reader if there is none.
    ///
    /// # Errors
    /// [`Error::Overloaded`] if the user or the repository has its share of the followers;
    /// [`Error::Unavailable`].
    pub async fn subscribe(&self, app: &App, user: UserId, repository: RepositoryId) -> Result<Subscription> {
        let Some(place) = self.followers.take(&[Follows::By(user), Follows::Of(repository)]) else {
            metrics::counter!(REFUSED).increment(1);
            return Err(Error::Overloaded);
        };
        let feed = self.feed(repository);
        let frames = feed.frames.subscribe();
        let start = async || -> Result<AbortHandle> {
            let last = app.store.events(repository, i64::MAX, 1).await?.last;
            Ok(tokio::spawn(read(
                app.clone(),
                repository,
                last,
                feed.frames.clone(),
                Arc::clone(&self.texts),
            ))
            .abort_handle())
        };
        feed.reader.get_or_try_init(start).await?;
        Ok(Subscription { frames, _feed: feed, _place: place })
    }

    fn feed(&self, repository: RepositoryId) -> Arc<Feed> {
        let mut feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(feed) = feeds.get(&repository).and_then(Weak::upgrade) {
            return feed;
        }
        feeds.retain(|_, feed| feed.strong_count() > 0);
        let feed = Arc::new(Feed { frames: broadcast::Sender::new(BUFFERED), reader: OnceCell::new() });
        feeds.insert(repository, Arc::downgrade(&feed));
        feed
    }
}

impl Subscription {
    /// The next event; `None`: some were missed.
    pub async fn next(&mut self) -> Option<Frame> {
        self.frames.recv().await.ok()
    }

    /// Waits until the pipeline may have changed.
    pub async fn change_of(&mut self, pipeline: PipelineId) {
        while self.next().await.is_some_and(|frame| frame.pipeline != Some(pipeline)) {}
    }

    /// Waits until a pipeline of the commit, or its recorded verdict, may have changed.
    pub async fn change_of_commit(&mut self, sha: &str) {
        while self.next().await.is_some_and(|frame| !frame.sha.eq_ignore_ascii_case(sha)) {}
    }
}

async fn read(
    app: App,
    repository: RepositoryId,
    mut last: i64,
    frames: broadcast::Sender<Frame>,
    texts: Arc<Budget>,
) {
    loop {
        match next(&app, repository, last).await {
            Ok(new) => {
                for mut frame in new {
                    last = frame.number;
                    frame.reserve(&texts);
                    // Without receivers, this reader is about to be stopped.
                    let _ = frames.send(frame);
                }
            }
            Err(error) => {
                tracing::warn!(%repository, %error, "cannot read events; trying again");
                tokio::time::sleep(RETRY_PAUSE).await;
            }
        }
    }
}

async fn next(app: &App, repository: RepositoryId, last: i64) -> Result<Vec<Frame>> {
    app.store.wait_for_event(repository, last).await?;
    app.store.events(repository, last, BATCH).await?.events.iter().map(Frame::of).collect()
}

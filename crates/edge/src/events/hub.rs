//! One reader per repository, however many follow it: each event is read and written as text once, and handed to all.
//! What a slow one misses it reads from the store itself.

use super::frame::Frame;
use domain::App;
use domain::error::Result;
use domain::model::ids::{PipelineId, RepositoryId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{OnceCell, broadcast};
use tokio::task::AbortHandle;

/// Events that a follower may be behind the reader before it has missed some.
const BEHIND: usize = 64;
/// Events read at once.
const AT_ONCE: u32 = 100;
/// The pause after a read that failed.
const PAUSE: Duration = Duration::from_secs(1);

/// The readers at work. Each ends with its last follower.
#[derive(Default)]
pub struct Hub(Mutex<HashMap<RepositoryId, Weak<Feed>>>);

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

/// A place at a repository's reader: every event that is committed from its beginning on comes through it, or was missed.
pub struct Subscription {
    frames: broadcast::Receiver<Frame>,
    _feed: Arc<Feed>,
}

impl Hub {
    /// # Errors
    /// [`domain::Error::Unavailable`].
    pub async fn subscribe(&self, app: &App, repository: RepositoryId) -> Result<Subscription> {
        let feed = self.feed(repository);
        let frames = feed.frames.subscribe();
        let begin = async || -> Result<AbortHandle> {
            let last = app.store.events(repository, i64::MAX, 1).await?.last;
            Ok(tokio::spawn(read(app.clone(), repository, last, feed.frames.clone())).abort_handle())
        };
        feed.reader.get_or_try_init(begin).await?;
        Ok(Subscription { frames, _feed: feed })
    }

    fn feed(&self, repository: RepositoryId) -> Arc<Feed> {
        let mut feeds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(feed) = feeds.get(&repository).and_then(Weak::upgrade) {
            return feed;
        }
        feeds.retain(|_, feed| feed.strong_count() > 0);
        let feed = Arc::new(Feed { frames: broadcast::Sender::new(BEHIND), reader: OnceCell::new() });
        feeds.insert(repository, Arc::downgrade(&feed));
        feed
    }
}

impl Subscription {
    /// The next event; `None`: some were missed.
    pub async fn next(&mut self) -> Option<Frame> {
        self.frames.recv().await.ok()
    }

    /// Returns once the pipeline may have changed.
    pub async fn change_of(&mut self, pipeline: PipelineId) {
        while self.next().await.is_some_and(|frame| frame.pipeline != pipeline) {}
    }
}

async fn read(app: App, repository: RepositoryId, mut last: i64, frames: broadcast::Sender<Frame>) {
    loop {
        match next(&app, repository, last).await {
            Ok(new) => {
                for frame in new {
                    last = frame.number;
                    // Nobody listens at this moment: this reader is about to be ended.
                    let _ = frames.send(frame);
                }
            }
            Err(error) => {
                tracing::warn!(%repository, %error, "events cannot be read; trying again");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn next(app: &App, repository: RepositoryId, last: i64) -> Result<Vec<Frame>> {
    app.store.wait_for_event(repository, last).await?;
    app.store.events(repository, last, AT_ONCE).await?.events.iter().map(Frame::of).collect()
}

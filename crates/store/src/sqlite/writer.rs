//! The one writer: it takes what waits, runs it in one transaction, syncs once, then answers all (design, data rule 9).

use super::connect::Lock;
use super::desk::Desk;
use super::{Marks, Options, failed};
use crate::wakes::Wakes;
use domain::ports::unavailable;
use domain::{Error, Result};
use rusqlite::{Connection, ErrorCode};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};

/// Most pieces of work in one commit: bounds how long the first of them waits for its answer.
const GROUP_MAX: usize = 512;

/// A piece of work. It decides before it writes, so that a refusal leaves nothing behind; a failure of the store undoes the
/// whole group.
type Work = Box<dyn FnOnce(&mut Desk) -> Result<Answer> + Send>;
/// Sends the answer, once it is known whether the group was committed.
type Answer = Box<dyn FnOnce(Result<()>) + Send>;

/// Who is told of a commit.
type Told = (Arc<Marks>, Arc<Wakes>);

enum Message {
    Work(Work),
    Close(oneshot::Sender<Result<()>>),
}

pub struct Writer {
    queue: mpsc::Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the writer's thread.
    pub fn start(connection: Connection, lock: Lock, told: Told, options: Options) -> Result<Self> {
        let (queue, waiting) = mpsc::channel(options.queue.max(1));
        let desk = Desk::new(connection);
        let run = move || {
            let _lock = lock;
            work(desk, waiting, &told, &options);
        };
        let thread =
            std::thread::Builder::new().name("stagepost-writer".into()).spawn(run).map_err(unavailable)?;
        Ok(Self { queue, thread: Mutex::new(Some(thread)) })
    }

    /// Runs `write` in the next commit and answers after it is on disk.
    pub async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut Desk) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |desk| {
            let outcome = write(desk);
            match outcome {
                // The store lost its footing: the group is undone, and this error is everybody's answer.
                Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => Err(error),
                // Who went away needs no answer.
                outcome => {
                    Ok(Box::new(move |committed: Result<()>| drop(answer.send(committed.and(outcome))))
                        as Answer)
                }
            }
        });
        self.queue.try_send(Message::Work(work)).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => Error::Overloaded,
            mpsc::error::TrySendError::Closed(_) => unavailable("the store is closed"),
        })?;
        answered.await.unwrap_or_else(|_| Err(unavailable("the write was undone")))
    }

    /// Lets the writer finish what waits, put the log into the file, and end.
    pub async fn close(&self) -> Result<()> {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_err() {
            return Ok(());
        }
        let result = closed.await.unwrap_or_else(|_| Err(unavailable("the writer ended early")));
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // It has nothing left to do but to let go of the lock.
            drop(tokio::task::spawn_blocking(move || thread.join()).await);
        }
        result
    }
}

fn work(mut desk: Desk, mut waiting: mpsc::Receiver<Message>, told: &Told, options: &Options) {
    let groups = metrics::histogram!("stagepost_store_commit_seconds");
    let sizes = metrics::histogram!("stagepost_store_commit_group");
    while let Some(first) = waiting.blocking_recv() {
        let mut group = Vec::new();
        let mut closing = None;
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Work(work) => group.push(work),
                Message::Close(done) => {
                    closing = Some(done);
                    break;
                }
            }
            next = if group.len() < GROUP_MAX { waiting.try_recv().ok() } else { None };
        }
        if !group.is_empty() {
            sizes.record(group.len() as f64);
            let began = Instant::now();
            commit(&mut desk, group, told, options);
            groups.record(began.elapsed().as_secs_f64());
        }
        if let Some(done) = closing {
            let _ = done.send(desk.finish());
            return;
        }
    }
    if let Err(error) = desk.finish() {
        tracing::warn!(%error, "the log could not be put into the database file at the end; the next start does it");
    }
}

/// One group, one transaction, one sync.
fn commit(desk: &mut Desk, group: Vec<Work>, (marks, wakes): &Told, options: &Options) {
    let mut answers = Vec::with_capacity(group.len());
    let prepared = prepare(desk, group, &mut answers);
    let (slots, access) = desk.touched();
    marks.turn(&slots, access);
    let result = prepared.and_then(|()| {
        desk.commit().map_err(|error| {
            if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) {
                // After a failed sync the page cache may lie; only a restart reads what is really there.
                (options.on_fatal)(&format!("the disk failed a commit: {error}"));
            }
            failed(error)
        })
    });
    if let Err(error) = &result {
        metrics::counter!("stagepost_store_commits_failed_total").increment(1);
        tracing::error!(%error, undone = answers.len(), "a group of writes was undone");
        desk.undo();
    }
    marks.turn(&slots, access);
    if result.is_ok() {
        desk.last_events().for_each(|(repository, number)| wakes.wake(repository, number));
        if desk.has_due() {
            wakes.wake_deliveries();
        }
    }
    desk.settled();
    for answer in answers {
        answer(result.clone());
    }
}

fn prepare(desk: &mut Desk, group: Vec<Work>, answers: &mut Vec<Answer>) -> Result<()> {
    desk.begin()?;
    for work in group {
        // A piece that fails drops its own answer, and its caller is told that the write was undone.
        answers.push(work(desk)?);
    }
    desk.flush()
}

//! The one writer of a node: it takes what waits, runs it in one transaction, syncs once, then answers all (design, data rule 9).

use crate::unit_of_work::{Failure, PrefetchHints, UnitOfWork};
use domain::ports::unavailable;
use domain::{Error, Result};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Most pieces of work in one commit: bounds how long the first of them waits for its answer.
const GROUP_MAX: usize = 512;
/// Most reports in one commit, but for a single piece: bounds the memory it takes.
const REPORTS_MAX: usize = 10_000;
/// How often a group is tried that other nodes were in the way of.
const TRIES: u32 = 20;
/// The pause before the third try; each further one is longer by as much.
const PAUSE: Duration = Duration::from_millis(5);

/// A piece of work. It decides before it writes, so that a refusal leaves nothing behind; a failure of the store undoes the
/// whole group. It may be run again then.
struct Work {
    needs: PrefetchHints,
    run: Operation,
    /// Tells the caller that the group was undone.
    undone: Box<dyn FnOnce(Error) + Send>,
}
type Operation = Box<dyn Fn(&mut UnitOfWork) -> Result<SendResult> + Send>;
/// Sends the answer, once the group is committed.
type SendResult = Box<dyn FnOnce() + Send>;

enum Message {
    Work(Work),
    Close(oneshot::Sender<Result<()>>),
}

pub struct Writer {
    queue: mpsc::Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the writer's thread; at most `queue` pieces of work wait for it. `keep` is let go of after it ended.
    pub fn start(unit: UnitOfWork, queue: usize, keep: impl Send + 'static) -> Result<Self> {
        let (queue, waiting) = mpsc::channel(queue.max(1));
        let run = move || {
            let _keep = keep;
            work(unit, waiting);
        };
        let thread =
            std::thread::Builder::new().name("stagepost-writer".into()).spawn(run).map_err(unavailable)?;
        Ok(Self { queue, thread: Mutex::new(Some(thread)) })
    }

    /// Runs `write` in the next commit and answers after it is durable.
    pub async fn write<T: Send + 'static>(
        &self,
        needs: PrefetchHints,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let answer = Arc::new(Mutex::new(Some(answer)));
        let send = |answer: &Mutex<Option<oneshot::Sender<Result<T>>>>, outcome| {
            // Who went away needs no answer.
            if let Some(answer) = answer.lock().unwrap_or_else(PoisonError::into_inner).take() {
                drop(answer.send(outcome));
            }
        };
        let answers = Arc::clone(&answer);
        let run = move |unit: &mut UnitOfWork| match write(unit) {
            // The store lost its footing: the group is undone, and this error is everybody's answer.
            Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => Err(error),
            outcome => {
                let answer = Arc::clone(&answers);
                Ok(Box::new(move || send(&answer, outcome)) as SendResult)
            }
        };
        let undone = move |error| send(&answer, Err(error));
        let work = Work { needs, run: Box::new(run), undone: Box::new(undone) };
        self.queue.try_send(Message::Work(work)).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => Error::Overloaded,
            mpsc::error::TrySendError::Closed(_) => unavailable("the store is closed"),
        })?;
        answered.await.unwrap_or_else(|_| Err(unavailable("the write was undone")))
    }

    /// Lets the writer finish what waits, put everything in place, and end.
    pub async fn close(&self) -> Result<()> {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_err() {
            return Ok(());
        }
        let result = closed.await.unwrap_or_else(|_| Err(unavailable("the writer ended early")));
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // It has nothing left to do but to let go of what it keeps.
            drop(tokio::task::spawn_blocking(move || thread.join()).await);
        }
        result
    }
}

fn work(mut unit: UnitOfWork, mut waiting: mpsc::Receiver<Message>) {
    let groups = metrics::histogram!("stagepost_store_commit_seconds");
    let sizes = metrics::histogram!("stagepost_store_commit_group");
    while let Some(first) = waiting.blocking_recv() {
        let mut group = Vec::new();
        let (mut closing, mut reports) = (None, 0);
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Work(work) => {
                    reports += work.needs.pipelines.len() + work.needs.identities.len();
                    group.push(work);
                }
                Message::Close(done) => {
                    closing = Some(done);
                    break;
                }
            }
            let full = group.len() >= GROUP_MAX || reports >= REPORTS_MAX;
            next = if full { None } else { waiting.try_recv().ok() };
        }
        if !group.is_empty() {
            sizes.record(group.len() as f64);
            let began = Instant::now();
            commit(&mut unit, group);
            groups.record(began.elapsed().as_secs_f64());
        }
        if let Some(done) = closing {
            let _ = done.send(unit.finish());
            return;
        }
    }
    if let Err(error) = unit.finish() {
        tracing::warn!(%error, "the store was not put in place at the end; the next start does it");
    }
}

/// One group, one transaction, one sync.
fn commit(unit: &mut UnitOfWork, group: Vec<Work>) {
    let mut tries = 0;
    loop {
        tries += 1;
        let mut answers = Vec::with_capacity(group.len());
        let error = match prepare(unit, &group, &mut answers).and_then(|()| unit.commit()) {
            Ok(()) => {
                unit.finish_group();
                answers.into_iter().for_each(|answer| answer());
                return;
            }
            Err(error) => error,
        };
        let failure = unit.undo();
        unit.finish_group();
        match failure {
            Failure::InTheWay if tries < TRIES => {
                metrics::counter!("stagepost_store_commits_repeated_total").increment(1);
                tracing::debug!(%error, tries, "another node was in the way; the group is written again");
                std::thread::sleep(PAUSE * (tries - 1).min(20));
            }
            Failure::OneOfThem if group.len() > 1 => {
                tracing::warn!(%error, of = group.len(), "a group was undone for one write; each is written alone");
                return group.into_iter().for_each(|work| commit(unit, vec![work]));
            }
            _ => {
                metrics::counter!("stagepost_store_commits_failed_total").increment(1);
                tracing::error!(%error, undone = group.len(), "a group of writes was undone");
                return group.into_iter().for_each(|work| (work.undone)(error.clone()));
            }
        }
    }
}

fn prepare(unit: &mut UnitOfWork, group: &[Work], answers: &mut Vec<SendResult>) -> Result<()> {
    unit.start_group(group.iter().map(|work| &work.needs))?;
    for work in group {
        answers.push((work.run)(unit)?);
    }
    Ok(())
}

//! The thread that writes generations of the journal to the tables, so that the writer goes on meanwhile.

use crate::unapplied::Unapplied;
use crate::unit_of_work::FrozenRows;
use domain::ports::unavailable;
use domain::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Writes a generation to the tables in one transaction.
pub trait Apply: Send {
    /// # Errors
    /// [`Error::Unavailable`]: the tables are as before.
    fn apply(&mut self, rows: &FrozenRows) -> Result<()>;
}

/// A read that waits until the reports of a generation, and of those before, are in the tables.
pub struct Reader {
    pub generation: u64,
    pub result: oneshot::Sender<Result<()>>,
}

impl Reader {
    /// Sends the result.
    pub fn send(self, result: Result<()>) {
        // Fails if the reader was dropped.
        drop(self.result.send(result));
    }
}

/// The error of reads whose reports cannot be written to the tables.
pub fn not_applied() -> Error {
    unavailable("the last reports could not be applied, so they cannot be read")
}

/// The thread, as the writer uses it.
pub struct Applier {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    unapplied: Arc<Unapplied>,
}

#[derive(Default)]
struct State {
    /// The generation to write.
    work: Option<Arc<FrozenRows>>,
    /// Set when it was tried.
    result: Option<Result<()>>,
    /// A generation that is in the tables, to be freed.
    applied: Option<Arc<FrozenRows>>,
    readers: Vec<Reader>,
    notify: Option<Box<dyn Fn() + Send>>,
    closing: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the work with this result.
    fn end(&self, result: Result<()>) {
        if result.is_ok() {
            // Before any reader looks at the tables.
            self.unapplied.release();
        }
        let mut state = self.lock();
        state.work = None;
        for reader in std::mem::take(&mut state.readers) {
            reader.send(result.clone().map_err(|_| not_applied()));
        }
        state.result = Some(result);
        self.changed.notify_all();
        if let Some(notify) = &state.notify {
            notify();
        }
    }
}

/// Ends the work also after a panic of the thread.
struct EndOfThread<'a>(&'a Shared);

impl Drop for EndOfThread<'_> {
    fn drop(&mut self) {
        self.0.lock().closing = true;
        self.0.end(Err(unavailable("the thread that applies the journal has ended")));
    }
}

impl Applier {
    /// Starts the thread.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn start(apply: impl Apply + 'static, unapplied: Arc<Unapplied>) -> Result<Self> {
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new(), unapplied });
        let of_thread = Arc::clone(&shared);
        let run = move || run(apply, &of_thread);
        let thread =
            std::thread::Builder::new().name("stagepost-applier".into()).spawn(run).map_err(unavailable)?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// `notify` is called after each try.
    pub fn set_notify(&self, notify: impl Fn() + Send + 'static) {
        self.shared.lock().notify = Some(Box::new(notify));
    }

    /// Starts to write a generation. The one before must have ended.
    pub fn apply(&self, rows: Arc<FrozenRows>) {
        let mut state = self.shared.lock();
        state.result = state.closing.then(|| Err(not_applied()));
        if !state.closing {
            state.work = Some(rows);
        }
        self.shared.changed.notify_all();
    }

    /// Frees the rows of a generation on the thread: that takes longer than a commit.
    pub fn free(&self, rows: Arc<FrozenRows>) {
        let mut state = self.shared.lock();
        if !state.closing {
            state.applied = Some(rows);
            self.shared.changed.notify_all();
        }
    }

    /// Sends the result of the generation that is being written to a reader.
    pub fn add_reader(&self, reader: Reader) {
        let mut state = self.shared.lock();
        match &state.result {
            None => state.readers.push(reader),
            Some(result) => reader.send(result.clone().map_err(|_| not_applied())),
        }
    }

    /// The result of the last generation, once; `None` while it is being written.
    pub fn take_result(&self) -> Option<Result<()>> {
        self.shared.lock().result.take()
    }

    /// Waits for the result of the last generation.
    pub fn wait(&self) -> Result<()> {
        let state = self.shared.lock();
        let wait = |state: &mut State| state.result.is_none();
        let mut state = self.shared.changed.wait_while(state, wait).unwrap_or_else(PoisonError::into_inner);
        state.result.take().unwrap_or_else(|| Err(not_applied()))
    }
}

impl Drop for Applier {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.changed.notify_all();
        // A thread that panicked holds nothing.
        drop(self.thread.take().map(JoinHandle::join));
    }
}

fn run(mut apply: impl Apply, shared: &Shared) {
    let end = EndOfThread(shared);
    loop {
        let wait = |state: &mut State| state.work.is_none() && state.applied.is_none() && !state.closing;
        let mut state =
            shared.changed.wait_while(shared.lock(), wait).unwrap_or_else(PoisonError::into_inner);
        let (work, applied, closing) = (state.work.clone(), state.applied.take(), state.closing);
        drop(state);
        drop(applied);
        match work {
            // A panic leaves the transaction open. The next try fails, and rolls it back.
            Some(rows) => shared.end(
                catch_unwind(AssertUnwindSafe(|| apply.apply(&rows)))
                    .unwrap_or_else(|_| Err(unavailable("the thread that applies the journal panicked"))),
            ),
            None if closing => break,
            None => {}
        }
    }
    drop(end);
}

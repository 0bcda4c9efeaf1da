//! The commit of a group of writes: its tries, and the results of the writes.

use crate::unit_of_work::{Failure, Prefetch, PrefetchHints, Sent, UnitOfWork};
use domain::model::audit::{Entry, Origin};
use domain::ports::{AuditSink, current_origin};
use domain::{Error, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// How often a group is tried that conflicts with other nodes.
const TRIES_MAX: u32 = 20;
/// The pause before the third try; each further pause is longer by this.
const RETRY_PAUSE: Duration = Duration::from_millis(5);

/// A queued write. It decides before it writes, so that a refused one writes nothing. A failure of the store
/// rolls back the whole group, which may then run again.
pub struct Write {
    operation: Box<dyn Operation>,
    /// The runtime of the caller; `None` if it has none.
    runtime: Option<Handle>,
}

impl Write {
    /// A write, and where its result arrives. Should be called in the runtime of the caller.
    pub fn new<T: Send + 'static>(
        hints: PrefetchHints,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> (Self, oneshot::Receiver<Result<T>>) {
        let (caller, receiver) = oneshot::channel();
        let origin = current_origin();
        let operation = Box::new(Queued { hints, write, origin, result: None, entries: Vec::new(), caller });
        (Self { operation, runtime: Handle::try_current().ok() }, receiver)
    }

    /// The rows that it will need.
    fn hints(&self) -> &PrefetchHints {
        self.operation.hints()
    }

    /// Sends an error to the caller. Must be called after the rollback.
    pub fn fail(self, error: Error) {
        self.operation.fail(error);
    }
}

/// The action of a write, and the receiver of its result.
trait Operation: Send {
    /// The rows that the write will need.
    fn hints(&self) -> &PrefetchHints;
    /// Runs the write, and keeps its result.
    ///
    /// # Errors
    /// The transaction failed: the group is to be rolled back.
    fn run(&mut self, unit: &mut UnitOfWork) -> Result<()>;
    /// The entries of the audit log that the write made.
    fn take_entries(&mut self) -> Vec<Entry>;
    /// Sends the result to the caller. Must be called after the commit.
    fn send(self: Box<Self>);
    /// Sends the error to the caller. Must be called after the rollback.
    fn fail(self: Box<Self>, error: Error);
}

struct Queued<T, W> {
    hints: PrefetchHints,
    write: W,
    /// The origin of its changes; `None`: the server itself.
    origin: Option<Arc<Origin>>,
    result: Option<Result<T>>,
    entries: Vec<Entry>,
    caller: oneshot::Sender<Result<T>>,
}

impl<T: Send, W: Fn(&mut UnitOfWork) -> Result<T> + Send> Operation for Queued<T, W> {
    fn hints(&self) -> &PrefetchHints {
        &self.hints
    }

    fn run(&mut self, unit: &mut UnitOfWork) -> Result<()> {
        unit.begin_audit(self.origin.clone());
        self.entries.clear();
        match (self.write)(unit) {
            // The transaction failed: every write of the group gets this error.
            Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => Err(error),
            result => {
                if result.is_ok() {
                    self.entries = unit.write_audit()?;
                }
                self.result = Some(result);
                Ok(())
            }
        }
    }

    fn take_entries(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.entries)
    }

    fn send(self: Box<Self>) {
        if let Some(result) = self.result {
            // Fails if the caller was dropped, which then needs no result.
            drop(self.caller.send(result));
        }
    }

    fn fail(self: Box<Self>, error: Error) {
        drop(self.caller.send(Err(error)));
    }
}

/// A group whose commit was sent.
pub struct SentGroup {
    writes: Vec<Write>,
    commit: Sent,
    /// How often it was tried.
    tries: u32,
    pub started: Instant,
    /// The number of queued writes at which the next group starts before this one has a result.
    pub next: usize,
}

impl SentGroup {
    /// Whether the result of the commit is known.
    pub fn has_result(&mut self) -> bool {
        self.commit.has_result()
    }
}

/// Runs a group and commits it with one sync, retries it where that may help, and sends the results. `apply` also
/// applies the journal. If the commit was only sent, the group is returned. `before` is the group whose commit was sent
/// before.
pub fn commit(
    unit: &mut UnitOfWork,
    group: Vec<Write>,
    apply: bool,
    before: Option<SentGroup>,
) -> Option<SentGroup> {
    if let Err(error) = unit.prepare(group.iter().map(Write::hints), apply) {
        unit.end_group();
        group.into_iter().for_each(|write| write.fail(error.clone()));
        return None;
    }
    commit_again(unit, group, 0, before)
}

/// As [`commit`], after some tries.
fn commit_again(
    unit: &mut UnitOfWork,
    mut writes: Vec<Write>,
    mut tries: u32,
    mut before: Option<SentGroup>,
) -> Option<SentGroup> {
    let started = Instant::now();
    loop {
        tries += 1;
        let error = match commit_group(unit, &mut writes, tries == 1, before.take()) {
            Ok(sent) => {
                unit.end_group();
                let Some(commit) = sent else {
                    send(writes, unit.audit_sink());
                    return None;
                };
                return Some(SentGroup { writes, commit, tries, started, next: usize::MAX });
            }
            Err(error) => error,
        };
        let failure = unit.roll_back();
        unit.end_group();
        writes = after_rollback(unit, writes, tries, (error, failure))?;
    }
}

/// Waits for the result of a commit that was sent, and sends the results of the group, or retries it where that may
/// help. Returns whether it was committed at once; otherwise a group that started meanwhile was rolled back.
pub fn finish(unit: &mut UnitOfWork, sent: SentGroup) -> bool {
    let (mut next, mut at_once) = (Some(sent), true);
    while let Some(SentGroup { writes, commit, tries, started, .. }) = next {
        let result = unit.finish(commit);
        metrics::histogram!("stagepost_store_commit_seconds").record(started.elapsed().as_secs_f64());
        next = match result {
            Ok(()) => {
                send(writes, unit.audit_sink());
                None
            }
            Err(failure) => {
                at_once = false;
                let retried = after_rollback(unit, writes, tries, failure);
                retried.and_then(|writes| commit_again(unit, writes, tries, None))
            }
        };
    }
    at_once
}

/// The result of a group that was rolled back: it is returned if it is to be retried.
fn after_rollback(
    unit: &mut UnitOfWork,
    group: Vec<Write>,
    tries: u32,
    (error, failure): (Error, Failure),
) -> Option<Vec<Write>> {
    match failure {
        Failure::Conflict if tries < TRIES_MAX => {
            metrics::counter!("stagepost_store_commits_repeated_total").increment(1);
            tracing::debug!(%error, tries, "a group of writes conflicted with another node and is retried");
            std::thread::sleep(RETRY_PAUSE * (tries - 1).min(20));
            return Some(group);
        }
        Failure::Rejected if group.len() > 1 => {
            tracing::warn!(%error, of = group.len(), "a group was rolled back because of one write; each write is retried alone");
            for write in group {
                if let Some(sent) = commit(unit, vec![write], false, None) {
                    finish(unit, sent);
                }
            }
        }
        _ => {
            metrics::counter!("stagepost_store_commits_failed_total").increment(1);
            tracing::error!(%error, rolled_back = group.len(), "a group of writes was rolled back");
            group.into_iter().for_each(|write| write.fail(error.clone()));
        }
    }
    None
}

/// Runs the writes of a group, from the cache if that is possible, and commits them. They must not see what the group
/// before wrote unless that is committed, and must not delay its results.
fn commit_group(
    unit: &mut UnitOfWork,
    group: &mut [Write],
    from_cache: bool,
    before: Option<SentGroup>,
) -> Result<Option<Sent>> {
    let needs = Prefetch::of(group.iter().map(Write::hints));
    let Some(mut before) = before else { return run_group(unit, group, &needs, from_cache) };
    // If it fails, it is tried again after the commit before.
    if !unit.start_from_cache(&needs, &mut before.commit).unwrap_or(false) {
        let at_once = finish(unit, before);
        return run_group(unit, group, &needs, from_cache && at_once);
    }
    let mut result = run_writes(unit, group).and_then(|()| unit.add_rows());
    let mut sent = None;
    if result.is_ok() {
        let (commit, committed) = unit.commit_after(before.commit);
        before.commit = commit;
        match committed {
            Ok(committed) => sent = committed,
            Err(error) => result = Err(error),
        }
    }
    if finish(unit, before) {
        return result.map(|()| sent);
    }
    // This group was rolled back with the one before.
    sent.into_iter().for_each(|sent| unit.discard(sent));
    run_group(unit, group, &needs, false)
}

/// Runs the writes of a group and commits them, when no other commit is without a result.
fn run_group(
    unit: &mut UnitOfWork,
    group: &mut [Write],
    needs: &Prefetch,
    from_cache: bool,
) -> Result<Option<Sent>> {
    unit.start_group(needs, from_cache)?;
    run_writes(unit, group)?;
    unit.commit()
}

fn run_writes(unit: &mut UnitOfWork, group: &mut [Write]) -> Result<()> {
    group.iter_mut().try_for_each(|write| write.operation.run(unit))
}

/// Sends the results of a group. To wake a task of another thread costs a system call, so one task of each runtime
/// wakes the others.
fn send(mut group: Vec<Write>, audit_sink: Option<AuditSink>) {
    if let Some(sink) = audit_sink {
        let entries: Vec<Entry> = group.iter_mut().flat_map(|write| write.operation.take_entries()).collect();
        if !entries.is_empty() {
            sink(entries);
        }
    }
    let count = group.len();
    let mut runtimes: Vec<(Handle, Vec<Box<dyn Operation>>)> = Vec::new();
    for Write { operation, runtime } in group {
        let Some(runtime) = runtime else {
            operation.send();
            continue;
        };
        match runtimes.iter_mut().find(|(known, _)| known.id() == runtime.id()) {
            Some((_, operations)) => operations.push(operation),
            None => {
                let mut operations = Vec::with_capacity(count);
                operations.push(operation);
                runtimes.push((runtime, operations));
            }
        }
    }
    for (runtime, operations) in runtimes {
        // A runtime that has ended has dropped the callers too.
        runtime.spawn(async move { operations.into_iter().for_each(|operation| operation.send()) });
    }
}

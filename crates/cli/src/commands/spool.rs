//! Sends the reports of a spool (`--spool`), in order, and `report flush`.
//!
//! One process sends at a time. During an outage it pauses without the lock, so that another one, with another
//! server or credential, can send as well.
//!
//! Must not know: the files of the spool.

use super::job_names::fit;
use super::report_args::{ReportArgs, ReportPlan};
use super::report_sender::{LAST_TRY, timed_out, warn_adjusted};
use crate::connect::repository_id;
use crate::durations;
use crate::exit::{self, Failure};
use crate::messages::Text;
use crate::profiles::is_same_server;
use crate::settings::Context;
use crate::spool::{self, Entry, RunningJob, Spool};
use crate::terminal::{sanitize, warn};
use serde::Serialize;
use stagepost_client::reports::{Receipt, new_idempotency_key};
use stagepost_client::{Client, Error, ErrorKind, retry_and_notify, system_clock_millis};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a process checks whether another one still sends.
const LOCK_POLL: Duration = Duration::from_millis(50);
/// How long a report waits for a repository that the credential cannot see. Another credential may see it.
const HIDDEN_MAX: Duration = Duration::from_secs(7 * 86_400);
/// The code of the server for a repository that does not exist or that the credential cannot see.
const REPOSITORY_NOT_FOUND: &str = "CH.00402000";
/// In effect no limit.
const UNLIMITED: Duration = Duration::from_secs(10 * 365 * 86_400);

/// The spool of a directory, and the server to which its reports are sent.
pub struct SpoolSender<'a> {
    context: &'a Context,
    spool: Spool,
    server: String,
}

/// What happened to the reports of a spool.
#[derive(Debug, Default)]
pub struct Flushed {
    /// Reports that the server accepted.
    pub sent: usize,
    /// Reports that the server refused for good.
    pub refused: usize,
    /// The receipt of the own report.
    pub receipt: Option<Receipt>,
    /// Why the own report was refused.
    pub refusal: Option<Failure>,
    /// Reports for other servers.
    others: usize,
}

impl<'a> SpoolSender<'a> {
    /// Opens the spool of `--spool`, `STAGEPOST_SPOOL` or the configuration; `None` without one. A directory that
    /// cannot be used is a warning: a report is still sent directly.
    ///
    /// # Errors
    /// Wrong settings.
    pub fn open(context: &'a Context, flags: &ReportArgs) -> Result<Option<Self>, Failure> {
        let Some(directory) = directory(context, flags)? else { return Ok(None) };
        let server = context.server()?;
        match Spool::open(&directory) {
            Ok(spool) => Ok(Some(Self { context, spool, server })),
            Err(error) => {
                let path = directory.display();
                warn(&Text::SpoolUnusable.with(&[("path", &path), ("reason", &error)]));
                Ok(None)
            }
        }
    }

    /// The report of a plan, with a new idempotency key.
    pub fn entry(&self, repository: &str, plan: &ReportPlan) -> Entry {
        Entry {
            server: self.server.clone(),
            repository: repository.to_owned(),
            idempotency_key: new_idempotency_key(),
            report: plan.report.clone(),
            claim: plan.claim.clone(),
            has_explicit_build_id: plan.has_explicit_build_id,
        }
    }

    /// Another report of the same job.
    pub fn another(&self, entry: &Entry) -> Entry {
        Entry { idempotency_key: new_idempotency_key(), ..entry.clone() }
    }

    /// As [`Spool::add`].
    pub fn add(&self, entry: &Entry) -> io::Result<PathBuf> {
        self.spool.add(entry)
    }

    /// As [`Spool::begin`].
    pub fn begin(&self, start: &Entry, end: &Entry) -> io::Result<RunningJob> {
        self.spool.begin(start, end)
    }

    /// As [`Spool::abandon`].
    pub fn abandon(&self, job: &RunningJob) {
        self.spool.abandon(job);
    }

    /// As [`Spool::finish`].
    pub fn finish(&self, job: &RunningJob, end: &Entry) -> io::Result<PathBuf> {
        self.spool.finish(job, end)
    }

    /// Sends the reports that wait, in order, and tries again during an outage: for `limit`, or until the future is
    /// dropped. Returns what happened, also to the report with the idempotency key `own`, and why reports remain.
    pub async fn flush(&self, limit: Option<Duration>, own: Option<&str>) -> (Flushed, Option<Failure>) {
        let client = match self.context.client() {
            Ok(client) => client,
            Err(failure) => return (Flushed::default(), Some(failure)),
        };
        let flushed = RefCell::new(Flushed::default());
        let last_error = RefCell::new(None);
        let notify = |error: &Error| {
            if last_error.borrow().is_none() {
                let reason = sanitize(&exit::reason(error));
                warn(&match limit.map(|limit| durations::format(limit.as_secs().cast_signed())) {
                    Some(limit) => Text::RetryingReport.with(&[("reason", &reason), ("limit", &limit)]),
                    None => Text::RetryingReportDuringCommand.with(&[("reason", &reason)]),
                });
            }
            *last_error.borrow_mut() = Some(error.clone());
        };
        let limit = limit.unwrap_or(UNLIMITED);
        let total = if limit.is_zero() { LAST_TRY } else { limit };
        let retries = retry_and_notify(
            limit.saturating_sub(LAST_TRY.min(limit / 4)),
            async || self.send_all(&client, own, &flushed).await,
            notify,
        );
        let result = match tokio::time::timeout(total, retries).await {
            Ok(result) => result,
            Err(_) => Err(last_error.borrow().clone().unwrap_or_else(timed_out)),
        };
        let mut flushed = flushed.take();
        if let (Some(own), None, None) = (own, &flushed.receipt, &flushed.refusal) {
            // Another process may have sent it.
            let reason = self.spool.refusal(own).ok().flatten();
            flushed.refusal = reason.map(Failure::error);
        }
        (flushed, result.err().map(Failure::from))
    }

    /// Sends every report once. After an error that concerns one repository, its other reports wait, so that their
    /// order stays.
    async fn send_all(
        &self,
        client: &Client,
        own: Option<&str>,
        flushed: &RefCell<Flushed>,
    ) -> Result<(), Error> {
        let local = |error: io::Error| Error::local(ErrorKind::Other, error.to_string());
        let _lock = loop {
            match self.spool.try_lock_sending().map_err(local)? {
                Some(lock) => break lock,
                None => tokio::time::sleep(LOCK_POLL).await,
            }
        };
        self.spool.recover().map_err(local)?;
        flushed.borrow_mut().others = 0;
        let (mut repositories, mut skipped, mut last_error) = (BTreeMap::new(), BTreeSet::new(), None);
        for path in self.spool.paths().map_err(local)? {
            let mut entry = match spool::read(&path) {
                Ok(Some(entry)) => entry,
                Ok(None) => continue,
                Err(error) if spool::is_no_report(&error) => {
                    self.refuse(&path, None, &error.to_string(), flushed).map_err(local)?;
                    continue;
                }
                Err(error) => {
                    keep_error(&mut last_error, local(error));
                    continue;
                }
            };
            if !is_same_server(&entry.server, &self.server) {
                flushed.borrow_mut().others += 1;
                continue;
            }
            if skipped.contains(&entry.repository) {
                continue;
            }
            let is_own = own == Some(&entry.idempotency_key);
            match self.send(client, &mut repositories, &path, &mut entry).await {
                Ok(receipt) => {
                    self.spool.remove(&path).map_err(local)?;
                    let mut flushed = flushed.borrow_mut();
                    flushed.sent += 1;
                    if is_own {
                        flushed.receipt = Some(receipt);
                    }
                }
                Err(error) if is_final(&error, spool::waiting_time(&path, system_clock_millis())) => {
                    self.refuse(&path, Some(&entry), &exit::reason(&error), flushed).map_err(local)?;
                    if is_own {
                        flushed.borrow_mut().refusal = Some(error.into());
                    }
                }
                Err(error) if concerns_repository(&error) => {
                    skipped.insert(entry.repository);
                    keep_error(&mut last_error, error);
                }
                Err(error) => return Err(error),
            }
        }
        last_error.map_or(Ok(()), Err)
    }

    async fn send(
        &self,
        client: &Client,
        repositories: &mut BTreeMap<String, i32>,
        path: &Path,
        entry: &mut Entry,
    ) -> Result<Receipt, Error> {
        let id = match repositories.get(&entry.repository) {
            Some(id) => *id,
            None => {
                let id = repository_id(client, &entry.repository).await?;
                repositories.insert(entry.repository.clone(), id);
                id
            }
        };
        let mut report = entry.report.clone();
        if let Some(claim) = &entry.claim {
            claim.apply(client, id, &mut report).await?;
        }
        if !entry.has_explicit_build_id {
            report.third_build_id = report.third_build_id.map(fit);
        }
        let sent = client.report(id, &report, &entry.idempotency_key).await;
        let Err(error) = &sent else { return sent.inspect(warn_adjusted) };
        if !matches!(error.status, Some(400 | 413)) || report.details.is_none() {
            return sent;
        }
        // The status is worth more than its details.
        warn(&Text::DetailsRefused.with(&[("reason", &sanitize(&exit::reason(error)))]));
        (report.details, entry.report.details) = (None, None);
        entry.idempotency_key = new_idempotency_key();
        let kept = self.spool.replace(path, entry);
        kept.map_err(|error| Error::local(ErrorKind::Other, error.to_string()))?;
        client.report(id, &report, &entry.idempotency_key).await.inspect(warn_adjusted)
    }

    fn refuse(
        &self,
        path: &Path,
        entry: Option<&Entry>,
        reason: &str,
        flushed: &RefCell<Flushed>,
    ) -> io::Result<()> {
        let target = self.spool.refuse(path, entry, reason)?;
        let reason = sanitize(reason);
        warn(&Text::ReportRefused.with(&[("path", &target.display()), ("reason", &reason)]));
        flushed.borrow_mut().refused += 1;
        Ok(())
    }
}

/// Whether the server will never accept a report that has waited for this time. A missing credential or permission may
/// be given later, and an error without a code of Stagepost comes from something between.
fn is_final(error: &Error, waited: Duration) -> bool {
    match error.kind {
        _ if is_hidden(error) => waited >= HIDDEN_MAX,
        ErrorKind::NotFound | ErrorKind::Invalid => error.code.is_some() || error.status.is_none(),
        _ => false,
    }
}

/// Whether the repository does not exist, or the credential cannot see it.
fn is_hidden(error: &Error) -> bool {
    let is_of_repository = error.status.is_none() || error.code.as_deref() == Some(REPOSITORY_NOT_FOUND);
    error.kind == ErrorKind::NotFound && is_of_repository
}

/// Whether reports to other repositories may be accepted: another credential may be allowed to report to this one, and
/// one report may be what the server fails at.
fn concerns_repository(error: &Error) -> bool {
    error.kind == ErrorKind::Forbidden || error.status == Some(500) || is_hidden(error)
}

/// Keeps an error for the end of the pass: one that a repetition may solve before others.
fn keep_error(last: &mut Option<Error>, error: Error) {
    if error.is_transient() || !last.as_ref().is_some_and(Error::is_transient) {
        *last = Some(error);
    }
}

fn directory(context: &Context, flags: &ReportArgs) -> Result<Option<PathBuf>, Failure> {
    if let Some(directory) = &flags.spool {
        return Ok(Some(directory.clone()));
    }
    context.settings.require_usable("STAGEPOST_SPOOL")?;
    context.settings.require_trusted("spool")?;
    Ok(context.settings.spool.clone())
}

/// `report flush`: sends what waits.
pub async fn flush(context: &Context, flags: &ReportArgs) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Counts {
        sent: usize,
        waiting: usize,
        refused: usize,
    }
    let directory = directory(context, flags)?.ok_or_else(|| Failure::usage(Text::SpoolMissing))?;
    let limit = flags.retry_for(context.settings.retry_for.as_deref())?;
    let spool = Spool::open(&directory).map_err(|error| Failure::file(&directory, &error))?;
    let sender = SpoolSender { context, spool, server: context.server()? };
    let (flushed, failure) = sender.flush(Some(limit), None).await;
    let waiting = sender.spool.paths().map_err(|error| Failure::file(&directory, &error))?.len();
    let counts = Counts { sent: flushed.sent, waiting, refused: flushed.refused };
    if flushed.others > 0 {
        let path = directory.display();
        warn(&Text::SpoolOtherServers.with(&[("path", &path), ("count", &flushed.others)]));
    }
    let values = vec![
        (Text::ReportsSent, counts.sent.into()),
        (Text::ReportsWaiting, counts.waiting.into()),
        (Text::ReportsRefused, counts.refused.into()),
    ];
    context.output.record(&counts, values)?;
    match failure {
        Some(failure) => Err(failure),
        None if flushed.refused > 0 => Err(Failure::without_message(exit::ERROR)),
        None => Ok(()),
    }
}

/// Prints a warning that the report waits in the spool.
pub fn warn_kept(sender: &SpoolSender<'_>, failure: &Failure) {
    let reason = sanitize(failure.message().unwrap_or_default());
    let path = sender.spool.directory().display();
    warn(&Text::ReportKept.with(&[("path", &path), ("reason", &reason)]));
}

/// Prints a warning that the spool cannot keep the report.
pub fn warn_unusable(sender: &SpoolSender<'_>, error: &io::Error) {
    let path = sender.spool.directory().display();
    warn(&Text::SpoolUnusable.with(&[("path", &path), ("reason", error)]));
}

/// Prints a warning that the spool is not used.
pub fn warn_unused(failure: &Failure) {
    let reason = sanitize(failure.message().unwrap_or_default());
    warn(&Text::SpoolUnused.with(&[("reason", &reason)]));
}

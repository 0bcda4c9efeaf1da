//! Reports the start and the end of the command of `report exec`: directly, or through the spool of `--spool`.
//!
//! Must not know: the command.

use super::report_args::{ReportArgs, ReportPlan};
use super::report_sender::{ReportSender, SendError, warn_not_sent};
use super::spool::{SpoolSender, warn_kept, warn_unusable, warn_unused};
use crate::messages::Text;
use crate::settings::Context;
use crate::spool::{Entry, RunningJob};
use stagepost_client::reports::Report;
use std::time::Duration;

/// Sends the reports of one command.
pub struct JobReporter<'a> {
    direct: ReportSender<'a>,
    /// The spool, and the job in it. `None` without `--spool`, or if the directory cannot be used.
    spooled: Option<SpooledJob<'a>>,
    started: Option<String>,
    description: Option<String>,
}

struct SpooledJob<'a> {
    spool: SpoolSender<'a>,
    job: RunningJob,
    end: Entry,
}

impl<'a> JobReporter<'a> {
    /// Keeps the start in the spool, if there is one, and an end for the case that this process is killed. A spool
    /// that cannot be used, or its settings, are a warning: the command runs in any case.
    pub fn start(
        context: &'a Context,
        flags: &'a ReportArgs,
        plan: ReportPlan,
        started: Option<String>,
    ) -> Self {
        let spooled = SpooledJob::begin(context, flags, &plan, started.clone());
        let description = plan.report.description.clone();
        let direct = ReportSender::new(context, flags.repo.as_deref(), plan);
        Self { direct, spooled, started, description }
    }

    /// Tries to report the start until it succeeds or the future is dropped.
    pub async fn send_start(&mut self) {
        match &self.spooled {
            Some(spooled) => {
                if let (_, Some(failure)) = spooled.spool.flush(None, None).await {
                    warn_kept(&spooled.spool, &failure);
                }
            }
            None => {
                let started = self.started.clone();
                let at_start = |report: &mut Report| report.occurred_at.clone_from(&started);
                warn_about(self.direct.send(None, at_start).await.err());
            }
        }
    }

    /// Reports the end, within `limit`. In a spool it is kept before anything is sent.
    pub async fn send_end(&mut self, limit: Duration, change: impl Fn(&mut Report)) {
        if let Some(SpooledJob { spool, job, mut end }) = self.spooled.take() {
            end.report.description.clone_from(&self.description);
            change(&mut end.report);
            match spool.finish(&job, &end) {
                Ok(_) => {
                    let (flushed, failure) = spool.flush(Some(limit), Some(&end.idempotency_key)).await;
                    if let (None, None, Some(failure)) = (flushed.receipt, flushed.refusal, failure) {
                        warn_kept(&spool, &failure);
                    }
                    return;
                }
                Err(error) => warn_unusable(&spool, &error),
            }
            match self.direct.send(Some(limit), change).await {
                Ok(_) => spool.abandon(&job),
                Err(error) => warn_about(Some(error)),
            }
            return;
        }
        warn_about(self.direct.send(Some(limit), change).await.err());
    }
}

impl<'a> SpooledJob<'a> {
    /// Keeps both reports in the spool; `None` without one.
    fn begin(
        context: &'a Context,
        flags: &ReportArgs,
        plan: &ReportPlan,
        started: Option<String>,
    ) -> Option<Self> {
        let opened = SpoolSender::open(context, flags).and_then(|spool| {
            let Some(spool) = spool else { return Ok(None) };
            let start = spool.entry(context.repository_name(flags.repo.as_deref())?, plan);
            Ok(Some((spool, start)))
        });
        let (spool, mut start) = match opened {
            Ok(opened) => opened?,
            Err(failure) => {
                warn_unused(&failure);
                return None;
            }
        };
        let mut end = spool.another(&start);
        end.report.status = "canceled".to_owned();
        end.report.started_at.clone_from(&started);
        end.report.description = Some(Text::ReporterEnded.to_string());
        start.report.occurred_at = started;
        match spool.begin(&start, &end) {
            Ok(job) => Some(Self { spool, job, end }),
            Err(error) => {
                warn_unusable(&spool, &error);
                None
            }
        }
    }
}

fn warn_about(error: Option<SendError>) {
    match error {
        Some(SendError::ServerDown(failure) | SendError::Rejected(failure)) => warn_not_sent(&failure),
        None => {}
    }
}

//! Sends reports, retries them during an outage, and distinguishes an unreachable server from a rejected report.

use super::job_names::fit;
use super::report_args::ReportPlan;
use crate::connect::repository_id;
use crate::durations;
use crate::exit::{self, Failure};
use crate::messages::Text;
use crate::settings::Context;
use crate::terminal::{sanitize, warn};
use stagepost_client::reports::{Receipt, Report, new_idempotency_key};
use stagepost_client::{Client, Error, ErrorKind, retry_and_notify};
use std::time::Duration;

/// How long a report without retries may take, and the most that is kept for the last try of others.
pub const LAST_TRY: Duration = Duration::from_secs(5);

/// In effect no limit.
const UNLIMITED: Duration = Duration::from_secs(10 * 365 * 86_400);

/// Why a report was not sent.
pub enum SendError {
    /// The server is unreachable or overloaded.
    ServerDown(Failure),
    /// Any other failure, for example a rejected report.
    Rejected(Failure),
}

/// Sends the reports of one job.
pub struct ReportSender<'a> {
    context: &'a Context,
    repo: Option<&'a str>,
    plan: ReportPlan,
    /// The results of the first report: the client, and the repository.
    target: Option<(Client, i32)>,
    /// The last try had details.
    sends_details: bool,
    /// The server refused the details of an earlier try.
    leaves_out_details: bool,
}

impl<'a> ReportSender<'a> {
    /// A sender to the repository `repo`, or to the configured one.
    pub fn new(context: &'a Context, repo: Option<&'a str>, plan: ReportPlan) -> Self {
        Self { context, repo, plan, target: None, sends_details: false, leaves_out_details: false }
    }

    /// Sends the report of the plan after `change` was applied to it. Retries during an outage, and takes `limit` at
    /// most; zero allows one try of 5 seconds. Without a limit it retries until the future is dropped. All tries
    /// have the same content and idempotency key, unless the server refuses the details: then the report is sent
    /// without them.
    pub async fn send(
        &mut self,
        limit: Option<Duration>,
        change: impl Fn(&mut Report),
    ) -> Result<Receipt, SendError> {
        let client = match &self.target {
            Some((client, _)) => client.clone(),
            None => self.context.client().map_err(SendError::Rejected)?,
        };
        let id_or_path = self.context.repository_name(self.repo).map_err(SendError::Rejected)?.to_owned();
        let mut key = new_idempotency_key();
        let mut last_error = None;
        let notify = |error: &Error| {
            if last_error.is_none() {
                let reason = sanitize(&exit::reason(error));
                warn(&match limit.map(|limit| durations::format(limit.as_secs().cast_signed())) {
                    Some(limit) => Text::RetryingReport.with(&[("reason", &reason), ("limit", &limit)]),
                    None => Text::RetryingReportDuringCommand.with(&[("reason", &reason)]),
                });
            }
            last_error = Some(error.clone());
        };
        let call = async || {
            let tried = self.try_once(&client, &id_or_path, &key, &change).await;
            let Err(error) = &tried else { return tried };
            if !matches!(error.status, Some(400 | 413)) || !self.sends_details {
                return tried;
            }
            // The status is worth more than its details.
            warn(&Text::DetailsRefused.with(&[("reason", &sanitize(&exit::reason(error)))]));
            self.leaves_out_details = true;
            key = new_idempotency_key();
            self.try_once(&client, &id_or_path, &key, &change).await
        };
        let limit = limit.unwrap_or(UNLIMITED);
        let total = if limit.is_zero() { LAST_TRY } else { limit };
        // The last try needs some time as well.
        let retries = retry_and_notify(limit.saturating_sub(LAST_TRY.min(limit / 4)), call, notify);
        let result = match tokio::time::timeout(total, retries).await {
            Ok(result) => result,
            Err(_) => Err(last_error.unwrap_or_else(timed_out)),
        };
        result.map_err(|error| match error.kind {
            _ if error.is_transient() => SendError::ServerDown(error.into()),
            ErrorKind::Unreachable => SendError::ServerDown(error.into()),
            _ => SendError::Rejected(error.into()),
        })
    }

    async fn try_once(
        &mut self,
        client: &Client,
        id_or_path: &str,
        key: &str,
        change: &impl Fn(&mut Report),
    ) -> Result<Receipt, Error> {
        let repository = match &self.target {
            Some((_, repository)) => *repository,
            None => {
                let repository = repository_id(client, id_or_path).await?;
                self.target = Some((client.clone(), repository));
                repository
            }
        };
        if let Some(claim) = &self.plan.claim {
            claim.apply(client, repository, &mut self.plan.report).await?;
            self.plan.claim = None;
        }
        let mut report = self.plan.report.clone();
        change(&mut report);
        if !self.plan.has_explicit_build_id {
            report.third_build_id = report.third_build_id.map(fit);
        }
        if self.leaves_out_details {
            report.details = None;
        }
        self.sends_details = report.details.is_some();
        client.report(repository, &report, key).await.inspect(warn_adjusted)
    }
}

/// The error of a report whose time is used up.
pub fn timed_out() -> Error {
    Error::local(ErrorKind::Unreachable, Text::WaitTimedOut.to_string())
}

/// The present time for a report, in UTC with milliseconds.
pub fn now() -> Option<String> {
    let at = jiff::Timestamp::from_millisecond(stagepost_client::system_clock_millis()).ok()?;
    Some(format!("{at:.3}"))
}

/// Prints a warning for each field that the server adjusted.
pub fn warn_adjusted(receipt: &Receipt) {
    for adjustment in &receipt.adjusted {
        let field = sanitize(&adjustment.field);
        let text = match adjustment.change.as_str() {
            "truncated" => Text::ReportFieldTruncated,
            "sanitized" => Text::ReportFieldSanitized,
            "clamped" => Text::ReportFieldClamped,
            _ => Text::ReportFieldDropped,
        };
        warn(&text.with(&[("field", &field)]));
    }
}

/// Prints a warning that the report was not sent.
pub fn warn_not_sent(failure: &Failure) {
    let reason = sanitize(failure.message().unwrap_or_default());
    warn(&Text::ReportNotSent.with(&[("reason", &reason)]));
}

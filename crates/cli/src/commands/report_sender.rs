//! Sends a report and distinguishes an unreachable server from a rejected report.

use crate::exit::Failure;
use crate::messages::Text;
use crate::settings::Context;
use crate::terminal::sanitize;
use stagepost_client::ErrorKind;
use stagepost_client::reports::{Receipt, Report, new_idempotency_key};

/// Why a report was not sent.
pub enum SendError {
    /// The server is unreachable or overloaded.
    ServerDown(Failure),
    /// Any other failure, for example a rejected report.
    Rejected(Failure),
}

/// Sends a report.
pub async fn send(context: &Context, repo: Option<&str>, report: &Report) -> Result<Receipt, SendError> {
    let client = context.client().map_err(SendError::Rejected)?;
    let repository = match context.repository(&client, repo).await {
        Ok(id) => id,
        Err(failure) => {
            // The lookup of a path also fails while the server is down.
            let down = client.livez().await.is_err();
            return Err(if down { SendError::ServerDown(failure) } else { SendError::Rejected(failure) });
        }
    };
    let sent = client.report(repository, report, &new_idempotency_key()).await;
    sent.inspect(warn_adjusted).map_err(|error| match error.kind {
        ErrorKind::Unreachable | ErrorKind::Overloaded => SendError::ServerDown(error.into()),
        _ => SendError::Rejected(error.into()),
    })
}

/// Prints a warning for each field that the server adjusted.
fn warn_adjusted(receipt: &Receipt) {
    for adjustment in &receipt.adjusted {
        let field = sanitize(&adjustment.field);
        let text = match adjustment.change.as_str() {
            "truncated" => Text::ReportFieldTruncated,
            "sanitized" => Text::ReportFieldSanitized,
            "clamped" => Text::ReportFieldClamped,
            _ => Text::ReportFieldDropped,
        };
        let message = text.with(&[("field", &field)]);
        eprintln!("{}", Text::Warning.with(&[("message", &message)]));
    }
}

/// Prints a warning that the report was not sent.
pub fn warn_not_sent(failure: &Failure) {
    let reason = sanitize(failure.message().unwrap_or_default());
    let message = Text::ReportNotSent.with(&[("reason", &reason)]);
    eprintln!("{}", Text::Warning.with(&[("message", &message)]));
}

//! Reports: the status of a job, sent to the server.

use crate::error::{Error, ErrorKind};
use crate::transport::{Client, Request};
use reqwest::Method;
pub use wire::native::details::{Annotation, Details, TestCounts};
pub use wire::native::reports::{Adjustment, Receipt, Report, ReportResult};

/// The error code of an idempotency key that was used with another body.
const KEY_REUSED: &str = "SP.00422";

/// A report with a member that the server ignores. It makes the bodies of two claimants differ.
#[derive(serde::Serialize)]
struct Claim<'a> {
    #[serde(flatten)]
    report: &'a Report,
    claimant: &'a str,
}

/// A random idempotency key. A report repeated with the same key within 72 hours has no further effect.
#[must_use]
pub fn new_idempotency_key() -> String {
    random_hex::<16>()
}

/// The given number of random bytes as hexadecimal digits.
fn random_hex<const BYTES: usize>() -> String {
    let mut bytes = [0_u8; BYTES];
    if getrandom::fill(&mut bytes).is_err() {
        // Without a random source the time is used. The server returns 422 for a collision.
        bytes[..8].copy_from_slice(&crate::clock::system_clock().to_be_bytes());
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Client {
    /// Reports one status. The receipt confirms that the report is stored durably.
    ///
    /// # Errors
    /// [`Error`]; after [`ErrorKind::Unreachable`] and [`ErrorKind::Overloaded`] repeat the call with the
    /// same key.
    pub async fn report(
        &self,
        repository: i32,
        report: &Report,
        idempotency_key: &str,
    ) -> Result<Receipt, Error> {
        self.call(&self.report_request(repository, report, idempotency_key)?).await
    }

    /// Reports at most 1,000 statuses. The results have the same order. A rejected report does not affect the
    /// others.
    ///
    /// # Errors
    /// As [`Client::report`], for the whole batch.
    pub async fn report_batch(
        &self,
        repository: i32,
        reports: &[Report],
        idempotency_key: &str,
    ) -> Result<Vec<ReportResult>, Error> {
        let results: Vec<ReportResult> =
            self.call(&self.report_request(repository, reports, idempotency_key)?).await?;
        if results.len() == reports.len() {
            return Ok(results);
        }
        Err(Error::local(
            ErrorKind::Other,
            format!("invalid response: {} reports, {} results", reports.len(), results.len()),
        ))
    }

    /// Reports one status on behalf of `claimant`, one of several concurrent reporters of which only the first may
    /// use the key. Returns false, without an effect, if another claimant has used it within 72 hours. The same
    /// claimant may call this repeatedly with an equal report.
    ///
    /// # Errors
    /// As [`Client::report`].
    pub async fn claim(
        &self,
        repository: i32,
        report: &Report,
        claimant: &str,
        idempotency_key: &str,
    ) -> Result<bool, Error> {
        let body = Claim { report, claimant };
        match self.call::<Receipt>(&self.report_request(repository, &body, idempotency_key)?).await {
            Ok(_) => Ok(true),
            Err(error) if error.code.as_deref() == Some(KEY_REUSED) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn report_request<B: serde::Serialize + ?Sized>(
        &self,
        repository: i32,
        body: &B,
        key: &str,
    ) -> Result<Request, Error> {
        let url = self.url(&["native", "v1", "repositories", &repository.to_string(), "reports"], &[]);
        let request = Request::json(Method::POST, url, body)?;
        Ok(Request { idempotency_key: Some(key.to_owned()), ..request })
    }
}

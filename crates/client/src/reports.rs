//! Reports: tell the server how a job stands.
//!
//! Must not know: where a report comes from, where it is kept until it is sent.

use crate::error::{Error, Kind};
use crate::transport::{Client, Request};
use reqwest::Method;
pub use wire::native::reports::{Receipt, Report, ReportResult};

/// A random key that makes the repeat of a report harmless, however often and whenever it is sent within 72 hours.
#[must_use]
pub fn new_idempotency_key() -> String {
    random_hex::<16>()
}

/// As many random bytes, in hexadecimal digits.
fn random_hex<const BYTES: usize>() -> String {
    let mut bytes = [0_u8; BYTES];
    if getrandom::fill(&mut bytes).is_err() {
        // A system without randomness: the time alone must do, and a clash is answered with 422, never mixed up.
        bytes[..8].copy_from_slice(&crate::clock::system_clock().to_be_bytes());
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Client {
    /// Reports one status. The receipt means: accepted, and on disk.
    ///
    /// # Errors
    /// [`Error`]; after [`Kind::Unreachable`] and [`Kind::Overloaded`] send it again with the same key.
    pub async fn report(
        &self,
        repository: i32,
        report: &Report,
        idempotency_key: &str,
    ) -> Result<Receipt, Error> {
        self.call(&self.report_request(repository, report, idempotency_key)?).await
    }

    /// Reports several statuses, at most 1,000; answers in their order. One that is refused does not touch the
    /// others.
    ///
    /// # Errors
    /// As [`Client::report`], for the batch as a whole.
    pub async fn report_batch(
        &self,
        repository: i32,
        reports: &[Report],
        idempotency_key: &str,
    ) -> Result<Vec<ReportResult>, Error> {
        let answers: Vec<ReportResult> =
            self.call(&self.report_request(repository, reports, idempotency_key)?).await?;
        if answers.len() == reports.len() {
            return Ok(answers);
        }
        Err(Error::local(
            Kind::Other,
            format!("{} reports were answered with {} answers", reports.len(), answers.len()),
        ))
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

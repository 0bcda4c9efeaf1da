//! Reading and trimming the audit log.

use super::access::{Administrator, Granted, Manages};
use crate::error::Result;
use crate::model::audit::{AuditFilter, AuditPage, Refusal};
use crate::ports::App;
use jiff::SignedDuration;

/// Most entries of one page.
pub const PAGE_MAX: u32 = 200;

/// A page of the log of the installation, newest first.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn list(
    app: &App,
    _by: &Administrator,
    filter: AuditFilter,
    before: Option<i64>,
    limit: u32,
) -> Result<AuditPage> {
    app.store.audit_entries(filter, before, limit).await
}

/// A page of the changes of one repository, newest first.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn of_repository(
    app: &App,
    by: &Granted<Manages>,
    filter: AuditFilter,
    before: Option<i64>,
    limit: u32,
) -> Result<AuditPage> {
    let filter = AuditFilter { repository: Some(by.repository().id), ..filter };
    app.store.audit_entries(filter, before, limit).await
}

/// Records refusals that were summed up. The server calls it periodically.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn record_refusals(app: &App, refusals: Vec<Refusal>) -> Result<()> {
    match refusals.is_empty() {
        true => Ok(()),
        false => app.store.add_refusals(refusals).await,
    }
}

/// Deletes entries that are older than this, by the trusted time (ARCHITECTURE.md, invariant 8). The server calls it
/// periodically. Returns how many.
///
/// # Errors
/// [`crate::Error::Unavailable`]; earlier steps stay committed.
pub async fn delete_old(app: &App, retention: SignedDuration) -> Result<u64> {
    let before = app.trusted_time().cutoff(retention);
    let mut total = 0;
    loop {
        let deleted = app.store.delete_old_audit(before).await?;
        total += deleted;
        if deleted == 0 {
            return Ok(total);
        }
    }
}

//! The journal of SQLite: commits of reports that are durable and not yet applied to the tables. The body of a
//! commit is a version, and for each batch of reports the batch and the outcome. The journal files hold the commits
//! (`crate::journal`). Earlier versions of the program had a table of them; its bodies also have a checksum.

mod report;

use super::binary::{Decoder, Encode};
use super::reports::credential::{self, StoredCredential};
use crate::sql::{Sql, corrupt, values};
use domain::model::ids::{RepositoryId, UserId};
use domain::model::reports::{Reason, Report};
use domain::ports::{Idempotency, Receipts, ReportBatch};
use domain::{Error, Result};
use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

/// The version of the bodies that this program writes.
const VERSION: u8 = 3;
/// The version of bodies without credentials.
const NO_CREDENTIAL: u8 = 2;
/// The version of bodies in the table: a checksum follows it.
const WITH_CHECKSUM: u8 = 1;

/// A batch of reports of a commit.
#[derive(Debug)]
pub struct Record {
    pub batch: ReportBatch,
    /// The outcome as [`encode_outcome`] writes it.
    pub outcome: Vec<u8>,
}

/// Collects the batches of a commit.
#[derive(Debug, Default)]
pub struct Commit(Vec<u8>);

impl Commit {
    /// Adds a batch and the receipts that it got.
    pub fn add(&mut self, batch: &ReportBatch, receipts: &Receipts) {
        if self.0.is_empty() {
            self.0.push(VERSION);
        }
        encode_batch(&mut self.0, batch);
        let outcome = encode_outcome(receipts);
        self.0.put_bytes(&outcome);
    }

    /// The body; empty if there are no batches.
    pub fn body(&self) -> &[u8] {
        &self.0
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// FNV-1a: finds damage by accident.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// The bodies of all commits in the table, in order.
pub fn load(sql: &dyn Sql) -> Result<Vec<Vec<u8>>> {
    sql.all("SELECT body FROM journal ORDER BY seq", values![])
}

/// The number of commits in the table.
pub fn count(sql: &dyn Sql) -> Result<u64> {
    let count: i64 = sql.one("SELECT count(*) FROM journal", values![])?;
    Ok(count.unsigned_abs())
}

/// Removes all commits from the table.
pub fn clear(sql: &dyn Sql) -> Result<()> {
    sql.execute("DELETE FROM journal", values![]).map(drop)
}

/// The number of the last commit of the journal files that the tables have.
pub fn applied(sql: &dyn Sql) -> Result<u64> {
    let number: i64 = sql.one("SELECT number FROM journal_applied", values![])?;
    Ok(number.unsigned_abs())
}

/// Sets the number of the last commit that the tables have.
pub fn set_applied(sql: &dyn Sql, number: u64) -> Result<()> {
    let number = i64::try_from(number).map_err(corrupt)?;
    sql.execute("UPDATE journal_applied SET number = ?1", values![number]).map(drop)
}

/// The batches of a commit in order.
///
/// # Errors
/// [`Error::Unavailable`] for another version, [`Error::Internal`] for a damaged body.
pub fn decode(body: &[u8]) -> Result<Vec<Record>> {
    let mut read = Decoder::new(body);
    match read.byte()? {
        VERSION | NO_CREDENTIAL => {}
        WITH_CHECKSUM => {
            if u32::from_le_bytes(read.array()?) != checksum(body.get(5..).unwrap_or_default()) {
                return Err(corrupt("a damaged record of the journal"));
            }
        }
        other => {
            return Err(Error::Unavailable(format!(
                "the journal has reports of version {other}, this program knows {VERSION}: start the program that \
                 wrote them once, and stop it normally"
            )));
        }
    }
    let mut records = Vec::new();
    while !read.is_empty() {
        let batch = decode_batch(&mut read)?;
        records.push(Record { batch, outcome: read.bytes()?.to_vec() });
    }
    Ok(records)
}

const IDEMPOTENT: u8 = 1;
const SIGNED: u8 = 2;
const WITH_CREDENTIAL: u8 = 4;

fn encode_batch(to: &mut Vec<u8>, batch: &ReportBatch) {
    to.put_uint(batch.repository_id.get().unsigned_abs().into());
    to.put_uint(batch.reporter.get().unsigned_abs().into());
    to.put_text(batch.dialect);
    to.put_time(batch.received_at);
    let (idempotency, signature) = (&batch.idempotency, &batch.signature);
    let flags = [
        (IDEMPOTENT, idempotency.is_some()),
        (SIGNED, signature.is_some()),
        (WITH_CREDENTIAL, batch.credential.is_some()),
    ];
    to.push(flags.into_iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| flag).sum());
    if let Some(Idempotency { key, digest }) = idempotency {
        to.put_text(key);
        to.extend_from_slice(digest);
    }
    to.extend(signature.iter().flatten());
    if batch.credential.is_some() {
        credential::put(to, batch.credential.as_ref());
    }
    to.put_len(batch.reports.len());
    let mut before = None;
    for next in &batch.reports {
        report::encode(to, next, before);
        before = Some(next);
    }
}

fn decode_batch(read: &mut Decoder<'_>) -> Result<ReportBatch> {
    let repository_id = RepositoryId::new(read.number()?).map_err(corrupt)?;
    let reporter = UserId::new(read.number()?).map_err(corrupt)?;
    let dialect = interned(&read.text()?);
    let received_at = read.time()?;
    let flags = read.byte()?;
    let idempotency = match flags & IDEMPOTENT {
        0 => None,
        _ => Some(Idempotency { key: read.text()?, digest: read.array()? }),
    };
    let signature = if flags & SIGNED == 0 { None } else { Some(read.array()?) };
    let credential = match flags & WITH_CREDENTIAL {
        0 => None,
        _ => match credential::read(read)? {
            StoredCredential::Own(credential) => credential,
            StoredCredential::OfBase => return Err(corrupt("the credential of a base in the journal")),
        },
    };
    let count: usize = read.number()?;
    // A report has several bytes, so damage cannot reserve much memory.
    let mut reports: Vec<Report> = Vec::with_capacity(count.min(read.remaining()));
    for _ in 0..count {
        reports.push(report::decode(read, reports.last())?);
    }
    Ok(ReportBatch {
        repository_id,
        reporter,
        credential,
        dialect,
        received_at,
        reports,
        idempotency,
        signature,
    })
}

/// The text with a lifetime without end. There are as few as dialects.
fn interned(name: &str) -> &'static str {
    static NAMES: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    match names.get(name) {
        Some(known) => known,
        None => {
            let known: &'static str = Box::leak(name.into());
            names.insert(known);
            known
        }
    }
}

/// The outcome of a batch: what a replay must give again. It is only compared.
pub fn encode_outcome(receipts: &Receipts) -> Vec<u8> {
    let mut to = Vec::with_capacity(24 * receipts.len());
    for receipt in receipts {
        let receipt = match receipt {
            Ok(receipt) => receipt,
            Err(error) => {
                to.push(u8::MAX);
                to.put_text(&error.to_string());
                continue;
            }
        };
        let reason = Reason::all().position(|reason| reason == receipt.reason);
        to.push(reason.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX - 1));
        to.put_int(receipt.report_id);
        for id in [receipt.pipeline_id.get(), receipt.stage_id.get(), receipt.job_id.get(), receipt.attempt] {
            to.put_int(id.into());
        }
        to.push((receipt.status as u8) | ((receipt.pipeline_status as u8) << 4));
        to.put_uint(receipt.changed.bits().into());
        to.put_uint(receipt.adjusted.bits());
    }
    to
}

#[cfg(test)]
mod tests;

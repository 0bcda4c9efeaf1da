//! The binary form of the credential of a report, in the tables and in the journal: a number, and the AK after the
//! number of a key.

use crate::rows::binary::{Decoder, Encode};
use crate::sql::corrupt;
use domain::Result;
use domain::model::credentials::ReportCredential;

const UNKNOWN: u64 = 0;
/// The credential of the base of the report.
const OF_BASE: u64 = 1;
const PASSWORD: u64 = 2;
const SESSION: u64 = 3;
const TEMPORARY_KEY: u64 = 4;
const KEY: u64 = 5;
/// The id of a token is added to this number. The next number is that of the token 1.
const TOKEN: u64 = 5;

/// A credential as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredCredential {
    /// This credential; `None`: it is unknown.
    Own(Option<ReportCredential>),
    /// The credential of the base of the report.
    OfBase,
}

/// The bytes that a report spares by a base with this credential.
pub fn spared(credential: Option<&ReportCredential>, base: Option<&ReportCredential>) -> usize {
    match credential {
        Some(ReportCredential::Key(access)) if credential == base => access.len(),
        _ => 0,
    }
}

/// Appends a credential.
pub fn put(to: &mut Vec<u8>, credential: Option<&ReportCredential>) {
    let number = match credential {
        None => UNKNOWN,
        Some(ReportCredential::Password) => PASSWORD,
        Some(ReportCredential::Session) => SESSION,
        Some(ReportCredential::TemporaryKey) => TEMPORARY_KEY,
        Some(ReportCredential::Key(_)) => KEY,
        Some(ReportCredential::Token(id)) => TOKEN + id.unsigned_abs(),
    };
    to.put_uint(number);
    if let Some(ReportCredential::Key(access)) = credential {
        to.put_text(access);
    }
}

/// Appends the credential of a report with a base.
pub fn put_after(to: &mut Vec<u8>, base: Option<&ReportCredential>, credential: Option<&ReportCredential>) {
    if credential.is_some() && credential == base {
        to.put_uint(OF_BASE);
    } else {
        put(to, credential);
    }
}

/// Reads what [`put`] or [`put_after`] wrote.
///
/// # Errors
/// [`domain::Error::Internal`] for other bytes.
pub fn read(read: &mut Decoder<'_>) -> Result<StoredCredential> {
    Ok(StoredCredential::Own(match read.uint()? {
        UNKNOWN => None,
        OF_BASE => return Ok(StoredCredential::OfBase),
        PASSWORD => Some(ReportCredential::Password),
        SESSION => Some(ReportCredential::Session),
        TEMPORARY_KEY => Some(ReportCredential::TemporaryKey),
        KEY => Some(ReportCredential::Key(read.text()?.into())),
        token => Some(ReportCredential::Token(i64::try_from(token - TOKEN).map_err(corrupt)?)),
    }))
}

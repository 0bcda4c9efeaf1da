//! Used signatures, and for reports the response to their request.

use crate::sql::{Columns as _, Sql, Table, ToValue as _, columns, table, values};
use domain::Result;

table! {
    /// Used signatures.
    USED_SIGNATURES "used_signatures";
    key id: Int;
    fixed digest: Blob, response: Text;
    new_row NewSignatureValues;
}

/// The table without its key, for new rows.
pub const NEW_SIGNATURES: Table = USED_SIGNATURES.without_key();

/// The stored data of a used signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedSignature {
    /// The receipts of its reports; `None` for other requests.
    pub response: Option<String>,
}

columns! {
    UsedSignature from "s": response
    => Self { response }
}

impl<'a> NewSignatureValues<'a> {
    pub fn new(digest: &'a [u8; 32], used: &'a UsedSignature) -> Self {
        Self { digest: digest.to_value(), response: used.response.to_value() }
    }
}

pub fn load(sql: &dyn Sql, digest: &[u8; 32]) -> Result<Option<UsedSignature>> {
    let query = format!("SELECT {} FROM used_signatures s WHERE s.digest = ?1", UsedSignature::COLUMNS);
    sql.first(&query, values![digest])
}

/// Inserts a signature without a response; false if it exists, also if another node is inserting it.
pub fn insert(sql: &dyn Sql, digest: &[u8; 32]) -> Result<bool> {
    let insert = "INSERT INTO used_signatures (digest) VALUES (?1) ON CONFLICT (digest) DO NOTHING";
    Ok(sql.execute(insert, values![digest])? > 0)
}

/// The greatest id, 0 in an empty table.
pub fn last_id(sql: &dyn Sql) -> Result<i64> {
    sql.one("SELECT coalesce(max(id), 0) FROM used_signatures", &[])
}

/// Deletes the oldest rows up to the id `last`, at most `limit`.
pub fn delete_until(sql: &dyn Sql, last: i64, limit: i64) -> Result<()> {
    let delete = "DELETE FROM used_signatures WHERE id IN
                  (SELECT id FROM used_signatures WHERE id <= ?1 ORDER BY id LIMIT ?2)";
    sql.execute(delete, values![last, limit]).map(drop)
}

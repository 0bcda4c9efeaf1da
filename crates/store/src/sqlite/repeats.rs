//! What tells that a request is a repeat, and what it was answered first.

use super::failed;
use domain::Timestamp;
use domain::error::{Error, Result};
use domain::model::ids::{RepositoryId, UserId};
use domain::ports::Idempotency;
use rusqlite::{Connection, OptionalExtension as _, params};

/// The first answer to this request, if it is a repeat.
///
/// # Errors
/// [`Error::KeyReused`].
pub fn find(
    sql: &Connection,
    repository: RepositoryId,
    by: UserId,
    idempotency: &Idempotency,
) -> Result<Option<String>> {
    let query = "SELECT digest, answer FROM repeats WHERE repository_id = ?1 AND user_id = ?2 AND key = ?3";
    let of = params![repository.get(), by.get(), idempotency.key];
    let found: Option<(Vec<u8>, String)> = sql
        .prepare_cached(query)
        .and_then(|mut s| s.query_row(of, |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .map_err(failed)?;
    match found {
        None => Ok(None),
        Some((digest, _)) if digest != idempotency.digest => Err(Error::KeyReused),
        Some((_, answer)) => Ok(Some(answer)),
    }
}

/// Remembers a request by its answer.
pub fn keep(
    sql: &Connection,
    repository: RepositoryId,
    by: UserId,
    idempotency: &Idempotency,
    answer: &str,
    now: Timestamp,
) -> Result<()> {
    let write = "INSERT INTO repeats (repository_id, user_id, key, digest, answer, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let row = params![
        repository.get(),
        by.get(),
        idempotency.key,
        idempotency.digest,
        answer,
        now.as_millisecond(),
    ];
    sql.prepare_cached(write).and_then(|mut s| s.execute(row)).map(drop).map_err(failed)
}

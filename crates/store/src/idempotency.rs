//! What tells that a request is a repeat, and what it was answered first.

use crate::sql::{Sql, values};
use crate::unit_of_work::UnitOfWork;
use domain::error::{Error, Result};
use domain::model::ids::{RepositoryId, UserId};
use domain::ports::Idempotency;

/// Under what the answer to a request is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey {
    pub repository: RepositoryId,
    pub user: UserId,
    pub key: String,
}

impl IdempotencyKey {
    /// Of a request of this user.
    pub fn new(repository: RepositoryId, user: UserId, idempotency: &Idempotency) -> Self {
        Self { repository, user, key: idempotency.key.clone() }
    }
}

/// The first answer to this request, if it is a repeat.
///
/// # Errors
/// [`Error::KeyReused`].
pub fn find(unit: &mut UnitOfWork, repeat: &IdempotencyKey, digest: &[u8; 32]) -> Result<Option<String>> {
    match unit.idempotent_response(repeat)? {
        None => Ok(None),
        Some((of, _)) if of != digest => Err(Error::KeyReused),
        Some((_, answer)) => Ok(Some(answer)),
    }
}

/// Digest and answer of a request.
pub fn load(sql: &dyn Sql, of: &IdempotencyKey) -> Result<Option<(Vec<u8>, String)>> {
    let query = "SELECT digest, answer FROM repeats WHERE repository_id = ?1 AND user_id = ?2 AND key = ?3";
    sql.first(query, values![of.repository.get(), of.user.get(), of.key], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

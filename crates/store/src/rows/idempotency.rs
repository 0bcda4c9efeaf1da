//! Idempotency keys: the responses to requests that carried one.

use crate::sql::{Columns as _, Sql, ToValue as _, columns, table, values};
use domain::model::ids::{RepositoryId, UserId};
use domain::ports::Idempotency;
use domain::{Result, Timestamp};

table! {
    /// Idempotency keys.
    IDEMPOTENCY_KEYS "idempotency_keys";
    key repository_id: Int, user_id: Int, key: Text;
    fixed digest: Blob, response: Text, created_at: Int;
    row IdempotencyValues;
}

/// The identifying fields of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey {
    pub repository: RepositoryId,
    pub user: UserId,
    pub key: String,
}

impl IdempotencyKey {
    /// The key of a request of this user.
    pub fn new(repository: RepositoryId, user: UserId, idempotency: &Idempotency) -> Self {
        Self { repository, user, key: idempotency.key.clone() }
    }
}

/// The digest of a request, and the response to it.
#[derive(Debug, Clone)]
pub struct StoredResponse {
    pub digest: Vec<u8>,
    pub response: String,
}

columns! {
    StoredResponse from "i": digest, response
    => Self { digest, response }
}

impl<'a> IdempotencyValues<'a> {
    pub fn new(key: &'a IdempotencyKey, stored: &'a StoredResponse, at: Timestamp) -> Self {
        Self {
            repository_id: key.repository.to_value(),
            user_id: key.user.to_value(),
            key: key.key.to_value(),
            digest: stored.digest.to_value(),
            response: stored.response.to_value(),
            created_at: at.into(),
        }
    }
}

pub fn load(sql: &dyn Sql, key: &IdempotencyKey) -> Result<Option<StoredResponse>> {
    let query = format!(
        "SELECT {} FROM idempotency_keys i WHERE i.repository_id = ?1 AND i.user_id = ?2 AND i.key = ?3",
        StoredResponse::COLUMNS
    );
    sql.first(&query, values![key.repository, key.user, key.key])
}

/// Deletes at most 500 rows created before `before`; returns their number.
pub fn delete_old(sql: &dyn Sql, before: Timestamp) -> Result<u64> {
    let delete = "DELETE FROM idempotency_keys WHERE (repository_id, user_id, key) IN
                  (SELECT repository_id, user_id, key FROM idempotency_keys WHERE created_at < ?1 LIMIT 500)";
    sql.execute(delete, values![before])
}

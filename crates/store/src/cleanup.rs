//! Deletion of expired credentials and old responses.

use crate::engine::{Engine, SqlStore};
use crate::rows::{idempotency, keys, tokens};
use crate::sql::{Sql, values};
use crate::unapplied::ReadScope;
use async_trait::async_trait;
use domain::Result;
use domain::ports::{Cleanup, ExpiredRows};

/// The number of rows that one step deletes of each kind at most; the writer's share of a step.
const DELETE_STEP: u32 = 500;

#[async_trait]
impl<E: Engine> Cleanup for SqlStore<E> {
    async fn delete_expired_rows(&self, rows: ExpiredRows) -> Result<u64> {
        // Most of the time nothing has expired: a read first spares the writer.
        if !self.read(ReadScope::All, move |sql| any(sql, rows)).await? {
            return Ok(0);
        }
        let delete = move |sql: &dyn Sql| {
            Ok(tokens::delete_expired(sql, rows.expired_before)?
                + keys::delete_expired(sql, rows.keys_expired_before)?
                + idempotency::delete_old(sql, rows.responses_before)?)
        };
        self.write_step(DELETE_STEP, move |unit| delete(unit.sql())).await
    }
}

fn any(sql: &dyn Sql, rows: ExpiredRows) -> Result<bool> {
    for (query, before) in [
        ("SELECT 1 FROM tokens WHERE expires_at < ?1 AND kind = 'session' LIMIT 1", rows.expired_before),
        ("SELECT 1 FROM sign_in_links WHERE expires_at < ?1 LIMIT 1", rows.expired_before),
        ("SELECT 1 FROM access_keys WHERE expires_at < ?1 LIMIT 1", rows.keys_expired_before),
        ("SELECT 1 FROM idempotency_keys WHERE created_at < ?1 LIMIT 1", rows.responses_before),
    ] {
        if sql.exists(query, values![before])? {
            return Ok(true);
        }
    }
    Ok(false)
}

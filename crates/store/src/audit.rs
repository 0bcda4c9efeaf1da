//! The audit log. The unit of work writes the entries of changes (`unit_of_work/auditing.rs`).

use crate::engine::{Engine, SqlStore};
use crate::rows::{audit, tokens};
use crate::unapplied::ReadScope;
use crate::unit_of_work::UnitOfWork;
use async_trait::async_trait;
use domain::model::audit::{AuditFilter, AuditPage, Change, Entry, Refusal};
use domain::model::tokens::SignInMethod;
use domain::ports::{Audit, AuditSink};
use domain::{Result, Timestamp};

/// The number of entries that one step deletes.
const DELETE_STEP: u32 = 500;

#[async_trait]
impl<E: Engine> Audit for SqlStore<E> {
    async fn audit_entries(&self, filter: AuditFilter, before: Option<i64>, limit: u32) -> Result<AuditPage> {
        let read = move |sql: &dyn crate::sql::Sql| audit::page(sql, &filter, before, limit);
        self.snapshot(ReadScope::Accounts, read).await
    }

    async fn add_refusals(&self, refusals: Vec<Refusal>) -> Result<()> {
        let rows = u32::try_from(refusals.len()).unwrap_or(u32::MAX);
        let add = move |unit: &mut UnitOfWork| {
            let mut entries: Vec<Entry> = Vec::new();
            for refusal in &refusals {
                let entry = audit::of_refusal(unit.sql(), refusal)?;
                match entries.iter_mut().find(|known| is_same(known, &entry)) {
                    Some(known) => {
                        known.count += entry.count;
                        known.at = known.at.min(entry.at);
                        known.last_at = known.last_at.max(entry.last_at);
                        known.request_id = entry.request_id;
                    }
                    None => entries.push(entry),
                }
            }
            entries.into_iter().for_each(|entry| unit.audit_entry(entry));
            Ok(())
        };
        self.write_step(rows, add).await
    }

    async fn record_sign_in(&self, token: &[u8; 32]) -> Result<()> {
        let digest = *token;
        let record = move |unit: &mut UnitOfWork| {
            if let Some((token, user)) = tokens::load(unit.sql(), &digest)? {
                unit.audit(&Change::signed_in(&token, SignInMethod::Token, None).by_default(&user));
            }
            Ok(())
        };
        self.write_account(record).await
    }

    async fn delete_old_audit(&self, before: Timestamp) -> Result<u64> {
        // Most of the time nothing is old: a read first spares the writer.
        if !self.read(ReadScope::Accounts, move |sql| audit::any_old(sql, before)).await? {
            return Ok(0);
        }
        self.write_step(DELETE_STEP, move |unit| audit::delete_old(unit.sql(), before, DELETE_STEP)).await
    }

    fn set_audit_sink(&self, sink: AuditSink) {
        self.0.notifier().set_audit_sink(sink);
    }
}

/// Whether two refusals differ in nothing but their times and numbers.
fn is_same(one: &Entry, other: &Entry) -> bool {
    let key = |entry: &Entry| {
        let Entry { reason, actor_id, address, credential_kind, credential, .. } = entry.clone();
        (reason, actor_id, address, credential_kind, credential)
    };
    key(one) == key(other)
}

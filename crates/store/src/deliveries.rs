//! Deliveries to webhooks. The commit of an event writes them; one sender at a time claims a delivery, and
//! records the result of its attempt; they are deleted by age.

use crate::engine::{Engine, SqlStore};
use crate::rows::{deliveries, webhooks};
use crate::sql::Sql;
use crate::unapplied::ReadScope;
use crate::unit_of_work::UnitOfWork;
use crate::writer::Flow;
use async_trait::async_trait;
use domain::model::audit::{Action, Change, SentDelivery};
use domain::model::deliveries::shares::{Candidate, ClaimLimits, share};
use domain::model::deliveries::{ClaimedDelivery, Delivery, DeliveryResult, WebhookHealth};
use domain::model::ids::{RepositoryId, WebhookId};
use domain::ports::{Deliveries, NewDelivery};
use domain::{Result, Timestamp};

/// The number of rows that one step of the deletion examines.
const DELETE_STEP: u32 = 1_000;

#[async_trait]
impl<E: Engine> Deliveries for SqlStore<E> {
    async fn add_delivery(
        &self,
        repository: RepositoryId,
        webhook: WebhookId,
        new: NewDelivery,
    ) -> Result<Option<Delivery>> {
        let add = move |unit: &mut UnitOfWork| {
            if !webhooks::exists(unit.sql(), repository, webhook)? {
                return Ok(None);
            }
            deliveries::insert(unit.sql(), webhook, &new)?;
            unit.audit(&Change::done(Action::WebhookSend, &SentDelivery(repository, webhook, &new.id)));
            unit.notify_deliveries();
            deliveries::load(unit.sql(), webhook, &new.id)
        };
        self.write(Flow::Repository(repository), add).await
    }

    async fn deliveries(
        &self,
        repository: RepositoryId,
        webhook: WebhookId,
        before: Option<String>,
        limit: u32,
    ) -> Result<Vec<Delivery>> {
        let list = move |sql: &dyn Sql| {
            if !webhooks::exists(sql, repository, webhook)? {
                return Ok(Vec::new());
            }
            deliveries::page(sql, webhook, before.as_deref(), limit)
        };
        self.read(ReadScope::Deliveries, list).await
    }

    async fn delivery(
        &self,
        repository: RepositoryId,
        webhook: WebhookId,
        id: &str,
    ) -> Result<Option<Delivery>> {
        let id = id.to_owned();
        let find = move |sql: &dyn Sql| {
            if !webhooks::exists(sql, repository, webhook)? {
                return Ok(None);
            }
            deliveries::load(sql, webhook, &id)
        };
        self.read(ReadScope::Deliveries, find).await
    }

    async fn requeue_delivery(
        &self,
        repository: RepositoryId,
        webhook: WebhookId,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<Delivery>> {
        let id = id.to_owned();
        let requeue = move |unit: &mut UnitOfWork| {
            // The delivery may be among the pending rows of this group.
            unit.flush()?;
            if !webhooks::exists(unit.sql(), repository, webhook)? {
                return Ok(None);
            }
            deliveries::requeue(unit.sql(), webhook, &id, now)?;
            unit.notify_deliveries();
            let requeued = deliveries::load(unit.sql(), webhook, &id)?;
            if requeued.is_some() {
                unit.audit(&Change::done(Action::WebhookSend, &SentDelivery(repository, webhook, &id)));
            }
            Ok(requeued)
        };
        self.write(Flow::Repository(repository), requeue).await
    }

    async fn claim_deliveries(
        &self,
        now: Timestamp,
        until: Timestamp,
        limits: ClaimLimits,
    ) -> Result<Vec<ClaimedDelivery>> {
        // Most of the time nothing is due: a read first spares the writer.
        if self.read(ReadScope::Deliveries, move |sql| shared(sql, now, limits)).await?.is_empty() {
            return Ok(Vec::new());
        }
        self.write(Flow::Deliveries, move |unit| claim(unit.sql(), (now, until), limits)).await
    }

    async fn record_delivery_result(&self, result: DeliveryResult) -> Result<bool> {
        self.write(Flow::Deliveries, move |unit| record_result(unit, &result)).await
    }

    async fn discard_delivery(&self, seq: i64, claim: i64) -> Result<()> {
        self.write(Flow::Deliveries, move |unit| deliveries::discard(unit.sql(), seq, claim)).await
    }

    async fn wait_for_delivery(&self) {
        self.0.notifier().wait_for_delivery().await;
    }

    async fn bring_forward_deliveries(&self, latest: Timestamp, now: Timestamp) -> Result<u64> {
        if !self.read(ReadScope::Deliveries, move |sql| deliveries::any_after(sql, latest)).await? {
            return Ok(0);
        }
        let bring = move |unit: &mut UnitOfWork| {
            unit.notify_deliveries();
            deliveries::bring_forward(unit.sql(), latest, now)
        };
        self.write_step(DELETE_STEP, bring).await
    }

    async fn delete_old_deliveries(&self, before: Timestamp) -> Result<u64> {
        // A read first, as above.
        if !self.read(ReadScope::Deliveries, move |sql| deliveries::any_old(sql, before, DELETE_STEP)).await?
        {
            return Ok(0);
        }
        self.write_step(DELETE_STEP, move |unit| deliveries::delete_old(unit.sql(), before, DELETE_STEP))
            .await
    }
}

/// The webhooks that get slots, and how many.
fn shared(sql: &dyn Sql, now: Timestamp, limits: ClaimLimits) -> Result<Vec<(Candidate, u32)>> {
    let candidates = deliveries::candidates(sql, now, limits.of_webhook)?;
    let shares = share(&candidates, limits);
    Ok(candidates.into_iter().zip(shares).filter(|(_, share)| *share > 0).collect())
}

fn claim(
    sql: &dyn Sql,
    (now, until): (Timestamp, Timestamp),
    limits: ClaimLimits,
) -> Result<Vec<ClaimedDelivery>> {
    let mut claimed = Vec::new();
    for (candidate, share) in shared(sql, now, limits)? {
        claimed.extend(deliveries::claim(sql, &candidate.recipient, &candidate.path, (now, until), share)?);
    }
    Ok(claimed)
}

fn record_result(unit: &mut UnitOfWork, result: &DeliveryResult) -> Result<bool> {
    let sql = unit.sql();
    let stored = deliveries::store_result(sql, result)?;
    let (webhook, at) = (result.webhook_id, result.last.at);
    match result.health {
        WebhookHealth::Good => webhooks::set_working(sql, webhook)?,
        WebhookHealth::Failing => webhooks::set_failing(sql, webhook, at)?,
        WebhookHealth::Disabled(reason) => {
            let before = webhooks::find(sql, webhook)?;
            webhooks::disable(sql, webhook, at, reason)?;
            if let (Some(before), Some(after)) = (before, webhooks::find(sql, webhook)?)
                && before.disabled != after.disabled
            {
                unit.audit(&Change::updated(Action::WebhookDisable, &before, &after));
            }
        }
    }
    Ok(stored)
}

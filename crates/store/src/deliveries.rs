//! Deliveries to webhooks: written with their event, claimed by one sender at a time, settled, forgotten by age.

use crate::engine::{Engine, SqlStore};
use crate::rows;
use crate::sql::{Row, Sql, Value, row, values};
use crate::unit_of_work::UnitOfWork;
use crate::webhooks::{self, COLUMNS};
use async_trait::async_trait;
use domain::model::deliveries::{
    ClaimedDelivery, Delivery, DeliveryAttempt, DeliveryResult, DeliveryState, Payload, WebhookHealth,
};
use domain::model::events::Event;
use domain::model::ids::{RepositoryId, WebhookId};
use domain::model::webhooks::{EventTopics, Webhook};
use domain::ports::{Deliveries, NewDelivery};
use domain::{Result, Timestamp};

/// Rows looked at in one step of forgetting.
const STEP: u32 = 1_000;

const DELIVERY: &str = "d.webhook_id, d.message, d.kind, d.event, d.created_at, d.state, d.next_at, d.attempts, d.last_at, d.last_status,
    d.last_answer, d.last_error";

#[async_trait]
impl<E: Engine> Deliveries for SqlStore<E> {
    async fn add_delivery(
        &self,
        repository: RepositoryId,
        webhook: WebhookId,
        new: NewDelivery,
    ) -> Result<Option<Delivery>> {
        let add = move |unit: &mut UnitOfWork| {
            if !exists(unit.sql(), repository, webhook)? {
                return Ok(None);
            }
            let at = new.created_at.as_millisecond();
            let row = values![webhook.get(), new.id, new.kind, None::<i64>, None::<i64>, at, new.body, true];
            unit.sql().execute(INSERT, row)?;
            unit.make_due();
            find(unit.sql(), webhook, &new.id)
        };
        self.write(add).await
    }

    async fn deliveries(
        &self,
        repository: RepositoryId,
        webhook: WebhookId,
        before: Option<String>,
        limit: u32,
    ) -> Result<Vec<Delivery>> {
        let query = format!(
            "SELECT {DELIVERY} FROM deliveries d WHERE d.webhook_id = ?1 AND (CAST(?2 AS TEXT) IS NULL OR d.seq <
             (SELECT b.seq FROM deliveries b WHERE b.webhook_id = ?1 AND b.message = ?2)) ORDER BY d.seq DESC LIMIT ?3"
        );
        let list = move |sql: &dyn Sql| {
            if !exists(sql, repository, webhook)? {
                return Ok(Vec::new());
            }
            let of = values![webhook.get(), before, limit];
            sql.all(&query, of, read)
        };
        self.read(list).await
    }

    async fn delivery(
        &self,
        repository: RepositoryId,
        webhook: WebhookId,
        id: &str,
    ) -> Result<Option<Delivery>> {
        let id = id.to_owned();
        self.read(
            move |sql| if exists(sql, repository, webhook)? { find(sql, webhook, &id) } else { Ok(None) },
        )
        .await
    }

    async fn requeue_delivery(
        &self,
        repository: RepositoryId,
        webhook: WebhookId,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<Delivery>> {
        let id = id.to_owned();
        let update =
            "UPDATE deliveries SET state = 'pending', next_at = ?3, queued_at = ?3, attempts = 0, claimed = 0
                      WHERE webhook_id = ?1 AND message = ?2 AND NOT (claimed = 1 AND next_at > ?3)";
        let write = move |unit: &mut UnitOfWork| {
            // One that this group makes may be asked for too.
            unit.flush()?;
            if !exists(unit.sql(), repository, webhook)? {
                return Ok(None);
            }
            let row = values![webhook.get(), id, now.as_millisecond()];
            unit.sql().execute(update, row)?;
            unit.make_due();
            find(unit.sql(), webhook, &id)
        };
        self.write(write).await
    }

    async fn claim_deliveries(
        &self,
        now: Timestamp,
        until: Timestamp,
        each: u32,
        limit: u32,
    ) -> Result<Vec<ClaimedDelivery>> {
        // A read first: most of the time nothing is due, and the writer is not asked.
        if self.read(move |sql| due(sql, now, each)).await?.is_empty() {
            return Ok(Vec::new());
        }
        self.write(move |unit| claim(unit.sql(), (now, until), each, limit)).await
    }

    async fn record_delivery_result(&self, settlement: DeliveryResult) -> Result<bool> {
        self.write(move |unit| update_delivery(unit.sql(), &settlement)).await
    }

    async fn wait_for_delivery(&self) {
        self.0.notifier().delivery().await;
    }

    async fn delete_old_deliveries(&self, before: Timestamp) -> Result<u64> {
        let old = "SELECT d.seq FROM (SELECT seq, queued_at FROM deliveries ORDER BY seq LIMIT ?2) d WHERE d.queued_at < ?1";
        let of = (before.as_millisecond(), STEP);
        let any = move |sql: &dyn Sql| {
            let first: Option<i64> = sql.first(old, values![of.0, of.1], |row| row.get(0))?;
            Ok(first.is_some())
        };
        // A read first, as above.
        if !self.read(any).await? {
            return Ok(0);
        }
        let delete = format!("DELETE FROM deliveries WHERE seq IN ({old}) AND queued_at < ?1");
        let write = move |unit: &mut UnitOfWork| {
            let gone = unit.sql().execute(&delete, values![of.0, of.1])?;
            Ok(gone as u64)
        };
        self.write(write).await
    }
}

const INSERT: &str = "INSERT INTO deliveries (webhook_id, message, kind, event, pipeline_id, created_at, payload, rendered, queued_at, state, next_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?6, 'pending', ?6)";

/// A webhook that wants events: its number, its tag and which.
pub type Wanting = (i64, String, EventTopics);

/// The rows of the deliveries that an event makes, for their table.
///
/// # Errors
/// [`domain::Error::Internal`], which none of ours causes.
pub fn of_event(event: &Event, webhooks: &[Wanting]) -> Result<Vec<Vec<Value<'static>>>> {
    let mut found = Vec::new();
    for (id, tag, wants) in webhooks {
        for about in wants.matching(event) {
            let at = event.at.as_millisecond();
            found.push(row![
                *id,
                about.message_id(tag, event),
                about.kind(event),
                event.number,
                event.pipeline.id.get(),
                at,
                rows::events::write(event)?,
                false,
                at,
                "pending",
                at,
            ]);
        }
    }
    Ok(found)
}

/// The webhooks of a repository that are not disabled.
pub fn wanting(sql: &dyn Sql, repository: RepositoryId) -> Result<Vec<Wanting>> {
    let query = "SELECT id, tag, pipelines, jobs FROM webhooks WHERE repository_id = ?1 AND disabled_at IS NULL ORDER BY id";
    sql.all(query, values![repository.get()], read_wanting)
}

/// Reads one from the first columns.
pub fn read_wanting(row: &dyn Row) -> Result<Wanting> {
    Ok((row.get(0)?, row.get(1)?, EventTopics { pipelines: row.get(2)?, jobs: row.get(3)? }))
}

fn exists(sql: &dyn Sql, repository: RepositoryId, webhook: WebhookId) -> Result<bool> {
    let query = "SELECT 1 FROM webhooks WHERE repository_id = ?1 AND id = ?2";
    let found: Option<i64> = sql.first(query, values![repository.get(), webhook.get()], |row| row.get(0))?;
    Ok(found.is_some())
}

/// The webhooks that something is due to and that may be sent more, whose oldest waits longest first; with the path of their repository
/// and how many.
fn due(sql: &dyn Sql, now: Timestamp, each: u32) -> Result<Vec<(Webhook, String, u32)>> {
    let query = format!(
        "SELECT {COLUMNS}, w.path, w.busy FROM (
             SELECT w.*, r.path AS path,
                 (SELECT min(d.next_at) FROM deliveries d WHERE d.webhook_id = w.id AND d.state = 'pending') AS first,
                 (SELECT count(*) FROM deliveries d WHERE d.webhook_id = w.id AND d.claimed = 1 AND d.next_at > ?1) AS busy
             FROM webhooks w JOIN repositories r ON r.id = w.repository_id WHERE w.disabled_at IS NULL) w
         WHERE w.first <= ?1 ORDER BY w.first, w.id"
    );
    let row = |row: &dyn Row| {
        let busy: u32 = row.get(webhooks::WIDTH + 1)?;
        Ok((webhooks::read(row)?, row.get(webhooks::WIDTH)?, busy))
    };
    let waiting: Vec<(Webhook, String, u32)> = sql.all(&query, values![now.as_millisecond()], row)?;
    let mut found = Vec::new();
    for (webhook, path, busy) in waiting {
        // Who fails is asked by one at a time: a receiver that is down must not keep many senders waiting.
        let most = if webhook.failing_since.is_some() { 1 } else { each };
        if busy < most {
            found.push((webhook, path, most - busy));
        }
    }
    Ok(found)
}

fn claim(
    sql: &dyn Sql,
    (now, until): (Timestamp, Timestamp),
    each: u32,
    limit: u32,
) -> Result<Vec<ClaimedDelivery>> {
    // The condition outside as well: where two claim at once, the second looks again after the first.
    let update = "UPDATE deliveries SET claimed = 1, next_at = ?3, attempts = attempts + 1, claims = claims + 1
        WHERE seq IN (SELECT d.seq FROM deliveries d WHERE d.webhook_id = ?1 AND d.state = 'pending' AND d.next_at <= ?2
                      ORDER BY d.next_at, d.seq LIMIT ?4)
          AND state = 'pending' AND next_at <= ?2
        RETURNING seq, claims, message, kind, attempts, event, pipeline_id, created_at, payload, rendered";
    let mut claimed = Vec::new();
    for (webhook, path, room) in due(sql, now, each)? {
        let left = limit.saturating_sub(u32::try_from(claimed.len()).unwrap_or(u32::MAX));
        if left == 0 {
            break;
        }
        let of = values![webhook.id.get(), now.as_millisecond(), until.as_millisecond(), room.min(left)];
        let mut these = sql.all(update, of, |row| read_claim(row, &webhook, &path))?;
        these.sort_unstable_by_key(|claim| claim.seq);
        claimed.extend(these);
    }
    Ok(claimed)
}

/// Reads what a claim got.
fn read_claim(row: &dyn Row, webhook: &Webhook, path: &str) -> Result<ClaimedDelivery> {
    let of: (Option<i64>, Option<i64>) = (row.get(5)?, row.get(6)?);
    let (payload, rendered): (String, bool) = (row.get(8)?, row.get(9)?);
    let payload = match (rendered, of.0.zip(of.1)) {
        (false, Some((number, pipeline))) => {
            let event = rows::events::read(webhook.repository_id, (number, pipeline, row.get(7)?), &payload)?;
            Payload::Event(Box::new(event))
        }
        _ => Payload::Rendered(payload),
    };
    Ok(ClaimedDelivery {
        seq: row.get(0)?,
        claim: row.get(1)?,
        id: row.get(2)?,
        kind: row.get(3)?,
        attempt: row.get(4)?,
        webhook: webhook.clone(),
        repository: path.to_owned(),
        payload,
    })
}

fn update_delivery(sql: &dyn Sql, settlement: &DeliveryResult) -> Result<bool> {
    let at = settlement.last.at.as_millisecond();
    let update = "UPDATE deliveries SET state = ?3, next_at = ?4, claimed = 0, payload = ?5, rendered = 1, last_at = ?6, last_status = ?7,
                  last_answer = ?8, last_error = ?9 WHERE seq = ?1 AND claims = ?2 AND claimed = 1";
    let row = values![
        settlement.seq,
        settlement.claim,
        settlement.state.as_str(),
        settlement.state.next_at().map_or(at, Timestamp::as_millisecond),
        settlement.body,
        at,
        settlement.last.status,
        settlement.last.response_body,
        settlement.last.error,
    ];
    let settled = sql.execute(update, row)? > 0;
    let id = settlement.webhook_id.get();
    match settlement.health {
        WebhookHealth::Good => {
            let good = "UPDATE webhooks SET failing_since = NULL WHERE id = ?1 AND failing_since IS NOT NULL";
            sql.execute(good, values![id])?;
        }
        WebhookHealth::Failing => {
            let failing = "UPDATE webhooks SET failing_since = ?2 WHERE id = ?1 AND failing_since IS NULL";
            sql.execute(failing, values![id, at])?;
        }
        WebhookHealth::Disabled(why) => {
            let disable = "UPDATE webhooks SET disabled_at = ?2, disabled_why = ?3, failing_since = coalesce(failing_since, ?2)
                           WHERE id = ?1 AND disabled_at IS NULL";
            let row = values![id, at, why.as_str()];
            sql.execute(disable, row)?;
        }
    }
    Ok(settled)
}

/// Reads a delivery from the first columns, which are [`DELIVERY`], without its body.
fn read(row: &dyn Row) -> Result<Delivery> {
    let state: String = row.get(5)?;
    let last = match row.get::<Option<i64>>(8)? {
        Some(at) => Some(DeliveryAttempt {
            at: rows::time(at)?,
            status: row.get(9)?,
            response_body: row.get(10)?,
            error: row.get(11)?,
        }),
        None => None,
    };
    Ok(Delivery {
        id: row.get(1)?,
        webhook_id: WebhookId::new(row.get(0)?).map_err(rows::corrupt)?,
        kind: row.get(2)?,
        event: row.get(3)?,
        created_at: rows::time(row.get(4)?)?,
        state: match state.as_str() {
            "pending" => DeliveryState::Pending(rows::time(row.get(6)?)?),
            "delivered" => DeliveryState::Delivered,
            "failed" => DeliveryState::Failed,
            other => return Err(rows::corrupt(other)),
        },
        attempts: row.get(7)?,
        last,
        body: None,
    })
}

fn find(sql: &dyn Sql, webhook: WebhookId, id: &str) -> Result<Option<Delivery>> {
    let query = format!(
        "SELECT {DELIVERY}, d.rendered, d.payload FROM deliveries d WHERE d.webhook_id = ?1 AND d.message = ?2"
    );
    let whole = |row: &dyn Row| {
        let rendered: bool = row.get(12)?;
        Ok(Delivery { body: if rendered { row.get(13)? } else { None }, ..read(row)? })
    };
    sql.first(&query, values![webhook.get(), id], whole)
}

//! Deliveries to webhooks.

use super::webhooks::Subscription;
use super::{events, of_ids};
use crate::sql::{Columns as _, Sql, Table, ToValue as _, Value, columns, corrupt, table, values};
use domain::model::deliveries::shares::Candidate;
use domain::model::deliveries::{
    ClaimedDelivery, Delivery, DeliveryAttempt, DeliveryResult, DeliveryState, Payload,
};
use domain::model::events::Event;
use domain::model::ids::{PipelineId, WebhookId};
use domain::model::webhooks::Webhook;
use domain::ports::NewDelivery;
use domain::{Result, Timestamp};
use std::collections::HashMap;

table! {
    /// Deliveries to webhooks.
    DELIVERIES "deliveries";
    key seq: Int;
    fixed webhook_id: Int, message: Text, kind: Text, event: Int, pipeline_id: Int, created_at: Int,
        payload: Text, rendered: Int, queued_at: Int, state: Text, next_at: Int, claimed: Int, attempts: Int,
        claims: Int, last_at: Int, last_status: Int, last_response: Text, last_error: Text;
    new_row NewDeliveryValues;
}

/// The table without its key, for new rows.
pub const NEW_DELIVERIES: Table = DELIVERIES.without_key();

// Without the body.
columns! {
    Delivery from "d": webhook_id, message, kind, event, created_at, state: String, next_at, attempts,
        last_at: Option<Timestamp>, last_status, last_response, last_error
    => Self {
        id: message,
        webhook_id,
        kind,
        event,
        created_at,
        state: match state.as_str() {
            "pending" => DeliveryState::Pending(next_at),
            "delivered" => DeliveryState::Delivered,
            "failed" => DeliveryState::Failed,
            other => return Err(corrupt(other)),
        },
        attempts,
        last: last_at.map(|at| DeliveryAttempt {
            at,
            status: last_status,
            response_body: last_response,
            error: last_error,
        }),
        body: None,
    }
}

impl<'a> NewDeliveryValues<'a> {
    /// A delivery that is due at `at` and was not attempted yet.
    fn new(
        webhook: WebhookId,
        message: Value<'a>,
        kind: Value<'a>,
        payload: Value<'a>,
        at: Timestamp,
    ) -> Self {
        Self {
            webhook_id: webhook.into(),
            message,
            kind,
            event: Value::Null,
            pipeline_id: Value::Null,
            created_at: at.into(),
            payload,
            rendered: true.into(),
            queued_at: at.into(),
            state: "pending".into(),
            next_at: at.into(),
            claimed: 0.into(),
            attempts: 0.into(),
            claims: 0.into(),
            last_at: Value::Null,
            last_status: Value::Null,
            last_response: Value::Null,
            last_error: Value::Null,
        }
    }
}

/// The rows of the deliveries of an event, for [`NEW_DELIVERIES`].
///
/// # Errors
/// [`domain::Error::Internal`] if the event cannot be written as JSON; no event causes it.
pub fn of_event(event: &Event, subscriptions: &[Subscription]) -> Result<Vec<Vec<Value<'static>>>> {
    let mut rows = Vec::new();
    for Subscription { webhook, tag, topics, content } in subscriptions {
        for topic in topics.matching(event).filter(|topic| content.accepts(*topic, event)) {
            let (message, kind) = (topic.message_id(tag, event).into(), topic.kind(event).into());
            let row = NewDeliveryValues {
                event: event.number.into(),
                pipeline_id: event.pipeline().map(|pipeline| pipeline.id).into(),
                rendered: false.into(),
                ..NewDeliveryValues::new(*webhook, message, kind, events::body(event)?.into(), event.at)
            };
            rows.push(row.into());
        }
    }
    Ok(rows)
}

/// Inserts a delivery without an event.
pub fn insert(sql: &dyn Sql, webhook: WebhookId, new: &NewDelivery) -> Result<()> {
    let (message, kind, payload) = (new.id.to_value(), new.kind.to_value(), new.body.to_value());
    sql.insert(&NEW_DELIVERIES, NewDeliveryValues::new(webhook, message, kind, payload, new.created_at))
}

/// A delivery with its body.
pub fn load(sql: &dyn Sql, webhook: WebhookId, id: &str) -> Result<Option<Delivery>> {
    let query = format!(
        "SELECT {}, d.rendered, d.payload FROM deliveries d WHERE d.webhook_id = ?1 AND d.message = ?2",
        Delivery::COLUMNS
    );
    let found: Option<(Delivery, bool, String)> = sql.first(&query, values![webhook, id])?;
    Ok(found.map(|(delivery, rendered, payload)| Delivery { body: rendered.then_some(payload), ..delivery }))
}

/// At most `limit` deliveries of a webhook, the newest first, those before `before`.
pub fn page(sql: &dyn Sql, webhook: WebhookId, before: Option<&str>, limit: u32) -> Result<Vec<Delivery>> {
    let query = format!(
        "SELECT {} FROM deliveries d WHERE d.webhook_id = ?1 AND (CAST(?2 AS TEXT) IS NULL OR d.seq <
         (SELECT b.seq FROM deliveries b WHERE b.webhook_id = ?1 AND b.message = ?2)) ORDER BY d.seq DESC LIMIT ?3",
        Delivery::COLUMNS
    );
    sql.all(&query, values![webhook, before, limit])
}

/// Makes a delivery due, unless an attempt of it is under way.
pub fn requeue(sql: &dyn Sql, webhook: WebhookId, id: &str, now: Timestamp) -> Result<()> {
    let update =
        "UPDATE deliveries SET state = 'pending', next_at = ?3, queued_at = ?3, attempts = 0, claimed = 0
         WHERE webhook_id = ?1 AND message = ?2 AND NOT (claimed = 1 AND next_at > ?3)";
    sql.execute(update, values![webhook, id, now]).map(drop)
}

/// The webhooks with deliveries that are due at the time ?1, of which at most ?2 are counted, or with attempts in
/// progress: id, number of due deliveries, number of attempts in progress; the longest waiting delivery first.
/// `waiting` has the webhooks with pending deliveries, which include those of attempts in progress. It looks at one
/// entry of the index for each, so the cost grows neither with other webhooks nor with the deliveries of one.
pub const WAITING: &str = "WITH RECURSIVE waiting (id) AS (
        SELECT min(d.webhook_id) FROM deliveries d INDEXED BY deliveries_due WHERE d.state = 'pending'
        UNION ALL SELECT (SELECT min(d.webhook_id) FROM deliveries d INDEXED BY deliveries_due
            WHERE d.state = 'pending' AND d.webhook_id > waiting.id) FROM waiting WHERE waiting.id IS NOT NULL)
    SELECT w.id, (SELECT count(*) FROM (SELECT 1 FROM deliveries d INDEXED BY deliveries_due
            WHERE d.webhook_id = w.id AND d.state = 'pending' AND d.next_at <= ?1 LIMIT ?2) few) AS due, w.busy
    FROM (SELECT waiting.id,
            (SELECT min(d.next_at) FROM deliveries d INDEXED BY deliveries_due WHERE d.webhook_id = waiting.id
                AND d.state = 'pending') AS first,
            (SELECT count(*) FROM deliveries d INDEXED BY deliveries_claimed WHERE d.webhook_id = waiting.id
                AND d.claimed = 1 AND d.next_at > ?1) AS busy
        FROM waiting WHERE waiting.id IS NOT NULL) w
    WHERE w.first <= ?1 OR w.busy > 0 ORDER BY w.first, w.id";

/// Webhooks with the paths of their repositories. `ids` is a list for `IN`.
pub fn recipients_query(ids: &str) -> String {
    format!(
        "SELECT {}, r.path FROM webhooks w CROSS JOIN repositories r ON r.id = w.repository_id WHERE w.id IN ({ids})",
        Webhook::COLUMNS
    )
}

/// The webhooks with due deliveries, of which at most `due_max` are counted, or with attempts in progress; those
/// with the longest waiting delivery first.
pub fn candidates(sql: &dyn Sql, now: Timestamp, due_max: u32) -> Result<Vec<Candidate>> {
    let waiting: Vec<(WebhookId, u32, u32)> = sql.all(WAITING, values![now, due_max])?;
    let ids = waiting.iter().map(|(id, ..)| i64::from(id.get())).collect();
    let recipients: Vec<(Webhook, String)> = of_ids(sql, &ids, recipients_query)?;
    let mut recipients: HashMap<WebhookId, (Webhook, String)> =
        recipients.into_iter().map(|found| (found.0.id, found)).collect();
    // The deliveries of a webhook that was deleted are kept for some days.
    let candidates = waiting.into_iter().filter_map(|(id, due, in_progress)| {
        let (recipient, path) = recipients.remove(&id)?;
        let is_candidate = recipient.disabled.is_none() || in_progress > 0;
        is_candidate.then_some(Candidate { recipient, path, due, in_progress })
    });
    Ok(candidates.collect())
}

/// A claimed delivery.
struct ClaimedRow {
    seq: i64,
    claims: i64,
    message: String,
    kind: String,
    attempts: u32,
    event: Option<i64>,
    pipeline_id: Option<PipelineId>,
    created_at: Timestamp,
    payload: String,
    rendered: bool,
}

columns! {
    ClaimedRow: seq, claims, message, kind, attempts, event, pipeline_id, created_at, payload, rendered
    => Self { seq, claims, message, kind, attempts, event, pipeline_id, created_at, payload, rendered }
}

/// Claims at most `limit` due deliveries of a webhook until `until`, in order of creation.
pub fn claim(
    sql: &dyn Sql,
    webhook: &Webhook,
    repository: &str,
    (now, until): (Timestamp, Timestamp),
    limit: u32,
) -> Result<Vec<ClaimedDelivery>> {
    // The condition is repeated outside the subquery: of two concurrent claims, the second checks it again
    // after the first.
    let update = format!(
        "UPDATE deliveries SET claimed = 1, next_at = ?3, attempts = attempts + 1, claims = claims + 1
         WHERE seq IN (SELECT d.seq FROM deliveries d WHERE d.webhook_id = ?1 AND d.state = 'pending'
         AND d.next_at <= ?2
                       ORDER BY d.next_at, d.seq LIMIT ?4)
           AND state = 'pending' AND next_at <= ?2
         RETURNING {}",
        ClaimedRow::COLUMNS
    );
    let mut rows: Vec<ClaimedRow> = sql.all(&update, values![webhook.id, now, until, limit])?;
    rows.sort_unstable_by_key(|row| row.seq);
    rows.into_iter().map(|row| claimed(row, webhook, repository)).collect()
}

fn claimed(row: ClaimedRow, webhook: &Webhook, repository: &str) -> Result<ClaimedDelivery> {
    let payload = match (row.rendered, row.event) {
        (false, Some(number)) => {
            let (repository, pipeline) = (webhook.repository_id, row.pipeline_id);
            let event = events::parse(&row.payload, repository, number, pipeline, row.created_at)?;
            Payload::Event(Box::new(event))
        }
        _ => Payload::Rendered(row.payload),
    };
    Ok(ClaimedDelivery {
        seq: row.seq,
        claim: row.claims,
        id: row.message,
        kind: row.kind,
        attempt: row.attempts,
        webhook: webhook.clone(),
        repository: repository.to_owned(),
        payload,
    })
}

/// Writes the result of an attempt, unless the delivery was claimed again since. Returns whether it was
/// written.
pub fn store_result(sql: &dyn Sql, result: &DeliveryResult) -> Result<bool> {
    let update = "UPDATE deliveries SET state = ?3, next_at = ?4, claimed = 0,
        payload = coalesce(CAST(?5 AS TEXT), payload),
        rendered = CASE WHEN CAST(?5 AS TEXT) IS NULL THEN rendered ELSE 1 END,
        last_at = ?6, last_status = ?7, last_response = ?8, last_error = ?9
        WHERE seq = ?1 AND claims = ?2 AND claimed = 1";
    let row = values![
        result.seq,
        result.claim,
        result.state.as_str(),
        result.state.next_at().unwrap_or(result.last.at),
        result.body,
        result.last.at,
        result.last.status,
        result.last.response_body,
        result.last.error,
    ];
    Ok(sql.execute(update, row)? > 0)
}

/// Deletes a claimed delivery, unless it was claimed again since.
pub fn discard(sql: &dyn Sql, seq: i64, claim: i64) -> Result<()> {
    let delete = "DELETE FROM deliveries WHERE seq = ?1 AND claims = ?2 AND claimed = 1";
    sql.execute(delete, values![seq, claim]).map(drop)
}

/// Whether [`bring_forward`] would change any row.
pub fn any_after(sql: &dyn Sql, latest: Timestamp) -> Result<bool> {
    let query = "SELECT 1 FROM deliveries WHERE state = 'pending' AND next_at > ?1 LIMIT 1";
    sql.exists(query, values![latest])
}

/// Makes pending deliveries due now that would be due after `latest`; returns their number.
pub fn bring_forward(sql: &dyn Sql, latest: Timestamp, now: Timestamp) -> Result<u64> {
    let update = "UPDATE deliveries SET next_at = ?2 WHERE state = 'pending' AND next_at > ?1";
    sql.execute(update, values![latest, now])
}

/// Of the first rows, as many as ?2, those that were queued before ?1.
const OLD: &str = "SELECT d.seq FROM (SELECT seq, queued_at FROM deliveries ORDER BY seq LIMIT ?2) d
    WHERE d.queued_at < ?1";

/// Whether [`delete_old`] would delete any row.
pub fn any_old(sql: &dyn Sql, before: Timestamp, limit: u32) -> Result<bool> {
    sql.exists(OLD, values![before, limit])
}

/// Deletes those of the first `limit` deliveries that were queued before `before`; returns their number.
pub fn delete_old(sql: &dyn Sql, before: Timestamp, limit: u32) -> Result<u64> {
    let delete = format!("DELETE FROM deliveries WHERE seq IN ({OLD}) AND queued_at < ?1");
    sql.execute(&delete, values![before, limit])
}

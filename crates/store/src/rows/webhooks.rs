//! Webhooks.

use crate::sql::{Columns as _, Sql, ToValue as _, Value, columns, table, values};
use domain::model::ids::{RepositoryId, WebhookId};
use domain::model::webhooks::{DisabledReason, EventTopics, Secret, Webhook};
use domain::{Result, Timestamp};

table! {
    /// Webhooks.
    WEBHOOKS "webhooks";
    key id: Int;
    fixed repository_id: Int, tag: Text, url: Text, description: Text, pipelines: Int, jobs: Int, gates: Int,
        secret: Blob, old_secret: Blob, old_secret_until: Int, disabled_at: Int, disabled_reason: Text,
        failing_since: Int, created_at: Int;
    new_row NewWebhookValues;
}

columns! {
    Webhook from "w": id, repository_id, tag, url, description, pipelines, jobs, gates, secret,
        old_secret: Option<Secret>, old_secret_until: Option<Timestamp>, disabled_at: Option<Timestamp>,
        disabled_reason: Option<DisabledReason>, failing_since, created_at
    => Self {
        id,
        repository_id,
        tag,
        url,
        description,
        topics: EventTopics { pipelines, jobs, gates },
        secret,
        old_secret: old_secret.zip(old_secret_until),
        disabled: disabled_at.zip(disabled_reason),
        failing_since,
        created_at,
    }
}

/// A webhook that is not disabled, and the events that are sent to it.
pub struct Subscription {
    pub webhook: WebhookId,
    pub tag: String,
    pub topics: EventTopics,
}

columns! {
    Subscription from "w": id, tag, pipelines, jobs, gates
    => Self { webhook: id, tag, topics: EventTopics { pipelines, jobs, gates } }
}

/// The webhooks of a repository that are not disabled, in order of id.
pub fn subscriptions(sql: &dyn Sql, repository: RepositoryId) -> Result<Vec<Subscription>> {
    let query = format!(
        "SELECT {} FROM webhooks w WHERE w.repository_id = ?1 AND w.disabled_at IS NULL ORDER BY w.id",
        Subscription::COLUMNS
    );
    sql.all(&query, values![repository])
}

pub fn exists(sql: &dyn Sql, repository: RepositoryId, id: WebhookId) -> Result<bool> {
    sql.exists("SELECT 1 FROM webhooks WHERE repository_id = ?1 AND id = ?2", values![repository, id])
}

/// A webhook, locked until the commit.
pub fn load_locked(sql: &dyn Sql, repository: RepositoryId, id: WebhookId) -> Result<Option<Webhook>> {
    let query = format!(
        "SELECT {} FROM webhooks w WHERE w.repository_id = ?1 AND w.id = ?2{}",
        Webhook::COLUMNS,
        sql.flavor().for_update()
    );
    sql.first(&query, values![repository, id])
}

/// A webhook.
pub fn find(sql: &dyn Sql, id: WebhookId) -> Result<Option<Webhook>> {
    let query = format!("SELECT {} FROM webhooks w WHERE w.id = ?1", Webhook::COLUMNS);
    sql.first(&query, values![id])
}

/// The webhooks of a repository in order of id.
pub fn load(sql: &dyn Sql, repository: RepositoryId) -> Result<Vec<Webhook>> {
    let query =
        format!("SELECT {} FROM webhooks w WHERE w.repository_id = ?1 ORDER BY w.id", Webhook::COLUMNS);
    sql.all(&query, values![repository])
}

pub fn count(sql: &dyn Sql, repository: RepositoryId) -> Result<usize> {
    let count: i64 =
        sql.one("SELECT count(*) FROM webhooks WHERE repository_id = ?1", values![repository])?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Inserts a webhook; its id is ignored, the new one is returned.
pub fn insert(sql: &dyn Sql, webhook: &Webhook) -> Result<WebhookId> {
    let row = NewWebhookValues {
        repository_id: webhook.repository_id.to_value(),
        tag: webhook.tag.to_value(),
        url: webhook.url.to_value(),
        description: webhook.description.to_value(),
        pipelines: webhook.topics.pipelines.to_value(),
        jobs: webhook.topics.jobs.to_value(),
        gates: webhook.topics.gates.to_value(),
        secret: webhook.secret.to_value(),
        old_secret: Value::Null,
        old_secret_until: Value::Null,
        disabled_at: Value::Null,
        disabled_reason: Value::Null,
        failing_since: Value::Null,
        created_at: webhook.created_at.to_value(),
    };
    sql.insert_new(&WEBHOOKS, row)
}

/// Updates all columns that may change.
pub fn update(sql: &dyn Sql, webhook: &Webhook) -> Result<()> {
    let update = "UPDATE webhooks SET url = ?2, description = ?3, pipelines = ?4, jobs = ?5, secret = ?6,
        old_secret = ?7, old_secret_until = ?8, disabled_at = ?9, disabled_reason = ?10, failing_since = ?11, gates = ?12
        WHERE id = ?1";
    let old = webhook.old_secret.as_ref();
    let row = values![
        webhook.id,
        webhook.url,
        webhook.description,
        webhook.topics.pipelines,
        webhook.topics.jobs,
        webhook.secret,
        old.map(|(secret, _)| secret),
        old.map(|(_, until)| until),
        webhook.disabled.map(|(at, _)| at),
        webhook.disabled.map(|(_, reason)| reason),
        webhook.failing_since,
        webhook.topics.gates,
    ];
    sql.execute(update, row).map(drop)
}

/// Notes that a delivery succeeded.
pub fn set_working(sql: &dyn Sql, id: WebhookId) -> Result<()> {
    let update = "UPDATE webhooks SET failing_since = NULL WHERE id = ?1 AND failing_since IS NOT NULL";
    sql.execute(update, values![id]).map(drop)
}

/// Notes that a delivery failed.
pub fn set_failing(sql: &dyn Sql, id: WebhookId, at: Timestamp) -> Result<()> {
    let update = "UPDATE webhooks SET failing_since = ?2 WHERE id = ?1 AND failing_since IS NULL";
    sql.execute(update, values![id, at]).map(drop)
}

/// Disables a webhook after a failed delivery.
pub fn disable(sql: &dyn Sql, id: WebhookId, at: Timestamp, reason: DisabledReason) -> Result<()> {
    let update =
        "UPDATE webhooks SET disabled_at = ?2, disabled_reason = ?3, failing_since = coalesce(failing_since, ?2)
         WHERE id = ?1 AND disabled_at IS NULL";
    sql.execute(update, values![id, at, reason]).map(drop)
}

pub fn delete(sql: &dyn Sql, repository: RepositoryId, id: WebhookId) -> Result<bool> {
    let delete = "DELETE FROM webhooks WHERE repository_id = ?1 AND id = ?2";
    Ok(sql.execute(delete, values![repository, id])? > 0)
}

//! Webhooks.

use crate::sql::{Columns as _, Sql, ToValue as _, Value, columns, table, values};
use domain::language::Language;
use domain::model::ids::{RepositoryId, UserId, WebhookId};
use domain::model::webhooks::content::{Content, Format};
use domain::model::webhooks::{DisabledReason, EventTopics, Secret, Webhook};
use domain::{Result, Timestamp};

table! {
    /// Webhooks.
    WEBHOOKS "webhooks";
    key id: Int;
    fixed repository_id: Int, tag: Text, url: Text, description: Text, pipelines: Int, jobs: Int, gates: Int,
        secret: Blob, old_secret: Blob, old_secret_until: Int, disabled_at: Int, disabled_reason: Text,
        failing_since: Int, created_at: Int, format: Text, language: Text, refs: Text, job_patterns: Text,
        author: Text, creator_id: Int, personal: Int;
    new_row NewWebhookValues;
}

columns! {
    Webhook from "w": id, repository_id, tag, url, description, pipelines, jobs, gates, secret,
        old_secret: Option<Secret>, old_secret_until: Option<Timestamp>, disabled_at: Option<Timestamp>,
        disabled_reason: Option<DisabledReason>, failing_since, created_at, format, language: String,
        refs: String, job_patterns: String, author, creator_id, personal
    => Self {
        id,
        repository_id,
        tag,
        url,
        description,
        topics: EventTopics { pipelines, jobs, gates },
        content: content((format, &language), (&refs, &job_patterns), author, (creator_id, personal)),
        secret,
        old_secret: old_secret.zip(old_secret_until),
        disabled: disabled_at.zip(disabled_reason),
        failing_since,
        created_at,
    }
}

/// The content of a row, in which patterns are one a line.
fn content(
    (format, language): (Format, &str),
    (refs, jobs): (&str, &str),
    author: Option<String>,
    (creator, personal): (Option<UserId>, bool),
) -> Content {
    let lines = |text: &str| -> Vec<String> { text.lines().map(str::to_owned).collect() };
    let language = Language::from_tag(language).unwrap_or_default();
    Content { format, language, refs: lines(refs), jobs: lines(jobs), author, creator, personal }
}

/// A webhook that is not disabled, and the events that are sent to it.
pub struct Subscription {
    pub webhook: WebhookId,
    pub tag: String,
    pub topics: EventTopics,
    pub content: Content,
}

columns! {
    Subscription from "w": id, tag, pipelines, jobs, gates, format, language: String, refs: String,
        job_patterns: String, author, creator_id, personal
    => Self {
        webhook: id,
        tag,
        topics: EventTopics { pipelines, jobs, gates },
        content: content((format, &language), (&refs, &job_patterns), author, (creator_id, personal)),
    }
}

/// The condition of webhooks to which messages are sent.
pub const IS_SENT: &str = "w.disabled_at IS NULL AND w.format <> 'feed'";

/// The webhooks of a repository that are not disabled and to which messages are sent, in order of id.
pub fn subscriptions(sql: &dyn Sql, repository: RepositoryId) -> Result<Vec<Subscription>> {
    let query = format!(
        "SELECT {} FROM webhooks w WHERE w.repository_id = ?1 AND {IS_SENT} ORDER BY w.id",
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
    let query = format!(
        "SELECT {} FROM webhooks w WHERE w.repository_id = ?1 AND w.personal = 0 ORDER BY w.id",
        Webhook::COLUMNS
    );
    sql.all(&query, values![repository])
}

pub fn count(sql: &dyn Sql, repository: RepositoryId) -> Result<usize> {
    let query = "SELECT count(*) FROM webhooks WHERE repository_id = ?1 AND personal = 0";
    let count: i64 = sql.one(query, values![repository])?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// The subscriptions of a user in order of id.
pub fn of_user(sql: &dyn Sql, user: UserId) -> Result<Vec<Webhook>> {
    let query = format!(
        "SELECT {} FROM webhooks w WHERE w.creator_id = ?1 AND w.personal = 1 ORDER BY w.id",
        Webhook::COLUMNS
    );
    sql.all(&query, values![user])
}

/// The number of subscriptions of a user, and of all users in a repository.
pub fn count_subscriptions(sql: &dyn Sql, user: UserId, repository: RepositoryId) -> Result<(usize, usize)> {
    let query = "SELECT (SELECT count(*) FROM webhooks WHERE creator_id = ?1 AND personal = 1),
        (SELECT count(*) FROM webhooks WHERE repository_id = ?2 AND personal = 1)";
    let (own, all): (i64, i64) = sql.one(query, values![user, repository])?;
    Ok((usize::try_from(own).unwrap_or_default(), usize::try_from(all).unwrap_or_default()))
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
        format: webhook.content.format.to_value(),
        language: webhook.content.language.code().into(),
        refs: webhook.content.refs.join("\n").into(),
        job_patterns: webhook.content.jobs.join("\n").into(),
        author: webhook.content.author.to_value(),
        creator_id: webhook.content.creator.to_value(),
        personal: webhook.content.personal.to_value(),
    };
    sql.insert_new(&WEBHOOKS, row)
}

/// Updates all columns that may change.
pub fn update(sql: &dyn Sql, webhook: &Webhook) -> Result<()> {
    let update = "UPDATE webhooks SET url = ?2, description = ?3, pipelines = ?4, jobs = ?5, secret = ?6,
        old_secret = ?7, old_secret_until = ?8, disabled_at = ?9, disabled_reason = ?10, failing_since = ?11,
        gates = ?12, refs = ?13, job_patterns = ?14, creator_id = ?15 WHERE id = ?1";
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
        webhook.content.refs.join("\n"),
        webhook.content.jobs.join("\n"),
        webhook.content.creator,
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

//! Webhooks.

use crate::engine::{Engine, SqlStore};
use crate::rows;
use crate::sql::{Row, Sql, values};
use crate::unit_of_work::UnitOfWork;
use async_trait::async_trait;
use domain::Timestamp;
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::{RepositoryId, WebhookId};
use domain::model::webhooks::{DisabledReason, EventTopics, Secret, WEBHOOKS_MAX, Webhook, WebhookChange};
use domain::ports::Webhooks;

/// What [`read`] reads.
pub const COLUMNS: &str =
    "w.id, w.repository_id, w.tag, w.url, w.description, w.pipelines, w.jobs, w.secret, w.old_secret,
    w.old_secret_until, w.disabled_at, w.disabled_why, w.failing_since, w.created_at";
/// How many those are.
pub const WIDTH: usize = 14;

/// Reads a webhook from the first columns, which are [`COLUMNS`].
pub fn read(row: &dyn Row) -> Result<Webhook> {
    let secret = |bytes| Secret::new(bytes).map_err(rows::corrupt);
    let old: (Option<Vec<u8>>, Option<i64>) = (row.get(8)?, row.get(9)?);
    let old_secret = match old.0.zip(old.1) {
        Some((bytes, until)) => Some((secret(bytes)?, rows::time(until)?)),
        None => None,
    };
    let disabled: (Option<i64>, Option<String>) = (row.get(10)?, row.get(11)?);
    let disabled = match disabled.0.zip(disabled.1) {
        Some((at, why)) => {
            Some((rows::time(at)?, DisabledReason::parse(&why).ok_or_else(|| rows::corrupt(&why))?))
        }
        None => None,
    };
    Ok(Webhook {
        id: WebhookId::new(row.get(0)?).map_err(rows::corrupt)?,
        repository_id: rows::repository_id(row.get(1)?)?,
        tag: row.get(2)?,
        url: row.get(3)?,
        description: row.get(4)?,
        topics: EventTopics { pipelines: row.get(5)?, jobs: row.get(6)? },
        secret: secret(row.get(7)?)?,
        old_secret,
        disabled,
        failing_since: rows::optional_time(row.get(12)?)?,
        created_at: rows::time(row.get(13)?)?,
    })
}

#[async_trait]
impl<E: Engine> Webhooks for SqlStore<E> {
    async fn create_webhook(&self, webhook: Webhook) -> Result<Webhook> {
        let make = move |unit: &mut UnitOfWork| {
            unit.forget_webhooks();
            create(unit.sql(), webhook.clone())
        };
        self.write(make).await
    }

    async fn webhooks(&self, repository: RepositoryId) -> Result<Vec<Webhook>> {
        self.read(move |sql| list(sql, repository)).await
    }

    async fn change_webhook(
        &self,
        repository: RepositoryId,
        id: WebhookId,
        change: WebhookChange,
        now: Timestamp,
    ) -> Result<Option<Webhook>> {
        let write = move |unit: &mut UnitOfWork| {
            let Some(mut webhook) = held(unit.sql(), repository, id)? else { return Ok(None) };
            change.apply(&mut webhook, now);
            store(unit.sql(), &webhook)?;
            unit.forget_webhooks();
            // What waited may be sent now.
            unit.make_due();
            Ok(Some(webhook))
        };
        self.write(write).await
    }

    async fn delete_webhook(&self, repository: RepositoryId, id: WebhookId) -> Result<bool> {
        let delete = "DELETE FROM webhooks WHERE repository_id = ?1 AND id = ?2";
        let write = move |unit: &mut UnitOfWork| {
            unit.forget_webhooks();
            Ok(unit.sql().execute(delete, values![repository.get(), id.get()])? > 0)
        };
        self.write(write).await
    }
}

/// One, that nobody changes before the commit.
fn held(sql: &dyn Sql, repository: RepositoryId, id: WebhookId) -> Result<Option<Webhook>> {
    let hold = sql.flavor().and_hold();
    let query = format!("SELECT {COLUMNS} FROM webhooks w WHERE w.repository_id = ?1 AND w.id = ?2{hold}");
    sql.first(&query, values![repository.get(), id.get()], read)
}

fn list(sql: &dyn Sql, repository: RepositoryId) -> Result<Vec<Webhook>> {
    let query = format!("SELECT {COLUMNS} FROM webhooks w WHERE w.repository_id = ?1 ORDER BY w.id");
    sql.all(&query, values![repository.get()], read)
}

fn create(sql: &dyn Sql, mut webhook: Webhook) -> Result<Webhook> {
    let count: i64 = sql.one(
        "SELECT count(*) FROM webhooks WHERE repository_id = ?1",
        values![webhook.repository_id.get()],
        |row| row.get(0),
    )?;
    if usize::try_from(count).unwrap_or_default() >= WEBHOOKS_MAX {
        return Err(Invalid::new("webhooks", Problem::TooMany { max: WEBHOOKS_MAX }).into());
    }
    let insert =
        "INSERT INTO webhooks (repository_id, tag, url, description, pipelines, jobs, secret, created_at)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id";
    let row = values![
        webhook.repository_id.get(),
        webhook.tag,
        webhook.url,
        webhook.description,
        webhook.topics.pipelines,
        webhook.topics.jobs,
        webhook.secret.bytes(),
        webhook.created_at.as_millisecond(),
    ];
    let id: i64 = sql.one(insert, row, |row| row.get(0))?;
    webhook.id = WebhookId::new(id)?;
    Ok(webhook)
}

fn store(sql: &dyn Sql, webhook: &Webhook) -> Result<()> {
    let update = "UPDATE webhooks SET url = ?2, description = ?3, pipelines = ?4, jobs = ?5, secret = ?6, old_secret = ?7,
                  old_secret_until = ?8, disabled_at = ?9, disabled_why = ?10, failing_since = ?11 WHERE id = ?1";
    let old = webhook.old_secret.as_ref();
    let row = values![
        webhook.id.get(),
        webhook.url,
        webhook.description,
        webhook.topics.pipelines,
        webhook.topics.jobs,
        webhook.secret.bytes(),
        old.map(|(secret, _)| secret.bytes()),
        old.map(|(_, until)| until.as_millisecond()),
        webhook.disabled.map(|(at, _)| at.as_millisecond()),
        webhook.disabled.map(|(_, why)| why.as_str()),
        webhook.failing_since.map(Timestamp::as_millisecond),
    ];
    sql.execute(update, row).map(drop)
}

//! Webhooks.

use crate::engine::{Engine, SqlStore};
use crate::rows::webhooks;
use crate::unapplied::ReadScope;
use crate::unit_of_work::UnitOfWork;
use crate::writer::Flow;
use async_trait::async_trait;
use domain::Timestamp;
use domain::error::{Invalid, Problem, Result};
use domain::model::audit::{Action, Change};
use domain::model::ids::{RepositoryId, UserId, WebhookId};
use domain::model::webhooks::{
    REPOSITORY_SUBSCRIPTIONS_MAX, SUBSCRIPTIONS_MAX, WEBHOOKS_MAX, Webhook, WebhookChange,
};
use domain::ports::Webhooks;

#[async_trait]
impl<E: Engine> Webhooks for SqlStore<E> {
    async fn create_webhook(&self, webhook: Webhook) -> Result<Webhook> {
        let repository = webhook.repository_id;
        let create = move |unit: &mut UnitOfWork| {
            unit.forget_subscriptions();
            check_number(unit, &webhook)?;
            let id = webhooks::insert(unit.sql(), &webhook)?;
            let created = Webhook { id, ..webhook.clone() };
            unit.audit(&Change::created(Action::WebhookCreate, &created));
            Ok(created)
        };
        self.write_locked(repository, create).await
    }

    async fn webhooks(&self, repository: RepositoryId) -> Result<Vec<Webhook>> {
        self.read(ReadScope::Accounts, move |sql| webhooks::load(sql, repository)).await
    }

    async fn subscriptions(&self, user: UserId) -> Result<Vec<Webhook>> {
        self.read(ReadScope::Accounts, move |sql| webhooks::of_user(sql, user)).await
    }

    async fn change_webhook(
        &self,
        repository: RepositoryId,
        id: WebhookId,
        change: WebhookChange,
        now: Timestamp,
    ) -> Result<Option<Webhook>> {
        let write = move |unit: &mut UnitOfWork| {
            let Some(mut webhook) = webhooks::load_locked(unit.sql(), repository, id)? else {
                return Ok(None);
            };
            let before = webhook.clone();
            change.apply(&mut webhook, now);
            webhooks::update(unit.sql(), &webhook)?;
            let changed = Change::updated(Action::WebhookChange, &before, &webhook)
                .with_replaced("path", before.url != webhook.url)
                .with_replaced("secret", before.secret != webhook.secret);
            unit.audit(&changed);
            unit.forget_subscriptions();
            // The change may make pending deliveries due.
            unit.notify_deliveries();
            Ok(Some(webhook))
        };
        self.write_locked(repository, write).await
    }

    async fn delete_webhook(&self, repository: RepositoryId, id: WebhookId) -> Result<bool> {
        let delete = move |unit: &mut UnitOfWork| {
            unit.forget_subscriptions();
            let before = webhooks::load_locked(unit.sql(), repository, id)?;
            let is_deleted = webhooks::delete(unit.sql(), repository, id)?;
            if let Some(before) = before.filter(|_| is_deleted) {
                unit.audit(&Change::deleted(Action::WebhookDelete, &before));
            }
            Ok(is_deleted)
        };
        self.write(Flow::Repository(repository), delete).await
    }
}

/// Checks that one more webhook is allowed.
fn check_number(unit: &mut UnitOfWork, webhook: &Webhook) -> Result<()> {
    let creator = webhook.content.creator.filter(|_| webhook.content.personal);
    let (field, max) = match creator {
        None if webhooks::count(unit.sql(), webhook.repository_id)? >= WEBHOOKS_MAX => {
            ("webhooks", WEBHOOKS_MAX)
        }
        None => return Ok(()),
        Some(user) => {
            let (own, all) = webhooks::count_subscriptions(unit.sql(), user, webhook.repository_id)?;
            match () {
                () if own >= SUBSCRIPTIONS_MAX => ("subscriptions", SUBSCRIPTIONS_MAX),
                () if all >= REPOSITORY_SUBSCRIPTIONS_MAX => ("subscriptions", REPOSITORY_SUBSCRIPTIONS_MAX),
                () => return Ok(()),
            }
        }
    };
    Err(Invalid::new(field, Problem::TooMany { max }).into())
}

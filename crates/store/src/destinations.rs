//! Destinations.

use crate::engine::{Engine, SqlStore};
use crate::rows::destinations;
use crate::unapplied::ReadScope;
use crate::unit_of_work::UnitOfWork;
use crate::writer::Flow;
use async_trait::async_trait;
use domain::Timestamp;
use domain::error::{Invalid, Problem, Result};
use domain::model::audit::{Action, Change};
use domain::model::destinations::{DESTINATIONS_MAX, Destination, DestinationChange};
use domain::model::ids::{DestinationId, RepositoryId};
use domain::model::webhooks::networks::Networks;
use domain::ports::Destinations;

#[async_trait]
impl<E: Engine> Destinations for SqlStore<E> {
    async fn create_destination(&self, destination: Destination) -> Result<Destination> {
        let repository = destination.repository_id;
        let create = move |unit: &mut UnitOfWork| {
            unit.forget_subscriptions();
            if destinations::count(unit.sql(), repository)? >= DESTINATIONS_MAX {
                return Err(Invalid::new("destinations", Problem::TooMany { max: DESTINATIONS_MAX }).into());
            }
            let id = destinations::insert(unit.sql(), &destination)?;
            let created = Destination { id, ..destination.clone() };
            unit.audit(&Change::created(Action::DestinationCreate, &created));
            Ok(created)
        };
        self.write_locked(repository, create).await
    }

    async fn destinations(&self, repository: RepositoryId) -> Result<Vec<Destination>> {
        self.read(ReadScope::Accounts, move |sql| destinations::load(sql, repository)).await
    }

    async fn change_destination(
        &self,
        repository: RepositoryId,
        id: DestinationId,
        change: DestinationChange,
        allowed: Networks,
        now: Timestamp,
    ) -> Result<Option<Destination>> {
        let write = move |unit: &mut UnitOfWork| {
            let Some(before) = destinations::load_locked(unit.sql(), repository, id)? else {
                return Ok(None);
            };
            let after = change.clone().apply(&before, &allowed)?;
            destinations::update(unit.sql(), &after)?;
            let changed = Change::updated(Action::DestinationChange, &before, &after);
            unit.audit(&changed.with_replaced("token", before.token != after.token));
            // The states of reports of this group are among the pending rows.
            unit.flush()?;
            if !after.is_same_project(&before) {
                destinations::begin_reset(unit.sql(), id)?;
            }
            unit.forget_subscriptions();
            unit.notify_states();
            Ok(Some(after))
        };
        let changed = self.write_locked(repository, write).await?;
        if changed.is_some() {
            self.reset(repository, id, now).await?;
        }
        if changed.as_ref().is_some_and(|after| after.enabled) {
            // Also what is sent: while it was disabled, changes were not noted.
            self.make_due(repository, id, now).await?;
        }
        Ok(changed)
    }

    async fn delete_destination(&self, repository: RepositoryId, id: DestinationId) -> Result<bool> {
        let delete = move |unit: &mut UnitOfWork| {
            unit.forget_subscriptions();
            let before = destinations::load_locked(unit.sql(), repository, id)?;
            let is_deleted = destinations::delete(unit.sql(), repository, id)?;
            if let Some(before) = before.filter(|_| is_deleted) {
                unit.audit(&Change::deleted(Action::DestinationDelete, &before));
            }
            Ok(is_deleted)
        };
        self.write(Flow::Repository(repository), delete).await
    }
}

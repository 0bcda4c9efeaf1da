//! Events: written by the commit that causes them, read in order, deleted from the oldest on.

use crate::engine::{Engine, SqlStore};
use crate::rows::{counters, events};
use crate::sql::{Sql, values};
use crate::unapplied::ReadScope;
use crate::unit_of_work::UnitOfWork;
use async_trait::async_trait;
use domain::model::events::Event;
use domain::model::ids::RepositoryId;
use domain::ports::{EventPage, Events};
use domain::{Result, Timestamp};
use std::sync::Arc;

/// The number of rows that one step deletes.
const DELETE_STEP: u32 = 1_000;

#[async_trait]
impl<E: Engine> Events for SqlStore<E> {
    async fn events(&self, repository: RepositoryId, after: i64, limit: u32) -> Result<EventPage> {
        // Before the read: what is applied in between is in both.
        let recent = self.0.unapplied().map(|unapplied| unapplied.events(repository)).unwrap_or_default();
        if let Some(page) = recent_page(&recent, after, limit) {
            return Ok(page);
        }
        let mut page =
            self.snapshot(ReadScope::Accounts, move |sql| page(sql, repository, after, limit)).await?;
        add_recent(&mut page, &recent, after, limit);
        Ok(page)
    }

    async fn wait_for_event(&self, repository: RepositoryId, after: i64) -> Result<()> {
        // Subscribes before it reads, so that a commit in between is not missed. A notification is only a
        // reason to read.
        let mut last = self.0.notifier().subscribe(repository);
        loop {
            last.borrow_and_update();
            let recent = self.0.unapplied().and_then(|unapplied| unapplied.last_event(repository));
            let number = match recent {
                Some(number) => number,
                None => {
                    let read = move |sql: &dyn Sql| counters::last_event(sql, repository);
                    self.read(ReadScope::Accounts, read).await?
                }
            };
            if number > after {
                return Ok(());
            }
            // The sender lives as long as the store.
            let changed = last.changed();
            match E::POLL_INTERVAL {
                None => drop(changed.await),
                Some(time) => drop(tokio::time::timeout(time, changed).await),
            }
        }
    }

    async fn delete_old_events(&self, before: Timestamp, now: Timestamp) -> Result<u64> {
        // Most of the time no event is old: a read first spares the writer.
        let repositories =
            self.bulk_read(ReadScope::All, move |sql| with_old_events(sql, before, now)).await?;
        if repositories.is_empty() {
            return Ok(0);
        }
        self.write_step(DELETE_STEP, move |unit| delete_old(unit, &repositories, before, now)).await
    }
}

/// The page, if all events after `after` are recent ones.
fn recent_page(recent: &[Arc<Event>], after: i64, limit: u32) -> Option<EventPage> {
    let (first, last) = (recent.first()?.number, recent.last()?.number);
    if after < first - 1 || after > last {
        return None;
    }
    let events = recent.iter().filter(|event| event.number > after).take(limit as usize);
    Some(EventPage { events: events.map(|event| (**event).clone()).collect(), oldest: first, last })
}

/// Adds recent events to a page of older ones.
fn add_recent(page: &mut EventPage, recent: &[Arc<Event>], after: i64, limit: u32) {
    let known = page.events.last().map_or(after.max(page.last), |event| event.number);
    let left = (limit as usize).saturating_sub(page.events.len());
    // The page ends early only if there is no older event.
    let next = recent.iter().filter(|event| event.number > known).take(left);
    page.events.extend(next.map(|event| (**event).clone()));
    if let Some(event) = recent.last() {
        page.last = page.last.max(event.number);
    }
}

fn page(sql: &dyn Sql, repository: RepositoryId, after: i64, limit: u32) -> Result<EventPage> {
    let last = counters::last_event(sql, repository)?;
    let oldest = "SELECT min(number) FROM events WHERE repository_id = ?1";
    let oldest: Option<i64> = sql.one(oldest, values![repository])?;
    let events = events::load(sql, repository, after, limit)?;
    Ok(EventPage { events, oldest: oldest.unwrap_or(last + 1), last })
}

/// The repositories whose oldest event, except those recorded after `now`, is before `before` and is not their
/// last event.
fn with_old_events(sql: &dyn Sql, before: Timestamp, now: Timestamp) -> Result<Vec<RepositoryId>> {
    let query = "SELECT c.repository_id FROM counters c WHERE c.event > 0 AND EXISTS (
                 SELECT 1 FROM events e WHERE e.repository_id = c.repository_id AND e.recorded_at < ?1
                 AND e.last_number < c.event
                 AND e.number = (SELECT min(o.number) FROM events o WHERE o.repository_id = c.repository_id
                                 AND o.recorded_at <= ?2))
                 ORDER BY c.repository_id LIMIT ?3";
    sql.all(query, values![before, now, DELETE_STEP])
}

/// Deletes from the oldest row on, up to the last one before `before` that follows no row from `before` to
/// `now`. Later events stay even if they are older, which a clock that was set back may cause: the remaining
/// numbers have no gaps. A row recorded after `now` has the time of a clock that was ahead: it is older than
/// the rows that follow it, so it is deleted with them.
fn delete_old(
    unit: &mut UnitOfWork,
    repositories: &[RepositoryId],
    before: Timestamp,
    now: Timestamp,
) -> Result<u64> {
    // The queries must see the events of this group.
    unit.flush()?;
    let sql = unit.sql();
    let query = "SELECT number, recorded_at FROM events WHERE repository_id = ?1 AND last_number < ?2
        AND recorded_at <= ?3 ORDER BY number LIMIT ?4";
    // Rows recorded after `now` may be among them: several steps delete many of them.
    let step = "SELECT number, last_number FROM events WHERE repository_id = ?1 AND number <= ?2
        ORDER BY number LIMIT ?3";
    let (mut deleted, mut rows) = (0, 0);
    for repository in repositories {
        let left = u64::from(DELETE_STEP).saturating_sub(rows);
        if left == 0 {
            break;
        }
        let limit = u32::try_from(left).unwrap_or(DELETE_STEP);
        let last = counters::last_event(sql, *repository)?;
        let oldest: Vec<(i64, i64)> = sql.all(query, values![repository, last, now, limit])?;
        let old = oldest.iter().take_while(|(_, at)| *at < before.as_millisecond());
        let Some((through, _)) = old.last() else { continue };
        let step: Vec<(i64, i64)> = sql.all(step, values![repository, *through, limit])?;
        let (Some((first, _)), Some((row, through))) = (step.first(), step.last()) else { continue };
        let delete = "DELETE FROM events WHERE repository_id = ?1 AND number <= ?2";
        rows += sql.execute(delete, values![repository, *row])?;
        deleted += (through - first + 1).unsigned_abs();
    }
    Ok(deleted)
}

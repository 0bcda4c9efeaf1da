//! Events: written with the commit that makes them, read in order, forgotten from the oldest.

use crate::engine::{Engine, SqlStore};
use crate::rows;
use crate::sql::{Row, Sql, Value, row, values};
use crate::unit_of_work::UnitOfWork;
use async_trait::async_trait;
use domain::model::events::Event;
use domain::model::ids::RepositoryId;
use domain::ports::{EventPage, Events};
use domain::{Result, Timestamp};

/// Rows deleted in one step.
const STEP: u32 = 1_000;

#[async_trait]
impl<E: Engine> Events for SqlStore<E> {
    async fn events(&self, repository: RepositoryId, after: i64, limit: u32) -> Result<EventPage> {
        self.snapshot(move |sql| page(sql, repository, after, limit)).await
    }

    async fn wait_for_event(&self, repository: RepositoryId, after: i64) -> Result<()> {
        // Listened first, asked second: what is committed between the two is not missed. What was heard is only a reason to look.
        let mut known = self.0.notifier().listen(repository);
        loop {
            known.borrow_and_update();
            if self.read(move |sql| last(sql, repository)).await? > after {
                return Ok(());
            }
            // The sender is gone only when the store is.
            let woken = known.changed();
            match E::LOOK_EVERY {
                None => drop(woken.await),
                Some(time) => drop(tokio::time::timeout(time, woken).await),
            }
        }
    }

    async fn delete_old_events(&self, before: Timestamp) -> Result<u64> {
        // A read first: most of the time there is nothing to forget, and the writer is not asked.
        let old = self.read(move |sql| with_old(sql, before)).await?;
        if old.is_empty() {
            return Ok(0);
        }
        self.write(move |unit| forget(unit, &old, before)).await
    }
}

fn page(sql: &dyn Sql, repository: RepositoryId, after: i64, limit: u32) -> Result<EventPage> {
    let last = last(sql, repository)?;
    let oldest = "SELECT min(number) FROM events WHERE repository_id = ?1";
    let oldest: Option<i64> = sql.one(oldest, values![repository.get()], |row| row.get(0))?;
    let query = "SELECT number, pipeline_id, recorded_at, body FROM events
                 WHERE repository_id = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
    let read = |row: &dyn Row| {
        let body: String = row.get(3)?;
        rows::events::read(repository, (row.get(0)?, row.get(1)?, row.get(2)?), &body)
    };
    let events = sql.all(query, values![repository.get(), after, limit], read)?;
    Ok(EventPage { events, oldest: oldest.unwrap_or(last + 1), last })
}

fn last(sql: &dyn Sql, repository: RepositoryId) -> Result<i64> {
    let query = "SELECT event FROM counters WHERE repository_id = ?1";
    Ok(sql.first(query, values![repository.get()], |row| row.get(0))?.unwrap_or_default())
}

/// The row of an event, for its table.
pub fn row(event: &Event) -> Result<Vec<Value<'static>>> {
    Ok(row![
        event.repository_id.get(),
        event.number,
        event.pipeline.id.get(),
        event.at.as_millisecond(),
        rows::events::write(event)?,
    ])
}

/// The repositories whose oldest event is from before, and not their last.
fn with_old(sql: &dyn Sql, before: Timestamp) -> Result<Vec<RepositoryId>> {
    let query = "SELECT c.repository_id FROM counters c WHERE c.event > 0 AND EXISTS (
                 SELECT 1 FROM events e WHERE e.repository_id = c.repository_id AND e.recorded_at < ?1 AND e.number < c.event
                 AND e.number = (SELECT min(o.number) FROM events o WHERE o.repository_id = c.repository_id))
                 ORDER BY c.repository_id LIMIT ?2";
    let read = |row: &dyn Row| rows::repository_id(row.get(0)?);
    sql.all(query, values![before.as_millisecond(), STEP], read)
}

/// From the oldest on while they are from before: clocks may go back, and no hole may come between those that are kept.
fn forget(unit: &mut UnitOfWork, repositories: &[RepositoryId], before: Timestamp) -> Result<u64> {
    // What this group adds counts.
    unit.flush()?;
    let sql = unit.sql();
    let query = "SELECT number, recorded_at FROM events WHERE repository_id = ?1 AND number < ?2 ORDER BY number LIMIT ?3";
    let mut forgotten = 0;
    for repository in repositories {
        let left = u64::from(STEP).saturating_sub(forgotten);
        if left == 0 {
            break;
        }
        let of = values![repository.get(), last(sql, *repository)?, u32::try_from(left).unwrap_or(STEP)];
        let oldest: Vec<(i64, i64)> = sql.all(query, of, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let old = oldest.iter().take_while(|(_, at)| *at < before.as_millisecond());
        let Some((through, _)) = old.last() else { continue };
        let delete = "DELETE FROM events WHERE repository_id = ?1 AND number <= ?2";
        forgotten += sql.execute(delete, values![repository.get(), *through])?;
    }
    Ok(forgotten)
}

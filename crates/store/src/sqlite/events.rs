//! Events: written with the commit that makes them, read in order, forgotten from the oldest.

use super::desk::Desk;
use super::pipelines::snapshot;
use super::{Sqlite, failed};
use crate::rows;
use async_trait::async_trait;
use domain::model::events::Event;
use domain::model::ids::RepositoryId;
use domain::ports::{EventPage, Events};
use domain::{Result, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

/// Rows deleted in one step.
const STEP: u32 = 1_000;

#[async_trait]
impl Events for Sqlite {
    async fn events(&self, repository: RepositoryId, after: i64, limit: u32) -> Result<EventPage> {
        self.read(move |sql| snapshot(sql, |sql| page(sql, repository, after, limit))).await
    }

    async fn wait_for_event(&self, repository: RepositoryId, after: i64) -> Result<()> {
        // Listened first, asked second: what is committed between the two is not missed.
        let mut known = self.wakes.listen(repository);
        if *known.borrow_and_update() <= after && self.read(move |sql| last(sql, repository)).await? <= after
        {
            // The sender is gone only when the store is.
            let _ = known.wait_for(|last| *last > after).await;
        }
        Ok(())
    }

    async fn forget_events(&self, before: Timestamp) -> Result<u64> {
        // A read first: most of the time there is nothing to forget, and the writer is not asked.
        let old = self.read(move |sql| with_old(sql, before)).await?;
        if old.is_empty() {
            return Ok(0);
        }
        self.writer.write(move |desk| forget(desk, &old, before)).await
    }
}

fn page(sql: &Connection, repository: RepositoryId, after: i64, limit: u32) -> Result<EventPage> {
    let last = last(sql, repository)?;
    let oldest: Option<i64> = sql
        .prepare_cached("SELECT min(number) FROM events WHERE repository_id = ?1")
        .and_then(|mut s| s.query_row([repository.get()], |row| row.get(0)))
        .map_err(failed)?;
    let query = "SELECT number, pipeline_id, recorded_at, body FROM events
                 WHERE repository_id = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
    let raw: Vec<((i64, i64, i64), String)> = sql
        .prepare_cached(query)
        .and_then(|mut s| {
            let row = |row: &rusqlite::Row<'_>| Ok(((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?));
            s.query_map(params![repository.get(), after, limit], row)?.collect()
        })
        .map_err(failed)?;
    let events = raw.iter().map(|(row, body)| rows::events::read(repository, *row, body));
    Ok(EventPage { events: events.collect::<Result<_>>()?, oldest: oldest.unwrap_or(last + 1), last })
}

fn last(sql: &Connection, repository: RepositoryId) -> Result<i64> {
    let query = "SELECT event FROM counters WHERE repository_id = ?1";
    let last: Option<i64> = sql
        .prepare_cached(query)
        .and_then(|mut s| s.query_row([repository.get()], |row| row.get(0)).optional())
        .map_err(failed)?;
    Ok(last.unwrap_or_default())
}

/// Writes an event into the open transaction.
pub fn write(sql: &Connection, event: &Event) -> Result<()> {
    let insert = "INSERT INTO events (repository_id, number, pipeline_id, recorded_at, body) VALUES (?1, ?2, ?3, ?4, ?5)";
    let row = params![
        event.repository_id.get(),
        event.number,
        event.pipeline.id.get(),
        event.at.as_millisecond(),
        rows::events::write(event)?,
    ];
    sql.prepare_cached(insert).and_then(|mut s| s.execute(row)).map_err(failed)?;
    Ok(())
}

/// The repositories whose oldest event is from before, and not their last.
fn with_old(sql: &Connection, before: Timestamp) -> Result<Vec<RepositoryId>> {
    let query = "SELECT c.repository_id FROM counters c WHERE c.event > 0 AND EXISTS (
                 SELECT 1 FROM events e WHERE e.repository_id = c.repository_id AND e.recorded_at < ?1 AND e.number < c.event
                 AND e.number = (SELECT min(o.number) FROM events o WHERE o.repository_id = c.repository_id))
                 ORDER BY c.repository_id LIMIT ?2";
    let ids: Vec<i64> = sql
        .prepare_cached(query)
        .and_then(|mut s| s.query_map(params![before.as_millisecond(), STEP], |row| row.get(0))?.collect())
        .map_err(failed)?;
    ids.into_iter().map(rows::repository_id).collect()
}

/// From the oldest on while they are from before: clocks may go back, and no hole may come between those that are kept.
fn forget(desk: &mut Desk, repositories: &[RepositoryId], before: Timestamp) -> Result<u64> {
    // What this group adds counts.
    desk.flush()?;
    let sql = desk.sql();
    let query = "SELECT number, recorded_at FROM events WHERE repository_id = ?1 AND number < ?2 ORDER BY number LIMIT ?3";
    let mut forgotten = 0;
    for repository in repositories {
        if forgotten >= STEP {
            break;
        }
        let last = last(sql, *repository)?;
        let oldest: Vec<(i64, i64)> = sql
            .prepare_cached(query)
            .and_then(|mut s| {
                let of = params![repository.get(), last, STEP - forgotten];
                s.query_map(of, |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
            })
            .map_err(failed)?;
        let old = oldest.iter().take_while(|(_, at)| *at < before.as_millisecond());
        let Some((through, _)) = old.last() else { continue };
        let delete = "DELETE FROM events WHERE repository_id = ?1 AND number <= ?2";
        let row = params![repository.get(), through];
        let gone = sql.prepare_cached(delete).and_then(|mut s| s.execute(row)).map_err(failed)?;
        forgotten += u32::try_from(gone).unwrap_or(u32::MAX);
    }
    Ok(forgotten.into())
}

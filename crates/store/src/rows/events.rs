//! Events. A row has several events of a repository.

mod json;
mod packed;

pub use json::{body, parse};

use crate::sql::{Columns as _, Sql, columns, corrupt, table, values};
use domain::model::events::Event;
use domain::model::ids::RepositoryId;
use domain::{Result, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

table! {
    /// Events: what each commit changed, numbered in each repository without gaps.
    EVENTS "events";
    key repository_id: Int, number: Int;
    fixed last_number: Int, recorded_at: Int, body: Blob;
    row EventsValues;
}

/// The maximum of events in a row.
const ROW_MAX: usize = 64;
/// The maximum of bytes in a body of several events: SQLite puts the end of a longer one into separate pages, whose
/// rest stays empty.
const BODY_MAX: usize = 960;

/// A row: consecutive events of a repository.
struct EventRow {
    number: i64,
    recorded_at: Timestamp,
    body: Vec<u8>,
}

columns! {
    EventRow from "e": number, recorded_at, body
    => Self { number, recorded_at, body }
}

impl EventRow {
    fn events(&self, repository: RepositoryId) -> Result<Vec<Event>> {
        match self.body.first() {
            // An earlier version wrote one event as JSON.
            Some(b'{') => {
                let body = std::str::from_utf8(&self.body).map_err(corrupt)?;
                Ok(vec![json::parse_with_pipeline(body, repository, self.number, self.recorded_at)?])
            }
            _ => packed::decode(&self.body, repository, self.number),
        }
    }
}

/// The rows of events. Those of a repository are in order, without gaps.
pub fn rows(events: &[Arc<Event>]) -> Vec<EventsValues<'static>> {
    let mut by_repository: BTreeMap<RepositoryId, Vec<&Event>> = BTreeMap::new();
    for event in events {
        by_repository.entry(event.repository_id).or_default().push(event);
    }
    // Events of one second expire together.
    let same_row = |a: &&Event, b: &&Event| a.at.as_second() == b.at.as_second();
    let rows = by_repository.values().flat_map(|events| events.chunk_by(same_row));
    let rows = rows.flat_map(|mut events| std::iter::from_fn(move || row(&mut events)));
    rows.collect()
}

/// A row of the first events, which it removes from `events`. `None` if there are none.
fn row(events: &mut &[&Event]) -> Option<EventsValues<'static>> {
    let first = events.first()?;
    let (body, count) = packed::encode(&events[..events.len().min(ROW_MAX)], BODY_MAX);
    let (of_row, rest) = events.split_at(count);
    *events = rest;
    let last = of_row.last()?;
    Some(EventsValues {
        repository_id: first.repository_id.into(),
        number: first.number.into(),
        last_number: last.number.into(),
        recorded_at: last.at.into(),
        body: body.into(),
    })
}

/// At most `limit` events of a repository after the one with number `after`, in order.
pub fn load(sql: &dyn Sql, repository: RepositoryId, after: i64, limit: u32) -> Result<Vec<Event>> {
    // From the row that may have the event after it; each row has one event at least.
    let query = format!(
        "SELECT {} FROM events e WHERE e.repository_id = ?1 AND e.last_number > ?2 AND e.number >= coalesce(
             (SELECT max(f.number) FROM events f WHERE f.repository_id = ?1 AND f.number <= ?2), 0)
         ORDER BY e.number LIMIT ?3",
        EventRow::COLUMNS
    );
    let rows: Vec<EventRow> = sql.all(&query, values![repository, after, limit])?;
    let mut events = Vec::new();
    for row in &rows {
        let left = (limit as usize).saturating_sub(events.len());
        if left == 0 {
            break;
        }
        events.extend(row.events(repository)?.into_iter().filter(|event| event.number > after).take(left));
    }
    Ok(events)
}

#[cfg(test)]
mod tests;

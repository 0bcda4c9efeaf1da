//! Tests of SQLite's query plans: no filter scans a whole table, and no page sorts one.

mod audit;
mod deliveries;
mod forwarded_states;
mod insights;
mod job_runs;
mod lists;
mod merge_requests;
mod repositories;
mod search;

use crate::sql::Value;
use rusqlite::{Connection, params_from_iter};

/// The lines of the query plan of a statement.
fn plan(sql: &Connection, statement: &str, values: &[Value<'_>]) -> Vec<String> {
    let mut explained = sql.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap();
    // The plan depends on the number of values, not on the values.
    let mut values = values.to_vec();
    values.resize(explained.parameter_count(), Value::Int(0));
    let lines = explained.query_map(params_from_iter(values), |row| row.get(3)).unwrap();
    lines.collect::<rusqlite::Result<_>>().unwrap()
}

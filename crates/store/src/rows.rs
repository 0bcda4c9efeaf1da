//! The tables. Each noun has one file with its tables, their columns, and how its rows are read and written;
//! a new column of a table is a migration and an entry in that file.

pub mod audit;
pub mod binary;
pub mod counters;
pub mod deleted_pipelines;
pub mod deletions;
pub mod deliveries;
pub mod destinations;
pub mod details;
pub mod events;
pub mod expected_url;
pub mod forwarded_states;
pub mod gates;
pub mod idempotency;
pub mod identities;
pub mod jobs;
pub mod journal;
pub mod keys;
pub mod members;
pub mod merge_requests;
pub mod pipelines;
pub mod policies;
pub mod receipts;
pub mod reports;
pub mod repositories;
pub mod settings;
pub mod signatures;
pub mod stages;
pub mod tokens;
pub mod types;
pub mod users;
pub mod verdicts;
pub mod webhooks;

use crate::sql::{Flavor, FromRow, Sql, Table, Value, parameters};
use domain::Result;
use domain::model::ids::RepositoryId;
use std::collections::BTreeSet;

/// Every table except those of an engine alone, each after those that its foreign keys reference.
pub const ALL: &[&Table] = &[
    &users::USERS,
    &keys::ACCESS_KEYS,
    &keys::DELETED_ACCESS_KEYS,
    &identities::IDENTITIES,
    &tokens::TOKENS,
    &tokens::SIGN_IN_LINKS,
    &repositories::REPOSITORIES,
    &counters::COUNTERS,
    &members::MEMBERS,
    &policies::POLICIES,
    &policies::STAGE_LIMITS,
    &pipelines::PIPELINES,
    &stages::STAGES,
    &jobs::JOBS,
    &reports::REPORTS,
    &details::JOB_DETAILS,
    &events::EVENTS,
    &idempotency::IDEMPOTENCY_KEYS,
    &counters::JOB_COUNTS,
    &counters::PIPELINE_COUNTS,
    &deleted_pipelines::DELETED_PIPELINES,
    &merge_requests::MERGE_REQUESTS,
    &merge_requests::MERGE_REQUEST_HEADS,
    &gates::GATE_RULES,
    &gates::GATE_EXPECTATIONS,
    &gates::GATE_OVERRIDES,
    &verdicts::GATE_EVALUATIONS,
    &verdicts::GATE_VERDICTS,
    &webhooks::WEBHOOKS,
    &deliveries::DELIVERIES,
    &destinations::DESTINATIONS,
    &forwarded_states::FORWARDED_STATES,
    &signatures::USED_SIGNATURES,
    &audit::AUDIT,
    &settings::SETTINGS,
];

/// The tables whose key the database assigns.
pub const SERIAL: &[&Table] = &[
    &users::USERS,
    &identities::IDENTITIES,
    &tokens::TOKENS,
    &webhooks::WEBHOOKS,
    &deliveries::DELIVERIES,
    &destinations::DESTINATIONS,
    &forwarded_states::FORWARDED_STATES,
    &signatures::USED_SIGNATURES,
    &audit::AUDIT,
];

/// The values of a query about these ids of a repository, and what goes into `IN (...)`. The first value is the
/// repository. `None` where there are no ids.
pub fn id_list(
    flavor: Flavor,
    repository: RepositoryId,
    ids: &BTreeSet<i64>,
) -> Option<(Vec<Value<'static>>, String)> {
    let (mut values, list) = in_list(flavor, ids, 2)?;
    values.insert(0, repository.into());
    Some((values, list))
}

/// The values of these ids, and what goes into `IN (...)` if the first of them is the parameter `first`. `None` where
/// there are no ids. SQLite has a parameter for each, so there must not be many thousands.
pub fn in_list(flavor: Flavor, ids: &BTreeSet<i64>, first: usize) -> Option<(Vec<Value<'static>>, String)> {
    if flavor == Flavor::Postgres {
        // With one parameter PostgreSQL keeps its plan; with a hundred it makes a new one for each query.
        let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
        let list = format!("SELECT unnest(CAST(CAST(?{first} AS TEXT) AS BIGINT[]))");
        return (!ids.is_empty()).then(|| (vec![format!("{{{}}}", ids.join(",")).into()], list));
    }
    let mut values: Vec<Value<'static>> = ids.iter().map(|id| Value::Int(*id)).collect();
    let last = values.last().cloned()?;
    // Few different lengths, so that few statements are cached.
    values.resize(values.len().next_power_of_two(), last);
    let parameters: Vec<String> = (first..first + values.len()).map(|at| format!("?{at}")).collect();
    Some((values, parameters.join(", ")))
}

/// The rows of a query about many ids, some at a time. `query`: the query with what goes into `IN (...)`.
pub fn of_ids<R: FromRow>(
    sql: &dyn Sql,
    ids: &BTreeSet<i64>,
    query: impl Fn(&str) -> String,
) -> Result<Vec<R>> {
    let ids: Vec<i64> = ids.iter().copied().collect();
    let mut rows = Vec::new();
    for ids in ids.chunks(IDS_AT_ONCE) {
        let Some((values, list)) = in_list(sql.flavor(), &ids.iter().copied().collect(), 1) else { continue };
        rows.extend(sql.all::<R>(&query(&list), &parameters(&values))?);
    }
    Ok(rows)
}

/// The number of ids in one query of [`of_ids`].
const IDS_AT_ONCE: usize = 256;

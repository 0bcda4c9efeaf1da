//! Prefetches what a group of writes needs, in few round trips: it locks the repositories, then loads the
//! pipelines that are not cached.

use super::connection::{Connection, Query};
use crate::pipeline_cache::{Key, PipelineCache};
use crate::rows::destinations::Forwarding;
use crate::rows::idempotency::{IdempotencyKey, StoredResponse};
use crate::rows::webhooks::{IS_SENT, Subscription};
use crate::sql::{Columns as _, FromRow};
use crate::unit_of_work::{CommitKey, Prefetch, Prefetched, Subscriptions};
use domain::Result;
use domain::model::ids::{PipelineId, RepositoryId, UserId};
use domain::model::jobs::Job;
use domain::model::pipelines::{Counters, Pipeline, PipelineIdentity, PipelineState, Stage};
use futures_util::future::try_join;
use std::collections::{BTreeSet, HashMap, HashSet};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

/// Locks the counters of repositories, in order of id, so that all nodes take the locks in the same order.
fn lock_query() -> String {
    format!(
        "SELECT c.repository_id, {}, c.active_at FROM counters c WHERE c.repository_id = ANY(?1)
         ORDER BY c.repository_id FOR UPDATE",
        Counters::COLUMNS
    )
}

fn subscriptions_query() -> String {
    format!(
        "SELECT w.repository_id, {} FROM webhooks w WHERE w.repository_id = ANY(?1) AND {IS_SENT} ORDER BY w.id",
        Subscription::COLUMNS
    )
}

fn forwardings_query() -> String {
    format!(
        "SELECT w.repository_id, {} FROM destinations w WHERE w.repository_id = ANY(?1) AND w.enabled = 1
            ORDER BY w.id",
        Forwarding::COLUMNS
    )
}

/// The repositories with rules of a gate.
const GATES: &str = "SELECT DISTINCT repository_id FROM gate_rules WHERE repository_id = ANY(?1)";

/// Finds pipelines by identity; the id is NULL if there is none. Without the empty text, PostgreSQL may use another
/// index, as long as it has no statistics, and read all pipelines of the ref.
pub const FIND: &str = "SELECT w.r, w.sha, w.ref, w.source, w.key, p.id
    FROM unnest(?1::bigint[], ?2::text[], ?3::text[], ?4::text[], ?5::text[]) AS w (r, sha, ref, source, key)
    LEFT JOIN LATERAL (SELECT id FROM pipelines WHERE repository_id = w.r AND sha = w.sha AND ref || '' = w.ref
    AND source = w.source AND key = w.key LIMIT 1) p ON true";

/// Finds the pipelines of commits as [`of_commit`](crate::rows::pipelines::of_commit) does; the id is NULL if there is
/// none. The empty texts are for the same reason.
const OF_COMMITS: &str = "SELECT w.r, w.sha, w.source, p.id
    FROM unnest(?1::bigint[], ?2::text[], ?3::text[]) AS w (r, sha, source)
    LEFT JOIN LATERAL (SELECT id FROM pipelines WHERE repository_id = w.r AND sha = w.sha
    AND source || '' = w.source AND key || '' = '' ORDER BY id DESC LIMIT 100) p ON true
    ORDER BY w.r, w.sha, w.source, p.id DESC";

/// Finds the responses of idempotency keys; they are NULL if a key was not used.
const RESPONSES: &str =
    "SELECT w.r, w.u, w.key, i.digest, i.response FROM unnest(?1::bigint[], ?2::bigint[], ?3::text[]) AS w (r, u, key)
    LEFT JOIN LATERAL (SELECT digest, response FROM idempotency_keys WHERE repository_id = w.r
    AND user_id = w.u AND key = w.key
    LIMIT 1) i ON true";

/// The names of users.
const NAMES: &str = "SELECT id, name FROM users WHERE id = ANY(?1)";

/// The rows of pipelines in a table. `columns` are columns of `table`, and `id` is its column of the
/// pipeline's id.
fn rows_query(columns: &str, table: &str, id: &str, order: &str) -> String {
    format!(
        "SELECT w.r, w.i, t.* FROM unnest(?1::bigint[], ?2::bigint[]) AS w (r, i)
         JOIN LATERAL (SELECT {columns} FROM {table} WHERE repository_id = w.r AND {id} = w.i OFFSET 0) t
         ON true{order}"
    )
}

fn read<T: FromRow>(row: &Row) -> Result<T> {
    T::from_row(row, 0)
}

/// As [`Session::prefetch`](crate::unit_of_work::Session::prefetch).
pub async fn run(connection: &Connection, wanted: &Prefetch, cache: &PipelineCache) -> Result<Prefetched> {
    let (cached, unknown): (Vec<_>, Vec<_>) =
        wanted.identities.iter().partition(|identity| cache.find(identity.0, &identity.1).is_some());
    let repositories: Vec<i64> = wanted.repositories.iter().map(|id| id.get().into()).collect();
    let users: Vec<i64> = wanted.users.iter().map(|id| id.get().into()).collect();
    let (lock, subscriptions, forwardings) = (lock_query(), subscriptions_query(), forwardings_query());
    let (identities, keys) = (Identities::new(&unknown), IdempotencyKeys::new(&wanted.idempotency_keys));
    let commits = Commits::new(&wanted.commits.iter().collect::<Vec<_>>());
    // One round trip. The lock is first, so the other queries see what was committed before it was granted.
    let [locked, subscriptions, forwardings, gates, found, of_commits, responses, names] = connection
        .query_pipelined([
            (!repositories.is_empty()).then(|| (lock.as_str(), vec![parameter(&repositories)])),
            (!repositories.is_empty()).then(|| (subscriptions.as_str(), vec![parameter(&repositories)])),
            (!repositories.is_empty()).then(|| (forwardings.as_str(), vec![parameter(&repositories)])),
            (!repositories.is_empty()).then(|| (GATES, vec![parameter(&repositories)])),
            identities.query(),
            commits.query(),
            keys.query(),
            (!users.is_empty()).then(|| (NAMES, vec![parameter(&users)])),
        ])
        .await?;
    let mut prefetched = Prefetched {
        counters: read_counters(&wanted.repositories, &locked)?,
        subscriptions: read_subscriptions(&wanted.repositories, &subscriptions, &forwardings, &gates)?,
        of_commits: read_of_commits(&of_commits)?,
        responses: responses.iter().map(read_response).collect::<Result<_>>()?,
        user_names: names.iter().map(read).collect::<Result<_>>()?,
        ..Prefetched::default()
    };
    // The cache is invalid for a repository that another node has written to.
    let stale = |repository: &RepositoryId| {
        let counters = prefetched.counters.get(repository).copied().flatten();
        counters.map(|(counters, _)| counters) != cache.counters(*repository)
    };
    let (stale_identities, cached): (Vec<_>, Vec<_>) =
        cached.into_iter().partition(|identity| stale(&identity.0));
    let [found_again] = connection.query_pipelined([Identities::new(&stale_identities).query()]).await?;
    let mut missing: BTreeSet<Key> =
        wanted.pipelines.iter().filter(|key| stale(&key.0) || cache.get(key).is_none()).copied().collect();
    let cached = cached.into_iter().filter_map(|(id, identity)| Some((*id, cache.find(*id, identity)?)));
    missing.extend(cached.filter(|key| cache.get(key).is_none()));
    for row in found.iter().chain(&found_again) {
        match read_found(row)? {
            (identity, Some(id)) => drop(missing.insert((identity.0, id))),
            (identity, None) => drop(prefetched.absent.insert(identity)),
        }
    }
    prefetched.states = load(connection, &missing).await?;
    Ok(prefetched)
}

fn parameter<T: ToSql + Sync>(value: &T) -> &(dyn ToSql + Sync) {
    value
}

fn read_counters(
    wanted: &BTreeSet<RepositoryId>,
    rows: &[Row],
) -> Result<HashMap<RepositoryId, Option<(Counters, i64)>>> {
    let mut found: HashMap<_, _> = wanted.iter().map(|id| (*id, None)).collect();
    for row in rows {
        let (repository, counters, active_at) = read(row)?;
        found.insert(repository, Some((counters, active_at)));
    }
    Ok(found)
}

fn read_subscriptions(
    wanted: &BTreeSet<RepositoryId>,
    webhooks: &[Row],
    destinations: &[Row],
    gates: &[Row],
) -> Result<HashMap<RepositoryId, Subscriptions>> {
    let mut found: HashMap<_, Subscriptions> =
        wanted.iter().map(|id| (*id, Subscriptions::default())).collect();
    for row in webhooks {
        let (repository, subscription): (RepositoryId, Subscription) = read(row)?;
        found.entry(repository).or_default().webhooks.push(subscription);
    }
    for row in destinations {
        let (repository, forwarding): (RepositoryId, Forwarding) = read(row)?;
        found.entry(repository).or_default().destinations.push(forwarding);
    }
    for row in gates {
        found.entry(read(row)?).or_default().has_gate = true;
    }
    Ok(found)
}

type Identity = (RepositoryId, PipelineIdentity);

/// The parameters of [`FIND`].
pub struct Identities<'a> {
    repositories: Vec<i64>,
    texts: [Vec<&'a str>; 4],
}

impl<'a> Identities<'a> {
    pub fn new(all: &[&'a Identity]) -> Self {
        let texts = |text: fn(&'a PipelineIdentity) -> &'a str| all.iter().map(|i| text(&i.1)).collect();
        Self {
            repositories: all.iter().map(|identity| identity.0.get().into()).collect(),
            texts: [texts(|i| &i.sha), texts(|i| &i.git_ref), texts(|i| &i.source), texts(|i| &i.key)],
        }
    }

    /// `None` without identities.
    pub fn query(&self) -> Option<Query<'_>> {
        let mut values = vec![parameter(&self.repositories)];
        values.extend(self.texts.iter().map(parameter));
        (!self.repositories.is_empty()).then_some((FIND, values))
    }
}

/// The identity of a row of [`FIND`], and the pipeline that has it.
pub fn read_found(row: &Row) -> Result<(Identity, Option<PipelineId>)> {
    let (repository, sha, git_ref, source, key, id) = read(row)?;
    Ok(((repository, PipelineIdentity { sha, git_ref, source, key }), id))
}

/// The parameters of [`OF_COMMITS`].
pub struct Commits<'a> {
    repositories: Vec<i64>,
    texts: [Vec<&'a str>; 2],
}

impl<'a> Commits<'a> {
    pub fn new(all: &[&'a CommitKey]) -> Self {
        Self {
            repositories: all.iter().map(|commit| commit.0.get().into()).collect(),
            texts: [
                all.iter().map(|commit| commit.1.as_str()).collect(),
                all.iter().map(|commit| commit.2.as_str()).collect(),
            ],
        }
    }

    /// `None` without commits.
    pub fn query(&self) -> Option<Query<'_>> {
        let mut values = vec![parameter(&self.repositories)];
        values.extend(self.texts.iter().map(parameter));
        (!self.repositories.is_empty()).then_some((OF_COMMITS, values))
    }
}

/// The pipelines in rows of [`OF_COMMITS`], of each commit.
pub fn read_of_commits(rows: &[Row]) -> Result<HashMap<CommitKey, Vec<PipelineId>>> {
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        let (repository, sha, source, id): (RepositoryId, String, String, Option<PipelineId>) = read(row)?;
        found.entry((repository, sha, source)).or_default().extend(id);
    }
    Ok(found)
}

/// The parameters of [`RESPONSES`].
struct IdempotencyKeys<'a> {
    repositories: Vec<i64>,
    users: Vec<i64>,
    keys: Vec<&'a str>,
}

impl<'a> IdempotencyKeys<'a> {
    fn new(all: &'a HashSet<IdempotencyKey>) -> Self {
        Self {
            repositories: all.iter().map(|key| key.repository.get().into()).collect(),
            users: all.iter().map(|key| key.user.get().into()).collect(),
            keys: all.iter().map(|key| key.key.as_str()).collect(),
        }
    }

    /// `None` without keys.
    fn query(&self) -> Option<Query<'_>> {
        let values = vec![parameter(&self.repositories), parameter(&self.users), parameter(&self.keys)];
        (!self.keys.is_empty()).then_some((RESPONSES, values))
    }
}

fn read_response(row: &Row) -> Result<(IdempotencyKey, Option<StoredResponse>)> {
    type Columns = (RepositoryId, UserId, String, Option<Vec<u8>>, Option<String>);
    let (repository, user, key, digest, response): Columns = read(row)?;
    let stored = digest.zip(response).map(|(digest, response)| StoredResponse { digest, response });
    Ok((IdempotencyKey { repository, user, key }, stored))
}

/// Loads pipelines with all their stages and attempts.
async fn load(connection: &Connection, keys: &BTreeSet<Key>) -> Result<Vec<PipelineState>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let repositories: Vec<i64> = keys.iter().map(|key| key.0.get().into()).collect();
    let ids: Vec<i64> = keys.iter().map(|key| key.1.get().into()).collect();
    let values: [&(dyn ToSql + Sync); 2] = [&repositories, &ids];
    let queries = [
        rows_query(Pipeline::COLUMNS, "pipelines p", "id", ""),
        rows_query(Stage::COLUMNS, "stages s", "pipeline_id", " ORDER BY w.r, w.i, t.id"),
        rows_query(Job::COLUMNS, "jobs j", "pipeline_id", " ORDER BY w.r, w.i, t.id"),
    ];
    let [of_pipelines, of_stages, of_jobs] = &queries;
    let (pipelines, (stages, jobs)) = try_join(
        connection.query(of_pipelines, &values),
        try_join(connection.query(of_stages, &values), connection.query(of_jobs, &values)),
    )
    .await?;
    let (mut stages, mut jobs) = (by_pipeline::<Stage>(&stages)?, by_pipeline::<Job>(&jobs)?);
    let mut states = Vec::with_capacity(pipelines.len());
    for row in &pipelines {
        let (repository, id, pipeline): (RepositoryId, PipelineId, Pipeline) = read(row)?;
        let key = (repository, id);
        let (stages, jobs) = (stages.remove(&key).unwrap_or_default(), jobs.remove(&key).unwrap_or_default());
        states.push(PipelineState::load(pipeline, stages, jobs));
    }
    Ok(states)
}

fn by_pipeline<T: FromRow>(rows: &[Row]) -> Result<HashMap<Key, Vec<T>>> {
    let mut found: HashMap<Key, Vec<T>> = HashMap::new();
    for row in rows {
        let (repository, pipeline, item): (RepositoryId, PipelineId, T) = read(row)?;
        found.entry((repository, pipeline)).or_default().push(item);
    }
    Ok(found)
}

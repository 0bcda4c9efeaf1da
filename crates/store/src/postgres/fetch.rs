//! What a group of writes needs, looked up in as few journeys as it takes: the repositories locked, then the pipelines that are not in
//! memory, whole.

use super::connection::{Connection, Question};
use crate::deliveries::{self, Wanting};
use crate::idempotency::IdempotencyKey;
use crate::pipeline_cache::{Key, PipelineCache};
use crate::sql::Row;
use crate::unit_of_work::{Prefetch, Prefetched, read_counters};
use crate::{jobs, pipelines, rows};
use domain::Result;
use domain::model::ids::{PipelineId, RepositoryId, UserId};
use domain::model::jobs::Job;
use domain::model::pipelines::{Counters, PipelineIdentity, PipelineState, Stage};
use futures_util::future::try_join;
use std::collections::{BTreeSet, HashMap, HashSet};
use tokio_postgres::types::ToSql;

/// In order of id, so that no two nodes wait for each other. [`COUNTERS`](crate::unit::COUNTERS), and whose they are.
const LOCK: &str = "SELECT pipeline, stage, job, report, event, active_at, repository_id FROM counters
    WHERE repository_id = ANY(?1) ORDER BY repository_id FOR UPDATE";
const FIND: &str = "SELECT w.r, w.sha, w.ref, w.source, w.key, p.id
    FROM unnest(?1::bigint[], ?2::text[], ?3::text[], ?4::text[], ?5::text[]) AS w (r, sha, ref, source, key)
    LEFT JOIN LATERAL (SELECT id FROM pipelines WHERE repository_id = w.r AND sha = w.sha AND ref = w.ref AND source = w.source
    AND key = w.key LIMIT 1) p ON true";
const REPEATS: &str = "SELECT w.r, w.u, w.key, k.digest, k.answer FROM unnest(?1::bigint[], ?2::bigint[], ?3::text[]) AS w (r, u, key)
    LEFT JOIN LATERAL (SELECT digest, answer FROM repeats WHERE repository_id = w.r AND user_id = w.u AND key = w.key LIMIT 1) k ON true";

const WEBHOOKS: &str = "SELECT id, tag, pipelines, jobs, repository_id FROM webhooks
    WHERE repository_id = ANY(?1) AND disabled_at IS NULL ORDER BY id";

/// The rows of some pipelines in a table, their repository and pipeline behind the columns.
fn of_keys(columns: &str, table: &str, id: &str, order: &str) -> String {
    format!(
        "SELECT t.*, w.r, w.i FROM unnest(?1::bigint[], ?2::bigint[]) AS w (r, i)
         JOIN LATERAL (SELECT {columns} FROM {table} WHERE repository_id = w.r AND {id} = w.i OFFSET 0) t ON true{order}"
    )
}

pub async fn fetch(line: &Connection, wanted: &Prefetch, runs: &PipelineCache) -> Result<Prefetched> {
    let (known, unknown): (Vec<_>, Vec<_>) =
        wanted.identities.iter().partition(|of| runs.find(of.0, &of.1).is_some());
    let repositories: Vec<i64> = wanted.repositories.iter().map(|id| id.get().into()).collect();
    let (identities, repeats) = (Identities::of(&unknown), Repeats::of(&wanted.repeats));
    // One journey. The lock goes first: what is asked behind it is answered when it is held.
    let [locked, webhooks, found, repeats] = line
        .together([
            (!repositories.is_empty()).then(|| (LOCK, vec![sql(&repositories)])),
            (!repositories.is_empty()).then(|| (WEBHOOKS, vec![sql(&repositories)])),
            identities.question(),
            repeats.question(),
        ])
        .await?;
    let mut fetched = Prefetched {
        counters: read_locked(&wanted.repositories, &locked)?,
        webhooks: read_webhooks(&wanted.repositories, &webhooks)?,
        repeats: repeats.iter().map(read_repeat).collect::<Result<_>>()?,
        ..Prefetched::default()
    };
    // Where somebody else wrote, what is remembered says nothing.
    let stale = |repository: &RepositoryId| {
        let counters = fetched.counters.get(repository).copied().flatten();
        counters.map(|(counters, _)| counters) != runs.counters(*repository)
    };
    let (doubtful, known): (Vec<_>, Vec<_>) = known.into_iter().partition(|of| stale(&of.0));
    let [found_after] = line.together([Identities::of(&doubtful).question()]).await?;
    let mut missing: BTreeSet<Key> =
        wanted.pipelines.iter().filter(|key| stale(&key.0) || runs.get(key).is_none()).copied().collect();
    let remembered = known.into_iter().filter_map(|of| Some((of.0, runs.find(of.0, &of.1)?)));
    missing.extend(remembered.filter(|key| runs.get(key).is_none()));
    for row in found.iter().chain(&found_after) {
        match read_found(row)? {
            (of, Some(id)) => drop(missing.insert((of.0, id))),
            (of, None) => drop(fetched.absent.insert(of)),
        }
    }
    fetched.states = load(line, &missing).await?;
    Ok(fetched)
}

fn sql<T: ToSql + Sync>(value: &T) -> &(dyn ToSql + Sync) {
    value
}

fn read_locked(
    wanted: &BTreeSet<RepositoryId>,
    rows: &[tokio_postgres::Row],
) -> Result<HashMap<RepositoryId, Option<(Counters, i64)>>> {
    let mut found: HashMap<_, _> = wanted.iter().map(|id| (*id, None)).collect();
    for row in rows {
        let row: &dyn Row = row;
        found.insert(rows::repository_id(row.get(6)?)?, Some(read_counters(row)?));
    }
    Ok(found)
}

fn read_webhooks(
    wanted: &BTreeSet<RepositoryId>,
    rows: &[tokio_postgres::Row],
) -> Result<HashMap<RepositoryId, Vec<Wanting>>> {
    let mut found: HashMap<_, Vec<_>> = wanted.iter().map(|id| (*id, Vec::new())).collect();
    for row in rows {
        let row: &dyn Row = row;
        found.entry(rows::repository_id(row.get(4)?)?).or_default().push(deliveries::read_wanting(row)?);
    }
    Ok(found)
}

type Identity = (RepositoryId, PipelineIdentity);

/// Pipelines to look for by what they are of.
struct Identities<'a> {
    repositories: Vec<i64>,
    words: [Vec<&'a str>; 4],
}

impl<'a> Identities<'a> {
    fn of(all: &[&'a Identity]) -> Self {
        let words = |of: fn(&'a PipelineIdentity) -> &'a str| all.iter().map(|i| of(&i.1)).collect();
        Self {
            repositories: all.iter().map(|of| of.0.get().into()).collect(),
            words: [words(|i| &i.sha), words(|i| &i.git_ref), words(|i| &i.source), words(|i| &i.key)],
        }
    }

    fn question(&self) -> Option<Question<'_>> {
        let mut values = vec![sql(&self.repositories)];
        values.extend(self.words.iter().map(sql));
        (!self.repositories.is_empty()).then_some((FIND, values))
    }
}

fn read_found(row: &tokio_postgres::Row) -> Result<(Identity, Option<PipelineId>)> {
    let row: &dyn Row = row;
    let identity =
        PipelineIdentity { sha: row.get(1)?, git_ref: row.get(2)?, source: row.get(3)?, key: row.get(4)? };
    let id: Option<i64> = row.get(5)?;
    Ok(((rows::repository_id(row.get(0)?)?, identity), id.map(rows::pipeline_id).transpose()?))
}

/// Answers to look for that were given.
struct Repeats<'a> {
    repositories: Vec<i64>,
    users: Vec<i64>,
    keys: Vec<&'a str>,
}

impl<'a> Repeats<'a> {
    fn of(all: &'a HashSet<IdempotencyKey>) -> Self {
        Self {
            repositories: all.iter().map(|of| of.repository.get().into()).collect(),
            users: all.iter().map(|of| of.user.get().into()).collect(),
            keys: all.iter().map(|of| of.key.as_str()).collect(),
        }
    }

    fn question(&self) -> Option<Question<'_>> {
        let values = vec![sql(&self.repositories), sql(&self.users), sql(&self.keys)];
        (!self.keys.is_empty()).then_some((REPEATS, values))
    }
}

/// Digest and answer, where one was given.
type Given = Option<(Vec<u8>, String)>;

fn read_repeat(row: &tokio_postgres::Row) -> Result<(IdempotencyKey, Given)> {
    let row: &dyn Row = row;
    let of = IdempotencyKey {
        repository: rows::repository_id(row.get(0)?)?,
        user: UserId::new(row.get(1)?).map_err(rows::corrupt)?,
        key: row.get(2)?,
    };
    let digest: Option<Vec<u8>> = row.get(3)?;
    Ok((of, digest.zip(row.get(4)?)))
}

async fn load(line: &Connection, keys: &BTreeSet<Key>) -> Result<Vec<PipelineState>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let repositories: Vec<i64> = keys.iter().map(|key| key.0.get().into()).collect();
    let ids: Vec<i64> = keys.iter().map(|key| key.1.get().into()).collect();
    let of: [&(dyn ToSql + Sync); 2] = [&repositories, &ids];
    let statements = [
        of_keys(pipelines::COLUMNS, "pipelines", "id", ""),
        of_keys(jobs::STAGE_COLUMNS, "stages", "pipeline_id", " ORDER BY w.r, w.i, t.id"),
        of_keys(jobs::COLUMNS, "jobs j", "pipeline_id", " ORDER BY w.r, w.i, t.id"),
    ];
    let [of_pipelines, of_stages, of_jobs] = &statements;
    let (found, (stages, attempts)) = try_join(
        line.query(of_pipelines, &of),
        try_join(line.query(of_stages, &of), line.query(of_jobs, &of)),
    )
    .await?;
    let mut stages_of: HashMap<(i64, i64), Vec<Stage>> = HashMap::new();
    for row in &stages {
        let row: &dyn Row = row;
        stages_of.entry((row.get(5)?, row.get(6)?)).or_default().push(jobs::read_stage(row)?);
    }
    let mut jobs_of: HashMap<(i64, i64), Vec<Job>> = HashMap::new();
    for row in &attempts {
        let row: &dyn Row = row;
        jobs_of.entry((row.get(16)?, row.get(17)?)).or_default().push(jobs::read_job(row)?);
    }
    let mut runs = Vec::with_capacity(found.len());
    for row in &found {
        let row: &dyn Row = row;
        let key: (i64, i64) = (row.get(14)?, row.get(15)?);
        let pipeline = pipelines::read(row, rows::repository_id(key.0)?)?;
        let (stages, jobs) =
            (stages_of.remove(&key).unwrap_or_default(), jobs_of.remove(&key).unwrap_or_default());
        runs.push(PipelineState::load(pipeline, stages, jobs));
    }
    Ok(runs)
}

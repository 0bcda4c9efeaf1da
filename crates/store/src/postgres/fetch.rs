//! What a group of writes needs, looked up in as few journeys as it takes: the repositories locked, then the pipelines that are not in
//! memory, whole.

use super::sql::Line;
use crate::deliveries::{self, Wanting};
use crate::desk::{COUNTERS, Fetched, Wanted, read_counters};
use crate::repeats::Repeat;
use crate::runs::{Key, Runs};
use crate::sql::Row;
use crate::{jobs, pipelines, rows};
use domain::Result;
use domain::model::ids::{RepositoryId, UserId};
use domain::model::jobs::Job;
use domain::model::pipelines::{Counters, PipelineIdentity, Run, Stage};
use futures_util::future::{try_join, try_join3};
use std::collections::{BTreeSet, HashMap, HashSet};
use tokio_postgres::types::ToSql;

/// In order of id, so that no two nodes wait for each other.
fn locking() -> String {
    format!(
        "SELECT {COUNTERS}, repository_id FROM counters WHERE repository_id = ANY(?1) ORDER BY repository_id FOR UPDATE"
    )
}

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

pub async fn fetch(line: &Line, wanted: &Wanted, runs: &Runs) -> Result<Fetched> {
    let mut fetched = Fetched::default();
    let mut stale = HashSet::new();
    if !wanted.repositories.is_empty() {
        fetched.counters = lock(line, &wanted.repositories).await?;
        for (repository, counters) in &fetched.counters {
            if counters.map(|(counters, _)| counters) != runs.counters(*repository) {
                stale.insert(*repository);
            }
        }
    }
    let known = |repository: &RepositoryId| !stale.contains(repository);
    let mut missing: BTreeSet<Key> =
        wanted.pipelines.iter().filter(|key| !known(&key.0) || runs.get(key).is_none()).copied().collect();
    let mut unknown = Vec::new();
    for of in &wanted.identities {
        match runs.find(of.0, &of.1).filter(|_| known(&of.0)) {
            Some(id) if runs.get(&(of.0, id)).is_some() => {}
            Some(id) => drop(missing.insert((of.0, id))),
            None => unknown.push(of),
        }
    }
    let (found, repeats, webhooks) =
        try_join3(find(line, &unknown), repeats(line, &wanted.repeats), webhooks(line, &wanted.repositories))
            .await?;
    fetched.repeats = repeats;
    fetched.webhooks = webhooks;
    for (of, id) in found {
        match id {
            Some(id) => drop(missing.insert((of.0, rows::pipeline_id(id)?))),
            None => drop(fetched.absent.insert(of)),
        }
    }
    fetched.runs = load(line, &missing).await?;
    Ok(fetched)
}

async fn lock(
    line: &Line,
    repositories: &BTreeSet<RepositoryId>,
) -> Result<HashMap<RepositoryId, Option<(Counters, i64)>>> {
    let ids: Vec<i64> = repositories.iter().map(|id| id.get().into()).collect();
    let mut found: HashMap<_, _> = repositories.iter().map(|id| (*id, None)).collect();
    for row in line.query(&locking(), &[&ids]).await? {
        let row: &dyn Row = &row;
        found.insert(rows::repository_id(row.get(6)?)?, Some(read_counters(row)?));
    }
    Ok(found)
}

type Identity = (RepositoryId, PipelineIdentity);

async fn find(line: &Line, identities: &[&Identity]) -> Result<Vec<(Identity, Option<i64>)>> {
    if identities.is_empty() {
        return Ok(Vec::new());
    }
    let repositories: Vec<i64> = identities.iter().map(|of| of.0.get().into()).collect();
    let column = |of: fn(&PipelineIdentity) -> &str| identities.iter().map(|i| of(&i.1)).collect::<Vec<_>>();
    let values: [&(dyn ToSql + Sync); 5] = [
        &repositories,
        &column(|i| &i.sha),
        &column(|i| &i.git_ref),
        &column(|i| &i.source),
        &column(|i| &i.key),
    ];
    let understand = |row: &tokio_postgres::Row| {
        let row: &dyn Row = row;
        let identity = PipelineIdentity {
            sha: row.get(1)?,
            git_ref: row.get(2)?,
            source: row.get(3)?,
            key: row.get(4)?,
        };
        Ok(((rows::repository_id(row.get(0)?)?, identity), row.get(5)?))
    };
    line.query(FIND, &values).await?.iter().map(understand).collect()
}

async fn repeats(
    line: &Line,
    repeats: &HashSet<Repeat>,
) -> Result<HashMap<Repeat, Option<(Vec<u8>, String)>>> {
    if repeats.is_empty() {
        return Ok(HashMap::new());
    }
    let repeats: Vec<&Repeat> = repeats.iter().collect();
    let repositories: Vec<i64> = repeats.iter().map(|of| of.repository.get().into()).collect();
    let users: Vec<i64> = repeats.iter().map(|of| of.user.get().into()).collect();
    let keys: Vec<&str> = repeats.iter().map(|of| of.key.as_str()).collect();
    let mut found = HashMap::new();
    for row in line.query(REPEATS, &[&repositories, &users, &keys]).await? {
        let row: &dyn Row = &row;
        let of = Repeat {
            repository: rows::repository_id(row.get(0)?)?,
            user: UserId::new(row.get(1)?).map_err(rows::corrupt)?,
            key: row.get(2)?,
        };
        let digest: Option<Vec<u8>> = row.get(3)?;
        found.insert(of, digest.zip(row.get(4)?));
    }
    Ok(found)
}

async fn webhooks(
    line: &Line,
    repositories: &BTreeSet<RepositoryId>,
) -> Result<HashMap<RepositoryId, Vec<Wanting>>> {
    if repositories.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<i64> = repositories.iter().map(|id| id.get().into()).collect();
    let mut found: HashMap<_, Vec<_>> = repositories.iter().map(|id| (*id, Vec::new())).collect();
    for row in line.query(WEBHOOKS, &[&ids]).await? {
        let row: &dyn Row = &row;
        found.entry(rows::repository_id(row.get(4)?)?).or_default().push(deliveries::read_wanting(row)?);
    }
    Ok(found)
}

async fn load(line: &Line, keys: &BTreeSet<Key>) -> Result<Vec<Run>> {
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
        runs.push(Run::load(pipeline, stages, jobs));
    }
    Ok(runs)
}

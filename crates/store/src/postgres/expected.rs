//! A group of reports that runs from the cache: what the cache has of its repositories is expected to be current. The
//! commit checks that after it has locked them, so a group needs one round trip, and runs while the one before is
//! committed.

use super::ReaderManager;
use super::prefetch::{Commits, Identities, read_found, read_of_commits};
use crate::pipeline_cache::PipelineCache;
use crate::unit_of_work::{CommitKey, CommitPipelines, Prefetch, Prefetched, Subscriptions};
use deadpool::managed::{Object, Pool, Timeouts};
use domain::model::ids::PipelineId;
use std::borrow::Cow;
use std::time::Duration;

/// Locks the counters of repositories in order of id, as all nodes do. Fails with a division by zero unless they have
/// the expected values.
const LOCK: &str = "SELECT 1 / CASE WHEN count(*) = cardinality(?1::bigint[]) THEN 1 ELSE 0 END
    FROM (SELECT c.repository_id FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[],
            ?6::bigint[]) AS e (r, pipeline, stage, job, report, event)
        JOIN counters c ON c.repository_id = e.r AND c.pipeline = e.pipeline AND c.stage = e.stage AND c.job = e.job
            AND c.report = e.report AND c.event = e.event
        ORDER BY c.repository_id FOR UPDATE OF c) locked";

/// As [`LOCK`], of one repository. PostgreSQL keeps the plan of this statement; that of several is made anew for each
/// commit, because it depends on their number.
const LOCK_ONE: &str = "SELECT 1 / CASE WHEN count(*) = 1 THEN 1 ELSE 0 END
    FROM (SELECT c.repository_id FROM counters c
        WHERE c.repository_id = (?1::bigint[])[1] AND c.pipeline = (?2::bigint[])[1] AND c.stage = (?3::bigint[])[1]
            AND c.job = (?4::bigint[])[1] AND c.report = (?5::bigint[])[1] AND c.event = (?6::bigint[])[1]
        FOR UPDATE) locked";

/// Fails with a division by zero if one of the repositories has a webhook, a destination or rules of a gate. A
/// statement of its own after [`LOCK`]: it sees what another transaction committed while that waited for the lock,
/// which every transaction takes that adds one of them.
const UNOBSERVED: &str = "SELECT 1 / CASE
        WHEN EXISTS (SELECT FROM webhooks w WHERE w.repository_id = ANY(?1::bigint[]) AND w.disabled_at IS NULL
                AND w.format <> 'feed')
            OR EXISTS (SELECT FROM destinations w WHERE w.repository_id = ANY(?1) AND w.enabled = 1)
            OR EXISTS (SELECT FROM gate_rules g WHERE g.repository_id = ANY(?1)) THEN 0 ELSE 1 END";

/// As [`UNOBSERVED`], of one repository.
const UNOBSERVED_ONE: &str = "SELECT 1 / CASE
        WHEN EXISTS (SELECT FROM webhooks w WHERE w.repository_id = (?1::bigint[])[1] AND w.disabled_at IS NULL
                AND w.format <> 'feed')
            OR EXISTS (SELECT FROM destinations w WHERE w.repository_id = (?1::bigint[])[1] AND w.enabled = 1)
            OR EXISTS (SELECT FROM gate_rules g WHERE g.repository_id = (?1::bigint[])[1]) THEN 0 ELSE 1 END";

/// The values of a check: the ids of the repositories, and each of their counters.
pub type Expected = [Vec<i64>; 6];

/// The statements that check these values, in this order: the first takes all of them, the second the ids. If another
/// transaction has locked one of the repositories, the first `waits` or fails.
pub fn checks([repositories, ..]: &Expected, waits: bool) -> [Cow<'static, str>; 2] {
    let [lock, check] = if repositories.len() == 1 { [LOCK_ONE, UNOBSERVED_ONE] } else { [LOCK, UNOBSERVED] };
    // The lock is the last clause of the subquery.
    let lock = if waits { lock.into() } else { lock.replace(") locked", " NOWAIT) locked").into() };
    [lock, check.into()]
}

/// The rows that a group needs, from the cache. One round trip on a reading connection determines which pipelines do
/// not exist: one that another node creates after it changes the counters. `None`: the cache lacks something.
pub async fn from_cache(
    readers: &Pool<ReaderManager>,
    wanted: &Prefetch,
    cache: &PipelineCache,
    of_commits: &CommitPipelines,
) -> Option<(Prefetched, Expected)> {
    let is_simple = wanted.idempotency_keys.is_empty() && wanted.users.is_empty() && !wanted.runs_queries;
    if !is_simple || !wanted.pipelines.iter().all(|key| cache.get(key).is_some()) {
        return None;
    }
    let (mut prefetched, mut expected) = (Prefetched::default(), Expected::default());
    for repository in &wanted.repositories {
        let (counters, active_at) = cache.counters_with_activity(*repository)?;
        let of_pipelines = [counters.pipeline, counters.stage, counters.job].map(i64::from);
        let values = [repository.get().into()].into_iter().chain(of_pipelines);
        let values = values.chain([counters.report, counters.event]);
        expected.iter_mut().zip(values).for_each(|(all, value)| all.push(value));
        prefetched.counters.insert(*repository, Some((counters, active_at)));
        prefetched.subscriptions.insert(*repository, Subscriptions::default());
    }
    let (mut identities, mut commits) = (Vec::new(), Vec::new());
    for identity in &wanted.identities {
        match cache.find(identity.0, &identity.1) {
            Some(id) => drop(cache.get(&(identity.0, id))?),
            None => identities.push(identity),
        }
    }
    for commit in &wanted.commits {
        match of_commits.get(commit.0, &commit.1, &commit.2) {
            Some(ids) => are_cached(cache, commit, ids).then_some(())?,
            None => commits.push(commit),
        }
    }
    if !identities.is_empty() || !commits.is_empty() {
        let (identities, unknown) = (Identities::new(&identities), Commits::new(&commits));
        let connection = idle(readers).await?;
        let [found, of_unknown] =
            connection.query_pipelined([identities.query(), unknown.query()]).await.ok()?;
        for row in &found {
            match read_found(row).ok()? {
                (identity, None) => drop(prefetched.absent.insert(identity)),
                (_, Some(_)) => return None,
            }
        }
        prefetched.of_commits = read_of_commits(&of_unknown).ok()?;
        for (commit, ids) in &mut prefetched.of_commits {
            // The query does not see those of the commit before.
            let new: Vec<_> = of_commits.new_before(commit).filter(|id| !ids.contains(id)).collect();
            ids.splice(0..0, new);
            are_cached(cache, commit, ids).then_some(())?;
        }
    }
    Some((prefetched, expected))
}

/// Whether the pipelines of a commit are cached, so that the group runs no query about them.
fn are_cached(cache: &PipelineCache, commit: &CommitKey, ids: &[PipelineId]) -> bool {
    ids.iter().all(|id| cache.get(&(commit.0, *id)).is_some())
}

/// An idle connection: a group does not wait for one, or for a new one.
async fn idle(readers: &Pool<ReaderManager>) -> Option<Object<ReaderManager>> {
    if readers.status().available == 0 {
        return None;
    }
    let now = Some(Duration::ZERO);
    readers.timeout_get(&Timeouts { wait: now, create: now, ..readers.timeouts() }).await.ok()
}

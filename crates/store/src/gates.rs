//! Merge gates: their rules, and what is known about a commit.

pub mod facts;

use crate::engine::{Engine, SqlStore};
use crate::rows::{gates, verdicts};
use crate::sql::Sql;
use crate::unapplied::ReadScope;
use crate::unit_of_work::{PrefetchHints, UnitOfWork};
use crate::writer::{Flow, Load};
use async_trait::async_trait;
use domain::Timestamp;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::audit::{Action, Announcement, AuditedRules, Change, Decision};
use domain::model::gates::{
    ANNOUNCED_JOBS_MAX, ANNOUNCED_JOBS_OF_ALL_MAX, ANNOUNCEMENTS_MAX, Expectation, GateRules, OVERRIDES_MAX,
    Override, RuleSet, split_replaced, surplus_replaced,
};
use domain::model::ids::{RepositoryId, UserId};
use domain::ports::{GateRecord, Gates, KnownRules, NewOverride};

#[async_trait]
impl<E: Engine> Gates for SqlStore<E> {
    async fn gate_rules(&self, repository: RepositoryId, version: Option<i64>) -> Result<Option<KnownRules>> {
        self.snapshot(ReadScope::Accounts, move |sql| {
            gates::rules(sql, repository, version)?.map(|rules| with_users(sql, rules)).transpose()
        })
        .await
    }

    async fn set_gate_rules(
        &self,
        repository: RepositoryId,
        set: RuleSet,
        by: UserId,
        now: Timestamp,
        marked_since: Timestamp,
        expected: Option<i64>,
    ) -> Result<Option<KnownRules>> {
        let write = move |unit: &mut UnitOfWork| {
            let last = gates::rules(unit.sql(), repository, None)?;
            let version = last.as_ref().map_or(0, |last| last.version);
            if expected.is_some_and(|expected| expected != version) {
                return Ok(None);
            }
            replace(unit, repository, last, &set, (by, now, marked_since)).map(Some)
        };
        self.write_gate(repository, write).await
    }

    async fn expect_jobs(
        &self,
        repository: RepositoryId,
        sha: &str,
        expectation: Expectation,
    ) -> Result<bool> {
        let sha = sha.to_owned();
        let write = move |unit: &mut UnitOfWork| {
            let added = announce(unit.sql(), repository, &sha, &expectation)?;
            if added {
                mark(unit, repository, &sha, expectation.at)?;
                if expectation.is_by_person() {
                    let announced = Announcement(repository, &sha, &expectation);
                    unit.audit(&Change::created(Action::GateAnnounce, &announced));
                }
            }
            Ok(added)
        };
        self.write_gate(repository, write).await
    }

    async fn add_override(&self, repository: RepositoryId, sha: &str, new: NewOverride) -> Result<Override> {
        let sha = sha.to_owned();
        let write = move |unit: &mut UnitOfWork| {
            let sql = unit.sql();
            let known = gates::overrides(sql, repository, &sha)?;
            if known.len() >= OVERRIDES_MAX {
                return Err(Invalid::new("overrides", Problem::TooMany { max: OVERRIDES_MAX }).into());
            }
            let number = known.last().map_or(1, |last| last.number + 1);
            gates::insert_override(sql, repository, &sha, number, &new)?;
            mark(unit, repository, &sha, new.at)?;
            let added = found(unit.sql(), repository, &sha, number)?
                .ok_or_else(|| Error::Internal("an override does not exist after it was written".into()))?;
            unit.audit(&Change::created(Action::GateOverride, &Decision(repository, &sha, &added)));
            Ok(added)
        };
        self.write_gate(repository, write).await
    }

    async fn withdraw_override(
        &self,
        repository: RepositoryId,
        sha: &str,
        number: i64,
        by: UserId,
        now: Timestamp,
    ) -> Result<Option<Override>> {
        let sha = sha.to_owned();
        let write = move |unit: &mut UnitOfWork| {
            let before = found(unit.sql(), repository, &sha, number)?;
            let is_withdrawn = gates::withdraw(unit.sql(), (repository, &sha, number), by, now)?;
            if is_withdrawn {
                mark(unit, repository, &sha, now)?;
            }
            let after = found(unit.sql(), repository, &sha, number)?;
            if let Some(before) = before.filter(|_| is_withdrawn) {
                unit.audit(&Change::deleted(Action::GateWithdraw, &Decision(repository, &sha, &before)));
            }
            Ok(after)
        };
        self.write_gate(repository, write).await
    }

    async fn gate_record(
        &self,
        repository: RepositoryId,
        sha: &str,
        target: Option<&str>,
    ) -> Result<GateRecord> {
        let (sha, target) = (sha.to_owned(), target.map(str::to_owned));
        self.scan(Some(repository), move |sql| facts::record(sql, repository, &sha, target.as_deref())).await
    }
}

impl<E: Engine> SqlStore<E> {
    /// A write that waits for the others of the repository, on every node.
    async fn write_gate<T: Send + 'static>(
        &self,
        repository: RepositoryId,
        write: impl Fn(&mut UnitOfWork) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let locked = move |unit: &mut UnitOfWork| {
            unit.counters(repository)?.ok_or(Error::RepositoryNotFound)?;
            write(unit)
        };
        let hints = PrefetchHints::for_repository(repository);
        self.write_pipelines(Load::one(Flow::Repository(repository)), hints, locked).await
    }
}

fn with_users(sql: &dyn Sql, rules: GateRules) -> Result<KnownRules> {
    let users = rules.set.users().into_iter().chain(rules.changed_by).collect();
    let users = gates::user_names(sql, &users)?;
    Ok(KnownRules { rules, users })
}

/// Marks a commit of a repository with rules: its verdict may change.
pub fn mark(unit: &mut UnitOfWork, repository: RepositoryId, sha: &str, at: Timestamp) -> Result<()> {
    if verdicts::has_rules(unit.sql(), repository)? {
        verdicts::mark(unit.sql(), repository, sha, at)?;
        unit.notify_gates();
    }
    Ok(())
}

fn replace(
    unit: &mut UnitOfWork,
    repository: RepositoryId,
    last: Option<GateRules>,
    set: &RuleSet,
    (by, now, marked_since): (UserId, Timestamp, Timestamp),
) -> Result<KnownRules> {
    let sql = unit.sql();
    let version = last.as_ref().map_or(1, |last| last.version + 1);
    let set = set.clone().following(last.as_ref().map(|last| &last.set), version);
    let replaced = last.clone();
    match last.filter(|last| last.set == set) {
        Some(same) => with_users(sql, same),
        None => {
            let rules = GateRules { version, changed_by: Some(by), changed_at: now, set };
            gates::insert_rules(sql, repository, &rules, by)?;
            let audited = |rules| AuditedRules(repository, rules);
            let (before, after) = (audited(replaced.as_ref()), audited(Some(&rules)));
            unit.audit(&Change::updated(Action::GateRules, &before, &after));
            // The pipelines of this group are marked too.
            unit.flush()?;
            verdicts::mark_recent(unit.sql(), repository, now, marked_since)?;
            unit.notify_gates();
            unit.forget_subscriptions();
            with_users(unit.sql(), rules)
        }
    }
}

fn announce(sql: &dyn Sql, repository: RepositoryId, sha: &str, expectation: &Expectation) -> Result<bool> {
    let known = gates::expectations(sql, repository, sha)?;
    let number = known.last().map_or(1, |(last, _)| last + 1);
    let (known, mut kept) = split_replaced(known);
    let of_reporter = |other: &Expectation| other.reporter() == expectation.reporter();
    // A repetition has another time.
    let same = |last: &Expectation| {
        Expectation { at: last.at, first_at: last.first_at, ..expectation.clone() } == *last
    };
    if known.iter().rev().find(|(_, other)| of_reporter(other)).is_some_and(|(_, last)| same(last)) {
        return Ok(false);
    }
    let (replaced, holding): (Vec<_>, Vec<_>) =
        known.into_iter().partition(|(_, other)| expectation.complete && of_reporter(other));
    check_number(expectation, holding.iter().map(|(_, other)| other))?;
    let first_at = replaced.iter().map(|(_, other)| other.first_at).min();
    let first_at = first_at.map_or(expectation.first_at, |first_at| first_at.min(expectation.first_at));
    let expectation = Expectation { first_at, ..expectation.clone() };
    gates::insert_expectation(sql, repository, sha, number, &expectation)?;
    kept.extend(replaced);
    kept.sort_by_key(|(number, _)| *number);
    for number in surplus_replaced(&kept, expectation.by) {
        gates::delete_expectation(sql, repository, sha, number)?;
    }
    Ok(true)
}

/// Checks the numbers of announcements and announced jobs. Most are counted for each user, so that one user takes no
/// place of another.
fn check_number<'a>(new: &Expectation, holding: impl Iterator<Item = &'a Expectation>) -> Result<()> {
    let (mut lists, mut jobs, mut jobs_of_all) = (1, new.jobs.len(), new.jobs.len());
    for other in holding {
        jobs_of_all += other.jobs.len();
        if other.by == new.by {
            lists += 1;
            jobs += other.jobs.len();
        }
    }
    for (number, max) in
        [(lists, ANNOUNCEMENTS_MAX), (jobs, ANNOUNCED_JOBS_MAX), (jobs_of_all, ANNOUNCED_JOBS_OF_ALL_MAX)]
    {
        if number > max {
            return Err(Invalid::new("jobs", Problem::TooMany { max }).into());
        }
    }
    Ok(())
}

fn found(sql: &dyn Sql, repository: RepositoryId, sha: &str, number: i64) -> Result<Option<Override>> {
    let all = gates::overrides(sql, repository, sha)?;
    Ok(all.into_iter().find(|decision| decision.number == number))
}

//! How the jobs of a repository did of late: how often each ended well, how long it took, and which fail and pass on the same commit.
//!
//! What counts is the *attempt that ended* within a [`Period`], by `finished_at`: retried ones too, since each cost its time. A *run* is
//! one of them that says something of its job: it succeeded, failed or timed out. `canceled` and `skipped` say nothing and are in no rate.

use super::status::Status;
use crate::error::{Invalid, Problem};
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Most attempts that one answer is made of: the newest of the period.
pub const ATTEMPTS_MAX: u32 = 50_000;
/// Most jobs in one answer: the first in its order.
pub const JOBS_MAX: usize = 1_000;
/// Milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1_000;

/// The last whole days of UTC, today among them as far as it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// How many: 7, 30 or 90.
    pub days: i64,
    /// The beginning of the first.
    pub since: Timestamp,
    /// Now. What reporters say will end later is not in it.
    pub until: Timestamp,
}

impl Period {
    /// The last so many days.
    pub fn last(days: i64, now: Timestamp) -> Self {
        let first = day_of(now) - days + 1;
        let since = Timestamp::from_millisecond(first.saturating_mul(DAY)).unwrap_or(Timestamp::MIN);
        Self { days, since, until: now }
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsightFilter {
    /// How many days: 7, 30 or 90.
    pub days: i64,
    /// Only of pipelines of this ref.
    pub git_ref: Option<String>,
    /// The order of the jobs.
    pub order: InsightOrder,
}

impl InsightFilter {
    /// How many days there may be.
    pub const PERIODS: [i64; 3] = [7, 30, 90];
    /// The same, as words.
    pub const PERIOD_NAMES: &'static [&'static str] = &["7", "30", "90"];

    /// Reads it as queries carry it. Without a word it is 30 days, every ref, by runs.
    ///
    /// # Errors
    /// [`Problem::NotOneOf`], naming `days` or `sort`.
    pub fn parse(days: Option<&str>, git_ref: Option<String>, sort: Option<&str>) -> Result<Self, Invalid> {
        let word = days.unwrap_or("30");
        let at = Self::PERIOD_NAMES.iter().position(|known| *known == word);
        let days = at.map(|at| Self::PERIODS[at]);
        let days =
            days.ok_or_else(|| Invalid::new("days", Problem::NotOneOf { allowed: Self::PERIOD_NAMES }))?;
        Ok(Self { days, git_ref, order: InsightOrder::parse(sort)? })
    }
}

/// Days since 1970.
fn day_of(at: Timestamp) -> i64 {
    at.as_millisecond().div_euclid(DAY)
}

/// An attempt that ended, as far as insights look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedAttempt {
    /// The name of its stage.
    pub stage: String,
    /// Its name.
    pub name: String,
    /// The commit of its pipeline.
    pub sha: String,
    /// How it ended.
    pub status: Status,
    /// The attempt that counts; the others are retried.
    pub newest: bool,
    /// When it began to run, where known.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Timestamp,
}

/// Attempts that ended, counted by how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutcomeCounts {
    /// `success`.
    pub success: u32,
    /// `failed`.
    pub failed: u32,
    /// `timedout`.
    pub timedout: u32,
    /// `canceled`.
    pub canceled: u32,
    /// `skipped`.
    pub skipped: u32,
}

impl OutcomeCounts {
    fn count(&mut self, status: Status) {
        match status {
            Status::Success => self.success += 1,
            Status::Failed => self.failed += 1,
            Status::TimedOut => self.timedout += 1,
            Status::Canceled => self.canceled += 1,
            Status::Skipped => self.skipped += 1,
            Status::Pending | Status::Running => {}
        }
    }

    /// Those that say something: succeeded, failed or timed out.
    pub fn runs(&self) -> u32 {
        self.success + self.failed + self.timedout
    }

    /// The part of the runs that succeeded, 0 to 1; `None` without any.
    pub fn success_rate(&self) -> Option<f64> {
        (self.runs() > 0).then(|| f64::from(self.success) / f64::from(self.runs()))
    }
}

/// How one job did: one name in one stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobInsight {
    /// The name of its stage.
    pub stage: String,
    /// Its name.
    pub name: String,
    /// Its attempts.
    pub outcomes: OutcomeCounts,
    /// Attempts that a newer one replaced, however they ended.
    pub retried: u32,
    /// Half of the runs whose beginning is known took at most so long ([`percentile`]).
    pub median: Option<SignedDuration>,
    /// 95 of 100 of them took at most so long.
    pub p95: Option<SignedDuration>,
    /// Commits that it succeeded on and failed or timed out on, in whatever pipelines and order: it is *flaky* when there are any.
    pub flaky_commits: u32,
}

/// One day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// In UTC.
    pub date: Date,
    /// The attempts that ended on it.
    pub outcomes: OutcomeCounts,
}

/// By what the jobs of an answer are ordered; equal ones by stage and name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InsightOrder {
    /// Most runs first.
    Runs,
    /// By stage and name.
    Name,
    /// Worst first; those without a rate last.
    SuccessRate,
    /// Slowest first.
    Median,
    /// Slowest first.
    P95,
    /// Most first.
    Retried,
    /// Most first.
    Flaky,
}

impl InsightOrder {
    /// The words of [`InsightOrder::ALL`].
    pub const NAMES: &'static [&'static str] =
        &["runs", "name", "success_rate", "median", "p95", "retried", "flaky"];
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Runs, Self::Name, Self::SuccessRate, Self::Median, Self::P95, Self::Retried, Self::Flaky];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Reads the word; by runs where none is said.
    ///
    /// # Errors
    /// [`Problem::NotOneOf`].
    pub fn parse(word: Option<&str>) -> Result<Self, Invalid> {
        let Some(word) = word else { return Ok(Self::Runs) };
        let known = Self::ALL.into_iter().find(|order| order.as_str() == word);
        known.ok_or_else(|| Invalid::new("sort", Problem::NotOneOf { allowed: Self::NAMES }))
    }

    fn sort(self, jobs: &mut [JobInsight]) {
        jobs.sort_unstable_by(|a, b| (&a.stage, &a.name).cmp(&(&b.stage, &b.name)));
        match self {
            Self::Name => {}
            Self::Runs => jobs.sort_by_key(|job| Reverse(job.outcomes.runs())),
            Self::Median => jobs.sort_by_key(|job| Reverse(job.median)),
            Self::P95 => jobs.sort_by_key(|job| Reverse(job.p95)),
            Self::Retried => jobs.sort_by_key(|job| Reverse(job.retried)),
            Self::Flaky => jobs.sort_by_key(|job| Reverse(job.flaky_commits)),
            Self::SuccessRate => {
                let rate = |job: &JobInsight| job.outcomes.success_rate().unwrap_or(f64::INFINITY);
                jobs.sort_by(|a, b| rate(a).total_cmp(&rate(b)));
            }
        }
    }
}

/// How the jobs of a repository did in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insights {
    /// When.
    pub period: Period,
    /// There were more than [`ATTEMPTS_MAX`] attempts: none that ended before this time were looked at.
    pub cut_before: Option<Timestamp>,
    /// All attempts together.
    pub outcomes: OutcomeCounts,
    /// All that a newer attempt replaced.
    pub retried: u32,
    /// Every day of the period, also those without any attempt.
    pub days: Vec<Day>,
    /// Its jobs, at most [`JOBS_MAX`].
    pub jobs: Vec<JobInsight>,
    /// How many jobs there are, also those that are left out.
    pub job_count: usize,
    /// How many of them are flaky.
    pub flaky_jobs: usize,
}

impl Insights {
    /// Looks at the attempts that ended in a period. Others are passed over.
    pub fn compute(
        period: Period,
        cut_before: Option<Timestamp>,
        attempts: Vec<EndedAttempt>,
        order: InsightOrder,
    ) -> Self {
        let first = day_of(period.since);
        let mut insights = Self {
            period,
            cut_before,
            outcomes: OutcomeCounts::default(),
            retried: 0,
            days: (first..first + period.days)
                .map(|day| Day { date: date(day), outcomes: OutcomeCounts::default() })
                .collect(),
            jobs: Vec::new(),
            job_count: 0,
            flaky_jobs: 0,
        };
        let mut jobs: HashMap<(String, String), JobAccumulator> = HashMap::new();
        for attempt in attempts {
            let at = usize::try_from(day_of(attempt.finished_at) - first).ok();
            let Some(day) = at.and_then(|at| insights.days.get_mut(at)) else { continue };
            day.outcomes.count(attempt.status);
            insights.outcomes.count(attempt.status);
            insights.retried += u32::from(!attempt.newest);
            let EndedAttempt { stage, name, sha, status, newest, started_at, finished_at } = attempt;
            let took = started_at.map(|started| finished_at.duration_since(started));
            jobs.entry((stage, name)).or_default().add(sha, status, newest, took);
        }
        insights.job_count = jobs.len();
        insights.jobs = jobs.into_iter().map(|((stage, name), job)| job.into_insight(stage, name)).collect();
        insights.flaky_jobs = insights.jobs.iter().filter(|job| job.flaky_commits > 0).count();
        order.sort(&mut insights.jobs);
        insights.jobs.truncate(JOBS_MAX);
        insights
    }
}

fn date(day: i64) -> Date {
    let at = Timestamp::from_millisecond(day.saturating_mul(DAY)).unwrap_or_default();
    Offset::UTC.to_datetime(at).date()
}

/// What is gathered of one job.
#[derive(Default)]
struct JobAccumulator {
    ends: OutcomeCounts,
    retried: u32,
    took: Vec<SignedDuration>,
    /// By commit: whether it passed, and whether it failed.
    commits: HashMap<String, (bool, bool)>,
}

impl JobAccumulator {
    fn add(&mut self, sha: String, status: Status, newest: bool, took: Option<SignedDuration>) {
        self.ends.count(status);
        self.retried += u32::from(!newest);
        let passed = match status {
            Status::Success => true,
            Status::Failed | Status::TimedOut => false,
            _ => return,
        };
        self.took.extend(took.map(|took| took.max(SignedDuration::ZERO)));
        let commit = self.commits.entry(sha).or_default();
        *commit = (commit.0 | passed, commit.1 | !passed);
    }

    fn into_insight(mut self, stage: String, name: String) -> JobInsight {
        self.took.sort_unstable();
        JobInsight {
            stage,
            name,
            outcomes: self.ends,
            retried: self.retried,
            median: percentile(&self.took, 50),
            p95: percentile(&self.took, 95),
            flaky_commits: u32::try_from(self.commits.values().filter(|c| c.0 && c.1).count())
                .unwrap_or(u32::MAX),
        }
    }
}

/// The least of `sorted` that at least `percent` of 100 of them do not exceed (nearest rank): always one that was measured, the same
/// whatever engine kept them. `None` of none.
pub fn percentile<T: Copy>(sorted: &[T], percent: usize) -> Option<T> {
    let rank = (sorted.len() * percent.min(100)).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests;

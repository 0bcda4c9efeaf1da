//! Insights: success rates and durations of the jobs of a repository, and which jobs fail and succeed on the
//! same commit.
//!
//! Insights count the attempts that ended within a [`Period`], by `finished_at`, retried ones too. A *run* is
//! an attempt that succeeded, failed or timed out. Rates do not count `canceled` and `skipped` attempts.

use super::status::Status;
use crate::error::{Invalid, Problem};
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Most attempts of one result: the newest of the period.
pub const ATTEMPTS_MAX: u32 = 50_000;
/// Most jobs in one result: the first in its order.
pub const JOBS_MAX: usize = 1_000;
/// A day in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1_000;

/// A number of days in UTC up to now, the current day included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The number of days: 7, 30 or 90.
    pub days: i64,
    /// The start of the first day.
    pub since: Timestamp,
    /// The current time. Attempts with a later end are not in the period.
    pub until: Timestamp,
}

impl Period {
    /// The last `days` days.
    pub fn last(days: i64, now: Timestamp) -> Self {
        let first = day_of(now) - days + 1;
        let since = Timestamp::from_millisecond(first.saturating_mul(DAY)).unwrap_or(Timestamp::MIN);
        Self { days, since, until: now }
    }
}

/// The filter and order of insights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsightFilter {
    /// The number of days: 7, 30 or 90.
    pub days: i64,
    /// Only attempts of pipelines of this ref.
    pub git_ref: Option<String>,
    /// The order of the jobs.
    pub order: InsightOrder,
}

impl InsightFilter {
    /// The allowed numbers of days.
    pub const PERIODS: [i64; 3] = [7, 30, 90];
    /// The same as texts.
    pub const PERIOD_NAMES: &'static [&'static str] = &["7", "30", "90"];

    /// Parses the query parameters. The default is 30 days, all refs, by number of runs.
    ///
    /// # Errors
    /// [`Problem::NotOneOf`], on `days` or `sort`.
    pub fn parse(days: Option<&str>, git_ref: Option<String>, sort: Option<&str>) -> Result<Self, Invalid> {
        let text = days.unwrap_or("30");
        let at = Self::PERIOD_NAMES.iter().position(|known| *known == text);
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

/// An attempt that ended, with the fields that insights use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedAttempt {
    /// The name of its stage.
    pub stage: String,
    /// Its name.
    pub name: String,
    /// The commit of the pipeline.
    pub sha: String,
    /// The source of the pipeline.
    pub source: String,
    /// The final status.
    pub status: Status,
    /// True for the newest attempt of its job; the others were retried.
    pub newest: bool,
    /// The start, if it is known.
    pub started_at: Option<Timestamp>,
    /// The end.
    pub finished_at: Timestamp,
}

/// The number of ended attempts by status.
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
    pub(crate) fn count(&mut self, status: Status) {
        match status {
            Status::Success => self.success += 1,
            Status::Failed => self.failed += 1,
            Status::TimedOut => self.timedout += 1,
            Status::Canceled => self.canceled += 1,
            Status::Skipped => self.skipped += 1,
            Status::Pending | Status::Running => {}
        }
    }

    /// The number of runs: attempts that succeeded, failed or timed out.
    pub fn runs(&self) -> u32 {
        self.success + self.failed + self.timedout
    }

    /// The fraction of the runs that succeeded, 0 to 1; `None` without runs.
    pub fn success_rate(&self) -> Option<f64> {
        (self.runs() > 0).then(|| f64::from(self.success) / f64::from(self.runs()))
    }
}

/// The insights of one job, by stage and name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobInsight {
    /// The name of its stage.
    pub stage: String,
    /// Its name.
    pub name: String,
    /// The number of attempts by status.
    pub outcomes: OutcomeCounts,
    /// The number of retried attempts, with any status.
    pub retried: u32,
    /// The median duration of the runs with a known start ([`percentile`]).
    pub median: Option<SignedDuration>,
    /// The 95th percentile of those durations.
    pub p95: Option<SignedDuration>,
    /// The number of commits on which the job succeeded and also failed or timed out, each of one source, in any
    /// pipelines and any order. The job is *flaky* when there is one.
    pub flaky_commits: u32,
}

/// The insights of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// The day in UTC.
    pub date: Date,
    /// The number of attempts that ended on this day, by status.
    pub outcomes: OutcomeCounts,
}

/// The order of the jobs of a result; equal ones are ordered by stage and name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InsightOrder {
    /// Most runs first.
    Runs,
    /// By stage and name.
    Name,
    /// Lowest success rate first; jobs without a rate last.
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
    /// The names, in the order of [`InsightOrder::ALL`].
    pub const NAMES: &'static [&'static str] =
        &["runs", "name", "success_rate", "median", "p95", "retried", "flaky"];
    /// All variants.
    pub const ALL: [Self; 7] =
        [Self::Runs, Self::Name, Self::SuccessRate, Self::Median, Self::P95, Self::Retried, Self::Flaky];

    /// The name of the variant.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The variant with this name; by default by number of runs.
    ///
    /// # Errors
    /// [`Problem::NotOneOf`].
    pub fn parse(name: Option<&str>) -> Result<Self, Invalid> {
        let Some(name) = name else { return Ok(Self::Runs) };
        let known = Self::ALL.into_iter().find(|order| order.as_str() == name);
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

/// The insights of a repository in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insights {
    /// The period.
    pub period: Period,
    /// There were more than [`ATTEMPTS_MAX`] attempts: those that ended before this time were not counted.
    pub cut_before: Option<Timestamp>,
    /// The number of all attempts by status.
    pub outcomes: OutcomeCounts,
    /// The number of retried attempts.
    pub retried: u32,
    /// Every day of the period, also days without attempts.
    pub days: Vec<Day>,
    /// The jobs, at most [`JOBS_MAX`].
    pub jobs: Vec<JobInsight>,
    /// The number of all jobs, also those that are not in `jobs`.
    pub job_count: usize,
    /// The number of flaky jobs.
    pub flaky_jobs: usize,
}

impl Insights {
    /// Computes the insights of the attempts that ended in the period; other attempts are ignored.
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
            let EndedAttempt { stage, name, sha, source, status, newest, started_at, finished_at } = attempt;
            let duration = started_at.map(|started| finished_at.duration_since(started));
            jobs.entry((stage, name)).or_default().add((source, sha), status, newest, duration);
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

/// Collects the attempts of one job.
#[derive(Default)]
struct JobAccumulator {
    outcomes: OutcomeCounts,
    retried: u32,
    durations: Vec<SignedDuration>,
    /// By source and commit: whether a run succeeded, and whether a run failed. Jobs of two sources are two jobs.
    commits: HashMap<(String, String), (bool, bool)>,
}

impl JobAccumulator {
    fn add(
        &mut self,
        commit: (String, String),
        status: Status,
        newest: bool,
        duration: Option<SignedDuration>,
    ) {
        self.outcomes.count(status);
        self.retried += u32::from(!newest);
        let succeeded = match status {
            Status::Success => true,
            Status::Failed | Status::TimedOut => false,
            _ => return,
        };
        self.durations.extend(duration.map(|duration| duration.max(SignedDuration::ZERO)));
        let seen = self.commits.entry(commit).or_default();
        *seen = (seen.0 | succeeded, seen.1 | !succeeded);
    }

    fn into_insight(mut self, stage: String, name: String) -> JobInsight {
        self.durations.sort_unstable();
        JobInsight {
            stage,
            name,
            outcomes: self.outcomes,
            retried: self.retried,
            median: percentile(&self.durations, 50),
            p95: percentile(&self.durations, 95),
            flaky_commits: u32::try_from(self.commits.values().filter(|c| c.0 && c.1).count())
                .unwrap_or(u32::MAX),
        }
    }
}

/// The percentile of sorted values by the nearest-rank method: always one of the values, and the same for
/// every engine. `None` when there are no values.
pub fn percentile<T: Copy>(sorted: &[T], percent: usize) -> Option<T> {
    let rank = (sorted.len() * percent.min(100)).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests;

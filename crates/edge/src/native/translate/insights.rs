//! Insights as the native API represents them.

use super::time;
use domain::SignedDuration;
use domain::model::insights::{InsightFilter, Insights, OutcomeCounts};
use wire::native::insights as native;

pub fn insights(filter: &InsightFilter, insights: &Insights) -> native::Insights {
    let day = |day: &domain::model::insights::Day| native::Day {
        date: day.date.to_string(),
        ends: outcomes(&day.outcomes),
    };
    let job = |job: &domain::model::insights::JobInsight| native::JobInsight {
        stage: job.stage.clone(),
        name: job.name.clone(),
        ends: outcomes(&job.outcomes),
        retried: job.retried,
        flaky_commits: job.flaky_commits,
        median_ms: job.median.map(milliseconds),
        p95_ms: job.p95.map(milliseconds),
    };
    native::Insights {
        days: insights.period.days,
        git_ref: filter.git_ref.clone(),
        sort: filter.order.as_str().to_owned(),
        since: time(insights.period.since),
        until: time(insights.period.until),
        cut_before: insights.cut_before.map(time),
        total: outcomes(&insights.outcomes),
        retried: insights.retried,
        per_day: insights.days.iter().map(day).collect(),
        jobs: insights.jobs.iter().map(job).collect(),
        job_count: insights.job_count,
        flaky_jobs: insights.flaky_jobs,
    }
}

pub(super) fn outcomes(counts: &OutcomeCounts) -> native::OutcomeCounts {
    let OutcomeCounts { success, failed, timedout, canceled, skipped } = *counts;
    let (runs, success_rate) = (counts.runs(), counts.success_rate());
    native::OutcomeCounts { runs, success, failed, timedout, canceled, skipped, success_rate }
}

pub(super) fn milliseconds(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

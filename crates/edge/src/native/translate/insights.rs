//! Insights as the native API says them.

use super::time;
use domain::SignedDuration;
use domain::model::insights::{InsightFilter, Insights, OutcomeCounts};
use wire::native::insights as native;

pub fn insights(asked: &InsightFilter, found: &Insights) -> native::Insights {
    let day = |day: &domain::model::insights::Day| native::Day {
        date: day.date.to_string(),
        ends: ends(&day.outcomes),
    };
    let job = |job: &domain::model::insights::JobInsight| native::JobInsight {
        stage: job.stage.clone(),
        name: job.name.clone(),
        ends: ends(&job.outcomes),
        retried: job.retried,
        flaky_commits: job.flaky_commits,
        median_ms: job.median.map(milliseconds),
        p95_ms: job.p95.map(milliseconds),
    };
    native::Insights {
        days: found.period.days,
        git_ref: asked.git_ref.clone(),
        sort: asked.order.as_str().to_owned(),
        since: time(found.period.since),
        until: time(found.period.until),
        cut_before: found.cut_before.map(time),
        total: ends(&found.outcomes),
        retried: found.retried,
        per_day: found.days.iter().map(day).collect(),
        jobs: found.jobs.iter().map(job).collect(),
        job_count: found.job_count,
        flaky_jobs: found.flaky_jobs,
    }
}

fn ends(ends: &OutcomeCounts) -> native::OutcomeCounts {
    let OutcomeCounts { success, failed, timedout, canceled, skipped } = *ends;
    let (runs, success_rate) = (ends.runs(), ends.success_rate());
    native::OutcomeCounts { runs, success, failed, timedout, canceled, skipped, success_rate }
}

fn milliseconds(took: SignedDuration) -> i64 {
    i64::try_from(took.as_millis()).unwrap_or(i64::MAX)
}

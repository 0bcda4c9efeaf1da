//! `insights`.

use super::values;
use crate::durations;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use stagepost_client::insights::{InsightFilter, JobInsight};

#[derive(Debug, clap::Args)]
pub struct InsightsArgs {
    /// Id or path of the repository [env: STAGEPOST_REPO]
    #[arg(long)]
    repo: Option<String>,
    /// Number of days including today [default: 30]
    #[arg(long, value_parser = values::period())]
    days: Option<String>,
    /// Only those of this branch or tag
    #[arg(long = "ref", value_name = "REF")]
    git_ref: Option<String>,
    /// Order [default: runs]
    #[arg(long, value_name = "ORDER", value_parser = values::order())]
    sort: Option<String>,
}

pub async fn run(context: &Context, flags: &InsightsArgs) -> Result<(), Failure> {
    let client = context.client()?;
    let repository = context.repository(&client, flags.repo.as_deref()).await?;
    let InsightsArgs { days, git_ref, sort, .. } = flags;
    let days = days.as_ref().and_then(|days| days.parse().ok());
    let filter = InsightFilter { days, git_ref: git_ref.clone(), sort: sort.clone() };
    let insights = client.insights(repository, &filter).await?;
    if insights.cut_before.is_some() {
        context.output.hint(Text::InsightsTruncated);
    }
    let row = |job: &JobInsight| {
        vec![
            Cell::from(&job.stage),
            Cell::from(&job.name),
            job.ends.runs.into(),
            rate(job.ends.success_rate),
            duration(job.median_ms),
            duration(job.p95_ms),
            job.retried.into(),
            job.flaky_commits.into(),
        ]
    };
    let headings = [
        Text::Stage,
        Text::Job,
        Text::Runs,
        Text::SuccessRate,
        Text::Median,
        Text::P95,
        Text::Retried,
        Text::FlakyCommits,
    ];
    context.output.list(&insights, &headings, insights.jobs.iter().map(row).collect())
}

/// Percent, rounded down, so that only a rate of 1 is displayed as 100.0%.
fn rate(rate: Option<f64>) -> Cell {
    let display = rate.map(|rate| format!("{:.1}%", (rate * 1_000.0).floor() / 10.0)).unwrap_or_default();
    Cell::DisplayAndRaw { display, raw: rate.map(|rate| rate.to_string()).unwrap_or_default() }
}

/// Seconds with three decimal places; on a terminal from one minute on in two units.
fn duration(ms: Option<i64>) -> Cell {
    let raw = ms.map(|ms| format!("{}.{:03}s", ms / 1_000, ms % 1_000)).unwrap_or_default();
    let long = ms.filter(|ms| *ms >= 60_000).map(|ms| durations::readable(ms / 1_000));
    Cell::DisplayAndRaw { display: long.unwrap_or_else(|| raw.clone()), raw }
}

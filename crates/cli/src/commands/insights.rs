//! `insights`.

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
    /// How many days, today among them: 7, 30 or 90 [default: 30]
    #[arg(long)]
    days: Option<u32>,
    /// Only of this branch or tag
    #[arg(long = "ref", value_name = "REF")]
    git_ref: Option<String>,
    /// What comes first: runs, name, success_rate, median, p95, retried or flaky [default: runs]
    #[arg(long, value_name = "ORDER")]
    sort: Option<String>,
}

pub async fn run(context: &Context, flags: &InsightsArgs) -> Result<(), Failure> {
    let client = context.client()?;
    let repository = context.repository(&client, flags.repo.as_deref()).await?;
    let InsightsArgs { days, git_ref, sort, .. } = flags;
    let filter = InsightFilter { days: *days, git_ref: git_ref.clone(), sort: sort.clone() };
    let found = client.insights(repository, &filter).await?;
    if found.cut_before.is_some() {
        context.output.note(Text::InsightsCut);
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
    let heading = [
        Text::Stage,
        Text::Job,
        Text::Runs,
        Text::SuccessRate,
        Text::Median,
        Text::P95,
        Text::Retried,
        Text::Flaky,
    ];
    context.output.list(&found, &heading, found.jobs.iter().map(row).collect())
}

/// A part as percent for people, who take 99.96 for less than all.
fn rate(rate: Option<f64>) -> Cell {
    let shown = rate.map(|rate| format!("{:.1}%", (rate * 1_000.0).floor() / 10.0)).unwrap_or_default();
    Cell::Both { shown, piped: rate.map(|rate| rate.to_string()).unwrap_or_default() }
}

/// Seconds, with the milliseconds they came with.
fn duration(ms: Option<i64>) -> Cell {
    let text = ms.map(|ms| format!("{}.{:03}s", ms / 1_000, ms % 1_000)).unwrap_or_default();
    Cell::Plain(text)
}

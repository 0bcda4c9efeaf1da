//! `pipelines`.

use super::lists::{ListArgs, TimeRange};
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use stagepost_client::pipelines::PipelineFilter;

#[derive(Debug, clap::Args)]
pub struct PipelinesArgs {
    /// Id or path of the repository [env: STAGEPOST_REPO]
    #[arg(long)]
    repo: Option<String>,
    #[command(flatten)]
    list: ListArgs,
    /// Only those with this pipeline key
    #[arg(long)]
    key: Option<String>,
    /// Only started by this user
    #[arg(long)]
    user: Option<String>,
    /// Only those with this text in the ref or key, or with this commit prefix
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
}

impl PipelinesArgs {
    fn filter(&self) -> Result<PipelineFilter, Failure> {
        let list = &self.list;
        let TimeRange { since, until, updated_since, updated_until } = list.time_range()?;
        Ok(PipelineFilter {
            statuses: list.status.clone(),
            git_ref: list.git_ref.clone(),
            sha: list.sha()?,
            source: list.source.clone(),
            key: self.key.clone(),
            user: self.user.clone(),
            since,
            until,
            updated_since,
            updated_until,
            text: self.search.clone(),
        })
    }
}

/// A commit id: shortened on a terminal, complete for programs.
pub fn commit(sha: &str) -> Cell {
    Cell::DisplayAndRaw { display: sha.chars().take(10).collect(), raw: sha.to_owned() }
}

pub async fn run(context: &Context, flags: &PipelinesArgs) -> Result<(), Failure> {
    let filter = flags.filter()?;
    let client = context.client()?;
    let repository = context.repository(&client, flags.repo.as_deref()).await?;
    if flags.list.count {
        return context.output.json(&client.count_pipelines(repository, &filter).await?);
    }
    let pipelines = client.all_pipelines(repository, &filter, flags.list.limit(true)).await?;
    let row = |p: &wire::native::pipelines::Pipeline| {
        vec![
            p.id.into(),
            Cell::Status(p.status.clone()),
            commit(&p.sha),
            Cell::from(&p.git_ref),
            p.job_count.into(),
            Cell::from(&p.updated_at),
        ]
    };
    let headings = [Text::Id, Text::Status, Text::Sha, Text::Ref, Text::Jobs, Text::Updated];
    context.output.list(&pipelines, &headings, pipelines.iter().map(row).collect())
}

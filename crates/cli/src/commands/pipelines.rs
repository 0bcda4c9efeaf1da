//! `pipelines`.

use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use client::pipelines::PipelineFilter;

#[derive(Debug, clap::Args)]
pub struct PipelinesArgs {
    /// Id or path of the repository [env: STAGEPOST_REPO]
    #[arg(long)]
    repo: Option<String>,
    /// Only of this status
    #[arg(long)]
    status: Option<String>,
    /// Only of this branch or tag
    #[arg(long = "ref")]
    git_ref: Option<String>,
    /// Only of commits that begin so
    #[arg(long)]
    sha: Option<String>,
    /// Only of this source
    #[arg(long)]
    source: Option<String>,
    /// At most so many, newest first
    #[arg(long, default_value_t = 20, conflicts_with = "all")]
    limit: usize,
    /// All of them
    #[arg(long)]
    all: bool,
}

pub async fn run(context: &Context, flags: &PipelinesArgs) -> Result<(), Failure> {
    let client = context.client()?;
    let repository = context.repository(&client, flags.repo.as_deref()).await?;
    let filter = PipelineFilter {
        status: flags.status.clone(),
        git_ref: flags.git_ref.clone(),
        sha: flags.sha.clone(),
        source: flags.source.clone(),
    };
    let most = (!flags.all).then_some(flags.limit);
    let found = client.all_pipelines(repository, &filter, most).await?;
    let row = |p: &wire::native::pipelines::Pipeline| {
        let sha = Cell::Both { shown: p.sha.chars().take(10).collect(), piped: p.sha.clone() };
        vec![
            p.id.into(),
            Cell::Status(p.status.clone()),
            sha,
            Cell::from(&p.git_ref),
            p.job_count.into(),
            Cell::from(&p.updated_at),
        ]
    };
    let heading = [Text::Id, Text::Status, Text::Sha, Text::Ref, Text::Jobs, Text::Updated];
    context.output.list(&found, &heading, found.iter().map(row).collect())
}

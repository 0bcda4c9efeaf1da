//! `pipelines`.

use crate::durations::before_now;
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
    /// Only of this status, or of several with commas between them
    #[arg(long, value_delimiter = ',')]
    status: Vec<String>,
    /// Only of this branch or tag
    #[arg(long = "ref")]
    git_ref: Option<String>,
    /// Only of commits that begin so
    #[arg(long)]
    sha: Option<String>,
    /// Only of this source
    #[arg(long)]
    source: Option<String>,
    /// Only with this word of the reporters' own
    #[arg(long)]
    key: Option<String>,
    /// Only started by this user
    #[arg(long)]
    user: Option<String>,
    /// Only created then or later: an RFC 3339 time, or a duration before now such as 2h
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only created before
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only last changed then or later
    #[arg(long, value_name = "TIME")]
    updated_since: Option<String>,
    /// Only last changed before
    #[arg(long, value_name = "TIME")]
    updated_until: Option<String>,
    /// Only those whose ref or key contains this, or whose commit begins so
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// At most so many, newest first
    #[arg(long, default_value_t = 20, conflicts_with = "all")]
    limit: usize,
    /// All of them
    #[arg(long)]
    all: bool,
    /// Print only how many there are
    #[arg(long, conflicts_with_all = ["limit", "all"])]
    count: bool,
}

impl PipelinesArgs {
    fn filter(&self) -> Result<PipelineFilter, Failure> {
        let time = |text: &Option<String>| text.as_deref().map(before_now).transpose();
        Ok(PipelineFilter {
            statuses: self.status.clone(),
            git_ref: self.git_ref.clone(),
            sha: self.sha.clone(),
            source: self.source.clone(),
            key: self.key.clone(),
            user: self.user.clone(),
            since: time(&self.since)?,
            until: time(&self.until)?,
            updated_since: time(&self.updated_since)?,
            updated_until: time(&self.updated_until)?,
            text: self.search.clone(),
        })
    }
}

/// A commit id: short for people, whole for machines.
pub fn commit(sha: &str) -> Cell {
    Cell::Both { shown: sha.chars().take(10).collect(), piped: sha.to_owned() }
}

pub async fn run(context: &Context, flags: &PipelinesArgs) -> Result<(), Failure> {
    let filter = flags.filter()?;
    let client = context.client()?;
    let repository = context.repository(&client, flags.repo.as_deref()).await?;
    if flags.count {
        return context.output.json(&client.count_pipelines(repository, &filter).await?);
    }
    let most = (!flags.all).then_some(flags.limit);
    let found = client.all_pipelines(repository, &filter, most).await?;
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
    let heading = [Text::Id, Text::Status, Text::Sha, Text::Ref, Text::Jobs, Text::Updated];
    context.output.list(&found, &heading, found.iter().map(row).collect())
}

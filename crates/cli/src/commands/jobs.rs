//! `jobs`.

use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;

#[derive(Debug, clap::Args)]
pub struct JobsArgs {
    /// The pipeline's id
    pipeline: i32,
    /// Id or path of the repository [env: STAGEPOST_REPO]
    #[arg(long)]
    repo: Option<String>,
    /// Only the newest attempt of each job
    #[arg(long)]
    latest: bool,
}

pub async fn run(context: &Context, flags: &JobsArgs) -> Result<(), Failure> {
    let client = context.client()?;
    let repository = context.repository(&client, flags.repo.as_deref()).await?;
    let mut jobs = client.all_jobs(repository, flags.pipeline).await?;
    jobs.retain(|job| job.newest || !flags.latest);
    let row = |job: &wire::native::jobs::Job| {
        vec![
            job.id.into(),
            Cell::Status(job.status.clone()),
            Cell::from(&job.stage),
            Cell::from(&job.name),
            job.attempt.into(),
            Cell::some(job.started_at.as_ref()),
            Cell::some(job.finished_at.as_ref()),
        ]
    };
    let heading =
        [Text::Id, Text::Status, Text::Stage, Text::Name, Text::Attempt, Text::Started, Text::Finished];
    context.output.list(&jobs, &heading, jobs.iter().map(row).collect())
}

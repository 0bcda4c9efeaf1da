//! `jobs`: those of a pipeline, those of a repository across pipelines, and one of them.

use super::lists::{ListArgs, Times};
use super::pipelines::commit;
use super::{history, job_closings};
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use stagepost_client::Client;
use stagepost_client::jobs::{FoundJob, Job, JobFilter};

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = false)]
pub struct JobsCommand {
    #[command(flatten)]
    list: JobsArgs,
    /// Id or path of the repository [env: STAGEPOST_REPO]
    #[arg(long, global = true)]
    repo: Option<String>,
    #[command(subcommand)]
    command: Option<JobCommand>,
}

#[derive(Debug, clap::Subcommand)]
enum JobCommand {
    /// Show one attempt
    Show {
        /// The attempt's id
        job: i32,
    },
    /// Show every report of an attempt, and what each changed or why it did not
    History {
        /// The attempt's id
        job: i32,
    },
    /// End jobs that no build system ends
    Close(job_closings::CloseArgs),
}

#[derive(Debug, Default, PartialEq, Eq, clap::Args)]
struct JobsArgs {
    /// Only of this pipeline: its attempts in order, all unless --limit is given
    pipeline: Option<i32>,
    #[command(flatten)]
    list: ListArgs,
    /// Only of this stage
    #[arg(long)]
    stage: Option<String>,
    /// Only of this name
    #[arg(long)]
    name: Option<String>,
    /// Only with this id of the build system's
    #[arg(long)]
    build_id: Option<String>,
    /// Only those whose name or description contains this
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only the newest attempt of each job
    #[arg(long)]
    latest: bool,
    /// Only attempts that a newer one replaced
    #[arg(long, conflicts_with = "latest")]
    retried: bool,
}

impl JobsArgs {
    fn filter(&self) -> Result<JobFilter, Failure> {
        let list = &self.list;
        let Times { since, until, updated_since, updated_until } = list.times()?;
        Ok(JobFilter {
            pipeline: self.pipeline,
            statuses: list.status.clone(),
            newest: (self.latest || self.retried).then_some(self.latest),
            git_ref: list.git_ref.clone(),
            sha: list.sha.clone(),
            source: list.source.clone(),
            stage: self.stage.clone(),
            name: self.name.clone(),
            third_build_id: self.build_id.clone(),
            since,
            until,
            updated_since,
            updated_until,
            text: self.search.clone(),
        })
    }

    /// Of one pipeline all are shown, across pipelines the newest few.
    fn most(&self) -> Option<usize> {
        self.list.most(self.pipeline.is_none())
    }
}

pub async fn run(context: &Context, command: &JobsCommand) -> Result<(), Failure> {
    let repo = command.repo.as_deref();
    let name = match &command.command {
        None => return list(context, repo, &command.list).await,
        Some(JobCommand::Show { .. }) => "jobs show",
        Some(JobCommand::History { .. }) => "jobs history",
        Some(JobCommand::Close(_)) => "jobs close",
    };
    if command.list != JobsArgs::default() {
        return Err(Failure::usage(Text::ListFlagsOnly.with(&[("command", &name)])));
    }
    let client = context.client()?;
    let repository = context.repository(&client, repo).await?;
    match &command.command {
        Some(JobCommand::History { job }) => history::run(context, &client, repository, *job).await,
        Some(JobCommand::Close(flags)) => job_closings::run(context, &client, repository, flags).await,
        Some(JobCommand::Show { job }) => show(context, &client.job(repository, *job).await?),
        None => Ok(()),
    }
}

async fn list(context: &Context, repo: Option<&str>, flags: &JobsArgs) -> Result<(), Failure> {
    let filter = flags.filter()?;
    let client = context.client()?;
    let repository = context.repository(&client, repo).await?;
    if flags.list.count {
        let count = client.count_jobs(repository, &filter).await?;
        if count == 0 {
            known(&client, repository, flags).await?;
        }
        return context.output.json(&count);
    }
    let mut found = client.all_found_jobs(repository, &filter, flags.most()).await?;
    if flags.pipeline.is_some() {
        if found.is_empty() {
            known(&client, repository, flags).await?;
        }
        found.reverse();
        let rows = found.iter().map(|found| row(&found.job)).collect();
        return context.output.list(&found, &HEADING, rows);
    }
    context.output.list(&found, &FOUND_HEADING, found.iter().map(found_row).collect())
}

/// An empty list of a pipeline that does not exist is an error.
async fn known(client: &Client, repository: i32, flags: &JobsArgs) -> Result<(), Failure> {
    if let Some(pipeline) = flags.pipeline {
        client.pipeline(repository, pipeline).await?;
    }
    Ok(())
}

const HEADING: [Text; 7] =
    [Text::Id, Text::Status, Text::Stage, Text::Name, Text::Attempt, Text::Started, Text::Finished];

fn row(job: &Job) -> Vec<Cell> {
    vec![
        job.id.into(),
        Cell::Status(job.status.clone()),
        Cell::from(&job.stage),
        Cell::from(&job.name),
        job.attempt.into(),
        Cell::some(job.started_at.as_ref()),
        Cell::some(job.finished_at.as_ref()),
    ]
}

const FOUND_HEADING: [Text; 9] = [
    Text::Id,
    Text::Status,
    Text::Pipeline,
    Text::Sha,
    Text::Ref,
    Text::Stage,
    Text::Name,
    Text::Attempt,
    Text::Heard,
];

fn found_row(found: &FoundJob) -> Vec<Cell> {
    let job = &found.job;
    vec![
        job.id.into(),
        Cell::Status(job.status.clone()),
        job.pipeline_id.into(),
        commit(&job.sha),
        Cell::from(&job.git_ref),
        Cell::from(&job.stage),
        Cell::from(&job.name),
        job.attempt.into(),
        Cell::from(&found.heard_at),
    ]
}

fn show(context: &Context, found: &FoundJob) -> Result<(), Failure> {
    let mut values: Vec<(Text, Cell)> = FOUND_HEADING.into_iter().zip(found_row(found)).collect();
    let job = &found.job;
    values.extend([
        (Text::Reporter, Cell::some(found.reporter.as_ref())),
        (Text::Started, Cell::some(job.started_at.as_ref())),
        (Text::Finished, Cell::some(job.finished_at.as_ref())),
        (Text::BuildId, Cell::some(job.third_build_id.as_ref())),
        (Text::Link, Cell::some(job.target_url.as_ref())),
        (Text::Description, Cell::some(job.description.as_ref())),
    ]);
    context.output.one(found, values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        jobs: JobsCommand,
    }

    fn read(line: &str) -> Result<JobsCommand, clap::Error> {
        Line::try_parse_from(line.split_whitespace()).map(|line| line.jobs)
    }

    #[test]
    fn every_list_is_filtered_by_the_server() {
        let list = |line: &str| read(line).unwrap().list;
        let most = |line: &str| list(line).most();
        assert_eq!(
            (most("jobs 6"), most("jobs 6 --status failed"), most("jobs 6 --limit 3")),
            (None, None, Some(3))
        );
        assert_eq!((most("jobs"), most("jobs --all")), (Some(20), None));
        let filter = list("jobs 6 --latest --repo g/r").filter().unwrap();
        assert_eq!(filter, JobFilter { pipeline: Some(6), newest: Some(true), ..JobFilter::default() });
        let filter = list("jobs --status failed,timedout --retried").filter().unwrap();
        assert_eq!((filter.statuses.len(), filter.newest), (2, Some(false)));
        assert_eq!(list("jobs --since never").filter().unwrap_err().code(), 2);
    }

    #[test]
    fn one_job_is_a_command_of_its_own() {
        let job = |line: &str| read(line).unwrap().command.unwrap();
        assert!(matches!(job("jobs history 7 --repo g/r"), JobCommand::History { job: 7 }));
        assert!(matches!(job("jobs show 7"), JobCommand::Show { job: 7 }));
        assert!(matches!(job("jobs close --sha 1c46c50"), JobCommand::Close(_)));
        assert_eq!(read("jobs history 7 --repo g/r").unwrap().repo.as_deref(), Some("g/r"));
        assert_ne!(read("jobs --status failed history 7").unwrap().list, JobsArgs::default());
        for wrong in [
            "jobs close",
            "jobs close 7 --sha 1c46c50",
            "jobs x",
            "jobs --all --count",
            "jobs --latest --retried",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}

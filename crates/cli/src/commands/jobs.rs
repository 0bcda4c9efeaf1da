//! `jobs`: lists the jobs of a pipeline or of a repository, and operates on single jobs.

use super::lists::{ListArgs, TimeRange};
use super::pipelines::{commit, note_moment};
use super::{history, job_closings, job_details, values};
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
        /// Id of the attempt
        #[arg(value_parser = values::id())]
        job: i32,
    },
    /// Show every report of an attempt with its effect and an explanation
    History {
        /// Id of the attempt
        #[arg(value_parser = values::id())]
        job: i32,
        /// Only the reports until then: a time such as in --since, or report:ID
        #[arg(long, value_name = "MOMENT")]
        as_of: Option<String>,
    },
    /// Close jobs that no build system finishes
    Close(job_closings::CloseArgs),
}

#[derive(Debug, Default, PartialEq, Eq, clap::Args)]
struct JobsArgs {
    /// Only jobs of this pipeline; lists all attempts in order unless --limit is given
    #[arg(value_parser = values::id())]
    pipeline: Option<i32>,
    #[command(flatten)]
    list: ListArgs,
    /// Only jobs of this stage
    #[arg(long)]
    stage: Option<String>,
    /// Only jobs with this name
    #[arg(long)]
    name: Option<String>,
    /// Only jobs with this build id of the build system
    #[arg(long)]
    build_id: Option<String>,
    /// Only jobs with this text in the name or description
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only the newest attempt of each job
    #[arg(long)]
    latest: bool,
    /// The attempts of the pipeline as they were: a time such as in --since, or report:ID for the time after a report
    #[arg(long, value_name = "MOMENT", requires = "pipeline")]
    as_of: Option<String>,
    /// Only attempts that were retried
    #[arg(long, conflicts_with = "latest")]
    retried: bool,
}

impl JobsArgs {
    fn filter(&self) -> Result<JobFilter, Failure> {
        let list = &self.list;
        let TimeRange { since, until, updated_since, updated_until } = list.time_range()?;
        Ok(JobFilter {
            pipeline: self.pipeline,
            statuses: list.status.clone(),
            newest: (self.latest || self.retried).then_some(self.latest),
            git_ref: list.git_ref.clone(),
            sha: list.sha()?,
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

    /// The maximum number of jobs: all of a pipeline, or the newest across pipelines.
    fn limit(&self) -> Option<usize> {
        self.list.limit(self.pipeline.is_none())
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
    if let Some(JobCommand::Close(flags)) = &command.command {
        flags.closing()?;
    }
    let client = context.client()?;
    let repository = context.repository(&client, repo).await?;
    match &command.command {
        Some(JobCommand::History { job, as_of }) => {
            let as_of = as_of.as_deref().map(values::as_of).transpose()?;
            history::run(context, &client, repository, *job, as_of.as_deref()).await
        }
        Some(JobCommand::Close(flags)) => job_closings::run(context, &client, repository, flags).await,
        Some(JobCommand::Show { job }) => {
            let found = client.job(repository, *job).await?;
            job_details::print(context, &client, repository, &found, shown_values(&found)).await
        }
        None => Ok(()),
    }
}

/// The attempts of a pipeline as they were.
async fn past(
    context: &Context,
    repo: Option<&str>,
    pipeline: i32,
    as_of: &str,
    latest: bool,
) -> Result<(), Failure> {
    let as_of = values::as_of(as_of)?;
    let client = context.client()?;
    let repository = context.repository(&client, repo).await?;
    let found = client.pipeline_as_of(repository, pipeline, &as_of).await?;
    note_moment(found.as_of.as_ref());
    let mut jobs = client.all_jobs_as_of(repository, pipeline, &as_of).await?;
    jobs.retain(|job| !latest || job.newest);
    let rows = jobs.iter().map(row).collect();
    context.output.list(&jobs, &HEADINGS, rows)
}

async fn list(context: &Context, repo: Option<&str>, flags: &JobsArgs) -> Result<(), Failure> {
    if let (Some(as_of), Some(pipeline)) = (&flags.as_of, flags.pipeline) {
        let (pipeline, latest) = (Some(pipeline), flags.latest);
        let alone = JobsArgs { pipeline, latest, as_of: flags.as_of.clone(), ..JobsArgs::default() };
        return match (*flags == alone, pipeline) {
            (true, Some(pipeline)) => past(context, repo, pipeline, as_of, latest).await,
            _ => Err(Failure::usage(Text::AsOfWithFilter.to_string())),
        };
    }
    let filter = flags.filter()?;
    let client = context.client()?;
    let repository = context.repository(&client, repo).await?;
    if flags.list.count {
        let count = client.count_jobs(repository, &filter).await?;
        if count == 0 {
            require_pipeline(&client, repository, flags).await?;
        }
        return context.output.json(&count);
    }
    let mut jobs = client.all_found_jobs(repository, &filter, flags.limit()).await?;
    if flags.pipeline.is_some() {
        if jobs.is_empty() {
            require_pipeline(&client, repository, flags).await?;
        }
        jobs.reverse();
        let rows = jobs.iter().map(|entry| row(&entry.job)).collect();
        return context.output.list(&jobs, &HEADINGS, rows);
    }
    context.output.list(&jobs, &FOUND_HEADINGS, jobs.iter().map(found_row).collect())
}

/// Fails if the pipeline does not exist, instead of printing an empty list.
async fn require_pipeline(client: &Client, repository: i32, flags: &JobsArgs) -> Result<(), Failure> {
    if let Some(pipeline) = flags.pipeline {
        client.pipeline(repository, pipeline).await?;
    }
    Ok(())
}

const HEADINGS: [Text; 7] =
    [Text::Id, Text::Status, Text::Stage, Text::Name, Text::Attempt, Text::Started, Text::Finished];

fn row(job: &Job) -> Vec<Cell> {
    vec![
        job.id.into(),
        Cell::Status(job.status.clone()),
        Cell::from(&job.stage),
        Cell::from(&job.name),
        job.attempt.into(),
        Cell::optional(job.started_at.as_ref()),
        Cell::optional(job.finished_at.as_ref()),
    ]
}

const FOUND_HEADINGS: [Text; 9] = [
    Text::Id,
    Text::Status,
    Text::Pipeline,
    Text::Sha,
    Text::Ref,
    Text::Stage,
    Text::Name,
    Text::Attempt,
    Text::LastReport,
];

fn found_row(entry: &FoundJob) -> Vec<Cell> {
    let job = &entry.job;
    vec![
        job.id.into(),
        Cell::Status(job.status.clone()),
        job.pipeline_id.into(),
        commit(&job.sha),
        Cell::from(&job.git_ref),
        Cell::from(&job.stage),
        Cell::from(&job.name),
        job.attempt.into(),
        Cell::from(&entry.heard_at),
    ]
}

fn shown_values(entry: &FoundJob) -> Vec<(Text, Cell)> {
    let mut values: Vec<(Text, Cell)> = FOUND_HEADINGS.into_iter().zip(found_row(entry)).collect();
    let job = &entry.job;
    values.extend([
        (Text::Reporter, Cell::optional(entry.reporter.as_ref())),
        (Text::Started, Cell::optional(job.started_at.as_ref())),
        (Text::Finished, Cell::optional(job.finished_at.as_ref())),
        (Text::BuildId, Cell::optional(job.third_build_id.as_ref())),
        (Text::Link, Cell::optional(job.target_url.as_ref())),
        (Text::Description, Cell::optional(job.description.as_ref())),
    ]);
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct TestCommand {
        #[command(flatten)]
        jobs: JobsCommand,
    }

    fn parse(line: &str) -> Result<JobsCommand, clap::Error> {
        TestCommand::try_parse_from(line.split_whitespace()).map(|command| command.jobs)
    }

    #[test]
    fn all_filters_are_sent_to_the_server() {
        let list = |line: &str| parse(line).unwrap().list;
        let limit = |line: &str| list(line).limit();
        assert_eq!(
            (limit("jobs 6"), limit("jobs 6 --status failed"), limit("jobs 6 --limit 3")),
            (None, None, Some(3))
        );
        assert_eq!((limit("jobs"), limit("jobs --all")), (Some(20), None));
        let filter = list("jobs 6 --latest --repo g/r").filter().unwrap();
        assert_eq!(filter, JobFilter { pipeline: Some(6), newest: Some(true), ..JobFilter::default() });
        let filter = list("jobs --status failed,timedout --retried").filter().unwrap();
        assert_eq!((filter.statuses.len(), filter.newest), (2, Some(false)));
        assert_eq!(list("jobs --since never").filter().unwrap_err().code(), 2);
    }

    #[test]
    fn operations_on_one_job_are_subcommands() {
        let job = |line: &str| parse(line).unwrap().command.unwrap();
        assert!(matches!(job("jobs history 7 --repo g/r"), JobCommand::History { job: 7, as_of: None }));
        assert!(matches!(job("jobs show 7"), JobCommand::Show { job: 7 }));
        assert!(matches!(job("jobs close --sha 1c46c50"), JobCommand::Close(_)));
        assert_eq!(parse("jobs history 7 --repo g/r").unwrap().repo.as_deref(), Some("g/r"));
        assert_ne!(parse("jobs --status failed history 7").unwrap().list, JobsArgs::default());
        for invalid in [
            "jobs close",
            "jobs close 7 --sha 1c46c50",
            "jobs x",
            "jobs --all --count",
            "jobs --latest --retried",
        ] {
            assert!(parse(invalid).is_err(), "{invalid}");
        }
    }
}

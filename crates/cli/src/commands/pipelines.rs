//! `pipelines`: lists the pipelines of a repository, and shows one.

use super::lists::{ListArgs, TimeRange};
use super::values;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use crate::terminal::sanitize;
use stagepost_client::pipelines::{Pipeline, PipelineFilter};
use std::fmt::Display;
use wire::native::as_of::AsOf;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = false)]
pub struct PipelinesCommand {
    #[command(flatten)]
    list: PipelinesArgs,
    /// Id or path of the repository [env: STAGEPOST_REPO]
    #[arg(long, global = true)]
    repo: Option<String>,
    #[command(subcommand)]
    command: Option<PipelineCommand>,
}

#[derive(Debug, clap::Subcommand)]
enum PipelineCommand {
    /// Show one pipeline
    Show {
        /// Id of the pipeline
        #[arg(value_parser = values::id())]
        pipeline: i32,
        /// The pipeline as it was: a time such as in --since, or report:ID for the time after a report
        #[arg(long, value_name = "MOMENT")]
        as_of: Option<String>,
    },
}

#[derive(Debug, Default, PartialEq, Eq, clap::Args)]
struct PipelinesArgs {
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

pub async fn run(context: &Context, command: &PipelinesCommand) -> Result<(), Failure> {
    let repo = command.repo.as_deref();
    let Some(PipelineCommand::Show { pipeline, as_of }) = &command.command else {
        return list(context, repo, &command.list).await;
    };
    if command.list != PipelinesArgs::default() {
        return Err(Failure::usage(Text::ListFlagsOnly.with(&[("command", &"pipelines show")])));
    }
    let as_of = as_of.as_deref().map(values::as_of).transpose()?;
    let client = context.client()?;
    let repository = context.repository(&client, repo).await?;
    let found = match as_of {
        Some(as_of) => client.pipeline_as_of(repository, *pipeline, &as_of).await?,
        None => client.pipeline(repository, *pipeline).await?,
    };
    note_moment(found.as_of.as_ref());
    let mut values: Vec<(Text, Cell)> = HEADINGS.into_iter().zip(row(&found)).collect();
    values.extend([
        (Text::Started, Cell::optional(found.started_at.as_ref())),
        (Text::Finished, Cell::optional(found.finished_at.as_ref())),
        (Text::Link, Cell::optional(found.web_url.as_ref())),
    ]);
    context.output.record(&found, values)
}

/// Prints to stderr which moment a past state is of, and whether it may be incomplete.
pub fn note_moment(as_of: Option<&AsOf>) {
    let Some(as_of) = as_of else { return };
    let report = as_of.last_report.as_ref();
    let number = report.map_or_else(|| "-".to_owned(), |report| report.report_id.to_string());
    let reporter = report.and_then(|report| report.reporter.as_deref()).unwrap_or("Stagepost");
    let values: [(&str, &dyn Display); 3] =
        [("at", &as_of.at), ("report", &number), ("reporter", &sanitize(reporter))];
    eprintln!("{}", if report.is_some() { Text::AsItWas } else { Text::AsItWasWithoutReport }.with(&values));
    if let Some(since) = as_of.kept_since.as_ref().filter(|_| !as_of.complete) {
        eprintln!("{}", Text::IncompletePast.with(&[("since", since)]));
    }
}

const HEADINGS: [Text; 6] = [Text::Id, Text::Status, Text::Sha, Text::Ref, Text::Jobs, Text::Updated];

fn row(p: &Pipeline) -> Vec<Cell> {
    vec![
        p.id.into(),
        Cell::Status(p.status.clone()),
        commit(&p.sha),
        Cell::from(&p.git_ref),
        p.job_count.into(),
        Cell::from(&p.updated_at),
    ]
}

async fn list(context: &Context, repo: Option<&str>, flags: &PipelinesArgs) -> Result<(), Failure> {
    let filter = flags.filter()?;
    let client = context.client()?;
    let repository = context.repository(&client, repo).await?;
    if flags.list.count {
        return context.output.json(&client.count_pipelines(repository, &filter).await?);
    }
    let pipelines = client.all_pipelines(repository, &filter, flags.list.limit(true)).await?;
    context.output.list(&pipelines, &HEADINGS, pipelines.iter().map(row).collect())
}

//! `forward`.

use super::{RepositoryArgs, api_values, values};
use crate::exit::{self, Failure};
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use crate::text_files;
use stagepost_client::Client;
use stagepost_client::destinations::{
    Destination, DestinationChange, ForwardedState, NewDestination, StateFilter,
};
use std::path::PathBuf;
use std::time::Duration;

/// How often the result of a test is polled, and how many times: in total longer than the timeout of an
/// attempt.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
const MAX_POLLS: u32 = 80;

#[derive(Debug, clap::Subcommand)]
pub enum ForwardCommand {
    /// Create a destination: a forge that receives commit statuses from now on
    Create {
        /// API of the forge
        #[arg(value_parser = values::forge())]
        kind: String,
        /// Base URL of the API, such as https://api.github.com
        url: String,
        /// Project at the forge: owner/name; for GitLab the id or the full path
        project: String,
        /// File with the token for the API
        #[arg(long, value_name = "FILE")]
        forge_token_file: PathBuf,
        /// Send one status for each job that matches STAGE/NAME, where * matches any text; without it, one for each
        /// source
        #[arg(long = "job", value_name = "PATTERN")]
        jobs: Vec<String>,
        /// Send the verdict of the merge gate, one status for each target branch
        #[arg(long, conflicts_with = "jobs")]
        gate: bool,
        /// Do not send statuses of this source
        #[arg(long = "except-source", value_name = "SOURCE")]
        except_sources: Vec<String>,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// List the destinations of a repository
    List {
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// Change, disable or enable a destination; states that are not sent are retried immediately
    Update {
        /// Id of the destination
        #[arg(value_parser = values::id())]
        id: i32,
        /// Base URL of the API; if it changes, the token is required too
        #[arg(long)]
        url: Option<String>,
        /// Project at the forge
        #[arg(long)]
        project: Option<String>,
        /// File with the token for the API
        #[arg(long, value_name = "FILE")]
        forge_token_file: Option<PathBuf>,
        /// Send one status for each job that matches STAGE/NAME
        #[arg(long = "job", value_name = "PATTERN", conflicts_with_all = ["pipeline", "gate"])]
        jobs: Vec<String>,
        /// Send one status for each source
        #[arg(long, conflicts_with = "gate")]
        pipeline: bool,
        /// Send the verdict of the merge gate, one status for each target branch
        #[arg(long)]
        gate: bool,
        /// Do not send statuses of this source
        #[arg(long = "except-source", value_name = "SOURCE", conflicts_with = "all_sources")]
        except_sources: Vec<String>,
        /// Send statuses of every source
        #[arg(long)]
        all_sources: bool,
        /// Disable the destination
        #[arg(long, conflicts_with = "enable")]
        disable: bool,
        /// Enable the destination
        #[arg(long)]
        enable: bool,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// Delete a destination and its pending states
    Delete {
        /// Id of the destination
        #[arg(value_parser = values::id())]
        id: i32,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// Read the project at the forge once, without sending a status, and show the result
    Test {
        /// Id of the destination
        #[arg(value_parser = values::id())]
        id: i32,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// Show the sent, pending and stopped states with the reason, newest first
    States {
        /// Id of the destination
        #[arg(value_parser = values::id())]
        id: i32,
        /// Only states of this commit
        #[arg(long)]
        sha: Option<String>,
        /// Only states with this progress
        #[arg(long, value_parser = values::progress())]
        progress: Option<String>,
        /// Maximum number
        #[arg(long, default_value_t = 20)]
        limit: usize,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// Retry all pending and stopped states immediately
    Retry {
        /// Id of the destination
        #[arg(value_parser = values::id())]
        id: i32,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
}

const DESTINATION_HEADINGS: [Text; 8] = [
    Text::Id,
    Text::Type,
    Text::Url,
    Text::Project,
    Text::Forwarded,
    Text::ExceptSources,
    Text::Status,
    Text::FailingSince,
];

fn destination_row(destination: &Destination) -> Vec<Cell> {
    let jobs = destination.jobs.join(",");
    vec![
        destination.id.into(),
        Cell::from(&destination.kind),
        Cell::from(&destination.url),
        Cell::from(&destination.project),
        Cell::from(if jobs.is_empty() { &destination.choice } else { &jobs }),
        Cell::from(destination.except_sources.join(",")),
        api_values::destination_state(destination.enabled),
        Cell::optional(destination.failing_since.as_ref()),
    ]
}

const STATE_HEADINGS: [Text; 9] = [
    Text::Id,
    Text::Sha,
    Text::Context,
    Text::Wanted,
    Text::Sent,
    Text::Progress,
    Text::Attempts,
    Text::Response,
    Text::NextAttempt,
];

fn state_row(state: &ForwardedState) -> Vec<Cell> {
    vec![
        state.id.into(),
        Cell::optional(state.sha.as_ref()),
        Cell::from(&state.context),
        state.wanted_status.clone().map_or_else(|| Cell::from(""), Cell::Status),
        Cell::optional(state.sent_state.as_ref()),
        api_values::forwarding_progress(&state.progress, state.reason.as_deref()),
        state.attempts.into(),
        Cell::optional(last_result(state)),
        Cell::optional(state.next_at.as_ref()),
    ]
}

/// The result of the last attempt.
fn last_result(state: &ForwardedState) -> Option<String> {
    api_values::last_result(
        state.last_status,
        state.last_response.as_deref(),
        state.last_error.as_deref(),
        state.progress == "sent",
    )
}

pub async fn run(context: &Context, command: ForwardCommand) -> Result<(), Failure> {
    let client = context.client()?;
    let repository_id = async |args: &RepositoryArgs| context.repository(&client, args.repo.as_deref()).await;
    match command {
        ForwardCommand::Create {
            kind,
            url,
            project,
            forge_token_file,
            jobs,
            gate,
            except_sources,
            repository,
        } => {
            let token = text_files::read_secret(&forge_token_file)?;
            let jobs = Some(jobs).filter(|jobs| !jobs.is_empty());
            let except_sources = Some(except_sources).filter(|sources| !sources.is_empty());
            let new = NewDestination {
                kind,
                url,
                project,
                token,
                choice: gate.then(|| "gate".to_owned()),
                jobs,
                except_sources,
                enabled: None,
            };
            let repository = repository_id(&repository).await?;
            print_destination(context, &client.create_destination(repository, &new).await?)
        }
        ForwardCommand::List { repository } => {
            let found = client.destinations(repository_id(&repository).await?).await?;
            let rows = found.iter().map(destination_row).collect();
            context.output.list(&found, &DESTINATION_HEADINGS, rows)
        }
        ForwardCommand::Update {
            id,
            url,
            project,
            forge_token_file,
            jobs,
            pipeline,
            gate,
            except_sources,
            all_sources,
            disable,
            enable,
            repository,
        } => {
            let choice = [(pipeline, "pipeline"), (gate, "gate")].into_iter().find(|(chosen, _)| *chosen);
            let change = DestinationChange {
                url,
                project,
                token: forge_token_file.map(|file| text_files::read_secret(&file)).transpose()?,
                choice: choice.map(|(_, name)| name.to_owned()),
                jobs: Some(jobs).filter(|jobs| !jobs.is_empty()),
                except_sources: (all_sources || !except_sources.is_empty()).then_some(except_sources),
                enabled: (disable || enable).then_some(enable),
            };
            let repository = repository_id(&repository).await?;
            print_destination(context, &client.change_destination(repository, id, &change).await?)
        }
        ForwardCommand::Delete { id, repository } => {
            Ok(client.remove_destination(repository_id(&repository).await?, id).await?)
        }
        ForwardCommand::Test { id, repository } => {
            test(context, &client, repository_id(&repository).await?, id).await
        }
        ForwardCommand::States { id, sha, progress, limit, repository } => {
            let filter = StateFilter { sha, progress };
            let found = client.paged_forwarded_states(repository_id(&repository).await?, id, filter);
            let found = found.at_most(limit).all().await?;
            context.output.list(&found, &STATE_HEADINGS, found.iter().map(state_row).collect())
        }
        ForwardCommand::Retry { id, repository } => {
            let retried = client.retry_destination(repository_id(&repository).await?, id).await?;
            context.output.record(&retried, vec![(Text::RetriedStates, Cell::from(retried.retried))])
        }
    }
}

fn print_destination(context: &Context, destination: &Destination) -> Result<(), Failure> {
    let values = DESTINATION_HEADINGS.into_iter().zip(destination_row(destination)).collect();
    context.output.record(destination, values)
}

/// Requests a test and waits for its result.
async fn test(context: &Context, client: &Client, repository: i32, id: i32) -> Result<(), Failure> {
    let mut state = client.test_destination(repository, id).await?;
    for _ in 0..MAX_POLLS {
        if state.progress != "pending" {
            break;
        }
        tokio::time::sleep(POLL_INTERVAL).await;
        state = client.forwarded_state(repository, id, state.id).await?;
    }
    context.output.record(&state, STATE_HEADINGS.into_iter().zip(state_row(&state)).collect())?;
    match (state.progress.as_str(), last_result(&state)) {
        ("sent", _) => Ok(()),
        ("stopped", Some(reason)) => {
            Err(Failure::error(Text::DestinationNotReached.with(&[("reason", &reason)])))
        }
        _ => {
            context.output.hint(Text::DestinationTestPending);
            Err(Failure::without_message(exit::PENDING))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_response_is_shown_unless_accepted() {
        let mut state: ForwardedState = serde_json::from_value(serde_json::json!({
            "id": 1, "sha": null, "context": "stagepost/ci", "target": "pipeline", "progress": "stopped",
            "reason": "refused", "wanted_status": "success", "sent_state": null, "sent_description": null,
            "sent_url": null, "sent_at": null, "changed_at": "t", "attempts": 1, "next_at": null, "last_at": "t",
            "last_status": 404, "last_response": "Not Found", "last_error": null}))
        .unwrap();
        assert_eq!(last_result(&state).as_deref(), Some("404 Not Found"));
        assert_eq!(state_row(&state).len(), STATE_HEADINGS.len());
        state.progress = "sent".into();
        state.last_status = Some(201);
        assert_eq!(last_result(&state).as_deref(), Some("201"));
        (state.last_status, state.last_error) = (None, Some("refused".into()));
        assert_eq!(last_result(&state).as_deref(), Some("refused"));
    }
}

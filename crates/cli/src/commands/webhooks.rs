//! `webhook`.

use super::{RepositoryArgs, api_values, values};
use crate::exit::{self, Failure};
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use crate::text_files;
use stagepost_client::Client;
use stagepost_client::webhooks::{Delivery, NewSecret, NewWebhook, Webhook, WebhookChange};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often the result of a test is polled, and how many times: in total longer than the timeout of an
/// attempt.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
const MAX_POLLS: u32 = 80;

/// The URL of a receiver. That of a chat is a secret, and other users of a machine see arguments.
#[derive(Debug, clap::Args)]
pub struct UrlArgs {
    /// URL of the receiver, http or https
    #[arg(required_unless_present = "url_file", conflicts_with = "url_file")]
    url: Option<String>,
    /// File with the URL
    #[arg(long, value_name = "FILE")]
    url_file: Option<PathBuf>,
}

impl UrlArgs {
    /// The URL.
    pub fn read(self) -> Result<String, Failure> {
        Ok(new_url(self.url, self.url_file.as_deref())?.unwrap_or_default())
    }
}

/// A URL that is given as an argument or in a file.
pub fn new_url(url: Option<String>, file: Option<&Path>) -> Result<Option<String>, Failure> {
    url.map(Ok).or_else(|| file.map(text_files::read_secret)).transpose()
}

#[derive(Debug, clap::Subcommand)]
pub enum WebhookCommand {
    /// Create a webhook that sends events of a repository to a URL; its secret is shown only once
    #[command(alias = "add")]
    Create {
        #[command(flatten)]
        url: UrlArgs,
        /// Events: pipeline (status changes of pipelines), job (all changes of jobs), or both
        #[arg(long, value_delimiter = ',', default_value = "pipeline", value_parser = values::topic())]
        events: Vec<String>,
        /// Short description
        #[arg(long)]
        description: Option<String>,
        /// Form of the messages; the chat systems are told about failures, fixes and changed verdicts only
        #[arg(long, default_value = "signed", value_parser = ["signed", "slack", "feishu", "dingtalk", "wecom"])]
        format: String,
        /// Language of messages to chat systems
        #[arg(long, value_parser = ["zh", "en"])]
        language: Option<String>,
        /// Only refs and target branches that match one of these patterns; * matches any text
        #[arg(long = "ref", value_name = "PATTERN")]
        refs: Vec<String>,
        /// Only jobs whose STAGE/NAME matches one of these patterns
        #[arg(long = "job", value_name = "PATTERN")]
        jobs: Vec<String>,
        /// File with the signing secret of a bot of Feishu or DingTalk
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// List the webhooks of a repository
    List {
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// Show a webhook
    Show {
        /// Id of the webhook
        #[arg(value_parser = values::id())]
        id: i32,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// Change, disable or enable a webhook
    #[command(aliases = ["change", "set"])]
    Update {
        /// Id of the webhook
        #[arg(value_parser = values::id())]
        id: i32,
        /// URL of the receiver
        #[arg(long, conflicts_with = "url_file")]
        url: Option<String>,
        /// File with the URL
        #[arg(long, value_name = "FILE")]
        url_file: Option<PathBuf>,
        /// Events: pipeline, job, gate
        #[arg(long, value_delimiter = ',', value_parser = values::topic())]
        events: Option<Vec<String>>,
        /// Short description
        #[arg(long)]
        description: Option<String>,
        /// Only refs and target branches that match one of these patterns
        #[arg(long = "ref", value_name = "PATTERN")]
        refs: Option<Vec<String>>,
        /// Only jobs whose STAGE/NAME matches one of these patterns
        #[arg(long = "job", value_name = "PATTERN")]
        jobs: Option<Vec<String>>,
        /// Disable the webhook
        #[arg(long, conflicts_with = "enable")]
        disable: bool,
        /// Enable the webhook; pending deliveries are sent first
        #[arg(long)]
        enable: bool,
        /// New owner, who manages the repository: messages to a chat are sent by the rights of this user
        #[arg(long, value_name = "USER")]
        owner: Option<String>,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// Delete a webhook and its pending deliveries
    #[command(alias = "remove")]
    Delete {
        /// Id of the webhook
        #[arg(value_parser = values::id())]
        id: i32,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// Create a new secret, shown only once; the previous secret also signs for one day
    Rotate {
        /// Id of the webhook
        #[arg(value_parser = values::id())]
        id: i32,
        /// File with the new secret; that of a chat system comes from its bot
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// Send a test message and show the result
    Test {
        /// Id of the webhook
        #[arg(value_parser = values::id())]
        id: i32,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// List the deliveries, newest first; or show one delivery with its body
    Deliveries {
        /// Id of the webhook
        #[arg(value_parser = values::id())]
        id: i32,
        /// Id of a delivery
        delivery: Option<String>,
        /// Maximum number
        #[arg(long, default_value_t = 20)]
        limit: usize,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// Send a message again with the same id and body
    Redeliver {
        /// Id of the webhook
        #[arg(value_parser = values::id())]
        id: i32,
        /// Id of the delivery
        delivery: String,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
}

const WEBHOOK_HEADINGS: [Text; 6] =
    [Text::Id, Text::Url, Text::Events, Text::Status, Text::FailingSince, Text::Description];

fn row(webhook: &Webhook) -> Vec<Cell> {
    vec![
        webhook.id.into(),
        Cell::from(&webhook.url),
        Cell::from(webhook.events.join(",")),
        api_values::webhook_state(webhook.disabled_why.as_deref()),
        Cell::optional(webhook.failing_since.as_ref()),
        Cell::optional(webhook.description.as_ref()),
    ]
}

const DELIVERY_HEADINGS: [Text; 7] = [
    Text::Delivery,
    Text::Type,
    Text::Created,
    Text::Status,
    Text::Attempts,
    Text::Response,
    Text::NextAttempt,
];

fn delivery_row(delivery: &Delivery) -> Vec<Cell> {
    vec![
        Cell::from(&delivery.id),
        Cell::from(&delivery.kind),
        Cell::from(&delivery.created_at),
        api_values::delivery_state(&delivery.state),
        delivery.attempts.into(),
        Cell::optional(last_result(delivery)),
        Cell::optional(delivery.next_at.as_ref()),
    ]
}

/// The result of the last attempt.
fn last_result(delivery: &Delivery) -> Option<String> {
    api_values::last_result(
        delivery.last_status,
        delivery.last_answer.as_deref(),
        delivery.last_error.as_deref(),
        delivery.state == "delivered",
    )
}

pub async fn run(context: &Context, command: WebhookCommand) -> Result<(), Failure> {
    let client = context.client()?;
    let repository_id = async |args: &RepositoryArgs| context.repository(&client, args.repo.as_deref()).await;
    match command {
        WebhookCommand::Create {
            url,
            events,
            description,
            format,
            language,
            refs,
            jobs,
            secret_file,
            repository,
        } => {
            let new = NewWebhook {
                url: url.read()?,
                events: Some(events),
                description,
                secret: secret_file.as_deref().map(text_files::read_secret).transpose()?,
                format: Some(format),
                language,
                refs: Some(refs),
                jobs: Some(jobs),
            };
            let created = client.create_webhook(repository_id(&repository).await?, &new).await?;
            print_created(context, &created)
        }
        WebhookCommand::List { repository } => {
            let webhooks = client.webhooks(repository_id(&repository).await?).await?;
            context.output.list(&webhooks, &WEBHOOK_HEADINGS, webhooks.iter().map(row).collect())
        }
        WebhookCommand::Show { id, repository } => {
            print_webhook(context, &client.webhook(repository_id(&repository).await?, id).await?)
        }
        WebhookCommand::Update {
            id,
            url,
            url_file,
            events,
            description,
            refs,
            jobs,
            disable,
            enable,
            owner,
            repository,
        } => {
            let url = new_url(url, url_file.as_deref())?;
            let disabled = (disable || enable).then_some(disable);
            let change = WebhookChange { url, events, description, disabled, refs, jobs, owner };
            print_webhook(
                context,
                &client.change_webhook(repository_id(&repository).await?, id, &change).await?,
            )
        }
        WebhookCommand::Delete { id, repository } => {
            Ok(client.remove_webhook(repository_id(&repository).await?, id).await?)
        }
        WebhookCommand::Rotate { id, secret_file, repository } => {
            let new = NewSecret { secret: secret_file.as_deref().map(text_files::read_secret).transpose()? };
            print_created(
                context,
                &client.rotate_webhook_secret(repository_id(&repository).await?, id, &new).await?,
            )
        }
        WebhookCommand::Test { id, repository } => {
            test(context, &client, repository_id(&repository).await?, id).await
        }
        WebhookCommand::Deliveries { id, delivery: None, limit, repository } => {
            let deliveries =
                client.all_deliveries(repository_id(&repository).await?, id, Some(limit)).await?;
            print_deliveries(context, &deliveries)
        }
        WebhookCommand::Deliveries { id, delivery: Some(delivery), repository, .. } => {
            let delivery = client.delivery(repository_id(&repository).await?, id, &delivery).await?;
            let body = (Text::Body, Cell::optional(delivery.body.as_ref()));
            let values = DELIVERY_HEADINGS.into_iter().zip(delivery_row(&delivery)).chain([body]).collect();
            context.output.record(&delivery, values)
        }
        WebhookCommand::Redeliver { id, delivery, repository } => print_delivery(
            context,
            &client.redeliver(repository_id(&repository).await?, id, &delivery).await?,
        ),
    }
}

fn print_webhook(context: &Context, webhook: &Webhook) -> Result<(), Failure> {
    let until = (Text::OldSecretUntil, Cell::optional(webhook.old_secret_until.as_ref()));
    context.output.record(webhook, WEBHOOK_HEADINGS.into_iter().zip(row(webhook)).chain([until]).collect())
}

/// Prints a webhook with its secret; that of a chat system is not shown.
fn print_created(context: &Context, webhook: &Webhook) -> Result<(), Failure> {
    if webhook.secret.is_none() {
        return print_webhook(context, webhook);
    }
    let values =
        vec![(Text::Id, webhook.id.into()), (Text::WebhookSecret, Cell::optional(webhook.secret.as_ref()))];
    context.output.record(webhook, values)?;
    context.output.hint(Text::SecretShownOnce);
    Ok(())
}

fn print_delivery(context: &Context, delivery: &Delivery) -> Result<(), Failure> {
    context.output.record(delivery, DELIVERY_HEADINGS.into_iter().zip(delivery_row(delivery)).collect())
}

/// Prints a table of deliveries.
pub fn print_deliveries(context: &Context, deliveries: &[Delivery]) -> Result<(), Failure> {
    context.output.list(&deliveries, &DELIVERY_HEADINGS, deliveries.iter().map(delivery_row).collect())
}

/// Sends a test message and waits for the first attempt.
async fn test(context: &Context, client: &Client, repository: i32, id: i32) -> Result<(), Failure> {
    let mut delivery = client.test_webhook(repository, id).await?;
    for _ in 0..MAX_POLLS {
        if delivery.last_at.is_some() {
            break;
        }
        tokio::time::sleep(POLL_INTERVAL).await;
        delivery = client.delivery(repository, id, &delivery.id).await?;
    }
    print_delivery(context, &delivery)?;
    match (delivery.state.as_str(), last_result(&delivery)) {
        ("delivered", _) => Ok(()),
        (_, Some(reason)) => Err(Failure::error(Text::TestNotDelivered.with(&[("reason", &reason)]))),
        (_, None) => {
            context.output.hint(Text::TestPending);
            Err(Failure::without_message(exit::PENDING))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_response_is_shown_unless_delivered() {
        let mut delivery: Delivery = serde_json::from_value(serde_json::json!({
            "id": "msg_1", "type": "job.success", "event": 1, "created_at": "t", "state": "pending", "attempts": 1,
            "next_at": "t", "last_at": "t", "last_status": 500, "last_answer": "boom", "last_error": null}))
        .unwrap();
        assert_eq!(last_result(&delivery).as_deref(), Some("500 boom"));
        delivery.state = "delivered".into();
        delivery.last_status = Some(204);
        assert_eq!(last_result(&delivery).as_deref(), Some("204"));
        (delivery.last_status, delivery.last_error) = (None, Some("refused".into()));
        assert_eq!(last_result(&delivery).as_deref(), Some("refused"));
        assert_eq!(delivery_row(&delivery).len(), DELIVERY_HEADINGS.len());
    }
}

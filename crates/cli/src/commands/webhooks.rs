//! `webhook`.

use super::event_text;
use crate::exit::{self, Failure};
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use stagepost_client::Client;
use stagepost_client::webhooks::{Delivery, NewSecret, NewWebhook, Webhook, WebhookChange};
use std::time::Duration;

/// How often it is asked how a test went, and how many times: longer than an attempt may take.
const ASK_EVERY: Duration = Duration::from_millis(250);
const ASKS: u32 = 80;

/// Which repository.
#[derive(Debug, clap::Args)]
pub struct Of {
    /// Id or path of the repository
    #[arg(long)]
    repo: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
pub enum WebhookCommand {
    /// Send a repository's events to a URL; the secret that signs them is told once
    Add {
        /// Where: http or https
        url: String,
        /// Which events: pipeline (its status moved), job (every change of a job), or both
        #[arg(long, value_delimiter = ',', default_value = "pipeline")]
        events: Vec<String>,
        /// A line for people
        #[arg(long)]
        description: Option<String>,
        #[command(flatten)]
        of: Of,
    },
    /// List the webhooks of a repository
    List {
        #[command(flatten)]
        of: Of,
    },
    /// Show a webhook
    Show {
        /// Its number
        id: i32,
        #[command(flatten)]
        of: Of,
    },
    /// Change a webhook, switch it off or on again
    Change {
        /// Its number
        id: i32,
        /// Where
        #[arg(long)]
        url: Option<String>,
        /// Which events: pipeline, job, or both
        #[arg(long, value_delimiter = ',')]
        events: Option<Vec<String>>,
        /// A line for people
        #[arg(long)]
        description: Option<String>,
        /// Send nothing more
        #[arg(long, conflicts_with = "enable")]
        disable: bool,
        /// Send again, what waited first
        #[arg(long)]
        enable: bool,
        #[command(flatten)]
        of: Of,
    },
    /// Take a webhook away, with what waits for it
    Remove {
        /// Its number
        id: i32,
        #[command(flatten)]
        of: Of,
    },
    /// Make a new secret; it is told once, and the one before signs as well for a day
    Rotate {
        /// Its number
        id: i32,
        #[command(flatten)]
        of: Of,
    },
    /// Send a message that is a test, and say how that went
    Test {
        /// Its number
        id: i32,
        #[command(flatten)]
        of: Of,
    },
    /// List what was sent, the newest first; or show one message, with its body
    Deliveries {
        /// The webhook's number
        id: i32,
        /// One message
        delivery: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 20)]
        limit: usize,
        #[command(flatten)]
        of: Of,
    },
    /// Send a message again: the same id, the same body
    Redeliver {
        /// The webhook's number
        id: i32,
        /// The message
        delivery: String,
        #[command(flatten)]
        of: Of,
    },
}

const WEBHOOK: [Text; 6] =
    [Text::Id, Text::Url, Text::Events, Text::Status, Text::FailingSince, Text::Description];

fn row(webhook: &Webhook) -> Vec<Cell> {
    vec![
        webhook.id.into(),
        Cell::from(&webhook.url),
        Cell::from(webhook.events.join(",")),
        event_text::disabled_why(webhook.disabled_why.as_deref()),
        Cell::some(webhook.failing_since.as_ref()),
        Cell::some(webhook.description.as_ref()),
    ]
}

const DELIVERY: [Text; 7] =
    [Text::Delivery, Text::Type, Text::Created, Text::Status, Text::Attempts, Text::Answer, Text::Next];

fn delivery_row(delivery: &Delivery) -> Vec<Cell> {
    vec![
        Cell::from(&delivery.id),
        Cell::from(&delivery.kind),
        Cell::from(&delivery.created_at),
        event_text::delivery_state(&delivery.state),
        delivery.attempts.into(),
        Cell::some(last_said(delivery)),
        Cell::some(delivery.next_at.as_ref()),
    ]
}

/// What the last attempt came to: the status, and what the receiver said unless it took the message; or why there was none.
fn last_said(delivery: &Delivery) -> Option<String> {
    let Some(status) = delivery.last_status else { return delivery.last_error.clone() };
    match &delivery.last_answer {
        Some(answer) if delivery.state != "delivered" => Some(format!("{status} {answer}")),
        _ => Some(status.to_string()),
    }
}

pub async fn run(context: &Context, command: WebhookCommand) -> Result<(), Failure> {
    let client = context.client()?;
    let repository = async |of: &Of| context.repository(&client, of.repo.as_deref()).await;
    match command {
        WebhookCommand::Add { url, events, description, of } => {
            let new = NewWebhook { url, events: Some(events), description, secret: None };
            with_secret(context, &client.create_webhook(repository(&of).await?, &new).await?)
        }
        WebhookCommand::List { of } => {
            let found = client.webhooks(repository(&of).await?).await?;
            context.output.list(&found, &WEBHOOK, found.iter().map(row).collect())
        }
        WebhookCommand::Show { id, of } => show(context, &client.webhook(repository(&of).await?, id).await?),
        WebhookCommand::Change { id, url, events, description, disable, enable, of } => {
            let disabled = (disable || enable).then_some(disable);
            let change = WebhookChange { url, events, description, disabled };
            show(context, &client.change_webhook(repository(&of).await?, id, &change).await?)
        }
        WebhookCommand::Remove { id, of } => Ok(client.remove_webhook(repository(&of).await?, id).await?),
        WebhookCommand::Rotate { id, of } => {
            let new = NewSecret::default();
            with_secret(context, &client.rotate_webhook_secret(repository(&of).await?, id, &new).await?)
        }
        WebhookCommand::Test { id, of } => test(context, &client, repository(&of).await?, id).await,
        WebhookCommand::Deliveries { id, delivery: None, limit, of } => {
            let found = client.all_deliveries(repository(&of).await?, id, Some(limit)).await?;
            context.output.list(&found, &DELIVERY, found.iter().map(delivery_row).collect())
        }
        WebhookCommand::Deliveries { id, delivery: Some(delivery), of, .. } => {
            let found = client.delivery(repository(&of).await?, id, &delivery).await?;
            let body = (Text::Body, Cell::some(found.body.as_ref()));
            let values = DELIVERY.into_iter().zip(delivery_row(&found)).chain([body]).collect();
            context.output.one(&found, values)
        }
        WebhookCommand::Redeliver { id, delivery, of } => {
            shown(context, &client.redeliver(repository(&of).await?, id, &delivery).await?)
        }
    }
}

fn show(context: &Context, webhook: &Webhook) -> Result<(), Failure> {
    let until = (Text::SignedUntil, Cell::some(webhook.old_secret_until.as_ref()));
    context.output.one(webhook, WEBHOOK.into_iter().zip(row(webhook)).chain([until]).collect())
}

fn with_secret(context: &Context, webhook: &Webhook) -> Result<(), Failure> {
    let values =
        vec![(Text::Id, webhook.id.into()), (Text::WebhookSecret, Cell::some(webhook.secret.as_ref()))];
    context.output.one(webhook, values)?;
    context.output.note(Text::SecretOnce);
    Ok(())
}

fn shown(context: &Context, delivery: &Delivery) -> Result<(), Failure> {
    context.output.one(delivery, DELIVERY.into_iter().zip(delivery_row(delivery)).collect())
}

/// The first attempt is what a test is for.
async fn test(context: &Context, client: &Client, repository: i32, id: i32) -> Result<(), Failure> {
    let mut delivery = client.test_webhook(repository, id).await?;
    for _ in 0..ASKS {
        if delivery.last_at.is_some() {
            break;
        }
        tokio::time::sleep(ASK_EVERY).await;
        delivery = client.delivery(repository, id, &delivery.id).await?;
    }
    shown(context, &delivery)?;
    match (delivery.state.as_str(), last_said(&delivery)) {
        ("delivered", _) => Ok(()),
        (_, Some(why)) => Err(Failure::error(Text::NotDelivered.with(&[("why", &why)]))),
        (_, None) => {
            context.output.note(Text::NotYetDelivered);
            Err(Failure::silent(exit::PENDING))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_receiver_said_is_told_when_it_took_nothing() {
        let mut delivery: Delivery = serde_json::from_value(serde_json::json!({
            "id": "msg_1", "type": "job.success", "event": 1, "created_at": "t", "state": "pending", "attempts": 1,
            "next_at": "t", "last_at": "t", "last_status": 500, "last_answer": "boom", "last_error": null}))
        .unwrap();
        assert_eq!(last_said(&delivery).as_deref(), Some("500 boom"));
        delivery.state = "delivered".into();
        delivery.last_status = Some(204);
        assert_eq!(last_said(&delivery).as_deref(), Some("204"));
        (delivery.last_status, delivery.last_error) = (None, Some("refused".into()));
        assert_eq!(last_said(&delivery).as_deref(), Some("refused"));
        assert_eq!(delivery_row(&delivery).len(), DELIVERY.len());
    }
}

//! `subscription`.

use super::webhooks::{new_url, print_deliveries};
use super::{RepositoryArgs, api_values, values};
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use crate::text_files;
use stagepost_client::subscriptions::{NewSubscription, Subscription, SubscriptionChange};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// URL of the bot of the chat; none with the format feed
    #[arg(conflicts_with = "url_file")]
    url: Option<String>,
    /// File with the URL
    #[arg(long, value_name = "FILE")]
    url_file: Option<PathBuf>,
    /// Chat system; feed: no messages, only the Atom feed of your subscriptions
    #[arg(long, value_parser = ["slack", "feishu", "dingtalk", "wecom", "feed"])]
    format: String,
    /// Language of the messages
    #[arg(long, value_parser = ["zh", "en"])]
    language: Option<String>,
    /// Events: pipeline (fails or is fixed), job (fails or is fixed), gate (the verdict changes)
    #[arg(long, value_delimiter = ',', default_value = "pipeline", value_parser = values::topic())]
    events: Vec<String>,
    /// Only refs and target branches that match one of these patterns; * matches any text
    #[arg(long = "ref", value_name = "PATTERN")]
    refs: Vec<String>,
    /// Only jobs whose STAGE/NAME matches one of these patterns
    #[arg(long = "job", value_name = "PATTERN")]
    jobs: Vec<String>,
    /// Only pipelines that this user started, as reports say
    #[arg(long)]
    author: Option<String>,
    /// File with the signing secret of a bot of Feishu or DingTalk
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    #[command(flatten)]
    repository: RepositoryArgs,
}

#[derive(Debug, clap::Subcommand)]
pub enum SubscriptionCommand {
    /// Subscribe to a repository: messages go to the URL of a chat, which is not shown in full again, or to your feed
    #[command(alias = "create")]
    Add(Box<AddArgs>),
    /// List your subscriptions
    List,
    /// Change, disable or enable a subscription
    #[command(aliases = ["change", "set"])]
    Update {
        /// Id in the list
        #[arg(value_parser = values::id())]
        id: i32,
        /// URL of the bot
        #[arg(long, conflicts_with = "url_file")]
        url: Option<String>,
        /// File with the URL
        #[arg(long, value_name = "FILE")]
        url_file: Option<PathBuf>,
        /// Events: pipeline, job, gate
        #[arg(long, value_delimiter = ',', value_parser = values::topic())]
        events: Option<Vec<String>>,
        /// Only refs and target branches that match one of these patterns
        #[arg(long = "ref", value_name = "PATTERN")]
        refs: Option<Vec<String>>,
        /// Only jobs whose STAGE/NAME matches one of these patterns
        #[arg(long = "job", value_name = "PATTERN")]
        jobs: Option<Vec<String>>,
        /// Disable the subscription
        #[arg(long, conflicts_with = "enable")]
        disable: bool,
        /// Enable the subscription; pending messages are sent first
        #[arg(long)]
        enable: bool,
    },
    /// Delete a subscription and its pending messages
    #[command(alias = "remove")]
    Delete {
        /// Id in the list
        #[arg(value_parser = values::id())]
        id: i32,
    },
    /// List the newest messages and their state
    Deliveries {
        /// Id in the list
        #[arg(value_parser = values::id())]
        id: i32,
        /// Maximum number
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Send a test message
    Test {
        /// Id in the list
        #[arg(value_parser = values::id())]
        id: i32,
    },
}

const HEADINGS: [Text; 6] = [Text::Id, Text::Path, Text::Url, Text::Events, Text::Status, Text::FailingSince];

fn row(subscription: &Subscription) -> Vec<Cell> {
    vec![
        subscription.id.into(),
        Cell::optional(subscription.repository.as_ref()),
        Cell::optional(subscription.url.as_ref()),
        Cell::from(subscription.events.join(",")),
        api_values::webhook_state(subscription.disabled_why.as_deref()),
        Cell::optional(subscription.failing_since.as_ref()),
    ]
}

pub async fn run(context: &Context, command: SubscriptionCommand) -> Result<(), Failure> {
    let client = context.client()?;
    match command {
        SubscriptionCommand::Add(flags) => {
            let AddArgs {
                url,
                url_file,
                format,
                language,
                events,
                refs,
                jobs,
                author,
                secret_file,
                repository,
            } = *flags;
            let repository = context.repository(&client, repository.repo.as_deref()).await?;
            let new = NewSubscription {
                repository: repository.to_string(),
                url: new_url(url, url_file.as_deref())?.unwrap_or_default(),
                format,
                secret: secret_file.as_deref().map(text_files::read_secret).transpose()?,
                language,
                events: Some(events),
                refs: Some(refs),
                jobs: Some(jobs),
                author,
            };
            let added = client.subscribe(&new).await?;
            context.output.record(&added, HEADINGS.into_iter().zip(row(&added)).collect())
        }
        SubscriptionCommand::List => {
            let all = client.subscriptions().await?;
            context.output.list(&all, &HEADINGS, all.iter().map(row).collect())
        }
        SubscriptionCommand::Update { id, url, url_file, events, refs, jobs, disable, enable } => {
            let url = new_url(url, url_file.as_deref())?;
            let disabled = (disable || enable).then_some(disable);
            let change = SubscriptionChange { url, events, refs, jobs, disabled };
            let changed = client.change_subscription(id, &change).await?;
            context.output.record(&changed, HEADINGS.into_iter().zip(row(&changed)).collect())
        }
        SubscriptionCommand::Delete { id } => Ok(client.unsubscribe(id).await?),
        SubscriptionCommand::Deliveries { id, limit } => {
            print_deliveries(context, &client.subscription_deliveries(id, Some(limit)).await?)
        }
        SubscriptionCommand::Test { id } => Ok(client.test_subscription(id).await?),
    }
}

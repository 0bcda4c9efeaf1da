//! `key`.

use super::OfflineArgs;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use wire::native::accounts::NewKey;

#[derive(Debug, clap::Subcommand)]
pub enum KeyCommand {
    /// Create an access key; its secret is shown only once
    #[command(alias = "add")]
    Create {
        /// User name of the owner
        user: String,
        /// Short description
        #[arg(long)]
        description: Option<String>,
        #[command(flatten)]
        offline: OfflineArgs,
    },
    /// List the access keys of a user
    List {
        /// User name of the owner
        user: String,
        #[command(flatten)]
        offline: OfflineArgs,
    },
    /// Delete an access key
    #[command(alias = "remove")]
    Delete {
        /// The AK
        access: String,
        #[command(flatten)]
        offline: OfflineArgs,
    },
}

pub async fn run(context: &Context, command: KeyCommand) -> Result<(), Failure> {
    match command {
        KeyCommand::Create { user, description, offline } => {
            let new = NewKey { description, ..NewKey::default() };
            let call = async |client: &stagepost_client::Client| Ok(client.create_key(&user, &new).await?);
            let key = context.with_client(offline.enabled, call).await?;
            let values = vec![
                (Text::AccessKey, Cell::from(&key.access)),
                (Text::SecretKey, Cell::optional(key.secret.as_ref())),
            ];
            context.output.record(&key, values)
        }
        KeyCommand::List { user, offline } => {
            let keys =
                context.with_client(offline.enabled, async |client| Ok(client.keys(&user).await?)).await?;
            let row = |key: &wire::native::accounts::Key| {
                vec![
                    Cell::from(&key.access),
                    Cell::optional(key.description.as_ref()),
                    Cell::from_bool(key.disabled),
                    Cell::from(&key.created_at),
                ]
            };
            let headings = [Text::AccessKey, Text::Description, Text::Disabled, Text::Created];
            context.output.list(&keys, &headings, keys.iter().map(row).collect())
        }
        KeyCommand::Delete { access, offline } => {
            context.with_client(offline.enabled, async |client| Ok(client.remove_key(&access).await?)).await
        }
    }
}

//! `key`.

use super::Where;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use wire::native::accounts::NewKey;

#[derive(Debug, clap::Subcommand)]
pub enum KeyCommand {
    /// Make an access key; its secret is told once
    Add {
        /// Whose
        user: String,
        /// A line for people
        #[arg(long)]
        description: Option<String>,
        #[command(flatten)]
        place: Where,
    },
    /// List the access keys of a user
    List {
        /// Whose
        user: String,
        #[command(flatten)]
        place: Where,
    },
    /// Take an access key away
    Remove {
        /// The AK
        access: String,
        #[command(flatten)]
        place: Where,
    },
}

pub async fn run(context: &Context, command: KeyCommand) -> Result<(), Failure> {
    match command {
        KeyCommand::Add { user, description, place } => {
            let new = NewKey { description, ..NewKey::default() };
            let work = async |client: &stagepost_client::Client| Ok(client.create_key(&user, &new).await?);
            let key = context.with_client(place.offline, work).await?;
            let values = vec![
                (Text::Access, Cell::from(&key.access)),
                (Text::Secret, Cell::some(key.secret.as_ref())),
            ];
            context.output.one(&key, values)
        }
        KeyCommand::List { user, place } => {
            let keys =
                context.with_client(place.offline, async |client| Ok(client.keys(&user).await?)).await?;
            let row = |key: &wire::native::accounts::Key| {
                vec![
                    Cell::from(&key.access),
                    Cell::some(key.description.as_ref()),
                    Cell::yes(key.disabled),
                    Cell::from(&key.created_at),
                ]
            };
            let heading = [Text::Access, Text::Description, Text::Disabled, Text::Created];
            context.output.list(&keys, &heading, keys.iter().map(row).collect())
        }
        KeyCommand::Remove { access, place } => {
            context.with_client(place.offline, async |client| Ok(client.remove_key(&access).await?)).await
        }
    }
}

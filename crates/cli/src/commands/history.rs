//! `jobs history`.

use super::event_text;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use stagepost_client::Client;
use stagepost_client::history::Entry;

pub async fn run(context: &Context, client: &Client, repository: i32, job: i32) -> Result<(), Failure> {
    let entries = client.all_history(repository, job).await?;
    let row = |entry: &Entry| {
        vec![
            entry.report_id.into(),
            Cell::from(&entry.received_at),
            // Without a name it is Stagepost itself.
            Cell::from(entry.reporter.as_ref().unwrap_or(&entry.dialect)),
            Cell::Status(entry.status.clone()),
            event_text::effect(&entry.effect),
            event_text::fields(&entry.changed),
            Cell::Status(entry.status_after.clone().unwrap_or_default()),
            Cell::from(&entry.why),
        ]
    };
    let heading = [
        Text::Id,
        Text::Received,
        Text::Reporter,
        Text::Status,
        Text::Effect,
        Text::Changed,
        Text::After,
        Text::Why,
    ];
    context.output.list(&entries, &heading, entries.iter().map(row).collect())
}

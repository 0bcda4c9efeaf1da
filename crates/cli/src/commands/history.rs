//! `jobs history`.

use super::api_values;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use stagepost_client::Client;
use stagepost_client::history::Entry;

/// `as_of`: only the reports until this moment.
pub async fn run(
    context: &Context,
    client: &Client,
    repository: i32,
    job: i32,
    as_of: Option<&str>,
) -> Result<(), Failure> {
    let entries = match as_of {
        Some(as_of) => client.all_history_as_of(repository, job, as_of).await?,
        None => client.all_history(repository, job).await?,
    };
    let row = |entry: &Entry| {
        vec![
            entry.report_id.into(),
            Cell::from(&entry.received_at),
            // Reports of Stagepost itself have no reporter.
            Cell::from(entry.reporter.as_ref().unwrap_or(&entry.dialect)),
            api_values::credential(entry.credential.as_ref()),
            Cell::Status(entry.status.clone()),
            api_values::effect(&entry.effect),
            api_values::fields(&entry.changed),
            Cell::Status(entry.status_after.clone().unwrap_or_default()),
            Cell::from(&entry.why),
        ]
    };
    let headings = [
        Text::Id,
        Text::Received,
        Text::Reporter,
        Text::Credential,
        Text::Status,
        Text::Effect,
        Text::ChangedFields,
        Text::StatusAfter,
        Text::Explanation,
    ];
    context.output.list(&entries, &headings, entries.iter().map(row).collect())
}

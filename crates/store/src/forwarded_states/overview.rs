//! The destinations of a repository, each with the few states that show whether it works.

use super::listed;
use crate::rows::forwarded_states::{self, StateRow};
use crate::sql::Sql;
use domain::Result;
use domain::model::destinations::Destination;
use domain::ports::{DestinationOverview, StateFilter};

/// How many of the newest states of a progress are searched for one with a reason.
const NEWEST: u32 = 10;

/// The overview of a destination.
pub fn overview(sql: &dyn Sql, destination: Destination) -> Result<DestinationOverview> {
    let id = destination.id;
    let sent = forwarded_states::last_sent(sql, id)?;
    let unsent = [newest(sql, &destination, "pending")?, newest(sql, &destination, "stopped")?];
    let listed = |row| listed(sql, &destination, row, false);
    Ok(DestinationOverview {
        sent: sent.map(listed).transpose()?,
        unsent: unsent.into_iter().flatten().map(listed).collect::<Result<_>>()?,
        next_at: forwarded_states::next_at(sql, id)?,
        destination,
    })
}

/// Of the newest states with this progress, the first that has a reason, else the first.
fn newest(sql: &dyn Sql, of: &Destination, progress: &'static str) -> Result<Option<StateRow>> {
    let filter = StateFilter { progress: Some(progress), limit: NEWEST, ..StateFilter::default() };
    let mut found = forwarded_states::page(sql, of.id, &filter)?;
    let with_reason = found.iter().position(|(state, _)| state.progress.reason().is_some());
    Ok((!found.is_empty()).then(|| found.swap_remove(with_reason.unwrap_or(0))))
}

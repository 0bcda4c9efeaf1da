//! The history of an attempt: its reports and the effect of each.

use super::{filters, translate};
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::{Granted, Reads};
use domain::actions::history;
use domain::error::{Invalid, Problem, Result};
use domain::model::as_of::AsOf;
use domain::model::history::HistoryEntry;
use domain::model::ids::{JobId, integer};
use domain::ports::App;
use wire::native::history::History;

/// Greatest number of reports on a page.
pub const LIMIT_MAX: i64 = 1_000;

pub async fn list(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let request = &ctx.request;
    let id = JobId::parse(request.param("job_id"))?;
    let after = after(&request.query)?;
    let limit = usize::try_from(number(&request.query, "limit", 100, 1, LIMIT_MAX)?).unwrap_or_default();
    let as_of = filters::moment(&request.query, ctx.edge.app.clock.now())?;
    let (entries, next_after) = page(&ctx.edge.app, &ctx.proof, id, (after, limit), as_of).await?;
    let history = entries.iter().map(|entry| translate::entry(entry, request.language)).collect();
    Reply::json(&History { history, next_after })
}

/// The id of the report that the requested page begins after.
pub fn after(query: &Query) -> Result<i64, Invalid> {
    number(query, "after", 0, 0, i64::MAX)
}

fn number(query: &Query, name: &str, default: i64, min: i64, max: i64) -> Result<i64, Invalid> {
    let value = query.get(name)?.map_or(Ok(default), |text| integer(name, text))?;
    let outside = || Invalid::new(name, Problem::OutOfRange { min, max });
    Some(value).filter(|value| (min..=max).contains(value)).ok_or_else(outside)
}

/// At most `limit` reports after the report `after`, until the moment `as_of`, and the id that the next page begins after.
pub async fn page(
    app: &App,
    by: &Granted<Reads>,
    id: JobId,
    (after, limit): (i64, usize),
    as_of: Option<AsOf>,
) -> Result<(Vec<HistoryEntry>, Option<i64>)> {
    // One more report shows whether there is a next page.
    let read_limit = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let mut entries = history::list(app, by, id, after, read_limit, as_of).await?;
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| more).map(|last| last.report_id);
    Ok((entries, next))
}

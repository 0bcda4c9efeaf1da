//! What was reported of an attempt, and what each report did.

use super::translate;
use crate::http::reply::Reply;
use crate::routes::{Ctx, Member};
use domain::actions::access::Reads;
use domain::actions::history;
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::{JobId, integer};
use wire::native::history::History;

/// Most reports on one page.
pub const LIMIT_MAX: i64 = 1_000;

pub async fn list(ctx: Ctx<Member<Reads>>) -> Result<Reply> {
    let request = &ctx.request;
    let number = |name: &str, default, min, max| -> Result<i64, Invalid> {
        let value = request.query.get(name)?.map_or(Ok(default), |text| integer(name, text))?;
        let outside = || Invalid::new(name, Problem::OutOfRange { min, max });
        Some(value).filter(|value| (min..=max).contains(value)).ok_or_else(outside)
    };
    let id = JobId::parse(request.param("job_id"))?;
    let after = number("after", 0, 0, i64::MAX)?;
    let limit = usize::try_from(number("limit", 100, 1, LIMIT_MAX)?).unwrap_or_default();
    // One more than wanted tells whether there is a next page.
    let wanted = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let mut entries = history::list(&ctx.edge.app, &ctx.proof, id, after, wanted).await?;
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next_after = entries.last().filter(|_| more).map(|last| last.report_id);
    let history = entries.iter().map(|entry| translate::entry(entry, request.language)).collect();
    Reply::json(&History { history, next_after })
}

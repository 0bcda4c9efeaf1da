//! Pipelines: the list, and one pipeline, optionally after waiting for a change.

use super::dialect::NATIVE;
use super::{filters, translate};
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::routes::{AccessRecheck, Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::pipelines;
use domain::error::{Invalid, Problem, Result};
use domain::model::durations;
use domain::model::ids::{PipelineId, integer};
use domain::model::pipelines::Pipeline;
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use wire::native::pipelines::PipelineList;

/// The longest wait for a change, in seconds.
const WAIT_MAX: i64 = 60;

pub async fn list(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let query = &ctx.request.query;
    let text = |name| filters::text(query, name);
    let filter = PipelineFilter {
        statuses: filters::statuses(query)?,
        git_ref: text("ref")?,
        sha: filters::sha(query)?,
        source: text("source")?,
        key: text("key")?,
        trigger_user: text("user")?,
        created: filters::span(query, "since", "until")?,
        updated: filters::span(query, "updated_since", "updated_until")?,
        text: text("q")?,
        newest_of_ref_kind: None,
        jobs: Vec::new(),
    };
    let window = filters::window(query, PipelineOrder::Id)?;
    let app = &ctx.edge.app;
    let total = match filters::total(query)? {
        true => Some(pipelines::count(app, &ctx.proof, filter.clone()).await?),
        false => None,
    };
    let found = pipelines::find(app, &ctx.proof, filter, window).await?;
    let pipelines = found.items.iter().map(translate::pipeline).collect();
    Reply::json(&PipelineList { pipelines, next_before: found.next, total })
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    if let Some(as_of) = filters::as_of(&ctx.request.query, ctx.edge.app.clock.now())? {
        let (state, moment) =
            ctx.edge.whole_pipelines.read_past(&ctx.edge.app, &ctx.proof, id, as_of).await?;
        return Reply::json(&translate::past_pipeline(&state.pipeline, &moment));
    }
    let pipeline = match read_wait(&ctx.request.query)? {
        Some(wait) => wait_for_change(ctx, id, wait).await?,
        None => pipelines::show(&ctx.edge.app, &ctx.proof, id).await?,
    };
    Reply::json(&translate::pipeline(&pipeline))
}

/// The longest time to wait, and the version that the result must exceed; `None`: the current one.
pub type Wait = (Duration, Option<i64>);

/// The wait of a request; `None`: it does not wait.
pub fn read_wait(query: &Query) -> Result<Option<Wait>, Invalid> {
    let at_most = |name: &str, max, number: i64| {
        let outside = || Invalid::new(name, Problem::OutOfRange { min: 0, max });
        Some(number).filter(|number| (0..=max).contains(number)).ok_or_else(outside)
    };
    let after = |text| at_most("after", i64::MAX, integer("after", text)?);
    let after = query.get("after")?.map(after).transpose()?;
    let Some(text) = query.get("wait")? else { return Ok(None) };
    // A text that is no duration gets the error of a number, which has the range.
    let seconds = durations::parse(text).map_or_else(|| integer("wait", text), |wait| Ok(wait.as_secs()))?;
    Ok(Some((Duration::from_secs(at_most("wait", WAIT_MAX, seconds)?.unsigned_abs()), after)))
}

/// The pipeline when its version exceeds the given one, or at the end of the wait.
async fn wait_for_change(
    ctx: Context<WithRole<Reads>>,
    id: PipelineId,
    (time, after): Wait,
) -> Result<Pipeline> {
    let Context { edge, proof, request } = ctx;
    let end = Instant::now() + time;
    // The subscription comes before the read, so that no change committed between the two is missed.
    let mut events = edge.events.subscribe(&edge.app, proof.caller().user.id, proof.repository().id).await?;
    let mut pipeline = pipelines::show(&edge.app, &proof, id).await?;
    let after = after.unwrap_or(pipeline.version);
    let stopping = request.stopping.clone();
    let mut access = AccessRecheck::new(&NATIVE, &request, &proof);
    while pipeline.version <= after {
        let changed = tokio::select! {
            () = events.change_of(id) => true,
            () = sleep_until(end) => false,
            () = stopping.wait() => false,
        };
        // The caller's access may have changed in the meantime.
        let proof = access.proof(&edge).await?;
        pipeline = pipelines::show(&edge.app, &proof, id).await?;
        if !changed {
            break;
        }
    }
    Ok(pipeline)
}

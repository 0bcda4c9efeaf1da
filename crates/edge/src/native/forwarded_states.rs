//! The expected and the sent states of a destination: lists, a test, and a retry.

use super::destinations::id;
use super::translate::destinations as translate;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Manages;
use domain::actions::forwarded_states;
use domain::error::{Invalid, Problem, Result};
use domain::model::forwarded_states::Progress;
use domain::model::ids::integer;
use domain::model::page::Page;
use domain::ports::{ListedState, StateFilter};
use wire::native::destinations::{ForwardedStateList, RetriedStates};

type Managed = Context<WithRole<Manages>>;

/// The filter of a list, for one state more than the limit, and the limit.
pub fn filter(query: &Query) -> Result<(StateFilter, u32)> {
    let progress = query.get("progress")?.filter(|name| !name.is_empty());
    let known = |name: &str| Progress::NAMES.iter().copied().find(|known| *known == name);
    let invalid = || Invalid::new("progress", Problem::NotOneOf { allowed: Progress::NAMES });
    let limit = Page::parse(None, query.get("limit")?)?.limit;
    let filter = StateFilter {
        id: None,
        before: query.get("before")?.map(|text| integer("before", text)).transpose()?,
        sha: query.get("sha")?.filter(|sha| !sha.is_empty()).map(str::to_ascii_lowercase),
        progress: progress.map(|name| known(name).ok_or_else(invalid)).transpose()?,
        limit: limit + 1,
    };
    Ok((filter, limit))
}

pub async fn list(ctx: Managed) -> Result<Reply> {
    let (filter, limit) = filter(&ctx.request.query)?;
    let mut states = forwarded_states::list(&ctx.edge.app, &ctx.proof, id(&ctx)?, filter).await?;
    let more = states.len() > limit as usize;
    states.truncate(limit as usize);
    let next_before = states.last().filter(|_| more).map(|last| last.state.id);
    Reply::json(&ForwardedStateList { states: states.iter().map(translate::state).collect(), next_before })
}

pub async fn show(ctx: Managed) -> Result<Reply> {
    let state = integer("state_id", ctx.request.param("state_id"))?;
    let state = forwarded_states::show(&ctx.edge.app, &ctx.proof, id(&ctx)?, state).await?;
    Reply::json(&translate::state(&state))
}

pub async fn test(ctx: Managed) -> Result<Reply> {
    let state = forwarded_states::test(&ctx.edge.app, &ctx.proof, id(&ctx)?).await?;
    Ok(Reply::json(&translate::state(&ListedState {
        context: state.key.target.context(),
        state,
        wanted: None,
    }))?
    .status(202))
}

pub async fn retry(ctx: Managed) -> Result<Reply> {
    let retried = forwarded_states::retry(&ctx.edge.app, &ctx.proof, id(&ctx)?).await?;
    Ok(Reply::json(&RetriedStates { retried })?.status(202))
}

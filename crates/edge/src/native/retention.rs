//! `POST /native/v1/repositories/{repository_id}/prune`: deletes the expired pipelines, or lists them with
//! `dry_run`.

use super::translate;
use crate::http::json;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Manages;
use domain::actions::retention::{self, PREVIEW_MAX, Pruned};
use domain::error::{Invalid, Problem, Result};
use wire::native::retention::{Prune, PrunePreview};

pub async fn prune(ctx: Context<WithRole<Manages>>) -> Result<Reply> {
    let Prune { dry_run, after } = json::read("prune", ctx.request.body()?)?;
    if !dry_run {
        if after.is_some() {
            return Err(Invalid::new("after", Problem::Contradicts { other: "dry_run" }).into());
        }
        let pruned = retention::prune(&ctx.edge.app, &ctx.proof).await?;
        log(&ctx, pruned);
        return Reply::json(&translate::pruned(pruned));
    }
    let after = after.as_deref().map(translate::read_cursor).transpose()?;
    let expired = retention::preview(&ctx.edge.app, &ctx.proof, after).await?;
    let next_after = expired.last().filter(|_| expired.len() == PREVIEW_MAX as usize).map(translate::cursor);
    Reply::json(&PrunePreview { would_go: expired.iter().map(translate::expired).collect(), next_after })
}

/// Logs the user and the number of deleted rows.
fn log(ctx: &Context<WithRole<Manages>>, pruned: Pruned) {
    let Pruned { pipelines, jobs, reports, .. } = pruned;
    if pipelines + jobs + reports > 0 {
        let (user, repository) = (&ctx.proof.caller().user.name, ctx.proof.repository().id);
        tracing::info!(user, %repository, pipelines, jobs, reports, "deleted expired pipelines by request");
    }
}

//! `POST /native/v1/repositories/{repository_id}/closings`: closes jobs whose build system never reported an
//! end.

use super::{NATIVE, translate};
use crate::http::json;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Manages;
use domain::actions::job_closings::{self, CLOSE_MAX, Target};
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::JobId;
use domain::model::reports::{Effect, Receipt};
use domain::model::status::Status;
use wire::native::job_closings::{Closed, JobClosing};

pub async fn close(ctx: Context<WithRole<Manages>>) -> Result<Reply> {
    let closing: JobClosing = json::read("closing", ctx.request.body()?)?;
    let target = match (closing.job_id, closing.sha) {
        (Some(id), None) => Target::Job(JobId::new(id.into())?),
        (None, Some(sha)) => Target::Commit(sha),
        (Some(_), Some(_)) => {
            return Err(Invalid::new("sha", Problem::Contradicts { other: "job_id" }).into());
        }
        (None, None) => return Err(Invalid::new("job_id", Problem::NeitherOf { other: "sha" }).into()),
    };
    let status = match closing.status {
        Some(word) => Status::parse(&word)
            .ok_or_else(|| Invalid::new("status", Problem::NotOneOf { allowed: Status::FINISHED_NAMES }))?,
        None => Status::Canceled,
    };
    let closed = close_jobs(&ctx, NATIVE.name, target, status, closing.reason).await?;
    let more = closed.len() == CLOSE_MAX as usize;
    Reply::json(&Closed { closed: closed.iter().map(translate::receipt).collect(), more })
}

/// Closes jobs for the user of a request, and logs it.
///
/// # Errors
/// As [`job_closings::close`].
pub async fn close_jobs(
    ctx: &Context<WithRole<Manages>>,
    dialect: &'static str,
    target: Target,
    status: Status,
    reason: Option<String>,
) -> Result<Vec<Receipt>> {
    let closed = job_closings::close(&ctx.edge.app, &ctx.proof, dialect, target, status, reason).await?;
    log(ctx, &closed, status);
    Ok(closed)
}

/// Logs the user and the closed jobs. A closing without effect is only in the history.
fn log(ctx: &Context<WithRole<Manages>>, closed: &[Receipt], status: Status) {
    let ended = closed.iter().filter(|receipt| receipt.effect == Effect::Changed);
    let jobs: Vec<String> = ended.map(|receipt| receipt.job_id.to_string()).collect();
    if !jobs.is_empty() {
        let (user, repository) = (&ctx.proof.caller().user.name, ctx.proof.repository().id);
        let (jobs, status) = (jobs.join(","), status.as_str());
        tracing::info!(user, %repository, jobs, status, "closed jobs manually");
    }
}

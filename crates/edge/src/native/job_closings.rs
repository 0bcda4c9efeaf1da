//! `POST /native/v1/repositories/{repository_id}/closings`: closes jobs whose build system never reported an
//! end.

use super::dialect::NATIVE;
use super::translate;
use crate::http::fields::{self, Fields};
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Manages;
use domain::actions::job_closings::{self, AT_ONCE, Target};
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::JobId;
use domain::model::reports::{Effect, Receipt};
use domain::model::status::Status;
use wire::native::job_closings::Closed;

pub async fn close(ctx: Context<WithRole<Manages>>) -> Result<Reply> {
    let value = fields::parse(ctx.request.body()?)?;
    let fields = Fields::of("closing", &value)?;
    let target = match (fields.integer("job_id")?, fields.text("sha")?) {
        (Some(id), None) => Target::Job(JobId::new(id)?),
        (None, Some(sha)) => Target::Commit(sha),
        (Some(_), Some(_)) => {
            return Err(Invalid::new("sha", Problem::Contradicts { other: "job_id" }).into());
        }
        (None, None) => return Err(Invalid::new("job_id", Problem::NeitherOf { other: "sha" }).into()),
    };
    let status = match fields.text("status")? {
        Some(status) => Status::parse(&status)
            .ok_or_else(|| Invalid::new("status", Problem::NotOneOf { allowed: Status::ENDS }))?,
        None => Status::Canceled,
    };
    let closed =
        job_closings::close(&ctx.edge.app, &ctx.proof, NATIVE.name, target, status, fields.text("reason")?)
            .await?;
    log(&ctx, &closed, status);
    let more = closed.len() == AT_ONCE as usize;
    Reply::json(&Closed { closed: closed.iter().map(translate::receipt).collect(), more })
}

/// Logs the user and the closed jobs. A closing without effect is only in the history.
fn log(ctx: &Context<WithRole<Manages>>, closed: &[Receipt], status: Status) {
    let ended = closed.iter().filter(|receipt| receipt.effect == Effect::Changed);
    let jobs: Vec<String> = ended.map(|receipt| receipt.job_id.to_string()).collect();
    if !jobs.is_empty() {
        let (user, repository) = (&ctx.proof.caller().user.name, ctx.proof.repository().id);
        let (jobs, status) = (jobs.join(","), status.as_str());
        tracing::info!(user, %repository, jobs, status, "closed jobs by hand");
    }
}

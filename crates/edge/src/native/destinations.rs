//! Destinations of a repository. `docs/forwarding.md` documents them.

use super::translate::destinations as translate;
use crate::http::json;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Manages;
use domain::actions::destinations;
use domain::error::Result;
use domain::model::destinations::{DestinationChange, DestinationInput};
use domain::model::ids::DestinationId;
use wire::native::destinations::{self as native, DestinationList, NewDestination};

type Managed = Context<WithRole<Manages>>;

/// The destination that the path names.
pub fn id(ctx: &Managed) -> Result<DestinationId> {
    Ok(DestinationId::parse(ctx.request.param(DestinationId::FIELD))?)
}

pub async fn list(ctx: Managed) -> Result<Reply> {
    let destinations = destinations::list(&ctx.edge.app, &ctx.proof).await?;
    Reply::json(&DestinationList { destinations: destinations.iter().map(translate::destination).collect() })
}

pub async fn create(ctx: Managed) -> Result<Reply> {
    let new: NewDestination = json::read("destination", ctx.request.body()?)?;
    let new = DestinationInput {
        kind: new.kind,
        url: new.url,
        project: new.project,
        token: new.token,
        choice: new.choice,
        jobs: new.jobs,
        except_sources: new.except_sources.unwrap_or_default(),
        enabled: new.enabled.unwrap_or(true),
    };
    let (app, allowed) = (&ctx.edge.app, &ctx.edge.settings.webhook_networks);
    let destination = destinations::add(app, &ctx.proof, allowed, new).await?;
    log(&ctx, destination.id, "added a destination");
    Ok(Reply::json(&translate::destination(&destination))?.status(201))
}

pub async fn show(ctx: Managed) -> Result<Reply> {
    let destination = destinations::show(&ctx.edge.app, &ctx.proof, id(&ctx)?).await?;
    Reply::json(&translate::destination(&destination))
}

pub async fn change(ctx: Managed) -> Result<Reply> {
    let id = id(&ctx)?;
    let change: native::DestinationChange = json::read("destination", ctx.request.body()?)?;
    let change = DestinationChange {
        url: change.url,
        project: change.project,
        token: change.token,
        choice: change.choice,
        jobs: change.jobs,
        except_sources: change.except_sources,
        enabled: change.enabled,
    };
    let (app, allowed) = (&ctx.edge.app, &ctx.edge.settings.webhook_networks);
    let destination = destinations::change(app, &ctx.proof, allowed, id, change).await?;
    log(&ctx, id, "changed a destination");
    Reply::json(&translate::destination(&destination))
}

pub async fn delete(ctx: Managed) -> Result<Reply> {
    let id = id(&ctx)?;
    destinations::remove(&ctx.edge.app, &ctx.proof, id).await?;
    log(&ctx, id, "removed a destination");
    Ok(Reply::no_content())
}

/// Logs the user who changed a destination.
pub fn log(ctx: &Managed, destination: DestinationId, action: &str) {
    let (user, repository) = (&ctx.proof.caller().user.name, ctx.proof.repository().id);
    tracing::info!(user, %repository, %destination, "{action}");
}

//! Identities of users.

use super::translate;
use crate::http::json;
use crate::http::reply::Reply;
use crate::routes::{Admin, Authenticated, Context};
use domain::actions::identities;
use domain::error::Result;
use domain::model::ids::integer;
use wire::native::accounts::{IdentityList, NewIdentity};

pub async fn list(ctx: Context<Authenticated>) -> Result<Reply> {
    let identities = identities::list(&ctx.edge.app, &ctx.proof, ctx.request.param("user")).await?;
    Reply::json(&IdentityList { identities: identities.iter().map(translate::identity).collect() })
}

pub async fn link(ctx: Context<Admin>) -> Result<Reply> {
    let NewIdentity { issuer, subject } = json::read("identity", ctx.request.body()?)?;
    let user = ctx.request.param("user");
    let identity = identities::link(&ctx.edge.app, &ctx.proof, user, issuer, subject).await?;
    Ok(Reply::json(&translate::identity(&identity))?.status(201))
}

pub async fn unlink(ctx: Context<Authenticated>) -> Result<Reply> {
    let id = integer("id", ctx.request.param("id"))?;
    identities::unlink(&ctx.edge.app, &ctx.proof, ctx.request.param("user"), id).await?;
    Ok(Reply::no_content())
}

//! Members of a repository.

use super::translate;
use crate::http::fields::{self, Fields};
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Manages;
use domain::actions::members;
use domain::error::{Invalid, Problem, Result};
use domain::model::access::Role;
use wire::native::repositories::MemberList;

pub async fn list(ctx: Context<WithRole<Manages>>) -> Result<Reply> {
    let members = members::list(&ctx.edge.app, &ctx.proof).await?;
    Reply::json(&MemberList { members: members.iter().map(translate::member).collect() })
}

pub async fn set(ctx: Context<WithRole<Manages>>) -> Result<Reply> {
    let value = fields::parse(ctx.request.body()?)?;
    let name =
        Fields::of("member", &value)?.text("role")?.ok_or_else(|| Invalid::new("role", Problem::Missing))?;
    let role =
        Role::parse(&name).ok_or_else(|| Invalid::new("role", Problem::NotOneOf { allowed: Role::WORDS }))?;
    members::set(&ctx.edge.app, &ctx.proof, ctx.request.param("user"), Some(role)).await?;
    Ok(Reply::no_content())
}

pub async fn remove(ctx: Context<WithRole<Manages>>) -> Result<Reply> {
    members::set(&ctx.edge.app, &ctx.proof, ctx.request.param("user"), None).await?;
    Ok(Reply::no_content())
}

//! Members of a repository.

use super::translate;
use crate::http::json;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Manages;
use domain::actions::members;
use domain::error::{Invalid, Problem, Result};
use domain::model::roles::Role;
use wire::native::repositories::{MemberList, NewRole};

pub async fn list(ctx: Context<WithRole<Manages>>) -> Result<Reply> {
    let members = members::list(&ctx.edge.app, &ctx.proof).await?;
    Reply::json(&MemberList { members: members.iter().map(translate::member).collect() })
}

pub async fn set(ctx: Context<WithRole<Manages>>) -> Result<Reply> {
    let NewRole { role } = json::read("member", ctx.request.body()?)?;
    let role =
        Role::parse(&role).ok_or_else(|| Invalid::new("role", Problem::NotOneOf { allowed: Role::NAMES }))?;
    members::set(&ctx.edge.app, &ctx.proof, ctx.request.param("user"), Some(role)).await?;
    Ok(Reply::no_content())
}

pub async fn remove(ctx: Context<WithRole<Manages>>) -> Result<Reply> {
    members::set(&ctx.edge.app, &ctx.proof, ctx.request.param("user"), None).await?;
    Ok(Reply::no_content())
}

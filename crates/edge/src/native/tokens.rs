//! Personal tokens.

use super::translate;
use crate::http::json;
use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context};
use domain::actions::tokens;
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::{RepositoryId, integer};
use domain::model::reports::parse_time;
use domain::model::roles::Scope;
use wire::native::accounts::{NewToken, TokenList};

pub async fn list(ctx: Context<Authenticated>) -> Result<Reply> {
    let user = ctx.request.param("user");
    let tokens = tokens::list(&ctx.edge.app, &ctx.proof, user).await?;
    Reply::json(&TokenList {
        tokens: tokens.iter().map(|token| translate::token(token, user, None)).collect(),
    })
}

pub async fn create(ctx: Context<Authenticated>) -> Result<Reply> {
    let user = ctx.request.param("user");
    let new: NewToken = json::read("token", ctx.request.body()?)?;
    let scope = new.scope.unwrap_or_else(|| Scope::Read.as_str().to_owned());
    let repository = |id| RepositoryId::new(id).map_err(|e| Invalid::new("repositories", e.problem));
    let new = tokens::NewPersonalToken {
        name: new.name,
        scope: Scope::parse(&scope)
            .ok_or_else(|| Invalid::new("scope", Problem::NotOneOf { allowed: Scope::NAMES }))?,
        repositories: new
            .repositories
            .unwrap_or_default()
            .into_iter()
            .map(repository)
            .collect::<Result<_, _>>()?,
        expires_at: new.expires_at.map(|text| parse_time("expires_at", &text)).transpose()?,
        token: None,
    };
    let (secret, token) = tokens::create(&ctx.edge.app, &ctx.proof, user, new).await?;
    Ok(Reply::json(&translate::token(&token, user, Some(&secret)))?.status(201))
}

pub async fn delete(ctx: Context<Authenticated>) -> Result<Reply> {
    let id = integer("id", ctx.request.param("id"))?;
    tokens::delete(&ctx.edge.app, &ctx.proof, ctx.request.param("user"), id).await?;
    Ok(Reply::no_content())
}

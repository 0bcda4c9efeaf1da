//! Access keys.

use super::translate;
use crate::http::json;
use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context};
use domain::actions::keys;
use domain::error::Result;
use wire::native::accounts::{KeyList, NewKey};

pub async fn list(ctx: Context<Authenticated>) -> Result<Reply> {
    let user = ctx.request.param("user");
    let keys = keys::list(&ctx.edge.app, &ctx.proof, user).await?;
    Reply::json(&KeyList { keys: keys.iter().map(|key| translate::key(key, user, None)).collect() })
}

pub async fn create(ctx: Context<Authenticated>) -> Result<Reply> {
    let user = ctx.request.param("user");
    let NewKey { access, secret, description } = json::read_optional("key", ctx.request.body()?)?;
    let new = keys::NewKey { access, secret, description };
    let key = keys::create(&ctx.edge.app, &ctx.proof, user, new).await?;
    Ok(Reply::json(&translate::key(&key, user, Some(&key.secret)))?.status(201))
}

pub async fn delete(ctx: Context<Authenticated>) -> Result<Reply> {
    keys::delete(&ctx.edge.app, &ctx.proof, ctx.request.param("access")).await?;
    Ok(Reply::no_content())
}

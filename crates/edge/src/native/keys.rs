//! Access keys.

use super::translate;
use crate::http::fields::{self, Fields};
use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context};
use domain::actions::keys;
use domain::error::Result;
use wire::native::accounts::KeyList;

pub async fn list(ctx: Context<Authenticated>) -> Result<Reply> {
    let user = ctx.request.param("user");
    let keys = keys::list(&ctx.edge.app, &ctx.proof, user).await?;
    Reply::json(&KeyList { keys: keys.iter().map(|key| translate::key(key, user, None)).collect() })
}

pub async fn create(ctx: Context<Authenticated>) -> Result<Reply> {
    let user = ctx.request.param("user");
    let body = ctx.request.body()?;
    let value = if body.is_empty() { serde_json::json!({}) } else { fields::parse(body)? };
    let fields = Fields::of("key", &value)?;
    let new = keys::NewKey {
        access: fields.text("access")?,
        secret: fields.text("secret")?,
        description: fields.text("description")?,
    };
    let key = keys::create(&ctx.edge.app, &ctx.proof, user, new).await?;
    Ok(Reply::json(&translate::key(&key, user, Some(&key.secret)))?.status(201))
}

pub async fn delete(ctx: Context<Authenticated>) -> Result<Reply> {
    keys::delete(&ctx.edge.app, &ctx.proof, ctx.request.param("access")).await?;
    Ok(Reply::no_content())
}

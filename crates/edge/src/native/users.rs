//! Users, and the caller.

use super::translate;
use crate::http::fields::{self, Fields};
use crate::http::reply::Reply;
use crate::routes::{Admin, Authenticated, Context};
use domain::actions::users;
use domain::error::{Invalid, Problem, Result};
use domain::model::users::{NewUser, UserChange};
use wire::native::accounts::{UserList, WhoAmI};

pub async fn whoami(ctx: Context<Authenticated>) -> Result<Reply> {
    let caller = ctx.proof.caller();
    Reply::json(&WhoAmI {
        user: caller.user.name.clone(),
        admin: caller.is_administrator(),
        scope: caller.scope.as_str().to_owned(),
        repositories: caller.repositories.as_ref().map(|only| only.iter().map(|id| id.get()).collect()),
    })
}

pub async fn list(ctx: Context<Admin>) -> Result<Reply> {
    let users = users::list(&ctx.edge.app, &ctx.proof).await?;
    Reply::json(&UserList { users: users.iter().map(translate::user).collect() })
}

pub async fn create(ctx: Context<Admin>) -> Result<Reply> {
    let value = fields::parse(ctx.request.body()?)?;
    let fields = Fields::of("user", &value)?;
    let new = NewUser {
        name: fields.text("name")?.ok_or_else(|| Invalid::new("name", Problem::Missing))?,
        password: fields.text("password")?,
        admin: fields.boolean("admin")?.unwrap_or_default(),
    };
    let (app, proof) = (ctx.edge.app.clone(), ctx.proof);
    let user = ctx.edge.auth.run_hashing(async move { users::create(&app, &proof, new).await }).await?;
    Ok(Reply::json(&translate::user(&user))?.status(201))
}

pub async fn change(ctx: Context<Admin>) -> Result<Reply> {
    let value = fields::parse(ctx.request.body()?)?;
    let fields = Fields::of("user", &value)?;
    let change = UserChange {
        password: fields.text("password")?,
        admin: fields.boolean("admin")?,
        disabled: fields.boolean("disabled")?,
    };
    let (app, proof, name) = (ctx.edge.app.clone(), ctx.proof, ctx.request.param("user").to_owned());
    let user =
        ctx.edge.auth.run_hashing(async move { users::change(&app, &proof, &name, change).await }).await?;
    Reply::json(&translate::user(&user))
}

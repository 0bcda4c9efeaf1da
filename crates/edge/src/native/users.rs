//! Users, and the caller.

use super::translate;
use crate::http::json;
use crate::http::reply::Reply;
use crate::routes::{Admin, Authenticated, Context};
use domain::actions::users;
use domain::error::Result;
use domain::model::users::{NewUser, UserChange};
use wire::native::accounts::{self, UserList, WhoAmI};

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
    let new: accounts::NewUser = json::read("user", ctx.request.body()?)?;
    let new = NewUser { name: new.name, password: new.password, admin: new.admin };
    let (app, by, proof) = (ctx.edge.app.clone(), ctx.proof.signed_in().clone(), ctx.proof);
    let create = async move { users::create(&app, &proof, new).await };
    let user = ctx.edge.auth.run_hashing(&by, create).await?;
    Ok(Reply::json(&translate::user(&user))?.status(201))
}

pub async fn change(ctx: Context<Admin>) -> Result<Reply> {
    let change: accounts::UserChange = json::read("user", ctx.request.body()?)?;
    let change = UserChange { password: change.password, admin: change.admin, disabled: change.disabled };
    let (app, by, proof) = (ctx.edge.app.clone(), ctx.proof.signed_in().clone(), ctx.proof);
    let name = ctx.request.param("user").to_owned();
    let change = async move { users::change(&app, &proof, &name, change).await };
    let user = ctx.edge.auth.run_hashing(&by, change).await?;
    Reply::json(&translate::user(&user))
}

//! The caller, which clients read to check their token.

use super::translate::users;
use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context};
use domain::error::Result;

pub async fn current(ctx: Context<Authenticated>) -> Result<Reply> {
    Reply::json(&users::current(&ctx.request.public_url(), &ctx.proof.caller().user))
}

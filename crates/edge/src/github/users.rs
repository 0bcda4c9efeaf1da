//! The caller, which clients read to check their token.

use super::translate;
use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context};
use domain::error::Result;

pub async fn current(ctx: Context<Authenticated>) -> Result<Reply> {
    Reply::json(&translate::current_user(&ctx.request, &ctx.proof.caller().user))
}

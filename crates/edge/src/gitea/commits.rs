//! A commit, which clients look up before they report on it.

use super::translate::Presenter;
use crate::code_hosts;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::error::Result;

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (sha, since) = code_hosts::shown_commit(&ctx).await?;
    Reply::json(&Presenter::new(&ctx, ctx.proof.repository()).commit(&sha, since))
}

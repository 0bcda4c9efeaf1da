//! What clients ask first: whether somebody is there, and which GitLab.

use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context, Public};
use domain::error::Result;
use wire::gitlab::version::{Root, Version};

/// The GitLab whose API this is like.
const LIKE: &str = "18.5.0-stagepost";

/// Clients probe this without a token before their first call (reporters fact 3.8).
pub async fn root(_: Context<Public>) -> Result<Reply> {
    Reply::json(&Root { api: "v4".to_owned() })
}

pub async fn show(_: Context<Authenticated>) -> Result<Reply> {
    Reply::json(&Version { version: LIKE.to_owned(), revision: env!("CARGO_PKG_VERSION").to_owned() })
}

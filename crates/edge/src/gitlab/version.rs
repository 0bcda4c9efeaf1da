//! What clients ask first: whether somebody is there, and which GitLab.

use crate::http::reply::Reply;
use crate::routes::{Anybody, Ctx, SomeUser};
use domain::error::Result;
use wire::gitlab::version::{Root, Version};

/// The GitLab whose API this is like.
const LIKE: &str = "18.5.0-stagepost";

/// Clients probe this without a token before their first call (reporters fact 3.8).
pub async fn root(_: Ctx<Anybody>) -> Result<Reply> {
    Reply::json(&Root { api: "v4".to_owned() })
}

pub async fn show(_: Ctx<SomeUser>) -> Result<Reply> {
    Reply::json(&Version { version: LIKE.to_owned(), revision: env!("CARGO_PKG_VERSION").to_owned() })
}

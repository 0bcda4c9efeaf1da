//! The version, which clients read first. A client without a token refuses to start without it.

use crate::http::reply::Reply;
use crate::routes::{Context, Public};
use domain::error::Result;
use wire::gitea::version::ServerVersion;

/// The version of Gitea that the API corresponds to.
const GITEA_VERSION: &str = "1.26.0";

pub async fn show(_: Context<Public>) -> Result<Reply> {
    Reply::json(&ServerVersion {
        version: format!("{GITEA_VERSION}+stagepost-{}", env!("CARGO_PKG_VERSION")),
    })
}

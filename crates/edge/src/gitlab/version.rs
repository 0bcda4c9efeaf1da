//! The root of the API and the version of GitLab, which clients read first.

use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context, Public};
use domain::error::Result;
use wire::gitlab::version::{AgentServer, Metadata, Root, Version};

/// The version of GitLab that the API corresponds to.
const GITLAB_VERSION: &str = "18.5.0-stagepost";

/// The root of the API. Clients request it without a token before their first call (reporters fact 3.8).
pub async fn root(_: Context<Public>) -> Result<Reply> {
    Reply::json(&Root { api: "v4".to_owned() })
}

pub async fn show(_: Context<Authenticated>) -> Result<Reply> {
    Reply::json(&version())
}

pub async fn metadata(_: Context<Authenticated>) -> Result<Reply> {
    let kas = AgentServer { enabled: false, external_url: None, external_k8s_proxy_url: None, version: None };
    Reply::json(&Metadata { version: version(), kas, enterprise: false })
}

fn version() -> Version {
    Version { version: GITLAB_VERSION.to_owned(), revision: env!("CARGO_PKG_VERSION").to_owned() }
}

//! A client from what `stagepost env shell` prints, and the repository and pipeline of the demo.
#![allow(dead_code, reason = "each example uses some of it")]

use stagepost_client::{Client, Credentials};

pub const REPOSITORY: i32 = 2111976239;
pub const PIPELINE: i32 = 6;

/// By the token.
pub fn client() -> Result<Client, Box<dyn std::error::Error>> {
    connect(Credentials::token(std::env::var("STAGEPOST_TOKEN")?))
}

/// By AK and SK.
pub fn signing_client() -> Result<Client, Box<dyn std::error::Error>> {
    connect(Credentials::access_key(std::env::var("CLOUD_SDK_AK")?, std::env::var("CLOUD_SDK_SK")?))
}

fn connect(credentials: Credentials) -> Result<Client, Box<dyn std::error::Error>> {
    let ca = std::env::var("STAGEPOST_CA").ok().map(std::fs::read).transpose()?;
    Ok(Client::builder(std::env::var("STAGEPOST_SERVER")?).credentials(credentials).extra_ca(ca).build()?)
}

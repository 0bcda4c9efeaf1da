//! The capabilities that reporters read before they choose an API: without `richBuildStatus` they use the old one, and
//! without
//! `cancelledStatus` they report a canceled build as failed.

use crate::http::reply::Reply;
use crate::routes::{Context, Public};
use domain::error::Result;
use wire::bitbucket::capabilities::{BuildCapabilities, Capabilities, CapabilityLinks};

pub async fn show(ctx: Context<Public>) -> Result<Reply> {
    let build = format!("{}/rest/api/latest/build/capabilities", ctx.request.called_url());
    Reply::json(&Capabilities { application: "stash".to_owned(), capabilities: CapabilityLinks { build } })
}

pub async fn show_of_builds(_: Context<Public>) -> Result<Reply> {
    let build_status = ["richBuildStatus", "cancelledStatus"].map(str::to_owned).to_vec();
    Reply::json(&BuildCapabilities { build_status })
}

//! The page with the settings that connect a build system to a repository.

use super::frame::frame;
use super::response::reply;
use crate::http::reply::Reply;
use crate::native::translate::build_systems::settings;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::error::{Invalid, Problem, Result};
use domain::model::roles::Role;
use pages::ConnectPage;
use pages::build_systems::{self, Connection, NAMES};

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let name = ctx.request.query.get("system")?.unwrap_or(NAMES[0]);
    let unknown = || Invalid::new("system", Problem::NotOneOf { allowed: &NAMES });
    let system = build_systems::find(name).ok_or_else(unknown)?;
    let repository = ctx.proof.repository();
    let connection =
        Connection { server: ctx.request.public_url(), path: repository.path.clone(), token: None };
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    let page = || {
        let can_manage = ctx.proof.role() == Role::Manage;
        ConnectPage { frame: &frame, repository, can_manage, system, connection: &connection }.html()
    };
    reply(&ctx.request, || settings(system, &connection, ctx.request.language), page)
}

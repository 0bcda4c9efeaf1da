//! `GET /v3/projects?name=REGION`: exactly one project for every region, because SDKs fail on any other
//! number (wire fact 0.3).

use super::translate;
use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context};
use domain::error::Result;
use domain::model::text;
use wire::iam::Links;
use wire::iam::projects::{Project, ProjectList};

pub async fn list(ctx: Context<Authenticated>) -> Result<Reply> {
    let name =
        ctx.request.query.get("name")?.filter(|name| !name.is_empty()).unwrap_or(translate::DEFAULT_REGION);
    let name = text::single_line("name", name, 64)?;
    let (account, region) = (translate::account(&ctx.edge), translate::region(&ctx.edge, &name));
    let base = ctx.request.public_url();
    let project = Project {
        domain_id: account.id.clone(),
        is_domain: false,
        parent_id: account.id,
        name,
        description: String::new(),
        links: Links::single(format!("{base}/v3/projects/{}", region.id)),
        id: region.id,
        enabled: true,
    };
    Reply::json(&ProjectList { projects: vec![project], links: Links::single(format!("{base}/v3/projects")) })
}

//! `GET /v3/auth/domains`: lists the one account.

use super::translate;
use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context};
use domain::error::Result;
use wire::iam::domains::{Domain, DomainList, SelfLink};

pub async fn list(ctx: Context<Authenticated>) -> Result<Reply> {
    let account = translate::account(&ctx.edge);
    let base = ctx.request.public_url();
    let link = |path: String| SelfLink { this: format!("{base}{path}") };
    let domain = Domain {
        links: link(format!("/v3/domains/{}", account.id)),
        id: account.id,
        name: account.name,
        enabled: true,
        description: String::new(),
    };
    Reply::json(&DomainList { domains: vec![domain], links: link("/v3/auth/domains".into()) })
}

//! The audit log.

use super::{filters, translate};
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::routes::{Admin, Context, WithRole};
use domain::actions::access::Manages;
use domain::actions::audit::{self, PAGE_MAX};
use domain::error::{Invalid, Problem, Result};
use domain::model::audit::{AuditFilter, Kind};
use domain::model::ids::{RepositoryId, integer};

/// The number of entries of a page unless the request names one.
const LIMIT_DEFAULT: i64 = 50;

pub async fn list(ctx: Context<Admin>) -> Result<Reply> {
    let query = &ctx.request.query;
    let (filter, before, limit) = (filter(query)?, before(query)?, limit(query)?);
    let page = audit::list(&ctx.edge.app, &ctx.proof, filter, before, limit).await?;
    Reply::json(&translate::audit::page(&page))
}

pub async fn of_repository(ctx: Context<WithRole<Manages>>) -> Result<Reply> {
    let query = &ctx.request.query;
    let (filter, before, limit) = (filter(query)?, before(query)?, limit(query)?);
    let page = audit::of_repository(&ctx.edge.app, &ctx.proof, filter, before, limit).await?;
    Reply::json(&translate::audit::page(&page))
}

/// The filter in a query.
pub fn filter(query: &Query) -> Result<AuditFilter, Invalid> {
    read_filter(query, |name| filters::text(query, name))
}

/// The filter in the query of a form.
pub fn form_filter(query: &Query) -> Result<AuditFilter, Invalid> {
    read_filter(query, |name| filters::form_text(query, name))
}

fn read_filter(
    query: &Query,
    text: impl Fn(&str) -> Result<Option<String>, Invalid>,
) -> Result<AuditFilter, Invalid> {
    let time = |name: &str| match text(name)? {
        Some(_) => filters::time(query, name),
        None => Ok(None),
    };
    let kind = text("kind")?.map(|kind| {
        Kind::parse(&kind).ok_or_else(|| Invalid::new("kind", Problem::NotOneOf { allowed: Kind::NAMES }))
    });
    let repository = text("repository")?.map(|id| RepositoryId::parse(&id)).transpose();
    Ok(AuditFilter {
        actor: text("actor")?,
        actions: text("action")?.map(|action| AuditFilter::actions(&action)).transpose()?,
        object: text("object")?.map(|object| AuditFilter::object(&object)).transpose()?,
        repository: repository.map_err(|error| Invalid::new("repository", error.problem))?,
        address: text("address")?.map(|address| AuditFilter::address(&address)).transpose()?,
        since: time("since")?,
        until: time("until")?,
        kind: kind.transpose()?,
    })
}

/// The cursor of a page.
pub fn before(query: &Query) -> Result<Option<i64>, Invalid> {
    let Some(text) = query.get("before")? else { return Ok(None) };
    let (min, max) = (1, i64::MAX);
    let outside = || Invalid::new("before", Problem::OutOfRange { min, max });
    Some(integer("before", text)?).filter(|number| *number >= min).ok_or_else(outside).map(Some)
}

fn limit(query: &Query) -> Result<u32, Invalid> {
    let limit = query.get("limit")?.map_or(Ok(LIMIT_DEFAULT), |text| integer("limit", text))?;
    let (min, max) = (1, i64::from(PAGE_MAX));
    let outside = || Invalid::new("limit", Problem::OutOfRange { min, max });
    u32::try_from(limit).ok().filter(|limit| (1..=PAGE_MAX).contains(limit)).ok_or_else(outside)
}

//! Insights: statistics of the recently finished jobs of a repository.

use super::{filters, translate};
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::insights;
use domain::error::{Invalid, Result};
use domain::model::insights::InsightFilter;

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let filter = filter(&ctx.request.query)?;
    let found = insights::read_insights(&ctx.edge.app, &ctx.proof, filter.clone()).await?;
    Reply::json(&translate::insights::insights(&filter, &found))
}

/// The filter in the query.
pub fn filter(query: &Query) -> Result<InsightFilter, Invalid> {
    read_filter(|name| filters::text(query, name))
}

/// The filter in the query of a form.
pub fn form_filter(query: &Query) -> Result<InsightFilter, Invalid> {
    read_filter(|name| filters::form_text(query, name))
}

fn read_filter(text: impl Fn(&str) -> Result<Option<String>, Invalid>) -> Result<InsightFilter, Invalid> {
    let (days, sort) = (text("days")?, text("sort")?);
    InsightFilter::parse(days.as_deref(), text("ref")?, sort.as_deref())
}

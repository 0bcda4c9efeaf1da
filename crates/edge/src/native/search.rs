//! Search over the repositories of the caller.

use super::{filters, translate};
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context};
use domain::actions::search;
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::RepositoryId;
use domain::model::search::SearchTerms;

/// The repository of the page where the search began.
const REPOSITORY: &str = "repository";

pub async fn show(ctx: Context<Authenticated>) -> Result<Reply> {
    let query = &ctx.request.query;
    let text = filters::text(query, SearchTerms::FIELD)?
        .ok_or_else(|| Invalid::new(SearchTerms::FIELD, Problem::Missing))?;
    let (terms, repository) = (SearchTerms::parse(&text)?, repository(query)?);
    let result = search::search(&ctx.edge.app, &ctx.proof, &terms, repository).await?;
    Reply::json(&translate::search::results(&result, repository))
}

/// The repository whose page the search began on.
pub fn repository(query: &Query) -> Result<Option<RepositoryId>, Invalid> {
    let id = filters::form_text(query, REPOSITORY)?.map(|id| RepositoryId::parse(&id)).transpose();
    id.map_err(|error| Invalid::new(REPOSITORY, error.problem))
}

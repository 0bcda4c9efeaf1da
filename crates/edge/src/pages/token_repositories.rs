//! The repositories that forms offer by path, and those that a new token may be limited to: chosen from a list, or
//! typed as paths or ids.

use super::accounts::ManagesCredentials;
use crate::routes::{Context, Requirement};
use domain::actions::access::SignedIn;
use domain::actions::repositories;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::ids::RepositoryId;
use domain::model::page::Page;
use domain::model::repositories::{Repository, RepositoryFilter, RepositoryKey, RepositoryOrder};
use domain::ports::App;

/// Most repositories that a form offers.
const CHOICES_MAX: u32 = 100;
/// The field of the form for repositories that the list does not have.
pub const OTHER_REPOSITORIES: &str = "other_repositories";

/// An error about the repositories of a token is shown at the field where they are typed.
pub fn at_other_repositories(error: Error) -> Error {
    match error {
        Error::Invalid(invalid) if invalid.field == "repositories" => {
            Invalid::new(OTHER_REPOSITORIES, invalid.problem).into()
        }
        other => other,
    }
}

/// The id of a repository that the user can view, by its path or its id.
pub async fn repository_id<N: Requirement<Proof: ManagesCredentials>>(
    ctx: &Context<N>,
    named: &str,
) -> Result<RepositoryId> {
    if named.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(RepositoryId::parse(named).map_err(|e| Invalid::new(OTHER_REPOSITORIES, e.problem))?);
    }
    let (key, version) = (RepositoryKey::Path(named.to_owned()), ctx.request.versions.access);
    let by = ctx.proof.signed_in();
    let access = ctx.edge.auth.repository_access(&ctx.edge.app, by, &key, version).await?;
    let unknown = || Invalid::new(OTHER_REPOSITORIES, Problem::Unknown);
    Ok(access.map(|(repository, _)| repository.id).ok_or_else(unknown)?)
}

/// The repositories that a form offers, by path.
///
/// # Errors
/// As [`repositories::list`].
pub async fn choices(app: &App, by: &SignedIn) -> Result<Vec<Repository>> {
    let filter = RepositoryFilter { order: RepositoryOrder::Name, ..RepositoryFilter::default() };
    let found = repositories::list(app, by, filter, Page { offset: 0, limit: CHOICES_MAX }).await?;
    Ok(found.items.into_iter().map(|(repository, _)| repository).collect())
}

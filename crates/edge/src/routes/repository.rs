//! Which repository a path names, for the dialects that name it alike. It must not know whether there is one.

use super::Incoming;
use domain::error::Result;
use domain::model::ids::{Hex32, RepositoryId};
use domain::model::repositories::RepositoryKey;

/// By `repository_id`.
///
/// # Errors
/// [`Error::Invalid`](domain::Error::Invalid) for what is no id.
pub fn by_id(request: &Incoming) -> Result<RepositoryKey> {
    Ok(RepositoryKey::Id(RepositoryId::parse(request.param("repository_id"))?))
}

/// By `repository_uuid`.
///
/// # Errors
/// [`Error::Invalid`](domain::Error::Invalid) for what is no uuid.
pub fn by_uuid(request: &Incoming) -> Result<RepositoryKey> {
    const NAME: &str = "repository_uuid";
    Ok(RepositoryKey::Uuid(Hex32::parse(NAME, request.param(NAME))?))
}

//! The dialect as a value, and the repository that a request names.

use super::error;
use crate::auth::Accepts;
use crate::code_hosts;
use crate::dialect::{Dialect, general_headers};
use crate::request::IncomingRequest;
use domain::error::{Error, Result};
use domain::model::repositories::{RepositoryKey, check_path};

/// The dialect of Bitbucket Server.
pub static BITBUCKET: Dialect = Dialect {
    name: "bitbucket",
    title: ("Bitbucket Server 兼容接口", "Bitbucket Server-compatible API"),
    prefixes: &["/rest/"],
    serves_pages: false,
    accepts: Accepts { x_auth_token: true, bearer: true, basic: true, ..Accepts::NONE },
    repository,
    error: error::reply,
    unknown_route: |request| Some(error::unknown_route(request)),
    complete: general_headers,
};

/// The repository of the project's key and the slug, without regard to case. The project of a person begins with `~`.
///
/// # Errors
/// [`domain::Error::RepositoryNotFound`].
fn repository(request: &IncomingRequest) -> Result<RepositoryKey> {
    let path = code_hosts::path(request);
    // The database compares ASCII letters only.
    let lower = path.strip_prefix('~').unwrap_or(&path).to_ascii_lowercase();
    check_path(&lower).map_err(|_| Error::RepositoryNotFound)?;
    Ok(RepositoryKey::PathIgnoringCase(lower))
}

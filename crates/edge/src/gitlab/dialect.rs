//! The dialect as a value, and the repository that a request names.

use super::{error, headers};
use crate::auth::Accepts;
use crate::dialect::Dialect;
use crate::request::IncomingRequest;
use domain::error::{Error, Invalid, Result};
use domain::model::ids::RepositoryId;
use domain::model::repositories::{RepositoryKey, check_path};

/// The GitLab dialect.
pub static GITLAB: Dialect = Dialect {
    name: "gitlab",
    title: ("GitLab 兼容接口", "GitLab-compatible API"),
    prefixes: &["/api/"],
    serves_pages: false,
    accepts: Accepts {
        private_token: true,
        bearer: true,
        query: &["private_token", "access_token"],
        ..Accepts::NONE
    },
    repository,
    error: error::reply,
    unknown_route: error::unknown_route,
    complete: headers::complete,
};

/// The repository that `{project}` names, by its id or its path. A value that is neither is as unknown as a
/// repository that does not exist.
///
/// # Errors
/// [`Error::RepositoryNotFound`].
fn repository(request: &IncomingRequest) -> Result<RepositoryKey> {
    by_id_or_path(request.param("project")).map_err(|_| Error::RepositoryNotFound)
}

fn by_id_or_path(project: &str) -> Result<RepositoryKey, Invalid> {
    if project.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(RepositoryKey::Id(RepositoryId::parse(project)?));
    }
    check_path(project)?;
    Ok(RepositoryKey::Path(project.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_named_by_an_id_or_a_path() {
        assert_eq!(by_id_or_path("42"), Ok(RepositoryKey::Id(RepositoryId::new(42).unwrap())));
        for path in ["acme/demo", "a/b/c", "demo", "42/7", "流水线/任务"] {
            assert_eq!(by_id_or_path(path), Ok(RepositoryKey::Path(path.to_owned())));
        }
        for none in ["", "0", "2147483648", "-1", "acme/", "a//b", "a b", "a%2Fb", "\u{fffd}"] {
            assert!(by_id_or_path(none).is_err(), "{none:?}");
        }
    }
}

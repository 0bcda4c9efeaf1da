//! Repositories in paths of two segments: the first name of the path, and the others, joined by `%2F`.

use crate::http::query::encode;
use crate::request::IncomingRequest;
use domain::error::{Error, Result};
use domain::model::repositories::{RepositoryKey, check_path};

/// The repository of the path parameters `owner` and `repo`. A text that is no path is as unknown as a repository
/// that does not exist.
///
/// # Errors
/// [`Error::RepositoryNotFound`].
pub fn repository(request: &IncomingRequest) -> Result<RepositoryKey> {
    let path = path(request);
    check_path(&path).map_err(|_| Error::RepositoryNotFound)?;
    Ok(RepositoryKey::Path(path))
}

/// The path in these two parameters, unchecked.
pub fn path(request: &IncomingRequest) -> String {
    joined(request.param("owner"), request.param("repo"))
}

/// No name has a `%`: a client that encodes an encoded path again sends one.
fn joined(owner: &str, repo: &str) -> String {
    format!("{owner}/{repo}").replace("%2F", "/").replace("%2f", "/")
}

/// The path of a repository as two segments of a URL.
pub fn in_url(path: &str) -> String {
    let (owner, repo) = path.split_once('/').unwrap_or((path, ""));
    format!("{}/{}", encode(owner), encode(repo))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_path_is_one_segment_after_the_owner() {
        for (owner, repo, whole, url) in [
            ("acme", "demo", "acme/demo", "acme/demo"),
            ("acme", "sub/demo", "acme/sub/demo", "acme/sub%2Fdemo"),
            ("acme", "sub%2Fdemo", "acme/sub/demo", "acme/sub%2Fdemo"),
            ("流水线", "任务", "流水线/任务", "%E6%B5%81%E6%B0%B4%E7%BA%BF/%E4%BB%BB%E5%8A%A1"),
        ] {
            assert_eq!(joined(owner, repo), whole);
            assert_eq!(in_url(whole), url);
        }
    }
}
